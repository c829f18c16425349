"""Invariant: a timer that fires once fires, however late.

Textual leaves out rounds that are late, and such a timer has but one. It draws nothing from a change of views
until one has fired: a process that is put aside as it starts would never draw again.
"""

from textual.message_pump import MessagePump
from textual.timer import Timer, TimerCallback


class SureTimers(MessagePump):
    """What is mixed in has only such timers."""

    def set_timer(
        self,
        delay: float,
        callback: TimerCallback | None = None,
        *,
        name: str | None = None,
        pause: bool = False,
    ) -> Timer:
        """As Textual's; `delay` is in seconds."""
        timer = super().set_timer(delay, callback, name=name, pause=True)
        timer._skip = False
        if not pause:
            timer.resume()
        return timer
