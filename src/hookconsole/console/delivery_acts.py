"""What can be done with one delivery, from the list as from its page.

Whatever acts does so at a desk, in a thread, and says how it went; the new state comes by the journal.
"""

import time
from collections.abc import Callable
from contextlib import closing
from itertools import chain

from textual import work

from hookconsole.console.cells import Cell, outside
from hookconsole.console.dialogs.compare import Compare
from hookconsole.console.dialogs.confirm import Confirm
from hookconsole.console.dialogs.copy import CopyMenu
from hookconsole.console.keyboard import ACTS
from hookconsole.console.pager import page
from hookconsole.console.screens.base import View
from hookconsole.console.story import head, plain, story
from hookconsole.errors import HookconsoleError, RefusedError
from hookconsole.observing.detail import DeliveryDetail, detail, is_on, know, sent_body, signed
from hookconsole.observing.request import Request, curl
from hookconsole.observing.values import Key
from hookconsole.operating import steering
from hookconsole.operating.desk import Desk
from hookconsole.text import safe


class DeliveryActs(View):
    """A view of deliveries. Subclasses say which one is meant."""

    @property
    def current_delivery(self) -> Key | None:
        """The delivery that a command is about."""
        raise NotImplementedError

    @property
    def now(self) -> float:
        """The time that is shown, in unix seconds."""
        return self.hub.snapshot().now

    def told(self, key: Key) -> Callable[[Desk], DeliveryDetail]:
        """What reads all about a delivery at a desk."""
        snapshot = self.hub.snapshot()

        def read(desk: Desk) -> DeliveryDetail:
            know(desk, snapshot)
            return detail(desk, key, snapshot.now)

        return read

    @work
    async def action_retry(self) -> None:
        """Send it again, now."""
        key = self.current_delivery
        if key is None:
            return
        snapshot = self.hub.snapshot()

        def retry(desk: Desk) -> steering.Steered:
            if is_on(desk, snapshot, key.endpoint):
                know(desk, snapshot)
            return steering.retry(desk, *key)

        steered = await self.console.act(retry)
        if steered is None:
            return
        refused = steered.refused.get(key.endpoint)
        if refused:
            self.console.say(f"{key.endpoint}: {refused}", "warning")
        elif snapshot.sender.running:
            self.console.say(f"{key.endpoint}: sent again")
        else:
            self.console.say(f"{key.endpoint}: will be sent again when somebody sends", "warning")

    @work(group=ACTS)
    async def action_cancel(self) -> None:
        """End it, if it waits, and if that is meant."""
        key = self.current_delivery
        if key is None:
            return
        lines = [[Cell("event "), outside(key.event, 64, "title")], [Cell("Retry can send it again.", "dim")]]
        question = f"Cancel this delivery to {outside(key.endpoint, 64).text}?"
        if not await self.app.push_screen_wait(Confirm(question, lines, yes="Cancel it")):
            return
        steered = await self.console.act(lambda desk: steering.cancel(desk, *key))
        if steered is not None:
            refused = steered.refused.get(key.endpoint)
            self.console.say(
                f"{key.endpoint}: {refused}" if refused else f"{key.endpoint}: canceled",
                "warning" if refused else "information",
            )

    def action_endpoint(self) -> None:
        """The page of its endpoint."""
        if self.current_delivery is not None:
            self.console.open_endpoint(self.current_delivery.endpoint)

    def action_copy(self) -> None:
        """Event id, URL, body, or a curl that repeats it."""
        key = self.current_delivery
        if key is None:
            return

        home = self.hub.home

        def body() -> str:
            with closing(Desk(home)) as desk:
                return sent_body(desk, key).decode()

        def request() -> Request:
            with closing(Desk(home)) as desk:
                found = signed(desk, key, time.time())
            if isinstance(found, str):
                raise RefusedError(f"the request can't be made: {found}")
            return found

        choices = [
            ("e", "event id", lambda: safe(key.event)),
            ("u", "URL, its query hidden", lambda: request().url),
            ("b", "body, as it is sent", body),
            ("c", "curl that repeats it, signed for now", lambda: curl(request())),
        ]
        self.app.push_screen(CopyMenu(f"{key.event} → {key.endpoint}", choices))

    @work(group=ACTS)
    async def action_pager(self) -> None:
        """The whole story in the pager."""
        key = self.current_delivery
        if key is None:
            return
        told, now = self.told(key), self.now

        def whole(desk: Desk) -> str:
            found = told(desk)
            return plain(chain(head(found, now), story(found, now, whole=True)))

        text = await self.console.act(whole)
        if text is None:
            return
        try:
            page(self.console, text, self.hub.home.config)
        except HookconsoleError as error:
            self.console.say(str(error), "error")

    @work(group=ACTS)
    async def action_compare(self) -> None:
        """What differs between two of its attempts."""
        key = self.current_delivery
        found = await self.console.act(self.told(key)) if key is not None else None
        if found is None:
            return
        if len(found.attempts) < 2:
            had = "one attempt" if found.attempts else "no attempt yet"
            self.console.say(f"it has had {had}: there is nothing to compare")
            return
        title = f"{found.key.event} → {found.key.endpoint}"
        self.app.push_screen(Compare(title, found.attempts, self.now))
