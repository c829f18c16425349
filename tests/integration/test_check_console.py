"""`check` finds what the console would pass over with a word."""

from pathlib import Path

import pytest

from hookconsole.cli.main import main


def found(tmp_path: Path, console: str, capsys: pytest.CaptureFixture[str]) -> str:
    config = tmp_path / "config.toml"
    config.write_text(f"[console]\n{console}")
    config.chmod(0o600)
    main(["--config", str(config), "--state", str(tmp_path / "state"), "check"])
    return capsys.readouterr().out


def test_keys_that_cannot_be_used(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    keys = '[console.keys]\n"app.hlep" = "x"\n"app.zoom" = "q"\n"app.freeze" = "f2"\n'
    said = found(tmp_path, keys, capsys)
    assert "console.keys: 'app.hlep' is no command; did you mean app.help?" in said
    assert "console.keys: app.zoom: q is the key of app.quit, too; give one of them another key" in said
    assert "freeze" not in said


def test_a_theme_that_there_is_not(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = found(tmp_path, 'theme = "nrod"\n', capsys)
    assert "console.theme: there is no theme 'nrod'; did you mean nord?" in said


@pytest.mark.parametrize("theme", ["nord", "terminal", "textual-light"])
def test_what_can_be_worn_is_no_finding(
    theme: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "console" not in found(tmp_path, f'theme = "{theme}"\n', capsys).replace("hookconsole", "")
