"""Makes docs/console.svg, the README's picture: the console over some seconds of the demo.

python docs/picture.py [--seconds N] [FILE]
"""

import argparse
import asyncio
import re
import threading
from pathlib import Path

from hookconsole.config.model import Console
from hookconsole.console.app import ConsoleApp
from hookconsole.console.loglines import LogLines
from hookconsole.demo.run import Demo
from hookconsole.observing.watch import JournalHub

SIZE = (120, 36)
SEED = 20260415
PACE = 1.5
"""Livelier than the demo that people watch: a failing receiver must fail in time."""


async def picture(hub: JournalHub, seconds: float) -> str:
    """The overview as an SVG, after so many seconds."""
    app = ConsoleApp(hub, Console())
    async with app.run_test(size=SIZE):
        await asyncio.sleep(seconds)
        app.look()
        await asyncio.sleep(0.5)
        return app.export_screenshot(title="hookconsole", simplify=True)


def main() -> None:
    """Write the file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", nargs="?", type=Path, default=Path(__file__).with_name("console.svg"))
    parser.add_argument("--seconds", type=float, default=12.0)
    given = parser.parse_args()
    LogLines().install()
    with Demo(SEED, pace=PACE, week=True) as demo:
        traffic = threading.Thread(target=lambda: list(demo.live(given.seconds + 60)))
        traffic.start()
        hub = JournalHub(demo.home)
        try:
            svg = asyncio.run(picture(hub, given.seconds))
        finally:
            demo.interrupt()
            traffic.join()
            hub.close()
    # The fonts are the reader's own: a picture that loads some from elsewhere tells who looks at it.
    svg = svg.replace("<svg ", '<svg xml:space="preserve" ', 1)
    svg = re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.S)
    given.file.write_text("\n".join(line.rstrip() for line in svg.splitlines()) + "\n", "utf-8")


if __name__ == "__main__":
    main()
