"""What a list of deliveries is fed with: a search's finds and what happens live, without a screen."""

import pytest
from msgspec.structs import replace
from watching_hub import NOW, HandHub, HandSearch, delivery

from hookconsole.errors import InputError
from hookconsole.observing import feed as feeding
from hookconsole.observing.feed import ROWS_AT_ONCE, Feed
from hookconsole.observing.values import DeliveryRow


def fed(hub: HandHub, query: str = "") -> Feed:
    feed = Feed(hub)
    feed.apply(query)
    feed.older()
    return feed


def keys(feed: Feed) -> list[str]:
    every = [feed.ledger.key(index).event for index in range(len(feed.ledger))]
    return [event.removeprefix("evt_").lstrip("0") for event in every]


def hub_of(count: int, state: str = "failed") -> HandHub:
    hub = HandHub()
    hub.rows = [delivery(number, state) for number in range(1, count + 1)]
    return hub


def fresh(name: str, state: str = "failed") -> DeliveryRow:
    return replace(delivery(1, state), event=f"evt_{name}", accepted=NOW + 1)


def test_what_happens_comes_on_top_of_what_was_found() -> None:
    hub = hub_of(3)
    feed = fed(hub)
    hub.put(fresh("a"), fresh("b"), delivery(2, "sending"))
    assert feed.live() == (2, [delivery(2).key])
    assert keys(feed) == ["b", "a", "1", "2", "3"]
    assert feed.ledger.row(3).state == "sending"
    assert feed.live() == (0, [])


def test_a_burst_is_taken_in_by_pieces_and_none_is_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feeding, "LIVE_AT_ONCE", 2)
    hub = hub_of(0)
    feed = fed(hub)
    hub.put(fresh("a"), fresh("b"), fresh("c"))
    assert (feed.live()[0], feed.behind) == (2, True)
    hub.put(replace(fresh("a"), state="delivered"))
    assert (feed.live()[0], feed.behind) == (1, False)
    assert feed.live() == (0, [fresh("a").key])
    assert keys(feed) == ["c", "b", "a"]


def test_a_burst_that_was_not_taken_in_is_the_next_searchs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feeding, "LIVE_AT_ONCE", 1)
    hub = hub_of(0)
    feed = fed(hub)
    hub.put(fresh("a"), fresh("b"))
    feed.live()
    feed.apply("state:failed")
    assert feed.live() == (0, [])


def test_what_happened_before_it_began_is_the_searchs_to_find() -> None:
    hub = hub_of(1)
    hub.put(fresh("a"))
    assert fed(hub).live() == (0, [])


def test_what_happened_while_the_search_ran_is_there_once() -> None:
    hub = hub_of(3)
    feed = Feed(hub)
    feed.apply("")
    hub.put(delivery(1, "sending"))
    feed.live()
    feed.older()
    assert keys(feed) == ["1", "2", "3"]
    assert feed.ledger.row(0).state == "sending"


def test_once_the_search_has_ended_what_comes_is_not_noted_for_it() -> None:
    feed = Feed(hub := hub_of(3))
    feed.apply("state:failed")
    hub.put(replace(delivery(2), state="delivered"))
    feed.live()
    assert feed.ledger.passed == 1
    feed.older()
    hub.put(*(replace(delivery(number), state="delivered") for number in range(4, 9)))
    feed.live()
    assert feed.complete
    assert feed.ledger.passed == 0


def test_only_what_the_filter_leaves_comes_live() -> None:
    hub = hub_of(3)
    feed = fed(hub, "state:failed")
    hub.put(fresh("a", "delivered"), fresh("b"), delivery(2, "delivered"))
    assert feed.live() == (1, [delivery(2).key])
    assert keys(feed) == ["b", "1", "2", "3"]


def test_a_filter_that_is_refused_changes_nothing() -> None:
    feed = fed(hub_of(3), "state:failed")
    ledger = feed.ledger
    with pytest.raises(InputError):
        feed.apply("state:fialed")
    assert feed.query == "state:failed"
    assert feed.ledger is ledger


class Endless(HandSearch):
    """A search that has found as much as it was asked for."""

    def take(self) -> list[DeliveryRow]:
        more = max(self.wanted - 5000 + len(self._rows), 0)
        taken, self._rows = self._rows[:more], self._rows[more:]
        return taken


def test_more_is_looked_for_once_what_was_wanted_has_come() -> None:
    hub = hub_of(5000)
    search = Endless(hub.rows)
    hub.search = lambda query: search  # type: ignore[method-assign]
    feed = Feed(hub)
    feed.apply("")
    feed.want_more()
    assert (search.wanted, feed.searching) == (ROWS_AT_ONCE, 1.0)
    feed.older()
    assert (len(feed.ledger), feed.searching, feed.complete) == (ROWS_AT_ONCE, None, False)
    feed.want_more()
    feed.want_more()
    assert search.wanted == 2 * ROWS_AT_ONCE
    while feed.older():
        feed.want_more()
    assert (len(feed.ledger), feed.complete) == (5000, True)


def test_it_keeps_so_many_rows_and_finds_the_others_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feeding, "ROWS_AT_MOST", 10)
    hub = hub_of(8)
    feed = fed(hub)
    hub.put(*(fresh(name) for name in "abcdefg"))
    feed.live()
    assert keys(feed) == [*"gfedcba", "1", "2", "3"]
    assert not feed.complete
    hub.rows = [*(fresh(name) for name in "gfedcba"), *hub.rows]
    feed.want_more()
    feed.older()
    assert keys(feed) == [*"gfedcba", *"12345678"]


def test_what_retention_has_passed_is_let_go_but_for_what_waits() -> None:
    hub = hub_of(3)
    hub.rows[2] = delivery(3, "held")
    feed = fed(hub)
    assert feed.forget(NOW - 1) == 1
    assert keys(feed) == ["1", "3"]


def test_closing_ends_the_search() -> None:
    hub = HandHub()
    searches: list[HandSearch] = []
    search = hub.search

    def noted(query: str) -> HandSearch:
        searches.append(search(query))
        return searches[-1]

    hub.search = noted  # type: ignore[method-assign]
    feed = fed(hub)
    feed.apply("acme")
    feed.close()
    assert [one.canceled for one in searches] == [True, True]


def test_a_filter_that_names_what_is_gone_by_now_ends_nothing() -> None:
    hub = hub_of(3)
    feed = fed(hub, "endpoint:acme")

    def refusing(query: str) -> HandSearch:
        raise InputError(f"no {query}")

    hub.search = refusing  # type: ignore[method-assign]
    hub.changes = lambda since: (7, None)  # type: ignore[method-assign]
    assert feed.live() == (0, [])
    feed.ledger.shorten(2)
    feed.want_more()
    assert keys(feed) == ["1", "2"]
