"""What can be done with one endpoint, from a list as from its page.

Whatever acts does so at a desk, in a thread, and says how it went; what has changed comes by the journal.
"""

from contextlib import closing
from functools import partial

from textual import work

from hookconsole.console.dialogs.bulk import EndpointRetry, retry_since
from hookconsole.console.dialogs.copy import Choice, CopyMenu
from hookconsole.console.dialogs.form import EndpointForm
from hookconsole.console.dialogs.rotate import Rotate, rotation
from hookconsole.console.dialogs.sheet import opened
from hookconsole.console.dialogs.switch import remove, switch
from hookconsole.console.dialogs.trial import Trial
from hookconsole.console.keyboard import ACTS
from hookconsole.console.screens.base import View
from hookconsole.operating.desk import Desk
from hookconsole.paths import Home
from hookconsole.text import safe


class EndpointActs(View):
    """A view of endpoints. Subclasses say which one is meant."""

    @property
    def current_endpoint(self) -> str | None:
        """The endpoint that a command is about."""
        raise NotImplementedError

    @work(group=ACTS)
    async def action_add(self) -> None:
        """Add one."""
        start = await self.console.act(lambda desk: opened(desk, None))
        if start is not None:
            self.app.push_screen(EndpointForm(start))

    @work(group=ACTS)
    async def action_edit(self) -> None:
        """Change its settings."""
        name = self.current_endpoint
        start = await self.console.act(lambda desk: opened(desk, name)) if name is not None else None
        if start is not None:
            self.app.push_screen(EndpointForm(start))

    def action_test(self) -> None:
        """Send it a test event."""
        if self.current_endpoint is not None:
            self.app.push_screen(Trial(self.current_endpoint))

    @work(group=ACTS)
    async def action_switch(self) -> None:
        """Switch it off, or on again."""
        name = self.current_endpoint
        if name is None or name in self._switching:
            return
        self._switching.add(name)
        try:
            await switch(self.console, name)
        finally:
            self._switching.discard(name)

    @property
    def _switching(self) -> set[str]:
        """Those whose switch is under way: a second press comes too early."""
        found: set[str] = self.__dict__.setdefault("_under_way", set())
        return found

    @work(group=ACTS)
    async def action_replay(self) -> None:
        """Retry what failed at it."""
        name = self.current_endpoint
        if name is None:
            return
        since = await self.console.act(lambda desk: retry_since(desk, name))
        if since is None:
            return
        replay = await self.app.push_screen_wait(EndpointRetry(name, since))
        if replay is not None:
            self.console.action_replays()

    @work(group=ACTS)
    async def action_rotate(self) -> None:
        """Give it a new secret."""
        name = self.current_endpoint
        about = await self.console.act(lambda desk: rotation(desk, name)) if name is not None else None
        if about is not None:
            self.app.push_screen(Rotate(about))

    @work(group=ACTS)
    async def action_remove(self) -> None:
        """Take it out of the registry."""
        if self.current_endpoint is not None:
            await remove(self.console, self.current_endpoint)

    def action_log(self) -> None:
        """Its deliveries."""
        if self.current_endpoint is not None:
            self.console.open_deliveries(f"endpoint:{self.current_endpoint}")

    def action_copy(self) -> None:
        """Its name, or its URL."""
        name = self.current_endpoint
        if name is None:
            return
        choices: list[Choice] = [
            ("n", "name", lambda: safe(name)),
            ("u", "URL, whole", partial(_url, self.hub.home, name)),
        ]
        self.app.push_screen(CopyMenu(name, choices))


def _url(home: Home, name: str) -> str:
    with closing(Desk(home)) as desk:
        return desk.endpoint(name).url
