"""Which unused connection is handed out, judged by times that the test gives."""

import asyncio

from hookconsole.network.connection import Connection
from hookconsole.network.dial import Origin
from hookconsole.network.pool import IDLE_AT_MOST, IDLE_SECONDS, LIFETIME_SECONDS, Pool

ORIGIN = Origin(tls=False, host=b"h.example", port=80, ca_file=None)


def connection(opened_at: float) -> Connection:
    one = Connection(asyncio.get_running_loop(), memoryview(bytearray(1)), "192.0.2.1:80", ())
    one.opened_at = opened_at
    return one


def test_the_one_used_last_is_taken_first() -> None:
    async def scenario() -> None:
        now = asyncio.get_running_loop().time()
        pool, first, second = Pool(), connection(now), connection(now)
        pool.put(ORIGIN, first, now)
        pool.put(ORIGIN, second, now + 1)
        assert pool.take(ORIGIN._replace(port=81), (), now + 1) is None
        assert pool.take(ORIGIN, (), now + 1) is second
        assert pool.take(ORIGIN, (), now + 1) is first
        assert pool.take(ORIGIN, (), now + 1) is None
        pool.close()

    asyncio.run(scenario())


def test_one_unused_too_long_or_too_old_is_closed() -> None:
    async def scenario() -> None:
        now = asyncio.get_running_loop().time()
        pool, idle, old, young = Pool(), connection(now), connection(now), connection(now)
        pool.put(ORIGIN, idle, now)
        assert pool.take(ORIGIN, (), now + IDLE_SECONDS) is None
        assert idle.closed
        pool.put(ORIGIN, old, now + LIFETIME_SECONDS)
        assert old.closed
        pool.put(ORIGIN, young, now + LIFETIME_SECONDS - 1)
        assert pool.take(ORIGIN, (), now + LIFETIME_SECONDS) is young
        pool.close()

    asyncio.run(scenario())


def test_the_one_unused_longest_makes_room() -> None:
    async def scenario() -> None:
        now = asyncio.get_running_loop().time()
        pool = Pool()
        kept = [connection(now) for _ in range(IDLE_AT_MOST + 1)]
        for number, one in enumerate(kept):
            origin = ORIGIN._replace(port=number + 1)
            pool.put(origin, one, now + number / 1000)
        assert [one.closed for one in kept] == [True] + [False] * IDLE_AT_MOST
        pool.close()
        assert all(one.closed for one in kept)

    asyncio.run(scenario())
