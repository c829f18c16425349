"""`python -m hookconsole`, and what the `hookconsole` script calls."""

import gc
import sys


def main() -> None:
    """Run the command line and exit with its code."""
    # An `emit` is imports, above all. These two spare it a sixth of its time: msgspec does without
    # typing_extensions, which drags `inspect` in; and there is no garbage among modules to look for.
    gc.disable()
    sys.modules["typing_extensions"] = None  # type: ignore[assignment]
    import msgspec  # noqa: F401

    del sys.modules["typing_extensions"]
    from hookconsole.cli.main import main as run

    sys.exit(run())


if __name__ == "__main__":
    main()
