"""A journal with one delivery that a sender made and that waits for its next attempt, and a hub over it."""

import time
from pathlib import Path

import httpx
from msgspec.structs import replace
from sending import Site, run, settled
from sending import until as came_true
from watching_hub import CALM, HandHub, delivery, endpoint

from hookconsole.observing.values import Key

KEY = Key("evt_1", "acme")
ENDPOINT = 'url = "https://acme.example/hooks?token=canary-query"\nheaders = { "X-Tenant" = "canary-header" }'
DATA = b'{"amount":2500.00,"big":123456789012345678901234567890}'


def waiting(folder: Path, *answers: int | httpx.Response | Exception, data: bytes = DATA) -> Site:
    """The delivery after these answers, 503 if none, and a retry in ten minutes."""
    answers = answers or (503,)
    site = Site(folder)
    site.settings = f"[delivery]\nretry_schedule = {[0] * (len(answers) - 1) + [600]}\n"
    site.save(acme=ENDPOINT, bolt='events = ["payroll.*"]')
    site.receivers.answer("acme.example", *answers)

    async def sent() -> None:
        async with site.sending():
            site.emit(KEY.event, data)
            await came_true(lambda: len(site.attempts(KEY.event)) == len(answers))

    run(sent)
    return site


def failed(folder: Path) -> Site:
    """The delivery when it has failed, and no retry is left."""
    site = Site(folder)
    site.settings = "[delivery]\nretry_schedule = []\n"
    site.save(acme="")
    site.receivers.answer("acme.example", 503)

    async def sent() -> None:
        async with site.sending():
            site.emit(KEY.event, DATA)
            await settled(site, KEY.event)

    run(sent)
    return site


def hub_at(site: Site) -> HandHub:
    """A hub whose one row is that delivery."""
    known = {"acme": endpoint("acme"), "bolt": endpoint("bolt")}
    hub = HandHub(site.home, replace(CALM, now=time.time(), endpoints=known))
    row = delivery(0, "retrying", status=503, next_at=time.time() + 600)
    hub.rows = [replace(row, event=KEY.event, accepted=time.time())]
    return hub
