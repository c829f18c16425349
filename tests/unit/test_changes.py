"""What readers in other threads are told of deliveries that changed."""

from hookconsole.observing.changes import KEPT, Changes
from hookconsole.observing.values import DeliveryRow


def row(name: str, state: str = "pending") -> DeliveryRow:
    return DeliveryRow(name, "acme", "invoice.paid", 1, 0, 0.0, state)


def test_each_reader_is_told_what_came_since_it_asked() -> None:
    changes = Changes()
    assert changes.since(0) == (0, [])
    changes.put([row("a"), row("b")])
    assert changes.since(0) == (2, [row("a"), row("b")])
    changes.put([row("c")])
    assert changes.since(2) == (3, [row("c")])
    assert changes.since(0) == (3, [row("a"), row("b"), row("c")])
    assert changes.since(3) == (3, [])


def test_a_delivery_that_changed_again_is_told_once_as_it_is() -> None:
    changes = Changes()
    changes.put([row("a"), row("b")])
    changes.put([row("a", "delivered")])
    assert changes.since(0) == (3, [row("b"), row("a", "delivered")])
    assert changes.since(1) == (3, [row("b"), row("a", "delivered")])


def test_whoever_asks_too_late_is_to_look_anew() -> None:
    changes = Changes()
    changes.put([row(f"e{number}") for number in range(KEPT)])
    number, rows = changes.since(0)
    assert rows is not None
    assert len(rows) == KEPT
    changes.put([row("one more")])
    assert changes.since(0) == (KEPT + 1, None)
    assert changes.since(number) == (KEPT + 1, [row("one more")])


def test_all_look_anew_when_more_changed_than_is_told() -> None:
    changes = Changes()
    changes.put([row("a")])
    number, _ = changes.since(0)
    changes.look_anew()
    after, rows = changes.since(number)
    assert rows is None
    assert changes.since(after) == (after, [])
    changes.put([row("b")])
    assert changes.since(after) == (after + 1, [row("b")])


def test_that_it_is_asked_is_noticed() -> None:
    changes = Changes()
    assert changes.asked_at == 0.0
    changes.since(0)
    assert changes.asked_at > 0.0
