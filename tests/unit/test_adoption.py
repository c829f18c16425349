"""What adopting a config means: product rules 5, 6, 7, and when a loss of endpoints waits for consent."""

import pytest

from hookconsole.config.model import Config, Endpoint, SecretSource
from hookconsole.delivery.adoption import Adoption, fingerprint, lost_without_consent, plan
from hookconsole.journal import records as r
from hookconsole.journal.fold import Fold
from support import at, event, folded, registry

NOW = at(60)


def endpoint(name: str = "acme", host: str = "acme.example", *, active: bool = True) -> Endpoint:
    secret = SecretSource("inline", "whsec_x")
    return Endpoint(name, f"https://{host}/hooks", ("*",), secret, active=active)


def config(*endpoints: Endpoint, event_types: tuple[str, ...] = ()) -> Config:
    named = {one.name: one for one in endpoints}
    return Config(endpoints=named, event_types=dict.fromkeys(event_types, "A type"))


def mark_of(one: Endpoint) -> str:
    return fingerprint(one.url)


def ran(*endpoints: Endpoint) -> Fold:
    """A journal in which a sender has adopted these, all of them tested."""
    return folded(
        registry(
            **{e.name: r.Known(active=e.active, tested=mark_of(e) if e.active else "") for e in endpoints}
        )
    )


def adopted(fold: Fold, config: Config, when: str = NOW) -> Adoption:
    """Plan and carry out, but for the tests."""
    adoption = plan(fold, config, when)
    if adoption.record is not None:
        fold.apply(adoption.record, 1, 900)
    return adoption


# Tests of new URLs


def test_a_registry_brought_to_a_new_machine_is_not_tested() -> None:
    fold = Fold()
    assert adopted(fold, config(endpoint("acme"), endpoint("beta"))).tests == ()
    assert adopted(fold, config(endpoint("acme"), endpoint("beta"))) == Adoption()


def test_an_endpoint_that_a_command_added_before_the_first_run_is_not_tested_again() -> None:
    fold = folded(event("evt_1", endpoint="acme", url=mark_of(endpoint())))
    assert adopted(fold, config(endpoint())).tests == ()


def test_a_new_endpoint_is_tested() -> None:
    assert plan(ran(endpoint("beta")), config(endpoint("beta"), endpoint("acme")), NOW).tests == ("acme",)


def test_a_new_url_is_tested_and_other_changes_are_not() -> None:
    fold = ran(endpoint())
    assert plan(fold, config(endpoint(host="new.example")), NOW).tests == ("acme",)
    assert plan(fold, config(endpoint()), NOW).tests == ()


def test_a_test_that_was_accepted_is_not_due_again() -> None:
    fold, moved = ran(endpoint()), endpoint(host="new.example")
    assert adopted(fold, config(moved)).tests == ("acme",)
    fold.apply(event("evt_1", endpoint="acme", url=mark_of(moved)), 1, 950)
    assert adopted(fold, config(moved)).tests == ()


def test_a_test_that_was_planned_and_not_accepted_is_due_again() -> None:
    fold = ran(endpoint("beta"))
    for _ in range(2):
        assert adopted(fold, config(endpoint("beta"), endpoint("acme"))).tests == ("acme",)


def test_one_saved_inactive_is_tested_when_it_is_first_switched_on() -> None:
    for fold in (Fold(), ran(endpoint("beta"))):
        off, on = config(endpoint(active=False)), config(endpoint())
        fold.known.pop("beta", None)
        assert adopted(fold, off).tests == ()
        assert adopted(fold, on).tests == ("acme",)
        fold.apply(event("evt_1", endpoint="acme", url=mark_of(endpoint())), 1, 950)
        for back in (off, on):
            assert adopted(fold, back).tests == ()


def test_one_that_returns_is_tested() -> None:
    fold = ran(endpoint("acme"), endpoint("beta"))
    adopted(fold, config(endpoint("beta")))
    assert adopted(fold, config(endpoint("acme"), endpoint("beta"))).tests == ("acme",)


# The switch


def test_switching_off_is_recorded_with_its_time_and_stays_known_when_it_is_on_again() -> None:
    fold = ran(endpoint())
    adopted(fold, config(endpoint(active=False)), at(60))
    assert fold.known["acme"] == r.Known(active=False, off_since=at(60), tested=mark_of(endpoint()))
    assert adopted(fold, config(endpoint(active=False)), at(70)) == Adoption()
    adopted(fold, config(endpoint()), at(80))
    assert fold.known["acme"] == r.Known(active=True, off_since=at(60), tested=mark_of(endpoint()))
    adopted(fold, config(endpoint(active=False)), at(90))
    assert fold.known["acme"].off_since == at(90)


def test_what_is_as_it_was_needs_no_record() -> None:
    assert plan(ran(endpoint()), config(endpoint()), NOW) == Adoption()


def test_the_first_adoption_is_recorded_even_of_nothing() -> None:
    assert plan(Fold(), Config(), NOW).record == r.Registry(NOW, endpoints={}, removed=[], event_types=[])


def test_the_companys_own_types_are_recorded() -> None:
    fold = ran(endpoint())
    record = adopted(fold, config(endpoint(), event_types=("stock.low", "a.b"))).record
    assert record is not None
    assert (record.event_types, record.endpoints) == (["a.b", "stock.low"], {})
    assert adopted(fold, config(endpoint(), event_types=("a.b", "stock.low"))) == Adoption()


# Removals


def test_a_removal_is_recorded() -> None:
    record = plan(ran(endpoint("acme"), endpoint("beta")), config(endpoint("beta")), NOW).record
    assert record is not None
    assert record.removed == ["acme"]


@pytest.mark.parametrize(
    ("known", "lost", "waits"),
    [
        (0, 0, False),
        (1, 1, False),  # all of one
        (2, 1, False),
        (2, 2, True),  # all of two
        (4, 3, False),
        (4, 4, True),
        (5, 5, True),
        (19, 4, False),  # over a fifth, but not five
        (24, 5, True),  # five, over a fifth
        (25, 5, False),  # five, a fifth exactly
        (26, 5, False),
        (29, 6, True),
        (30, 6, False),
    ],
)
def test_how_large_a_loss_waits_for_consent(known: int, lost: int, waits: bool) -> None:
    before = {f"e{n}": r.Known() for n in range(known)}
    kept = config(*(endpoint(f"e{n}") for n in range(lost, known)))
    assert lost_without_consent(before, set(), kept) == (
        sorted(f"e{n}" for n in range(lost)) if waits else []
    )


def test_new_endpoints_make_no_loss_smaller() -> None:
    before = {"a": r.Known(), "b": r.Known()}
    assert lost_without_consent(before, set(), config(endpoint("c"), endpoint("d"))) == ["a", "b"]


def test_a_refused_file_changes_nothing_and_names_what_it_loses_and_the_mend() -> None:
    fold = ran(*(endpoint(f"e{n}") for n in range(7)))
    adoption = plan(fold, Config(), NOW)
    assert (adoption.record, adoption.tests) == (None, ())
    assert "loses 7 of 7 endpoints (e0, e1, e2, e3, e4 and 2 more)" in adoption.refusal
    assert adoption.refusal.endswith("hookconsole endpoints accept-removals")


def test_consent_lets_it_in() -> None:
    fold = ran(endpoint("a"), endpoint("b"))
    fold.apply(r.Consent(NOW, removed=["a", "b"], user="anna"), 1, 500)
    record = adopted(fold, Config()).record
    assert record is not None
    assert record.removed == ["a", "b"]
    assert fold.consented == set()


def test_consent_to_some_lets_no_others_go() -> None:
    before = {name: r.Known() for name in "abc"}
    assert lost_without_consent(before, {"a", "b"}, Config()) == ["c"]


def test_a_removal_by_command_is_its_own_consent() -> None:
    fold = ran(endpoint("a"), endpoint("b"))
    for name in ("a", "b"):
        fold.apply(r.Change(NOW, endpoint=name, action="removed", user="anna"), 1, 500)
    assert plan(fold, Config(), NOW).refusal == ""


def test_a_fingerprint_shows_nothing_of_the_url() -> None:
    assert len(fingerprint("https://acme.example/?token=1")) == 16
    assert fingerprint("https://a/?x") != fingerprint("https://a/?y")
