"""What a daemon costs that has nothing to do: processor time over 20 seconds, and memory."""

import argparse
import time

from _common import Daemon, Verdicts, temporary_home, write_config

CPU_TARGET = 1.0
MEMORY_TARGET = 60.0


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=20.0, help="how long to look")
    parser.add_argument("--endpoints", type=int, default=10, help="in the registry")
    args = parser.parse_args()
    verdicts = Verdicts()
    with temporary_home() as home:
        write_config(home, {f"e{number}": "http://127.0.0.1:9/" for number in range(args.endpoints)})
        with Daemon(home) as daemon:
            time.sleep(2)
            before, began = daemon.cpu_seconds(), time.monotonic()
            time.sleep(args.seconds)
            used = (daemon.cpu_seconds() - before) / (time.monotonic() - began) * 100
            verdicts.at_most("idle, of a core", used, CPU_TARGET, " %")
            verdicts.at_most("idle, resident memory", daemon.memory() / 1e6, MEMORY_TARGET, " MB")
    verdicts.exit()


if __name__ == "__main__":
    main()
