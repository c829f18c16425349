"""`python -m hookconsole`, and what the `hookconsole` script calls."""

import sys


def main() -> None:
    """Run the command line and exit with its code."""
    from hookconsole.cli.main import main as run

    sys.exit(run())


if __name__ == "__main__":
    main()
