"""Emitting: a batch against a bare loop over the standard json, one event against an idle Python.

All are whole processes, from start to end, in turns. The bare loop encodes the same records and syncs once
for 1,000 of them; it neither reads, nor judges, nor makes ids.
"""

import argparse
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from statistics import median

import msgspec
from _common import DATA, TYPE, Verdicts, hookconsole, spread, temporary_home, write_config

BATCH_TARGET = 0.3
SINGLE_TARGET = 6.0
PER_SYNC = 1000

_BARE = f"""
import json, os, sys
fd = os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
data, lines = json.loads(sys.argv[3]), []
for number in range(1, int(sys.argv[2]) + 1):
    record = {{
        "kind": "event",
        "at": "2026-04-15T14:32:00.123456Z",
        "event": "evt_01HXYZ7K3MQ8R5N2V4B6C9D1E0",
        "type": "{TYPE}",
        "created_at": "2026-04-15T14:32:00Z",
        "data": data,
        "source": "cli",
        "crc": "00000000",
    }}
    lines.append(json.dumps(record, separators=(",", ":")))
    if number % {PER_SYNC} == 0:
        os.write(fd, ("\\n".join(lines) + "\\n").encode())
        os.fdatasync(fd)
        lines.clear()
"""


def seconds(command: list[str], environment: dict[str, str]) -> float:
    """How long a process takes; its output goes nowhere."""
    began = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=environment)
    return time.perf_counter() - began


def batch(verdicts: Verdicts, count: int, pairs: int, environment: dict[str, str]) -> None:
    """`emit --batch` of `count` events."""
    data = msgspec.json.encode(DATA).decode()
    ratios = []
    for _ in range(pairs):
        with temporary_home() as home:
            write_config(home, {})
            lines = home.state / "batch"
            lines.write_text(f'{{"type":"{TYPE}","data":{data}}}\n' * count)
            bare = seconds(
                [sys.executable, "-c", _BARE, str(home.state / "bare"), str(count), data], environment
            )
            ours = seconds(hookconsole(home, "emit", "--batch", str(lines)), environment)
            written = sum(
                path.read_bytes().count(b'{"kind":"event"') for path in Path(home.journal).iterdir()
            )
            if written != count:
                raise RuntimeError(f"{written} of {count} events are in the journal")
        ratios.append(bare / ours)
        print(
            f"  batch: bare {count / bare:,.0f}/s, emit --batch {count / ours:,.0f}/s; ratio {ratios[-1]:.2f}"
        )
    print(f"  batch: ratio {spread(ratios)}")
    verdicts.at_least("emit --batch, rate to a bare loop's", median(ratios), BATCH_TARGET)


def single(verdicts: Verdicts, turns: int, environment: dict[str, str]) -> None:
    """`emit` of one event, by its ways to be called."""
    with temporary_home() as home:
        write_config(home, {})
        # HOME, so that the platform's places are in the temporary folder.
        defaults = {**environment, "HOME": str(home.state)}
        for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME"):
            defaults.pop(name, None)
        one = ["emit", TYPE, "--data", '{"amount":5}']
        module = [sys.executable, "-m", "hookconsole"]
        ways = {
            "module, --state and --config": (hookconsole(home, *one), environment),
            "module, the platform's places": (module + one, defaults),
        }
        script = shutil.which("hookconsole", path=str(Path(sys.executable).parent))
        if script is not None:
            ways["script, --state and --config"] = ([script, *hookconsole(home, *one)[3:]], environment)
            ways["script, the platform's places"] = ([script, *one], defaults)
        nothing: list[float] = []
        taken: dict[str, list[float]] = {way: [] for way in ways}
        for turn in range(turns + 1):
            base = seconds([sys.executable, "-c", "pass"], environment)
            for way, (command, environ) in ways.items():
                took = seconds(command, environ)
                if turn:  # the first one writes byte code and makes folders
                    taken[way].append(took)
            nothing.append(base)
        print(f"  one: python -c pass {median(nothing) * 1000:.1f} ms")
        for way, times in taken.items():
            print(f"  one, {way}: {median(times) * 1000:.1f} ms")
            verdicts.at_most(
                f"emit, {way}, to python -c pass", median(times) / median(nothing), SINGLE_TARGET
            )


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=100_000, help="events of a batch")
    parser.add_argument("--pairs", type=int, default=5, help="batches")
    parser.add_argument("--turns", type=int, default=20, help="single events")
    args = parser.parse_args()
    environment = dict(os.environ)
    for name in ("PYTHONDONTWRITEBYTECODE", "HOOKCONSOLE_CONFIG", "HOOKCONSOLE_STATE"):
        environment.pop(name, None)
    verdicts = Verdicts()
    batch(verdicts, args.count, args.pairs, environment)
    single(verdicts, args.turns, environment)
    verdicts.exit()


if __name__ == "__main__":
    main()
