"""Whole screens as text, kept beside the tests; GOLDEN=write in the environment writes them anew."""

import os
from pathlib import Path
from typing import Any

from driving import screen_text, until
from textual.pilot import Pilot

FOLDER = Path(__file__).parent / "golden"
_SETTLED_SECONDS = 2.5


async def is_as_kept(pilot: Pilot[Any], name: str) -> None:
    """Wait until the screen is as it is kept under a name and its size, to the character."""
    app = pilot.app
    file = FOLDER / f"{name}-{app.size.width}x{app.size.height}.txt"
    if os.environ.get("GOLDEN") == "write":
        await pilot.pause(_SETTLED_SECONDS)
        file.write_text(screen_text(app) + "\n")
    kept = file.read_text().removesuffix("\n")
    await until(pilot, lambda: screen_text(app) == kept)
