"""How long a start takes, and how much memory, with 10,000,000 records against 100,000.

From the process's start to `ready`, each with 1,000 unfinished deliveries, in turns, in the page cache.
"""

import argparse
import tempfile
from pathlib import Path
from statistics import median

from _common import Daemon, Verdicts, spread, temporary_home, write_config
from _journal import URLS, place

TARGET = 2.0


def start(cache: Path, records: int) -> tuple[float, int]:
    """Seconds to `ready` and bytes at the peak until then."""
    with temporary_home() as home:
        write_config(home, URLS)
        place(cache, records, home)
        with Daemon(home) as daemon:
            return daemon.ready_at - daemon.started_at, daemon.memory("VmHWM")


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", type=int, default=100_000, help="records of the small journal")
    parser.add_argument("--large", type=int, default=10_000_000, help="records of the large one")
    parser.add_argument("--pairs", type=int, default=5, help="starts with each")
    parser.add_argument("--cache", type=Path, help="where journals are kept for an hour; default: nowhere")
    args = parser.parse_args()
    verdicts = Verdicts()
    with tempfile.TemporaryDirectory(prefix="hookconsole-journals-") as folder:
        cache = args.cache or Path(folder)
        for records in (args.small, args.large):
            start(cache, records)
        times, memories = [], []
        for _ in range(args.pairs):
            small, small_bytes = start(cache, args.small)
            large, large_bytes = start(cache, args.large)
            times.append(large / small)
            memories.append(large_bytes / small_bytes)
            print(
                f"  small {small:.2f} s, {small_bytes / 1e6:.0f} MB; large {large:.2f} s,"
                f" {large_bytes / 1e6:.0f} MB; ratios {times[-1]:.2f}, {memories[-1]:.2f}",
                flush=True,
            )
    print(f"  time {spread(times)}, peak memory {spread(memories)}")
    verdicts.at_most("start, time of large to small", median(times), TARGET)
    verdicts.at_most("start, peak memory of large to small", median(memories), TARGET)
    verdicts.exit()


if __name__ == "__main__":
    main()
