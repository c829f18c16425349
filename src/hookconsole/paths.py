"""Where the config file and the state directory are: flag, else environment, else the platform's place."""

import os
from pathlib import Path
from typing import NamedTuple


class Home(NamedTuple):
    """One hookconsole: a config file and a state directory."""

    config: Path
    state: Path

    @property
    def journal(self) -> Path:
        """The folder of the journal's segments."""
        return self.state / "journal"


def home(config: str | os.PathLike[str] | None, state: str | os.PathLike[str] | None) -> Home:
    """The config file and state directory that the given flags (or None) mean."""
    config = config or os.environ.get("HOOKCONSOLE_CONFIG")
    state = state or os.environ.get("HOOKCONSOLE_STATE")
    if not config or not state:
        import platformdirs  # 8 ms that `emit --state DIR --config FILE` need not pay

        config = config or platformdirs.user_config_path("hookconsole") / "config.toml"
        state = state or platformdirs.user_state_path("hookconsole")
    return Home(Path(config), Path(state))
