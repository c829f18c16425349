"""One key after the other: the next is given out when all is done that the one before it does.

Textual hands keys on without waiting for what comes of them. Where several arrive at once, as over a slow
link, `/x` would switch an endpoint off instead of looking for an x, as the field isn't there yet.
"""

import time
from collections import deque
from functools import partial
from typing import TYPE_CHECKING, Any

from textual.app import ScreenStackError
from textual.events import Event, Key
from textual.message_pump import MessagePump
from textual.screen import Screen
from textual.worker import Worker

from hookconsole.console.screens.base import View

if TYPE_CHECKING:
    from textual.app import App

ACTS = "acts"
"""The group of the workers that a key begins, and that may open something."""

PATIENCE_SECONDS = 2.0
"""What a key begins may take so long to open something; then what was typed behind it is dropped."""

_LOOKS_AT_MOST = 20
"""About four seconds, in which a process that is put aside isn't awake."""

_AGAIN_SECONDS = 0.02
_ROUNDS = 2
"""What a widget makes of a key is a message that goes the same way, behind it."""


class Keyboard:
    """Keys of an app, in turn."""

    def __init__(self, app: "App[Any]") -> None:
        self._app = app
        self._waiting: deque[Key] = deque()
        self._next: Key | None = None
        self._at_work: Key | None = None
        self._began = 0.0
        self._looks = 0
        self._screen: Screen[Any] | None = None
        self._workers: set[Worker[Any]] = set()

    @property
    def front(self) -> Screen[Any] | None:
        """The screen that gets keys; none when the app has just ended."""
        try:
            return self._app.screen
        except ScreenStackError:
            return None

    def admits(self, event: Event) -> bool:
        """Whether an event may be handed on now; a key that may not is kept until it may."""
        if not isinstance(event, Key):
            return True
        if self.front is None:
            return False
        if event.is_forwarded:
            return True
        if event is not self._next and self._busy:
            self._waiting.append(event)
            return False
        self._next, self._at_work = None, event
        self._began, self._looks = time.monotonic(), 0
        self._screen = self.front
        self._workers = set(self._app.workers)
        self._app.call_later(self._follow, event, self._app.focused or self.front)
        return True

    @property
    def _busy(self) -> bool:
        """Whether a key is at work, or about to be: one that arrives now was typed behind it."""
        return self._at_work is not None or self._next is not None or bool(self._waiting)

    def _follow(self, key: Key, target: MessagePump) -> None:
        """A key was handed to `target`: go the way that it and what comes of it go, and then on."""
        self._go(key, target, target, _ROUNDS)

    def opens_nothing(self) -> None:
        """What the last key began opens nothing more, however long it takes."""
        self._workers = set(self._app.workers)

    def look(self) -> None:
        """From time to time: nothing that was lost on the way keeps the keyboard for long."""
        self._looks += 1
        if self._at_work is not None and self._looks > _LOOKS_AT_MOST:
            self._done()

    def _go(self, key: Key, node: MessagePump | None, target: MessagePump, rounds: int) -> None:
        """Behind what stands in a node's queue, or in that of the next above it that isn't closing."""
        while node is not None and not node.call_later(self._passed, key, node, target, rounds):
            node = self._above(node)

    def _above(self, node: MessagePump) -> MessagePump | None:
        """The next above; what has just been closed hangs on nothing any more, but the app is above all."""
        return None if node is self._app else node._parent or self._app

    def _passed(self, key: Key, node: MessagePump, target: MessagePump, rounds: int) -> None:
        if node is not self._app:
            self._go(key, self._above(node), target, rounds)
        elif rounds > 1:
            self._go(key, target, target, rounds - 1)
        elif rounds == 1:
            self._go(key, self.front, target, 0)  # one that has just been opened has its focus then
        else:
            self._settle(key)

    def _settle(self, key: Key) -> None:
        """What the key has begun may still be on its way to open something here."""
        if key is not self._at_work:
            return  # it was given up
        opening = self.front is self._screen and any(
            worker.group == ACTS and not worker.is_finished and worker not in self._workers
            for worker in self._app.workers
        )
        if not opening and not self._fills():
            self._done()
        elif opening and time.monotonic() - self._began > PATIENCE_SECONDS:
            self._waiting.clear()
            self._done()
        else:
            self._app.set_timer(_AGAIN_SECONDS, partial(self._settle, key))

    def _fills(self) -> bool:
        """What was opened is about to have what the next key is for."""
        return isinstance(self.front, View) and self.front.filling

    def _done(self) -> None:
        self._at_work = None
        if self._waiting:
            self._next = self._waiting.popleft()
            self._app.post_message(self._next)
