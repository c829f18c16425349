"""The limit: asyncio streams and requests that were made before, nothing else; told in seconds.

A process of its own, as anyone's would be: in one that has freed large blocks before, glibc no longer maps
and unmaps memory for each read of asyncio's streams, and the loop is twice as fast.

`_bare.py PORT COUNT IN_FLIGHT FILE`: FILE holds pickled requests. Prints seconds, and processor seconds.
"""

import asyncio
import os
import pickle
import sys
import time
from pathlib import Path


async def _run(port: int, wires: list[bytes], count: int, in_flight: int) -> float:
    async def worker(first: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for number in range(first, count, in_flight):
            writer.write(wires[number % len(wires)])
            await reader.readuntil(b"\r\n\r\n")
            await reader.readexactly(2)
        writer.close()

    began = time.monotonic()
    async with asyncio.TaskGroup() as group:
        for first in range(in_flight):
            group.create_task(worker(first))
    return time.monotonic() - began


def main() -> None:
    """Run it."""
    port, count, in_flight = map(int, sys.argv[1:4])
    wires = pickle.loads(Path(sys.argv[4]).read_bytes())
    cpu = sum(os.times()[:2])
    seconds = asyncio.run(_run(port, wires, count, in_flight))
    print(seconds, sum(os.times()[:2]) - cpu)


if __name__ == "__main__":
    main()
