"""The table of commands: keys, footer, palette, help and documents come from it.

A command's id is what `[console.keys]` remaps; a screen or dialog obeys it by a method `action_<name>`, with
the id's part behind the dot. `writes` ones are off with --read-only, `destroys` ones ask first.
"""

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from textual.binding import Binding


class Command(NamedTuple):
    """One command. `keys` are its default ones, with commas between; `shown` puts it into the footer."""

    id: str
    keys: str
    title: str
    help: str
    shown: bool = False
    writes: bool = False
    destroys: bool = False

    @property
    def scope(self) -> str:
        """Where it works: `app` everywhere, `list` in every list, else a view."""
        return self.id.split(".")[0]

    @property
    def action(self) -> str:
        """The method that obeys it, without `action_`."""
        return self.id.split(".")[1].replace("-", "_")


COMMANDS = (
    Command("app.overview", "1", "Overview", "how deliveries flow, and what is in trouble"),
    Command("app.endpoints", "2", "Endpoints", "every endpoint, trouble first"),
    Command("app.deliveries", "3", "Deliveries", "what was sent, live, over the whole journal"),
    Command("app.replays", "4", "Replays", "bulk retries: progress, pause, cancel"),
    Command("app.palette", "colon,ctrl+p", "Palette", "what this view can do, endpoints, themes: by name"),
    Command("app.help", "question_mark", "Help", "the keys of this view and of all", shown=True),
    Command(
        "app.edit-config",
        "E",
        "Config",
        "edit the config file in $EDITOR; it is adopted when saved",
        writes=True,
    ),
    Command("app.freeze", "space", "Freeze", "hold the view still; deliveries go on"),
    Command("app.zoom", "z", "Zoom", "give the focused pane the whole screen, and back"),
    Command("app.take-over", "T", "Take over", "deliver from this console, when nobody sends", writes=True),
    Command(
        "app.accept-removals",
        "A",
        "Accept removals",
        "let in a config that loses endpoints",
        writes=True,
        destroys=True,
    ),
    Command("app.log-lines", "L", "Log lines", "what the sender and the console have logged lately"),
    Command("app.suspend", "ctrl+z", "Suspend", "put the console aside, unless it delivers"),
    Command("app.back", "escape", "Back", "close what is open, clear a filter"),
    Command("app.quit", "q", "Quit", "end the console; attempts in flight finish first", shown=True),
    Command("list.down", "j,down", "Down", "a row down"),
    Command("list.up", "k,up", "Up", "a row up"),
    Command("list.top", "g,home", "Top", "the first row: the newest, the worst"),
    Command("list.bottom", "G,end", "Bottom", "the last row; reads older ones as it goes"),
    Command("list.page-down", "ctrl+d,pagedown", "Half a page down", "half a page down"),
    Command("list.page-up", "ctrl+u,pageup", "Half a page up", "half a page up"),
    Command("list.open", "enter", "Open", "the whole story of the row", shown=True),
    Command("list.filter", "slash", "Filter", "acme state:failed code:5xx invoice.* !word", shown=True),
    Command("list.sort", "s", "Sort", "sort by the next column"),
    Command("list.reverse", "S", "Reverse", "sort the other way round"),
    Command("list.mark", "m", "Mark", "mark the row for a bulk retry"),
    Command("endpoint.add", "a", "Add", "add an endpoint", shown=True, writes=True),
    Command(
        "endpoint.edit", "e", "Edit", "change the endpoint's URL, events, settings", shown=True, writes=True
    ),
    Command("endpoint.test", "t", "Test", "send it a test event", shown=True, writes=True),
    Command(
        "endpoint.switch", "x", "On/off", "switch it off, or on again", shown=True, writes=True, destroys=True
    ),
    Command("endpoint.replay", "R", "Retry all", "retry what failed at it", shown=True, writes=True),
    Command("endpoint.rotate", "K", "Rotate secret", "give it a new secret", writes=True),
    Command("endpoint.remove", "D", "Remove", "take it out of the registry", writes=True, destroys=True),
    Command("endpoint.log", "l", "Log", "its deliveries"),
    Command("endpoint.copy", "y", "Copy", "its name, its URL", shown=False),
    Command("delivery.retry", "r", "Retry", "send it again, now", shown=True, writes=True),
    Command("delivery.cancel", "c", "Cancel", "end it, if it waits", writes=True, destroys=True),
    Command(
        "delivery.replay", "R", "Retry all", "retry what is marked, or what the filter finds", writes=True
    ),
    Command("delivery.follow", "f", "Follow", "go to the newest and stay there", shown=True),
    Command("delivery.failed", "F", "Failed", "only what failed, and back", shown=True),
    Command("delivery.waiting", "W", "Waiting", "only what waits, and back"),
    Command("delivery.copy", "y", "Copy", "event id, URL, body, or a curl that repeats it"),
    Command("delivery.pager", "v", "Pager", "the whole story in $PAGER"),
    Command("delivery.compare", "d", "Differences", "what differs between two attempts"),
    Command("delivery.endpoint", "o", "Endpoint", "the endpoint of this delivery"),
    Command("replay.pause", "p", "Pause", "pause it, or go on", shown=True, writes=True),
    Command("replay.cancel", "c", "Cancel", "start no more of it", shown=True, writes=True, destroys=True),
)
"""Every command of the console; a key may mean different things in views that can't be open at once."""

ALSO_IN = {"delivery.retry": "endpoint"}
"""Commands that are offered in views of another scope, too: an endpoint's page has its deliveries."""

_BY_ID = {command.id: command for command in COMMANDS}


def command(id_: str) -> Command:
    """The command with this id."""
    return _BY_ID[id_]


def bindings(*scopes: str) -> "list[Binding]":
    """Textual's bindings of the commands of these scopes."""
    return [_binding(found) for found in COMMANDS if found.scope in scopes]


def _binding(found: Command) -> "Binding":
    # Here, so that the table can be read without textual.
    from textual.binding import Binding

    return Binding(
        found.keys,
        found.action,
        found.title,
        show=found.shown,
        id=found.id,
        tooltip=found.help,
    )
