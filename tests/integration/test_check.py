"""`check` over real files: every finding it promises, and none where all is well."""

import errno
import fcntl
import json
import os
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from hookconsole.checking import of_files, of_journal
from hookconsole.checking.every import check
from hookconsole.checking.findings import Finding
from hookconsole.checking.of_machine import check_disk
from hookconsole.cli.main import main
from hookconsole.clock import rfc3339
from hookconsole.delivery.lock import Note, SenderLock, last_note, sender_note
from hookconsole.emitter import Emitter
from hookconsole.journal import records as r
from hookconsole.journal.line import seal
from hookconsole.journal.segments import Appender, segment_path
from hookconsole.paths import Home

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
ENDPOINT = f'[endpoints.acme]\nurl = "https://acme.example/h"\nevents = ["*"]\nsecret = "{SECRET}"\n'
NEWER = r.to_line(r.Segment(rfc3339(0), version=r.VERSION + 1, segment=1))


@pytest.fixture(autouse=True)
def _machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wherever the tests run, there is a disk with room."""
    monkeypatch.setattr("hookconsole.checking.every.check_disk", lambda _: iter(()))


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A hookconsole in good order: an endpoint, and an event that nobody has sent yet."""
    home = Home(tmp_path / "config.toml", tmp_path / "state")
    configure(home, ENDPOINT)
    with Emitter(config=home.config, state=home.state) as emitter:
        emitter.emit("invoice.paid", {"n": 1})
    return home


def configure(home: Home, text: str) -> None:
    home.config.touch(0o600)
    home.config.write_text(text)


def findings(home: Home, level: str = "finding", deep: bool = False) -> list[Finding]:
    return [found for found in check(home, deep=deep) if found.level == level]


def the_finding(home: Home, deep: bool = False) -> Finding:
    [found] = findings(home, deep=deep)
    return found


def run(home: Home, *arguments: str) -> int:
    return main(["--config", str(home.config), "--state", str(home.state), "check", *arguments])


def segment(home: Home, number: int) -> Path:
    return Path(segment_path(home.journal, number))


def append(home: Home, *records: r.AnyRecord) -> None:
    appender = Appender(home.journal)
    appender.append(b"".join(map(r.to_line, records)))
    appender.close()


def rotate(home: Home) -> None:
    appender = Appender(home.journal)
    appender.rotate()
    appender.close()


def flip(path: Path, offset: int) -> None:
    raw = bytearray(path.read_bytes())
    raw[offset] ^= 1
    path.write_bytes(raw)


def line_offsets(path: Path) -> list[int]:
    raw = path.read_bytes()
    return [0, *(at + 1 for at, byte in enumerate(raw[:-1]) if byte == ord("\n"))]


def test_where_all_is_well_it_says_so(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(home, "--deep") == 0
    assert capsys.readouterr() == ("", "hookconsole: no findings\n")


def test_absent_files_are_notes_and_stay_absent(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    home = Home(tmp_path / "none" / "config.toml", tmp_path / "state")
    assert run(home) == 0
    out, err = capsys.readouterr()
    assert [line.split(": ")[:2] for line in out.splitlines()] == [
        ["note", str(home.config)],
        ["note", str(home.state)],
    ]
    assert err == "hookconsole: no findings\n"
    assert list(tmp_path.iterdir()) == []


def test_every_problem_of_the_config_is_a_finding_with_its_line(
    home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    configure(home, "[delivery]\nconcurrency = 0\n" + ENDPOINT + "actve = true\n")
    assert run(home, "--json") == 1
    found = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [list(one) for one in found] == [["level", "where", "what", "mend"]] * 2
    assert [one["where"] for one in found] == [f"{home.config}:2", f"{home.config}:7"]
    assert all(one["level"] == "finding" and one["what"] and one["mend"] for one in found)
    assert found[0]["what"].startswith("delivery.concurrency")
    assert SECRET not in str(found)


def test_a_config_that_is_no_file_is_a_finding(home: Home) -> None:
    home.config.unlink()
    home.config.mkdir(0o700)
    assert the_finding(home)[1:3] == (str(home.config), "is a folder")


def test_what_may_be_meant_so_is_a_note(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    configure(
        home,
        '[security]\nhttps_only = false\nallow_networks = ["10.0.0.0/8"]\n'
        "[signing]\nstandard_webhooks = false\n" + ENDPOINT + "active = false\nretry_schedule = []\n",
    )
    assert run(home) == 0
    assert [line.split(": ")[:2] for line in capsys.readouterr().out.splitlines()] == [
        ["note", "security.https_only"],
        ["note", "security.allow_networks"],
        ["note", "signing.standard_webhooks"],
        ["note", "endpoints.acme"],
        ["note", "endpoints.acme"],
    ]


def test_an_empty_schedule_for_all_is_one_note(home: Home) -> None:
    configure(home, "[delivery]\nretry_schedule = []\n" + ENDPOINT)
    assert [one.where for one in check(home, deep=False)] == ["delivery.retry_schedule"]


def test_loose_modes_are_found_each(home: Home, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text(SECRET)
    secret.chmod(0o640)
    configure(home, ENDPOINT.replace(f'secret = "{SECRET}"', f'secret_file = "{secret}"'))
    home.config.chmod(0o644)
    home.state.chmod(0o750)
    segment(home, 1).chmod(0o604)
    found = findings(home)
    assert [(one.where, one.mend) for one in found] == [
        (str(home.config), f"chmod 600 {home.config}"),
        ("endpoints.acme", f"chmod 600 {secret}"),
        (str(home.state), f"chmod 700 {home.state}"),
        (str(home.state), f"chmod -R go-rwx {home.state}"),
    ]
    assert "0644" in found[0].what
    assert "0640" in found[1].what
    assert "0750" in found[2].what
    assert "journal/000000000001.jsonl, of mode 0604" in found[3].what


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_a_file_of_another_user_is_found(home: Home) -> None:
    os.chown(segment(home, 1), 54321, -1)
    assert "journal/000000000001.jsonl belongs to uid 54321" in the_finding(home).what


@pytest.mark.parametrize(
    "source", ['secret_file = "gone"', 'secret_file = "long"', 'secret_env = "HC_TEST_UNSET"']
)
def test_a_secret_that_cannot_be_read_is_found(home: Home, tmp_path: Path, source: str) -> None:
    (tmp_path / "long").touch(0o600)
    (tmp_path / "long").write_bytes(b"x" * 5000)
    configure(home, ENDPOINT.replace(f'secret = "{SECRET}"', source))
    found = the_finding(home)
    assert found.where == "endpoints.acme"
    assert found.what.startswith(source.split()[0])
    assert found.mend


@pytest.mark.parametrize("source", ['secret_file = "gone"', 'secret_env = "HC_TEST_UNSET"'])
def test_what_an_inactive_endpoint_lacks_is_a_note(home: Home, source: str) -> None:
    lacking = ENDPOINT.replace(f'secret = "{SECRET}"', source)
    configure(home, lacking + 'active = false\nca_file = "gone.pem"\n')
    assert findings(home) == []
    assert [one.where for one in findings(home, "note")] == ["endpoints.acme"] * 3


def test_a_copy_of_the_sample_has_no_findings(home: Home) -> None:
    configure(home, (Path(__file__).parents[2] / "sample_config.toml").read_text())
    assert findings(home) == []


def test_what_the_sample_has_commented_out_can_be_used_as_it_stands(home: Home) -> None:
    sample = (Path(__file__).parents[2] / "sample_config.toml").read_text()
    whole, count = re.subn(r'^#(?=[\["\w])', "", sample, flags=re.MULTILINE)
    configure(home, whole)
    assert count == 5
    assert findings(home) == []


def test_a_variable_of_a_running_sender_is_its_own_matter(home: Home) -> None:
    configure(home, ENDPOINT.replace(f'secret = "{SECRET}"', 'secret_env = "HC_TEST_UNSET"'))
    lock = SenderLock(home.state)
    lock.acquire("daemon")
    try:
        assert [(one.level, one.where) for one in check(home, deep=False)] == [("note", "endpoints.acme")]
    finally:
        lock.release()


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_authorities_that_cannot_be_loaded_are_found(home: Home, tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / "ca.pem").write_text(content)
    configure(home, ENDPOINT + 'ca_file = "ca.pem"\n')
    found = the_finding(home)
    assert found.where == "endpoints.acme"
    assert str(tmp_path / "ca.pem")[:60] in found.what  # the rest of a long path is left out


def test_a_flipped_bit_is_found_where_it_is(home: Home) -> None:
    append(home, r.Consent(rfc3339(time.time()), removed=[], user="me"))
    damaged = line_offsets(segment(home, 1))[1]
    flip(segment(home, 1), damaged + 20)
    found = the_finding(home)
    assert found.where == str(home.journal)
    assert f"1 line is damaged, at segment:offset 1:{damaged}" in found.what


def test_many_damaged_lines_are_counted_and_the_first_are_shown(home: Home) -> None:
    with segment(home, 1).open("ab") as file:
        file.write(b"x\n" * 7)
    found = the_finding(home)
    assert found.what.startswith("7 lines are damaged")
    assert found.what.count("1:") == 5
    assert found.what.endswith(", …")


def test_a_line_too_long_is_damage_once(home: Home) -> None:
    size = segment(home, 1).stat().st_size
    with segment(home, 1).open("ab") as file:
        file.write(b"x" * (3 << 20) + b"\n")
    assert f"1 line is damaged, at segment:offset 1:{size}" in the_finding(home).what
    append(home, r.Consent(rfc3339(time.time()), removed=[], user="me"))
    assert f"1 line is damaged, at segment:offset 1:{size}" in the_finding(home).what


def test_only_the_newest_segment_may_have_an_unfinished_line(home: Home) -> None:
    size = segment(home, 1).stat().st_size
    with segment(home, 1).open("ab") as file:
        file.write(b'{"kind":')
    assert findings(home) == []
    rotate(home)
    assert f"at segment:offset 1:{size}" in the_finding(home).what


def test_old_lines_are_read_when_that_is_asked_for(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    flip(segment(home, 1), line_offsets(segment(home, 1))[1] + 20)
    rotate(home)
    monkeypatch.setattr(of_journal, "BYTES_AT_MOST", 10)
    assert findings(home) == []
    assert [one.mend for one in findings(home, "note")] == ["--deep reads all"]
    assert "1 line is damaged" in the_finding(home, deep=True).what
    assert findings(home, "note", deep=True) == []


def test_a_kind_that_is_not_known_is_no_damage(home: Home) -> None:
    unknown = seal(b'{"kind":"from_the_future","at":"2026-04-15T14:32:00Z"}')
    with segment(home, 1).open("ab") as file:
        file.write(unknown)
    assert findings(home) == []
    with segment(home, 1).open("ab") as file:
        file.write(b"x\n" + unknown)
    assert "1 line is damaged" in the_finding(home).what


def test_a_record_with_a_time_of_nonsense_is_damage(home: Home) -> None:
    end = segment(home, 1).stat().st_size
    with segment(home, 1).open("ab") as file:
        file.write(seal(b'{"kind":"intake","at":"teatime","events":[]}'))
    assert the_finding(home).what == f"1 line is damaged, at segment:offset 1:{end}"


def test_a_newer_format_is_found(home: Home) -> None:
    segment(home, 1).write_bytes(NEWER)
    found = the_finding(home)
    assert found.where == str(segment(home, 1))
    assert found.mend == "use a newer hookconsole"


def test_a_segment_that_cannot_be_read_is_found(home: Home) -> None:
    segment(home, 1).unlink()
    segment(home, 1).mkdir(0o700)
    assert the_finding(home)[1:3] == (str(segment(home, 1)), "is no regular file")
    segment(home, 1).rmdir()
    segment(home, 1).symlink_to(segment(home, 1))
    assert the_finding(home)[1:3] == (str(segment(home, 1)), f"can't be read: {os.strerror(errno.ELOOP)}")


def test_a_journal_that_is_no_folder_is_found(home: Home) -> None:
    segment(home, 1).unlink()
    Path(home.journal).rmdir()
    Path(home.journal).touch(0o600)
    assert the_finding(home).where == str(home.journal)


@pytest.mark.parametrize("name", ["journal", "sender.lock", "journal.lock"])
def test_a_link_to_nothing_in_the_state_directory_is_found(home: Home, name: str) -> None:
    path = home.state / name
    if path.exists():
        path.rename(home.state.with_name("away"))
    path.symlink_to("nowhere")
    assert the_finding(home)[1:] == (str(path), "is a link to nothing", "mend or remove the link")


def test_a_fifo_in_the_place_of_the_senders_lock_is_not_waited_for(home: Home) -> None:
    path = home.state / "sender.lock"
    path.unlink(missing_ok=True)
    os.mkfifo(path, 0o600)
    assert sender_note(home.state) is None
    assert last_note(home.state)[0] == Note(mode="unknown")


def test_a_missing_or_renamed_segment_is_found(home: Home) -> None:
    for _ in range(3):
        rotate(home)
    segment(home, 2).rename(segment(home, 6))
    found = findings(home)
    assert [one.what for one in found] == [
        "segment 2 is missing between its neighbours",
        "segment 5 is missing between its neighbours",
        "doesn't begin as segment 6",
    ]


def test_a_strange_file_in_the_journal_is_a_note_in_plain_text(
    home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    (Path(home.journal) / "a\x1b[2Jb").touch(0o600)
    assert run(home) == 0
    assert "a\\x1b[2Jb" in capsys.readouterr().out


def test_a_clock_behind_the_files_is_found(home: Home) -> None:
    append(home, r.Consent(rfc3339(time.time() + 400), removed=[], user="me"))
    assert the_finding(home).where == "clock"
    configure(home, "")
    future = time.time() + 86400
    os.utime(home.config, (future, future))
    assert "behind" in the_finding(home).what


@pytest.fixture
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(of_files, "LOCK_SECONDS", 0.05)


@pytest.fixture(params=["state/journal.lock", "config.toml.lock"])
def held(request: pytest.FixtureRequest, home: Home) -> Iterator[Path]:
    """A lock whose holder doesn't let go."""
    path = home.config.parent / request.param
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    yield path
    os.close(descriptor)


@pytest.mark.usefixtures("_impatient")
def test_a_lock_that_nobody_lets_go_is_found(home: Home, held: Path) -> None:
    assert the_finding(home).where == str(held)


def test_a_stale_note_of_a_sender_is_fine(home: Home) -> None:
    lock = SenderLock(home.state)
    lock.acquire("daemon")
    lock.release()
    assert list(check(home, deep=False)) == []


def test_removals_that_wait_for_consent_are_found(home: Home) -> None:
    now = rfc3339(time.time())
    known = {"acme": r.Known(), "beta": r.Known()}
    append(home, r.Registry(now, endpoints=known, removed=[], event_types=[]))
    configure(home, "")
    found = the_finding(home)
    assert found.where == str(home.config)
    assert "acme, beta" in found.what
    assert "accept-removals" in found.mend
    home.config.unlink()
    [note] = findings(home, "note")
    assert (note.what, note.mend.split(",")[0]) == ("there is no config file", "restore it")
    assert the_finding(home) == found
    append(home, r.Consent(now, removed=["acme", "beta"], user="me"))
    assert findings(home) == []


def test_a_state_directory_that_is_a_file_is_found(tmp_path: Path) -> None:
    home = Home(tmp_path / "config.toml", tmp_path / "state")
    configure(home, ENDPOINT)
    home.state.touch(0o600)
    assert the_finding(home)[1:3] == (str(home.state), "is no folder")
    assert the_finding(Home(home.config, home.state / "inside"))[1:3] == (str(home.state), "is no folder")


def test_the_disk_that_the_state_would_be_on_is_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    block, blocks, inodes = 4096, 1 << 28, 1 << 20
    asked = []

    def statvfs(path: Path) -> os.statvfs_result:
        asked.append(path)
        return os.statvfs_result((block, block, blocks, 10, 10, inodes, 5, 5, os.ST_RDONLY, 255))

    monkeypatch.setattr(os, "statvfs", statvfs)
    found = [one for one in check_disk(tmp_path / "no" / "state") if one.level == "finding"]
    assert asked == [tmp_path]
    assert {one.where for one in found} == {str(tmp_path / "no" / "state")}
    assert [one.what.partition(",")[0] for one in found[:3]] == [
        "is on a file system that is mounted read-only",
        "0 MiB of 1",
        "5 inodes are free",
    ]
