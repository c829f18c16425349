"""Switching an endpoint off, on again, and taking it out: what is asked before, what is offered after.

Coroutines of a worker; what they change stands in the config file and the journal before they say so.
"""

from typing import TYPE_CHECKING

from hookconsole.console.cells import Cell, Line
from hookconsole.console.dialogs.confirm import Confirm
from hookconsole.console.dialogs.outcome import attempt_words, delivered
from hookconsole.operating import registry, replaying
from hookconsole.operating.agreeing import number_to_type
from hookconsole.operating.desk import Desk
from hookconsole.operating.registry import Saved

if TYPE_CHECKING:
    from hookconsole.console.app import ConsoleApp


def deliveries(count: int) -> str:
    """`1 delivery`, `2,000 deliveries`."""
    return "1 delivery" if count == 1 else f"{count:,} deliveries"


async def switch(console: "ConsoleApp", name: str) -> None:
    """Switch an endpoint off if it is on, on if it is off."""
    active = await console.act(lambda desk: desk.endpoint(name).active)
    if active:
        await _switch_off(console, name)
    elif active is not None:
        await _switch_on(console, name)


async def agrees_to_off(console: "ConsoleApp", name: str) -> int | None:
    """How many waiting deliveries it cancels to switch an endpoint off; None if that is not wanted."""
    waiting = await console.act(lambda desk: registry.waiting(desk, name))
    if waiting:
        words = "waits and will be canceled" if waiting == 1 else "wait and will be canceled"
        lines: list[Line] = [[Cell(f"{deliveries(waiting)} {words}.")]]
        typed = number_to_type(waiting)
        confirm = Confirm(f"Switch {name} off?", lines, yes="Switch off", typed=typed)
        if not await console.push_screen_wait(confirm):
            return None
    return waiting


async def _switch_off(console: "ConsoleApp", name: str) -> None:
    waiting = await agrees_to_off(console, name)
    console.keyboard.opens_nothing()
    if waiting is None or not await console.act(lambda desk: _switched(desk, name, active=False)):
        return
    console.hub.look_at_config()
    console.say(f"{name} is inactive" + (f"; {deliveries(waiting)} canceled" if waiting else ""))


async def _switch_on(console: "ConsoleApp", name: str) -> None:
    since = await console.act(lambda desk: registry.off_since(desk, name) or 0.0)
    console.keyboard.opens_nothing()
    saved = await console.act(lambda desk: _switched(desk, name, active=True))
    if since is None or saved is None:
        return
    console.hub.look_at_config()
    if saved.test is None:
        console.say(f"{name} is active")
    else:
        console.say(f"{name} is active; its URL is new: testing it…")
        # The answer of `act` can't tell "refused" from "none came": a list can.
        found = await console.act(lambda desk: [registry.result(desk, saved)])
        if found is not None:
            good = delivered(found[0])
            console.say(f"{name}: test {attempt_words(found[0])}", "information" if good else "warning")
    await offer_missed(console, name, since)


def _switched(desk: Desk, name: str, *, active: bool) -> Saved | None:
    saved = registry.switch(desk, name, active=active)
    if saved is not None:
        registry.await_adoption(desk, name)
    return saved


async def offer_missed(console: "ConsoleApp", name: str, since: float) -> None:
    """Offer to replay what an off-period that began at `since` (unix seconds, 0 for none) kept from it."""
    found = await console.act(lambda desk: registry.missed(desk, name, since)) if since else None
    if found is None or not found[1].items:
        return
    choice, missed = found
    count = len(missed.items)
    lines: list[Line] = [[Cell("Canceled or skipped by that, and by no operator.", "dim")]]
    typed = number_to_type(count)
    question = f"Replay the {deliveries(count)} that {name} missed while it was off?"
    if await console.push_screen_wait(Confirm(question, lines, yes="Replay", typed=typed)):
        rate = replaying.DEFAULT_RATE
        begun = await console.act(lambda desk: replaying.begin(desk, choice, missed, rate))
        if begun is not None:
            console.say(
                f"replaying {deliveries(begun.total)} that it missed: {begun.replay}; 4 shows how far it is"
            )


async def remove(console: "ConsoleApp", name: str) -> None:
    """Take an endpoint out, if that is meant."""
    found = await console.act(lambda desk: _removal(desk, name))
    if found is None:
        return
    held, untaken = found
    lines: list[Line] = []
    if held:
        words = f"{deliveries(held)} unfinished, to be held until it returns, or cancel."
        lines.append([Cell(words, "warn")])
    if untaken:
        words = f"{untaken:,} accepted that no sender has taken in yet, not to be made."
        lines.append([Cell(words, "warn")])
    lines.append([Cell("Its history stays in the log; its secret is gone.", "dim")])
    typed = number_to_type(held + untaken)
    if not await console.push_screen_wait(Confirm(f"Remove {name}?", lines, yes="Remove", typed=typed)):
        return
    held_now = await console.act(lambda desk: registry.remove(desk, name))
    if held_now is not None:
        console.hub.look_at_config()
        kept = f"; {deliveries(held_now)} held until it returns, or cancel" if held_now else ""
        console.say(f"removed {name}{kept}")


def _removal(desk: Desk, name: str) -> tuple[int, int]:
    desk.endpoint(name)
    return registry.unfinished(desk, name), desk.untaken()[name]
