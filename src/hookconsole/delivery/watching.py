"""The config file as the sender sees it: what it says when it has changed, or why that is refused.

Reading and parsing happen on another thread: 10,000 endpoints take a quarter of a second.
"""

import asyncio
import logging
import time

from hookconsole.config.edit import drop_expired_previous
from hookconsole.config.file import read
from hookconsole.config.load import ConfigError, parse
from hookconsole.config.model import Config
from hookconsole.config.watch import Changed, Watcher
from hookconsole.errors import HookconsoleError, InputError
from hookconsole.paths import Home

log = logging.getLogger("hookconsole")


class ConfigWatch:
    """Looks after one config file."""

    def __init__(self, home: Home, watcher: Watcher) -> None:
        self._path = home.config
        self._watcher = watcher

    def distrust(self) -> None:
        """Have the file that was read at first told by `poll`, once it has stood still."""
        self._watcher.distrust()

    async def poll(self) -> Config | InputError | None:
        """What a hand edit that has settled says; None while there is none."""
        changed = await asyncio.to_thread(self._watcher.poll, time.monotonic())
        return None if changed is None else await self._parsed(changed)

    async def reload(self) -> Config | InputError:
        """What the file says now, settled or not."""
        try:
            found = await asyncio.to_thread(read, self._path)
        except InputError as error:
            return error
        raw = found.raw if found else None
        self._watcher.adopted(raw)
        return await self._parsed(Changed(raw))

    async def drop_expired(self, config: Config) -> None:
        """Take secrets whose overlap is over out of the file."""
        now = time.time()
        if any(e.previous_secret_until and e.previous_secret_until <= now for e in config.endpoints.values()):
            try:
                names = await asyncio.to_thread(drop_expired_previous, self._path, now)
            except HookconsoleError as error:
                log.warning("an expired previous_secret could not be removed: %s", error)
            else:
                log.info("removed the expired previous_secret of %s", ", ".join(names))

    async def _parsed(self, changed: Changed) -> Config | InputError:
        if changed.error is not None:
            return changed.error
        if changed.raw is None:
            return Config()
        try:
            return await asyncio.to_thread(parse, changed.raw, self._path)
        except ConfigError as error:
            return error
