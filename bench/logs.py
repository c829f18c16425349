"""`logs ENDPOINT --limit 50` of an endpoint that was last delivered to two days back, in 10,000,000 records.

Against `grep -c` of its name over the same files, in turns, all of it in the page cache.
"""

import argparse
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from statistics import median

from _common import Verdicts, hookconsole, spread, temporary_home, write_config
from _journal import QUIET, URLS, place

TARGET = 3.0
LIMIT = 50


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=10_000_000, help="records of the journal")
    parser.add_argument("--pairs", type=int, default=5, help="rounds of each")
    parser.add_argument("--cache", type=Path, help="where journals are kept for an hour; default: nowhere")
    args = parser.parse_args()
    grep = shutil.which("grep")
    if grep is None:
        print("grep is missing: it is what this is measured by")
        raise SystemExit(2)
    verdicts = Verdicts()
    ratios = []
    with tempfile.TemporaryDirectory(prefix="hookconsole-journals-") as folder, temporary_home() as home:
        write_config(home, URLS)
        place(args.cache or Path(folder), args.records, home)
        files = sorted(str(path) for path in Path(home.journal).glob("*.jsonl"))
        for turn in range(args.pairs + 1):
            began = time.perf_counter()
            subprocess.run([grep, "-c", QUIET, *files], check=False, stdout=subprocess.DEVNULL)
            middle = time.perf_counter()
            told = subprocess.run(
                hookconsole(home, "logs", QUIET, "--limit", str(LIMIT), "--json"),
                check=True,
                capture_output=True,
                text=True,
            ).stdout
            ended = time.perf_counter()
            if told.count("\n") != LIMIT:
                raise RuntimeError(f"logs showed {told.count(chr(10))} deliveries, {LIMIT} were asked for")
            if turn:  # the first one brings the files into the page cache
                ratios.append((ended - middle) / (middle - began))
                print(f"  grep {middle - began:.2f} s, logs {ended - middle:.2f} s; ratio {ratios[-1]:.2f}")
    print(f"  ratio {spread(ratios)}")
    verdicts.at_most("logs --limit 50, time to grep's", median(ratios), TARGET)
    verdicts.exit()


if __name__ == "__main__":
    main()
