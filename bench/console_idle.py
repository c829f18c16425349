"""What a console costs while nothing happens: processor time, the sender's too, and bytes to its terminal."""

import argparse
import time

from _common import Verdicts, hookconsole, temporary_home, write_config
from _terminal import Terminal

CPU_TARGET = 5.0
BYTES_TARGET = 200.0
VIEWS = {"1": "Overview", "2": "Endpoints", "3": "Deliveries"}


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=15.0, help="how long to look at each view")
    parser.add_argument("--endpoints", type=int, default=10, help="in the registry")
    args = parser.parse_args()
    verdicts = Verdicts()
    with temporary_home() as home:
        write_config(home, {f"e{number}": "http://127.0.0.1:9/" for number in range(args.endpoints)})
        with Terminal(hookconsole(home)) as console:
            console.until(b"this console sends")
            for key, view in VIEWS.items():
                console.press(key)
                console.read(3.0)
                cpu, began = console.cpu_seconds(), time.monotonic()
                received = len(console.read(args.seconds))
                seconds = time.monotonic() - began
                used = (console.cpu_seconds() - cpu) / seconds * 100
                verdicts.at_most(f"{view}, idle, of a core", used, CPU_TARGET, " %")
                verdicts.at_most(
                    f"{view}, idle, to the terminal", received / seconds, BYTES_TARGET, " bytes/s"
                )
    verdicts.exit()


if __name__ == "__main__":
    main()
