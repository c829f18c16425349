"""TLS as this program wants it, with nothing taken from the environment.

TLS 1.2 or later; the certificate must name the host and come from certifi's authorities or, where an
endpoint has a `ca_file`, from exactly those. `SSL_CERT_FILE` and `SSLKEYLOGFILE` count for nothing.
"""

import ssl
import stat
from pathlib import Path

import certifi

from hookconsole.network.errors import TlsError
from hookconsole.text import safe

CA_BYTES_AT_MOST = 16 << 20
"""A hundred times what certifi has."""

_Signature = tuple[int, int, int]


class Contexts:
    """One `ssl.SSLContext` for each file of authorities, made again when that file changes."""

    def __init__(self) -> None:
        self._contexts: dict[str, tuple[_Signature, ssl.SSLContext]] = {}

    def get(self, ca_file: str | None) -> ssl.SSLContext:
        """The context that trusts `ca_file` (None: certifi's); TlsError when it can't be read."""
        path = certifi.where() if ca_file is None else ca_file
        try:
            signature = _signature(path)
            known = self._contexts.get(path)
            if known is not None and known[0] == signature:
                return known[1]
            context = _context(path)
        except (OSError, ValueError) as error:
            raise TlsError(
                f"ca_file {safe(path, 120)} can't be used ({_reason(error)}): correct it"
            ) from None
        self._contexts[path] = (signature, context)
        return context


def tls_error(error: Exception) -> TlsError:
    """What a failed handshake, or an alert after it, says to an operator."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return TlsError(f"certificate refused: {error.verify_message}")
    if isinstance(error, ssl.SSLError):
        return TlsError(f"TLS failed: {_reason(error)}")
    return TlsError("the receiver closed the connection during the TLS handshake")


def _signature(path: str) -> _Signature:
    found = Path(path).stat()
    # Opening a FIFO would stop the loop until someone writes into it.
    if not stat.S_ISREG(found.st_mode):
        raise ValueError("it is no file")
    if found.st_size > CA_BYTES_AT_MOST:
        raise ValueError(f"it is over {CA_BYTES_AT_MOST >> 20} MiB")
    return (found.st_ino, found.st_size, found.st_mtime_ns)


def _context(path: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    context.load_verify_locations(cafile=path)
    return context


def _reason(error: Exception) -> str:
    if isinstance(error, ssl.SSLError) and error.reason:
        return error.reason.lower().replace("_", " ")
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error) or type(error).__name__
