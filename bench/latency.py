"""From `emit` returning to the receiver's hit, at 100 events a second."""

import argparse
import time
from statistics import median

from _common import Daemon, Verdicts, receiver, share, temporary_home, write_config
from _latency import emit_steadily, latencies

from hookconsole.delivery.sender import POLL_SECONDS

TARGET_MS = 50.0


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rate", type=float, default=100.0, help="events a second")
    parser.add_argument("--seconds", type=float, default=20.0, help="how long")
    parser.add_argument("--rounds", type=int, default=3, help="how often")
    args = parser.parse_args()
    verdicts = Verdicts()
    p99s = []
    for _ in range(args.rounds):
        with temporary_home() as home:
            hits = home.state / "hits"
            with receiver("_receiver.py", str(hits)) as port:
                write_config(home, {"receiver": f"http://127.0.0.1:{port}/"})
                with Daemon(home):
                    returned = emit_steadily(home, args.rate, args.seconds)
                    time.sleep(1)
            found = latencies(returned, hits)
        if len(found) != len(returned):
            raise RuntimeError(f"{len(found)} hits for {len(returned)} events")
        p99s.append(share(found, 0.99))
        print(
            f"  p50 {share(found, 0.5):.1f} ms, p99 {p99s[-1]:.1f} ms, most {max(found):.1f} ms;"
            f" p99 is {p99s[-1] / POLL_SECONDS / 1000:.2f} wake-up intervals of {POLL_SECONDS * 1000:.0f} ms",
            flush=True,
        )
    verdicts.at_most("latency, p99 of emit to hit", median(p99s), TARGET_MS, " ms")
    verdicts.exit()


if __name__ == "__main__":
    main()
