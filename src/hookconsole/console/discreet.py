"""An application that lets out no secret by itself: not when it crashes, nor in a picture of its screen.

Textual shows the values of variables when it crashes; here the error is kept for whoever runs it.
"""

import contextlib
from typing import Any

from textual.app import App
from textual.worker import WorkerFailed

from hookconsole.console.dialogs.secret import SecretDialog


class DiscreetApp(App[int]):
    """Ends without a word when it crashes; `crash` is why."""

    crash: BaseException | None = None

    def _handle_exception(self, error: Exception) -> None:
        if self.crash is None and not self._exit:  # a screen that is half made is no crash at the end
            self.crash = error.error if isinstance(error, WorkerFailed) else error
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
