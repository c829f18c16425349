"""`check`: everything that can be seen to be wrong from here, one thing after the other. Changes nothing."""

import time
from collections.abc import Iterator
from pathlib import Path

from hookconsole.checking.findings import Finding, finding, note
from hookconsole.checking.of_config import check_endpoints, check_file, check_settings
from hookconsole.checking.of_files import check_config_mode, check_lock, check_state
from hookconsole.checking.of_journal import check_journal
from hookconsole.checking.of_machine import check_disk, existing, judge_clock
from hookconsole.clock import rfc3339
from hookconsole.config.file import shown
from hookconsole.config.model import Config
from hookconsole.delivery.adoption import plan
from hookconsole.delivery.lock import sender_note
from hookconsole.journal.store import Store
from hookconsole.paths import Home


def check(home: Home, *, deep: bool) -> Iterator[Finding]:
    """Findings and notes as they come; with `deep` the whole journal is read."""
    config, problems = check_file(home.config)
    yield from problems
    yield from check_config_mode(home.config)
    yield from check_lock(home.config.with_name(home.config.name + ".lock"), "edits")
    if config is not None:
        yield from check_settings(config)
        yield from check_endpoints(config, sender_runs=sender_note(home.state) is not None)
    yield from check_disk(Path(home.journal))
    newest = 0.0
    place = existing(home.state)
    if not place.is_dir():
        yield finding(shown(place), "is no folder", "name another with --state")
    elif not home.state.exists():
        mend = "the first event, or the sender, makes it"
        yield note(shown(home.state), "there is no state directory", mend)
    else:
        yield from check_state(home)
        yield from check_lock(home.state / "journal.lock", "emits and the sender")
        journal = check_journal(home.journal, deep=deep)
        yield from journal.findings
        newest = journal.newest
        if journal.readable and config is not None:
            yield from _removals(home, config)
    yield from judge_clock(time.time(), newest, _modified(home))


def _removals(home: Home, config: Config) -> Iterator[Finding]:
    """Whether the config waits for an operator's consent."""
    store = Store(home.journal)
    try:
        refusal = plan(store.fold(), config, rfc3339(time.time())).refusal
    finally:
        store.close()
    if refusal:
        what, _, mend = refusal.rpartition("; ")
        yield finding(shown(home.config), what, mend)


def _modified(home: Home) -> float:
    try:
        return home.config.stat().st_mtime
    except OSError:
        return 0.0
