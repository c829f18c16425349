"""A hookconsole in which every text that can come from outside is a hostile one: in config, journal, note.

What a file's own rules refuse (an endpoint's name, a URL that isn't ASCII) comes by the journal, as a hand
would write it there.
"""

import json
import os
from pathlib import Path
from typing import Any

import msgspec
from running import Hookconsole
from story import Pen

from hookconsole.delivery.lock import Note
from hookconsole.journal import records as r

FIELDS = (
    "about", "type_about", "secret_file", "ca_file", "url", "header", "theme", "key_id", "key",
    "event", "type", "created", "data_key", "data", "endpoint", "error", "detail", "remote", "phase",
    "answer_header", "answer_value", "answer_body", "canceled_by", "retried_by", "chosen", "replay",
    "replayed_by", "reason", "changed", "changed_by", "known_type", "sender_mode", "sender_user",
    "note_mode", "note_user", "note_since", "note_halted", "note_refused",
)  # fmt: skip
"""What is poisoned; the text of each begins with its name, `<data>`, by which it is found again."""


def marked(field: str, text: str) -> str:
    """The hostile text of a field."""
    assert field in FIELDS
    return f"<{field}>{text}"


def toml(text: str) -> str:
    """A string of TOML that holds any text but lone surrogates, whatever is in it."""
    plain = "".join(
        c if c.isascii() and c.isprintable() and c not in '"\\' else f"\\U{ord(c):08x}" for c in text
    )
    return f'"{plain}"'


def _one_line(text: str) -> str:
    return "".join(character for character in text if character.isprintable())


def _ascii(text: str) -> str:
    return "".join(character for character in text if "!" <= character <= "~" and character not in "?#")


class Poisoned:
    """Endpoint `acme` has an event of each kind; what is hostile in the journal is of other names, too."""

    def __init__(self, folder: Path, text: str, body: str | None = None, port: int = 9) -> None:
        """`body` is for what is long: data, answers, details; `text` for all else."""
        self.console = Hookconsole(folder)
        self.text, self.body = text, text if body is None else body
        self._write_config(port)
        self._write_journal()

    def _write_config(self, port: int) -> None:
        text = self.text
        line = _one_line(text)
        with self.console.config.open("a") as file:
            url = f"http://127.0.0.1:{port}/{marked('url', _ascii(text))}?{_ascii(text)}"
            file.write(
                f'[event_types]\n"stock.low" = {toml(marked("type_about", text))}\n'
                "[console]\n"
                f"theme = {toml(marked('theme', line)[:60])}\n"
                "[console.keys]\n"
                f"{toml(marked('key_id', line)[:60])} = {toml(marked('key', line)[:30])}\n"
                f'"app.freeze" = {toml(marked("key", line)[:30])}\n'
                f"[endpoints.acme]\nurl = {toml(url)}\n"
                'events = ["invoice.*", "stock.low"]\nretry_schedule = [600]\n'
                f"description = {toml(marked('about', text)[:900])}\n"
                f'headers = {{ "X-A" = {toml(marked("header", _ascii(text)))} }}\n'
                f"secret_file = {toml(marked('secret_file', line)[:200])}\n"
                f"ca_file = {toml(marked('ca_file', line)[:200])}\n"
                '[endpoints.bolt]\nurl = "http://127.0.0.1:9/"\nevents = ["payroll.*"]\nsecret = "-"\n'
                "active = false\n"
            )

    def _write_journal(self) -> None:
        text, body = self.text, self.body
        self.console.state.mkdir(0o700)
        pen = Pen(self.console.state / "journal")
        known = {name: r.Known() for name in ("acme", "bolt", marked("endpoint", text))}
        types = [marked("known_type", text)]
        pen.put(
            r.Sender,
            state="started",
            pid=1,
            mode=marked("sender_mode", text),
            user=marked("sender_user", text),
        )
        pen.put(r.Registry, endpoints=known, removed=[], event_types=types)
        data = json.dumps({marked("data_key", text): [marked("data", body), 1.50]}, ensure_ascii=False)
        hostile: dict[str, Any] = {"type": marked("type", text), "data": msgspec.Raw(_json(data))}
        # One delivery with several attempts that failed, one of a type and an id that nobody may have.
        pen.event("evt_plain", "acme bolt", created_at=marked("created", text), **hostile)
        self._attempts(pen, "evt_plain", "acme")
        pen.end("evt_plain", "bolt", 1, "failed", error=marked("error", text))
        event, endpoint = marked("event", text), marked("endpoint", text)
        pen.event(event, created_at=marked("created", text), **hostile)
        place = pen.places[event]._asdict()
        pen.put(r.Intake, events=[r.Taken(event=event, **place, to=["acme", endpoint], skipped=["bolt"])])
        self._attempts(pen, event, "acme")
        self._attempts(pen, event, endpoint)
        pen.event("evt_off", "acme", **hostile)
        pen.put(r.Cancel, event="evt_off", endpoint="acme", user=marked("canceled_by", text))
        pen.event("evt_again", "acme", **hostile)
        self._attempts(pen, "evt_again", "acme")
        again = pen.places["evt_again"]._asdict()
        pen.put(
            r.Retry, event="evt_again", endpoint="acme", **again, attempts=2, user=marked("retried_by", text)
        )
        replay = marked("replay", text)
        items = [r.ReplayItem("evt_plain", "acme", *pen.places["evt_plain"], 2)]
        pen.put(r.ReplayItems, replay=replay, items=items)
        pen.put(
            r.Replay,
            replay=replay,
            chosen={"endpoint": endpoint, marked("chosen", text): [marked("chosen", text)]},
            total=1,
            rate=1.0,
            user=marked("replayed_by", text),
        )
        pen.put(r.ReplayPassed, replay=replay, items=[("evt_plain", "acme", marked("reason", text))])
        pen.put(r.Change, endpoint=marked("changed", text), action="edited", user=marked("changed_by", text))
        pen.appender.close()
        self.write_note()

    def write_note(self) -> None:
        """The sender's note, as if a hand had written it."""
        text = self.text
        note = Note(
            pid=1,
            mode=marked("note_mode", text)[:100],
            since=marked("note_since", text)[:100],
            user=marked("note_user", text)[:100],
            halted=marked("note_halted", text)[:300],
            refused=marked("note_refused", text)[:300],
        )
        path = self.console.state / "sender.lock"
        path.write_bytes(msgspec.json.encode(note)[:2047].ljust(2047) + b"\n")
        os.chmod(path, 0o600)

    def _attempts(self, pen: Pen, event: str, endpoint: str) -> None:
        text, body = self.text, self.body
        answer = r.Response(
            headers={marked("answer_header", text)[:200]: marked("answer_value", text), "date": "x"},
            body=marked("answer_body", body),
            truncated=False,
        )
        hostile: dict[str, Any] = {
            "error_detail": marked("detail", body),
            "remote": marked("remote", text),
            "timings_ms": {"dns": 1.0, marked("phase", text): 2.0},
        }
        pen.start(event, endpoint, 1)
        pen.end(event, endpoint, 1, "retrying", error=None, status=503, response=answer, **hostile)
        pen.start(event, endpoint, 2, 1)
        pen.end(event, endpoint, 2, "failed", error=marked("error", text), response=None, **hostile)


def _json(text: str) -> bytes:
    """JSON that any parser takes: what it forbids raw is spelled out, the rest stays raw."""
    return text.encode("utf-8", "surrogatepass")
