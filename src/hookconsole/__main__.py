"""`python -m hookconsole`, and what the `hookconsole` script calls."""

import gc
import signal
import sys


def main() -> None:
    """Run the command line and exit with its code."""
    # Ctrl-C in the middle of an import would show a traceback, and an extension may crash of it.
    asked = signal.getsignal(signal.SIGINT)
    if asked is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    # An `emit` is imports, above all. These two spare it a sixth of its time: msgspec does without
    # typing_extensions, which drags `inspect` in; and there is no garbage among modules to look for.
    gc.disable()
    sys.modules["typing_extensions"] = None  # type: ignore[assignment]
    import msgspec  # noqa: F401

    del sys.modules["typing_extensions"]
    from hookconsole.cli.main import main as run

    signal.signal(signal.SIGINT, asked)
    try:
        code = run()
    except KeyboardInterrupt:
        code = 130
    sys.exit(code)


if __name__ == "__main__":
    main()
