"""Any history: Hypothesis chooses what emitters, operators, receivers and the power do, and when."""

import asyncio
from collections import Counter
from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from crash_checks import check, deliver
from hookconsole.operating import registry
from simulated_site import Site

ENDPOINTS = ("acme", "beta")
ANSWERS = st.lists(st.sampled_from([200, 200, 503, 429, ConnectionError("refused")]), min_size=1, max_size=4)
ACTS = st.sampled_from(["retry", "cancel"])
DAY = 86400.0
EXAMPLES = 50
STEPS = 20

CRASHES: Counter[str] = Counter()


class Crashes(RuleBasedStateMachine):
    """One site. Between two rules its sender, if there is one, stands still; time passes in rules only."""

    def __init__(self) -> None:
        super().__init__()
        self.site = Site()
        self.count = 0
        self.power = self.site.machine.powered()
        self.power.__enter__()
        self.site.begin()

    def teardown(self) -> None:
        try:
            self.recovered()
            deliver(self.site)
            check(self.site)
        finally:
            self.power.__exit__(None, None, None)

    @initialize()
    def registered(self) -> None:
        for name in ENDPOINTS:
            self.site.add(name)

    @rule(count=st.integers(1, 3), known=st.booleans())
    def emit(self, count: int, known: bool) -> None:
        """An emitter has events accepted."""
        names = [f"evt_{self.count + number}" for number in range(count)]
        self.count += count
        self.site.emit(*names, to=ENDPOINTS, known=known)

    @rule(endpoint=st.sampled_from(ENDPOINTS), answers=ANSWERS)
    def answer(self, endpoint: str, answers: list[Any]) -> None:
        """A receiver answers otherwise from now on."""
        self.site.receivers.answer(f"{endpoint}.example", *answers)

    @rule(seconds=st.sampled_from([0.3, 2.0, 20.0]), ends=st.sampled_from(["kill", "stop"]))
    def send(self, seconds: float, ends: str) -> None:
        """A sender runs for a while, and is killed or stopped."""

        async def work() -> None:
            self.site.start()
            await self.site.until(lambda: False, seconds)
            CRASHES["kills"] += ends == "kill"
            await (self.site.kill() if ends == "kill" else self.site.stop())

        self.site.run(work())

    @rule(seconds=st.floats(0.0, 0.02))
    def cut_short(self, seconds: float) -> None:
        """A sender is killed in the midst of its first acts."""

        async def work() -> None:
            self.site.start()
            await asyncio.sleep(seconds)
            CRASHES["kills"] += 1
            await self.site.kill()

        self.site.run(work())

    @rule(
        event=st.integers(0, 20),
        endpoint=st.sampled_from(ENDPOINTS),
        act=ACTS,
    )
    def steer(self, event: int, endpoint: str, act: str) -> None:
        """An operator retries or cancels a delivery."""
        if self.count:
            getattr(self.site, act)(f"evt_{event % self.count}", endpoint)

    @rule(states=st.sampled_from(["failed", "canceled", "skipped"]))
    def replay(self, states: str) -> None:
        """An operator replays."""
        self.site.replay(states)

    @rule(endpoint=st.sampled_from(ENDPOINTS), text=st.sampled_from(["one", "two"]))
    def edit(self, endpoint: str, text: str) -> None:
        """An operator edits the registry."""
        self.site.edit(lambda desk: registry.change(desk, endpoint, {"description": text}))

    @rule(which=st.integers(0, 30))
    def power_loss(self, which: int) -> None:
        """The power fails; one of the disks that it may leave."""
        disks = list(self.site.machine.disk.losses(31))
        self.site.promises.power_lost = True
        CRASHES["power losses"] += 1
        self.site.machine.crash(disks[which % len(disks)])
        self.recovered()

    @rule(days=st.sampled_from([0.1, 1.0, 8.0]))
    def rest(self, days: float) -> None:
        """Time passes; then a sender keeps the journal within its days."""
        self.site.machine.clock.advance(days * DAY)
        self.let_go()
        self.site.promises.replays.clear()

        async def work() -> None:
            self.site.start()
            await self.site.until(lambda: False, 3)
            self.site.machine.clock.advance(4000)
            await self.site.until(lambda: False, 60)
            self.let_go()  # also what has ended just before the journal was trimmed
            await self.site.kill()

        self.site.run(work())

    def let_go(self) -> None:
        """What has ended may be off the disk."""
        promises = self.site.promises
        over = promises.ended | promises.dropped
        for name, endpoints in promises.accepted.items():
            if all((name, endpoint) in over for endpoint in endpoints):
                promises.past.add(name)
        promises.told.update(over)

    @invariant()
    def recovered(self) -> None:
        """A new process finds what was promised."""
        check(self.site)


def test_no_history_breaks_a_promise(record_property: Callable[[str, object], None]) -> None:
    CRASHES.clear()
    run_state_machine_as_test(
        Crashes,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
    told = ", ".join(f"{count} {what}" for what, count in sorted(CRASHES.items()))
    record_property("figure", f"{told} in histories that Hypothesis chose")
