"""The Deliveries view: following, the search for older ones, its sizes, what comes from outside."""

from pathlib import Path
from typing import Any

import pytest
from deliveries_open import driven, fresh, hub_of, list_of, title, view_of
from driving import screen_text, shows, until
from msgspec.structs import replace
from one_delivery import KEY, hub_at, waiting
from textual.pilot import Pilot
from watching_hub import NOW, HandHub, HandSearch, delivery

from hookconsole.console.app import ConsoleApp
from hookconsole.console.widgets.deliverypane import DeliveryPane
from hookconsole.errors import InputError
from hookconsole.observing.values import DeliveryRow
from hookconsole.operating import steering

# Following


def test_it_opens_at_the_newest_and_follows() -> None:
    hub = hub_of(50)

    async def scenario(pilot: Pilot[Any], app: ConsoleApp) -> None:
        assert "following" in title(app)
        hub.put(fresh(1), fresh(2))
        await until(pilot, lambda: len(list_of(app).rows) == 52)
        assert list_of(app).cursor_key == fresh(2).key
        assert "new" not in title(app)

    driven(hub, scenario)


def test_moving_stops_following_what_came_is_counted_and_f_follows_again() -> None:
    hub = hub_of(50)

    async def scenario(pilot: Pilot[Any], app: ConsoleApp) -> None:
        await pilot.press("j", "j")
        await shows(pilot, "Deliveries 50")
        assert "following" not in title(app)
        before = screen_text(app).splitlines()[2:]
        hub.put(*(fresh(number) for number in range(1, 124)))
        await shows(pilot, "+123 new")
        assert list_of(app).cursor_key == hub.rows[2].key
        assert [line.rstrip(" ▐") for line in screen_text(app).splitlines()[2:]] == [
            line.rstrip(" ▐") for line in before
        ]
        await pilot.press("f")
        await shows(pilot, "following")
        assert "new" not in title(app)
        assert list_of(app).cursor_key == fresh(123).key

    driven(hub, scenario)


def test_what_happens_to_a_row_is_seen_in_place() -> None:
    hub = hub_of(50)
    hub.rows[3] = delivery(3, "sending")

    async def scenario(pilot: Pilot[Any], app: ConsoleApp) -> None:
        assert "sending" in screen_text(app)
        hub.put(delivery(3, "retrying", status=503, attempts=2, next_at=NOW + 8))
        shown = (await shows(pilot, "retrying")).splitlines()
        line = next(line for line in shown if "retrying" in line)
        assert "503" in line
        assert line.rstrip(" ▐").endswith(" 8s")
        assert shown.index(line) == 6
        hub.set(now=NOW + 5)
        await until(pilot, lambda: " 3s" in screen_text(app))

    driven(hub, scenario)


def test_a_frozen_view_holds_still_and_catches_up() -> None:
    hub = hub_of(50)

    async def scenario(pilot: Pilot[Any], app: ConsoleApp) -> None:
        await pilot.press("space")
        hub.put(fresh(1))
        await shows(pilot, "frozen")
        for _ in range(5):
            app.look()
        assert len(list_of(app).rows) == 50
        await pilot.press("j", "k", "space")
        await until(pilot, lambda: len(list_of(app).rows) == 51)

    driven(hub, scenario)


def test_when_more_happened_than_is_kept_it_looks_anew() -> None:
    hub = hub_of(5)

    async def scenario(pilot: Pilot[Any], app: ConsoleApp) -> None:
        hub.rows = [delivery(number) for number in range(9)]
        asked = len(hub.queries)
        hub.changes = lambda since: (7, None)  # type: ignore[method-assign]
        await until(pilot, lambda: len(hub.queries) > asked)
        hub.changes = lambda since: (7, [])  # type: ignore[method-assign]
        await until(pilot, lambda: len(list_of(app).rows) == 9)

    driven(hub, scenario)


# Older ones


class SlowSearch(HandSearch):
    """A search that gives what the test lets it."""

    def __init__(self, rows: list[DeliveryRow]) -> None:
        super().__init__(rows)
        self.let = 0
        self.progress = 0.42

    def take(self) -> list[DeliveryRow]:
        taken, self._rows = self._rows[: self.let], self._rows[self.let :]
        self.let = 0
        return taken


def test_near_the_end_more_is_looked_for_and_the_keys_still_answer() -> None:
    hub = HandHub()
    search = SlowSearch([delivery(number) for number in range(5000)])
    hub.search = lambda _: search  # type: ignore[assignment, method-assign]

    async def scenario(pilot: Pilot[Any], app: ConsoleApp) -> None:
        await shows(pilot, "searching 42 %")
        search.let = search.wanted
        await until(pilot, lambda: len(list_of(app).rows) == search.wanted)
        first = search.wanted
        await until(pilot, lambda: "searching" not in title(app))
        assert "+" in title(app)
        await pilot.press("G")
        assert search.wanted > first
        await shows(pilot, "searching 42 %")
        await pilot.press("k")
        assert list_of(app).cursor == first - 2
        key = list_of(app).cursor_key
        search.let = 5000
        await until(pilot, lambda: len(list_of(app).rows) == 5000)
        assert list_of(app).cursor_key == key
        await until(pilot, lambda: "+" not in title(app))

    driven(hub, scenario)


def test_a_search_of_a_filter_before_is_given_up() -> None:
    hub = HandHub()
    searches: list[SlowSearch] = []

    def search(_: str) -> SlowSearch:
        searches.append(SlowSearch([delivery(1)]))
        return searches[-1]

    hub.search = search  # type: ignore[assignment, method-assign]

    async def scenario(pilot: Pilot[Any], app: ConsoleApp) -> None:
        await pilot.press("F")
        await until(pilot, lambda: [one.canceled for one in searches] == [True, False])

    driven(hub, scenario)
    assert searches[-1].canceled


# Sizes


def test_a_wide_screen_has_the_cursors_detail_beside_the_list(tmp_path: Path) -> None:
    site = waiting(tmp_path)
    hub = hub_at(site)
    hub.rows.append(delivery(7))

    async def scenario(pilot: Pilot[Any], app: ConsoleApp) -> None:
        assert "POST https://acme.example/hooks?***" in await shows(pilot, "because: status 503")
        await pilot.press("j")
        await shows(pilot, "no event")
        await pilot.press("k")
        await shows(pilot, "because: status 503")
        steering.cancel(site.desk(), *KEY)
        hub.put(replace(hub.rows[0], state="canceled"))
        await shows(pilot, "retry sends it again")

    driven(hub, scenario, (160, 40))


def test_a_narrow_screen_reads_no_detail(tmp_path: Path) -> None:
    site = waiting(tmp_path)

    async def scenario(pilot: Pilot[Any], app: ConsoleApp) -> None:
        await pilot.press("G", "g")
        await pilot.pause(0.5)
        assert view_of(app).query_one(DeliveryPane).detail is None

    driven(hub_at(site), scenario)


@pytest.mark.parametrize(
    ("size", "columns"),
    [
        ((60, 15), "TIME ENDPOINT TYPE STATE CODE NEXT"),
        ((80, 24), "TIME ENDPOINT TYPE STATE TRY CODE NEXT"),
        ((120, 40), "TIME EVENT ENDPOINT TYPE STATE TRY CODE TOOK NEXT"),
        ((130, 40), "TIME ENDPOINT TYPE STATE CODE NEXT"),
        ((200, 60), "TIME ENDPOINT TYPE STATE TRY CODE TOOK NEXT"),
    ],
)
def test_columns_by_width(size: tuple[int, int], columns: str) -> None:
    async def scenario(pilot: Pilot[Any], app: ConsoleApp) -> None:
        def heading() -> list[str]:
            lines = [line for line in screen_text(app).splitlines() if "ENDPOINT" in line]
            return lines[0][: list_of(app).size.width].split() if lines else []

        await shows(pilot, "delivered")
        await until(pilot, lambda: heading() == columns.split())

    driven(hub_of(100), scenario, size)


def test_the_list_at_80x24() -> None:
    hub = HandHub()
    hub.rows = [
        delivery(0, "pending", attempts=0, status=None, duration_ms=None),
        delivery(
            1, "retrying", "globex-production", status=None, error="timeout", attempts=3, next_at=NOW + 4
        ),
        delivery(2, "failed", type="payroll.run_finalised", status=503, attempts=6, duration_ms=10_004.0),
        delivery(90_000, "held", attempts=0, status=None, duration_ms=None),
    ]

    async def scenario(pilot: Pilot[Any], app: ConsoleApp) -> None:
        await until(pilot, lambda: "4+" not in title(app))
        assert screen_text(app).splitlines()[1:7] == [
            " Deliveries 4  following",
            " TIME        ENDPOINT       TYPE                 STATE       TRY CODE      NEXT",
            ">14:32:00    acme           invoice.paid         · pending     0",
            " 14:31:59    globex-produc… invoice.paid         ↻ retrying    3 timeout     4s",
            " 14:31:58    acme           payroll.run_finalis… ✗ failed      6 503",
            " 04-14 13:32 acme           invoice.paid         ? held        0",
        ]

    driven(hub, scenario)


def test_a_filter_that_is_too_long_for_the_title_is_cut_with_a_sign() -> None:
    async def scenario(pilot: Pilot[Any], app: ConsoleApp) -> None:
        app.open_deliveries("state:failed code:5xx " + "invoice.* " * 9)
        await until(pilot, lambda: title(app).endswith("…"))

    driven(hub_of(3), scenario)


# What comes from outside


HOSTILE = (
    "\x1b[2J",
    "\x1b]52;c;aGk=\x07",
    "\x9b31m",
    "[@click=app.quit]x[/]",
    "[/]",
    "\u202egnp",
    "\r\n",
    "\x07" * 9,
)


@pytest.mark.parametrize(
    ("text", "size"),
    [*((text, (120, 40)) for text in HOSTILE), ("".join(HOSTILE), (60, 15)), ("".join(HOSTILE), (160, 40))],
)
def test_nothing_from_outside_reaches_the_terminal_as_it_is(text: str, size: tuple[int, int]) -> None:
    hub = HandHub()
    nasty = delivery(0, "failed", text + "acme", type=text + "type", status=None, error=text)
    hub.rows = [replace(nasty, event=text + "evt"), delivery(1)]
    search = hub.search

    def refusing(query: str) -> HandSearch:
        if query:
            raise InputError(f"no {text}")
        return search(query)

    hub.search = refusing  # type: ignore[method-assign]

    async def scenario(pilot: Pilot[Any], app: ConsoleApp) -> None:
        await pilot.press("r")
        await pilot.press("slash", "x", "enter")
        await shows(pilot, "✗ no ")
        await pilot.press("escape", "m", "k", "y")
        await shows(pilot, "Copy of")
        for screen in app.screen_stack:
            for strip in screen._compositor.render_strips():
                assert all(segment.text.isprintable() for segment in strip)
                assert not any(segment.style and segment.style.meta.get("@click") for segment in strip)
        assert app.is_running

    driven(hub, scenario, size)
