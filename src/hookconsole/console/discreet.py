"""An application that lets out no secret by itself: not when it crashes, nor in a picture of its screen.

It doesn't crash of what comes too late: a page that has been closed may still hear what it asked for.

Textual shows the values of variables when it crashes; here the error is kept for whoever runs it.
"""

import contextlib
from typing import Any

from textual._context import active_message_pump
from textual.app import App, ScreenError
from textual.css.query import QueryError
from textual.dom import DOMNode, NoScreen
from textual.worker import WorkerFailed, active_worker

from hookconsole.console.dialogs.secret import SecretDialog


class DiscreetApp(App[int]):
    """Ends without a word when it crashes; `crash` is why."""

    crash: BaseException | None = None

    def _handle_exception(self, error: Exception) -> None:
        cause = error.error if isinstance(error, WorkerFailed) else error
        worker = active_worker.get(None) if isinstance(error, WorkerFailed) else None
        if _is_late(cause, worker.node if worker else active_message_pump.get(None)):
            return
        if self.crash is None and not self._exit:  # a screen that is half made is no crash at the end
            self.crash = cause
        super()._handle_exception(error)

    def _fatal_error(self) -> None:
        self._close_messages_no_wait()

    def panic(self, *renderables: Any) -> None:
        """As a crash without a word."""
        self._fatal_error()

    def export_screenshot(self, *, title: str | None = None, simplify: bool = False) -> str:
        """As Textual does; a secret that is on the screen isn't in the picture."""
        with contextlib.ExitStack() as hidden:
            for screen in self.screen_stack:
                if isinstance(screen, SecretDialog) and screen.is_mounted:
                    hidden.enter_context(screen.hidden())
            return super().export_screenshot(title=title, simplify=simplify)


def _is_late(cause: BaseException, place: object) -> bool:
    """Whether what is being closed has missed a part of it that is gone already."""
    missed = isinstance(cause, (QueryError, ScreenError, NoScreen))
    return missed and isinstance(place, DOMNode) and (place._pruning or not place.is_attached)
