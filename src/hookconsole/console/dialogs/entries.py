"""The fields of an endpoint's form: a label and an entry for each key, and the texts that stand in them."""

from collections.abc import Iterator

from textual.dom import DOMNode
from textual.widget import Widget

from hookconsole.config.model import DeliveryPolicy
from hookconsole.console.dialogs.field import Field, OneLine, SeveralLines, Tick
from hookconsole.console.dialogs.sheet import NONE, Sheet, Texts

_LABELS = {
    "url": "URL",
    "events": "Events",
    "description": "Description",
    "active": "Active",
    "timeout_seconds": "Timeout s",
    "retry_schedule": "Retries s",
    "endpoint_concurrency": "At once",
    "headers": "Headers",
    "ca_file": "CA file",
    "secret_file": "Secret file",
    "secret_env": "or variable",
}
NEW_ONLY = ("secret_file", "secret_env")


def fields(sheet: Sheet) -> Iterator[Field]:
    """A field for each key, of a new endpoint also for its name and where its secret is."""
    start = sheet.start
    if start.name is None:
        yield Field("Name", OneLine(id="name", placeholder="a-z 0-9 . _ -"), id="field-name")
    for key, label in _LABELS.items():
        if start.name is None or key not in NEW_ONLY:
            yield Field(label, _entry(key, sheet.before[key], start.config.policy), id=f"field-{key}")


def _entry(key: str, text: str, policy: DeliveryPolicy) -> Widget:
    if key == "active":
        return Tick(text == "yes", "its events are sent; space switches", id=key)
    if key == "headers":
        return SeveralLines(text, id=key, placeholder="Name: value, one a line")
    hints = {
        "url": "https://host/path",
        "events": "invoice.paid, bank_feed.*; enter lists them",
        "timeout_seconds": f"{policy.timeout_seconds:g}",
        "retry_schedule": ", ".join(f"{wait:g}" for wait in policy.retry_schedule) or NONE,
        "endpoint_concurrency": str(policy.endpoint_concurrency),
        "ca_file": "the public authorities",
        "secret_file": "empty: a secret is generated and shown once",
    }
    return OneLine(text, id=key, placeholder=hints.get(key, ""))


def texts(form: DOMNode, before: Texts) -> dict[str, str]:
    """What stands in a form's fields; of keys without a field what stood there `before`."""
    found = dict(before)
    for one in form.query(OneLine):
        if one.id in found:
            found[one.id] = one.value
    found["headers"] = form.query_one("#headers", SeveralLines).text
    found["active"] = "yes" if form.query_one("#active", Tick).value else "no"
    return found


def fill(form: DOMNode, wanted: Texts) -> None:
    """Put texts into a form's fields."""
    for one in form.query(OneLine):
        if one.id is not None and one.id in wanted:
            one.value = wanted[one.id]
    form.query_one("#headers", SeveralLines).text = wanted["headers"]
    form.query_one("#active", Tick).value = wanted["active"] == "yes"
