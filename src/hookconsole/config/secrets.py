"""Where an endpoint's secret comes from, and how it is fetched at the time of use.

Invariant: no secret is in a `repr`, a `str` or an error message. A secret that can't be read is an
error of that one endpoint when it is used, never of the whole file when it is loaded.
"""

import base64
import os
import secrets
import stat
from dataclasses import dataclass, field
from typing import Literal

from hookconsole.errors import RefusedError
from hookconsole.text import safe

SECRET_BYTES_AT_MOST = 4096


class SecretUnavailableError(RefusedError):
    """The secret can't be read as things stand; says from where, why, and the mend."""


def generate() -> str:
    """A new secret: `whsec_` and the base64 of 32 random bytes."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode("ascii")


def why_no_secret(text: str) -> str | None:
    """Why `text` can't be a secret, without showing it; None if it can."""
    if not text:
        return "is empty"
    if not text.isprintable():
        return "must be one line of printable characters"
    if len(text) > SECRET_BYTES_AT_MOST or len(text.encode()) > SECRET_BYTES_AT_MOST:
        return f"is longer than {SECRET_BYTES_AT_MOST} bytes"
    return None


@dataclass(frozen=True, slots=True)
class SecretSource:
    """A secret, or where it is: the text itself, a file's absolute path, or a variable's name."""

    kind: Literal["inline", "file", "env"]
    value: str = field(repr=False)

    def read(self) -> str:
        """The secret as it is now; SecretUnavailableError if it can't be had."""
        if self.kind == "inline":
            return self.value
        if self.kind == "file":
            where, text = f"secret_file {safe(self.value)}", _file_text(self.value)
        else:
            where, text = f"secret_env {self.value}", _variable(self.value)
        reason = why_no_secret(text)
        if reason:
            raise SecretUnavailableError(f"{where} {reason}; put the secret alone into it")
        return text


def _variable(name: str) -> str:
    text = os.environ.get(name)
    if text is None:
        raise SecretUnavailableError(f"secret_env {name} isn't set; set it where the sender starts")
    return text


def _file_text(path: str) -> str:
    where = f"secret_file {safe(path)}"
    try:
        # Without O_NONBLOCK the opening of a FIFO would hang the sender.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise SecretUnavailableError(f"{where} is no regular file; name a plain file")
            raw = os.read(descriptor, SECRET_BYTES_AT_MOST + 3)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise SecretUnavailableError(
            f"{where} can't be read: {error.strerror}; put it there, readable for the sender's user"
        ) from None
    raw = raw.removesuffix(b"\n").removesuffix(b"\r")
    if len(raw) > SECRET_BYTES_AT_MOST:
        raise SecretUnavailableError(
            f"{where} is longer than {SECRET_BYTES_AT_MOST} bytes; put the secret alone into it"
        )
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        raise SecretUnavailableError(f"{where} isn't UTF-8; save it as UTF-8") from None
