"""How the console looks: what tones and glyphs mean. Colour is never the only sign."""

from typing import get_args

from hookconsole.console.cells import Tone

TONES: tuple[Tone, ...] = get_args(Tone)

GLYPHS = {
    "ok": "●",
    "failing": "✗",
    "idle": "·",
    "inactive": "‖",
    "gone": "?",
    "pending": "·",
    "sending": "→",
    "retrying": "↻",
    "delivered": "●",
    "failed": "✗",
    "skipped": "‖",
    "canceled": "-",
    "held": "?",
    "running": "↻",
    "paused": "‖",
    "done": "●",
}
"""A glyph for each health and each state of a delivery or a replay, of fonts that every terminal has."""

STATE_TONES: dict[str, Tone] = {
    "ok": "good",
    "failing": "bad",
    "idle": "dim",
    "inactive": "dim",
    "gone": "warn",
    "pending": "plain",
    "sending": "accent",
    "retrying": "warn",
    "delivered": "good",
    "failed": "bad",
    "skipped": "dim",
    "canceled": "dim",
    "held": "warn",
    "running": "accent",
    "paused": "warn",
    "done": "good",
}
"""The tone of each health and each state."""
