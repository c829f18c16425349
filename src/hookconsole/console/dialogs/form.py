"""The form of an endpoint, new or known: judged as it is typed, saved with the test's result shown in place.

Invariants: nothing that was typed is lost by a refusal; what someone else changed in the file meanwhile is
never overwritten; only the keys that were changed are written.
"""

from collections.abc import Iterable, Mapping
from typing import ClassVar

from textual import work
from textual.binding import Binding
from textual.containers import HorizontalGroup
from textual.widget import Widget
from textual.widgets import Button, Input, TextArea

from hookconsole.config.edit import OvertakenError
from hookconsole.config.load import ConfigError
from hookconsole.config.secrets import generate
from hookconsole.console.cells import Cell, Line, outside
from hookconsole.console.dialogs.base import Buttons, Dialog, Text
from hookconsole.console.dialogs.confirm import Confirm
from hookconsole.console.dialogs.entries import NEW_ONLY, fields, fill, texts
from hookconsole.console.dialogs.events_picker import EventsPicker
from hookconsole.console.dialogs.field import Field, OneLine
from hookconsole.console.dialogs.outcome import delivered, outcome_lines
from hookconsole.console.dialogs.secret import SecretDialog
from hookconsole.console.dialogs.sheet import Opened, Sheet, opened, rebased
from hookconsole.console.dialogs.subscription import patterns, subscribed
from hookconsole.console.dialogs.switch import agrees_to_off, offer_missed
from hookconsole.errors import HookconsoleError
from hookconsole.operating import registry
from hookconsole.operating.registry import Saved

_PROBLEMS_SHOWN = 3


class EndpointForm(Dialog[None]):
    """Add or edit an endpoint."""

    BINDINGS: ClassVar[list[Binding]] = [
        Binding("ctrl+s", "save", "Save", show=False, priority=True),
        Binding("down", "app.focus_next", "Next", show=False),
        Binding("up", "app.focus_previous", "Previous", show=False),
    ]

    def __init__(self, start: Opened) -> None:
        super().__init__()
        self._sheet = Sheet(start)
        self._known = start.name
        self._touched: set[str] = set()
        self._busy = False

    # What is seen

    def title_line(self) -> Line:
        """Whose."""
        name = self._known
        return [Cell("New endpoint", "title")] if name is None else [outside(f"Edit {name}", 120, "title")]

    def content(self) -> Iterable[Widget]:
        """The fields, what is to be said, the buttons."""
        yield from fields(self._sheet)
        yield Text(id="said")
        with HorizontalGroup():
            yield Buttons(
                ("save", "Save"),
                ("close", "Close"),
                hint="ctrl+s save  enter next  esc close",
            )

    def on_mount(self) -> None:
        """Begin with the first field."""
        self.set_focus(self.query_one("#name" if self._known is None else "#url"))
        self._show_judgement()

    # What is typed

    @property
    def endpoint_name(self) -> str:
        """Whose form it is, or is to be."""
        return self._known if self._known is not None else self.query_one("#name", OneLine).value.strip()

    def texts(self) -> dict[str, str]:
        """What stands in the fields."""
        return texts(self, self._sheet.before)

    @property
    def _changed(self) -> bool:
        name = self.query_one("#name", OneLine).value if self._known is None else ""
        return bool(name) or self.texts() != self._sheet.before

    def on_input_changed(self, event: Input.Changed) -> None:
        """Judge it."""
        self._typed(event.input)

    def on_text_area_changed(self, event: TextArea.Changed) -> None:
        """Judge it."""
        self._typed(event.text_area)

    def _typed(self, entry: Widget) -> None:
        if entry.has_focus:
            self._touched.add(entry.id or "")
            self.query_one("#said", Text).say()
        self._show_judgement()

    def _show_judgement(self) -> None:
        typed = self.texts()
        judged = self._sheet.judge(self.endpoint_name, typed)
        for field in self.query(Field):
            key = (field.id or "").removeprefix("field-")
            problem = judged.problems.get(key)
            if problem and key in self._touched:
                field.say([Cell("✗ ", "bad"), outside(problem, 300, "bad")])
            elif key == "events" and not problem:
                types = self._sheet.start.types
                number = subscribed(patterns(typed["events"]), types)
                field.say([Cell(f"{number} of {len(types)} types; enter lists them", "dim")])
            else:
                field.say()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter goes on; on the events it opens their list."""
        event.stop()
        if event.input.id == "events":
            self._pick()
        else:
            self.focus_next()

    @work
    async def _pick(self) -> None:
        chosen = patterns(self.query_one("#events", OneLine).value)
        found = await self.app.push_screen_wait(EventsPicker(self._sheet.start.types, chosen))
        if found is not None:
            events = self.query_one("#events", OneLine)
            self._touched.add("events")
            events.value = ", ".join(found)
            events.cursor_position = len(events.value)
            self.focus_next()

    # Saving

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Save, or close."""
        if event.button.id == "save":
            self.action_save()
        else:
            self.action_cancel()

    def action_save(self) -> None:
        """Save what was changed, if all of it is good."""
        if self._busy:
            return
        typed = self.texts()
        self._touched |= {*typed, "name"}
        self._show_judgement()
        judged = self._sheet.judge(self.endpoint_name, typed)
        if judged.problems:
            first = next(key for key in ("name", *typed) if key in judged.problems)
            field = self.query(f"#{first}")
            if field:
                self.set_focus(field.first())
                self._say([Cell("✗ not saved: see what is marked", "bad")])
            else:
                self._say([outside(f"✗ not saved: {judged.problems[first]}", 400, "bad")])
        elif self._known is not None and not judged.values:
            self.end(None)
        else:
            self._save(self.endpoint_name, judged.values)

    @work
    async def _save(self, name: str, values: Mapping[str, object]) -> None:
        self._busy = True
        try:
            if self._known is None:
                await self._add(name, values)
            else:
                await self._change(name, values)
        except OvertakenError:
            await self._overtaken(name)
        except ConfigError as error:
            problems = [f"✗ not saved: {error.problems[0]}", *error.problems[1:_PROBLEMS_SHOWN]]
            self._say(*([outside(problem, 400, "bad")] for problem in problems))
        except HookconsoleError as error:
            self._say([outside(f"✗ not saved: {error}", 400, "bad")])
        finally:
            self._busy = False

    async def _add(self, name: str, values: Mapping[str, object]) -> None:
        own = {"secret_file", "secret_env"} & values.keys()
        secret = "" if own else generate()
        secrets = {"secret": secret} if secret else {}
        self._say([Cell("→ saving…", "dim")])
        saved = await self.at_desk(lambda desk: registry.add(desk, name, {**values, **secrets}, test=True))
        await self._begin_anew(name)
        for key in ("#field-name", *(f"#field-{key}" for key in NEW_ONLY)):
            self.query_one(key).display = False
        self._say([outside(f"● added {name}", 120, "good")])
        dialog = SecretDialog(f"The secret of {name}, shown once", secret) if secret else None
        if dialog is not None:
            self.app.push_screen(dialog)
        await self._report(name, saved, dialog)

    async def _change(self, name: str, values: Mapping[str, object]) -> None:
        before = self._sheet.start.table
        if values.get("active") is False and await agrees_to_off(self.console, name) is None:
            return
        self._say([Cell("→ saving…", "dim")])
        off_since = await self.at_desk(lambda desk: registry.off_since(desk, name) or 0.0)
        saved = await self.at_desk(lambda desk: registry.change(desk, name, values, before=before))
        await self._begin_anew(name)
        self._say([outside(f"● changed {name}", 120, "good")])
        await self._report(name, saved, None)
        if values.get("active") is True:
            await self.at_desk(lambda desk: registry.await_adoption(desk, name))
            await offer_missed(self.console, name, off_since)

    async def _begin_anew(self, name: str) -> None:
        """From here on it is the form of an endpoint as it stands in the file."""
        self.console.hub.look_at_config()
        start = await self.at_desk(lambda desk: opened(desk, name))
        self._known, self._sheet = name, Sheet(start)
        fill(self, self._sheet.before)
        self._touched.clear()
        self.show_title()

    async def _report(self, name: str, saved: Saved, beside: SecretDialog | None) -> None:
        """Wait for the test, if one was called for, and show its result here and in the dialog above."""
        if saved.test is None:
            if beside is None and self.is_current:
                self.console.say(f"saved {name}")
                self.end(None)
            return
        waiting: Line = [Cell("→ saved; its test is on its way…", "dim")]
        self._say(waiting)
        if beside is not None:
            beside.report(waiting)
        attempt = await self.at_desk(lambda desk: registry.result(desk, saved))
        lines = list(outcome_lines(attempt, "saved; test: ", "saved; the test failed: "))
        self._say(*lines)
        if beside is not None:
            beside.report(*lines)
        self.set_focus(self.query_one("#close" if delivered(attempt) else "#url"), scroll_visible=False)

    async def _overtaken(self, name: str) -> None:
        """Someone has changed the same endpoint in the file."""
        start = await self.at_desk(lambda desk: opened(desk, name))
        new = Sheet(start)
        keys = ", ".join(
            key for key in new.before if start.table.get(key) != self._sheet.start.table.get(key)
        )
        lines: list[Line] = [
            [Cell("Changed there: "), outside(keys or "its order", 300, "warn")],
            [Cell("Loading it keeps what you typed in other fields; save again then.", "dim")],
        ]
        question = f"{name} was changed in the file meanwhile; nothing was saved. Load that?"
        if await self.app.push_screen_wait(Confirm(question, lines, yes="Load", default=True)):
            typed = rebased(self.texts(), self._sheet, new)
            self._sheet = new
            fill(self, typed)
            self._say([Cell("! loaded what the file says now; nothing is saved yet", "warn")])
        else:
            self._say([Cell("✗ not saved: it was changed in the file meanwhile", "bad")])

    def _say(self, *lines: Line) -> None:
        said = self.query_one("#said", Text)
        said.say(*lines)
        self.call_after_refresh(said.scroll_visible, animate=False)

    @work
    async def _close(self) -> None:
        question = "Close without saving what you typed?"
        if await self.app.push_screen_wait(Confirm(question, yes="Close")):
            self.end(None)

    def action_cancel(self) -> None:
        """Close; what was typed isn't thrown away by one key."""
        if self._changed:
            self._close()
        else:
            self.end(None)
