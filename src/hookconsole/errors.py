"""What goes wrong, as one line each, with the exit code that it means.

Every message names what is wrong, where, and the mend. The CLI prints it after
`hookconsole: ` and exits with `exit_code`; nothing else decides an exit code.
"""


class HookconsoleError(Exception):
    """Base of every error that a user may see; `str()` is the one line."""

    exit_code = 1


class RefusedError(HookconsoleError):
    """It was tried and failed, or is refused as things stand (exit 1)."""


class InputError(HookconsoleError):
    """Wrong usage or input (exit 2)."""

    exit_code = 2


class BusyError(HookconsoleError):
    """Another process holds what is needed (exit 3)."""

    exit_code = 3
