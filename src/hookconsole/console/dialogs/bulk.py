"""Many deliveries once more: found and counted first, then agreed to, then begun.

Invariants: nothing is sent before the operator has seen how many and why they failed, and has pressed enter
or typed their number; the search ends with the dialog; a replay that has begun needs no console.
"""

import time
from collections.abc import Callable, Iterable
from typing import ClassVar

from textual import work
from textual.binding import Binding
from textual.widget import Widget
from textual.widgets import Button, Input

from hookconsole.clock import parse_since, rfc3339_seconds
from hookconsole.console import present
from hookconsole.console.cells import Cell, Column, Line, outside, row
from hookconsole.console.dialogs.base import Buttons, Dialog, Text
from hookconsole.console.dialogs.field import COUNT, Field, OneLine, Tick
from hookconsole.console.dialogs.outcome import delivered, outcome_lines
from hookconsole.console.dialogs.switch import deliveries
from hookconsole.console.outage import outage_began
from hookconsole.errors import HookconsoleError, InputError
from hookconsole.operating import replaying
from hookconsole.operating.agreeing import number_to_type
from hookconsole.operating.desk import Desk
from hookconsole.operating.replaying import Choice, Chosen

Find = Callable[[Desk], tuple[Choice, Chosen]]

_CAUSES_SHOWN = 8
_COLUMNS = (Column("deliveries", 10, right=True), Column("endpoint", 24), Column("cause", 20))
_WIDTH = sum(column.width for column in _COLUMNS) + len(_COLUMNS) - 1


class _Ended(Exception):  # noqa: N818  the search is told to end, which is no error
    """The dialog that wanted to know is gone, or wants to know something else."""


class _Hunt:
    """One search, as both threads see it: how far it has come, and whether it is still wanted."""

    def __init__(self) -> None:
        self.wanted = True
        self.passed = 0
        self.at = time.time()

    def passing(self, accepted: float) -> None:
        """In the searching thread: another delivery."""
        self.passed += 1
        self.at = accepted
        if not self.wanted:
            raise _Ended


class BulkRetry(Dialog[str]):
    """Gives the id of the replay that it began."""

    BINDINGS: ClassVar[list[Binding]] = [
        Binding("down", "app.focus_next", "Next", show=False),
        Binding("up", "app.focus_previous", "Previous", show=False),
    ]

    def __init__(self, title: str, find: Find) -> None:
        super().__init__()
        self._title = title
        self._find = find
        self._hunt = _Hunt()
        self._found: tuple[Choice, Chosen] | None = None
        self._busy = False

    # What is seen

    def title_line(self) -> Line:
        """What is to be sent again."""
        return [outside(self._title, 120, "title")]

    def content(self) -> Iterable[Widget]:
        """What was found, how to send it, the answer."""
        yield Text([[Cell("→ searching…", "dim")]], id="found", classes="gap")
        yield Field("Rate /s", OneLine(f"{replaying.DEFAULT_RATE:g}", id="rate"), id="field-rate")
        yield Field("Canary", Tick(False, "send one first, the rest if it arrives", id="canary"))
        yield Field("How many", OneLine(id="typed", restrict=COUNT), id="field-typed")
        yield Text(id="said")
        yield Buttons(("start", "Start"), ("no", "No"), hint="enter start  esc no")

    def on_mount(self) -> None:
        """Search."""
        self.query_one("#field-typed").display = False
        self.set_interval(0.25, self._show_progress)
        self.search()

    def on_unmount(self) -> None:
        """Nobody wants to know any more."""
        self._hunt.wanted = False

    # Finding

    def find(self, desk: Desk) -> tuple[Choice, Chosen]:
        """In a thread: what would be sent again."""
        return self._find(desk)

    def search(self) -> None:
        """Begin to search, anew if there was one."""
        self._hunt.wanted = False
        self._hunt = _Hunt()
        self._found = None
        self._search(self._hunt)

    @work
    async def _search(self, hunt: _Hunt) -> None:
        def found(desk: Desk) -> tuple[Choice, Chosen]:
            desk.passing = hunt.passing
            return self.find(desk)

        try:
            result = await self.at_desk(found)
        except _Ended:
            return
        except HookconsoleError as error:
            if hunt is self._hunt:
                self.query_one("#found", Text).say([outside(f"✗ {error}", 400, "bad")])
            return
        if hunt is self._hunt:
            self._found = result
            self._show_found(result[1])

    def _show_progress(self) -> None:
        if self._found is None and self._hunt.wanted and self._hunt.passed:
            back = present.age(time.time() - self._hunt.at)
            words = f"→ searching… {self._hunt.passed:,} deliveries, {back} back"
            self.query_one("#found", Text).say([Cell(words, "dim")])

    def _show_found(self, chosen: Chosen) -> None:
        count = len(chosen.items)
        lines: list[Line] = [[Cell(f"{deliveries(count)} to send again", "title")] if count else []]
        if not count:
            lines = [[Cell("nothing to send again", "warn")]]
        causes = chosen.counts.most_common()
        for (name, cause), number in causes[:_CAUSES_SHOWN]:
            cells = [Cell(f"{number:,}"), outside(name, 64), outside(cause, 64)]
            lines.append(row(_COLUMNS, cells, _WIDTH))
        if len(causes) > _CAUSES_SHOWN:
            rest = sum(number for _, number in causes[_CAUSES_SHOWN:])
            cells = [Cell(f"{rest:,}"), Cell(f"{len(causes) - _CAUSES_SHOWN} more causes", "dim"), Cell("")]
            lines.append(row(_COLUMNS, cells, _WIDTH))
        for name, number in chosen.left.items():
            lines.append([outside(f"{deliveries(number)} to {name} left out: inactive or gone", 200, "warn")])
        if chosen.unfit:
            lines.append([Cell(f"{deliveries(chosen.unfit)} left out: not ended yet, or a test", "warn")])
        self.query_one("#found", Text).say(*lines)
        for part in ("#field-rate", "#start"):
            self.query_one(part).display = bool(count)
        many = number_to_type(count) is not None
        self.query_one("#field-typed").display = many
        self.query_one("#typed", OneLine).placeholder = f"type {count} to start"
        self.query_one("#canary").parent.parent.display = count > 1  # type: ignore[union-attr]
        self.set_focus(self.query_one("#typed" if many else "#start" if count else "#no"))

    # Starting

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Start, or not."""
        if event.button.id == "start":
            self.start()
        else:
            self.end(None)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Start."""
        event.stop()
        self.start()

    def start(self) -> None:
        """Begin, if it is agreed to."""
        if self._found is None or not self._found[1].items or self._busy:
            return
        count = len(self._found[1].items)
        typed = self.query_one("#typed", OneLine)
        if number_to_type(count) and typed.value.replace(",", "").strip() != str(count):
            self.set_focus(typed)
            self._say([Cell(f"! type {count} to send that many", "warn")])
            return
        try:
            rate = float(self.query_one("#rate", OneLine).value)
        except ValueError:
            rate = 0.0
        if not replaying.LOWEST_RATE <= rate <= replaying.HIGHEST_RATE:
            self.set_focus(self.query_one("#rate"))
            bounds = f"{replaying.LOWEST_RATE} to {replaying.HIGHEST_RATE:g}"
            self._say([Cell(f"✗ the rate must be from {bounds} a second", "bad")])
            return
        self._start(rate)

    @work
    async def _start(self, rate: float) -> None:
        if self._found is None:
            return
        choice, chosen = self._found
        items = chosen.items
        self._busy = True
        try:
            if len(items) > 1 and self.query_one("#canary", Tick).value:
                self._say([Cell(f"→ one of {len(items):,} is on its way…", "dim")])
                attempt = await self.at_desk(lambda desk: replaying.try_first(desk, chosen))
                bad = f"{items[0].endpoint}: nothing more is sent: "
                self._say(*outcome_lines(attempt, "it arrived: ", bad))
                if not delivered(attempt):
                    return
                chosen = chosen._replace(items=items[1:])
            begun = await self.at_desk(lambda desk: replaying.begin(desk, choice, chosen, rate))
        except HookconsoleError as error:
            self._say([outside(f"✗ {error}", 400, "bad")])
            return
        finally:
            self._busy = False
        sends = self.console.hub.snapshot().sender.running
        when = "" if sends else "; nobody sends now: it begins when a sender starts"
        self.console.say(f"{begun.replay}: {deliveries(begun.total)} at {rate:g} a second{when}")
        self.end(begun.replay)

    def _say(self, *lines: Line) -> None:
        self.query_one("#said", Text).say(*lines)


class EndpointRetry(BulkRetry):
    """What failed at one endpoint since a time that is guessed, shown and can be changed."""

    def __init__(self, name: str, since: float) -> None:
        """`since` in unix seconds."""
        super().__init__(f"Retry what failed at {name}", self._failed)
        self._endpoint = name
        self._since = since

    def content(self) -> Iterable[Widget]:
        """The time, then as for any."""
        yield Field("Since", OneLine(rfc3339_seconds(self._since), id="since"), id="field-since")
        yield from super().content()

    def on_mount(self) -> None:
        """Say how long ago that is."""
        self._say_since()

    def _failed(self, desk: Desk) -> tuple[Choice, Chosen]:
        desk.check_name(self._endpoint)
        choice = Choice(self._endpoint, ("failed",), (), self._since, None)
        return choice, replaying.choose(desk, choice)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Another time: search anew."""
        if event.input.id != "since":
            return
        event.stop()
        event.prevent_default()
        try:
            self._since = parse_since(event.value.strip(), time.time())
        except InputError as error:
            self.query_one("#field-since", Field).say([outside(f"✗ {error}", 200, "bad")])
            return
        self._say_since()
        self.query_one("#found", Text).say([Cell("→ searching…", "dim")])
        self.search()

    def _say_since(self) -> None:
        ago = present.age(time.time() - self._since)
        words = f"{ago} ago; for another time type it, or 2h or 7d: enter"
        self.query_one("#field-since", Field).say([Cell(words, "dim")])


def retry_since(desk: Desk, name: str) -> float:
    """Since when (unix seconds) an endpoint's failures are probably meant."""
    desk.check_name(name)
    config = desk.config
    policy = config.endpoints[name].policy if name in config.endpoints else config.policy
    hours = desk.fold.totals.hours(name, int(desk.horizon) // 3600)
    began = outage_began(hours, policy)
    return max(began, desk.horizon) if began is not None else desk.horizon
