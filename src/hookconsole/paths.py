"""Where the config file and the state directory are: flag, else environment, else the platform's place."""

import os
from typing import TYPE_CHECKING

from hookconsole.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path


class Home:
    """One hookconsole: a config file and a state directory."""

    __slots__ = ("config_name", "state_name")

    def __init__(self, config: "str | Path", state: "str | Path") -> None:
        self.config_name = os.fspath(config)
        self.state_name = os.fspath(state)

    @property
    def config(self) -> "Path":
        """The config file."""
        from pathlib import Path  # 4 ms that `emit` need not pay

        return Path(self.config_name)

    @property
    def state(self) -> "Path":
        """The state directory."""
        from pathlib import Path

        return Path(self.state_name)

    @property
    def journal(self) -> str:
        """The folder of the journal's segments."""
        return os.path.join(self.state_name, "journal")


def home(config: str | os.PathLike[str] | None, state: str | os.PathLike[str] | None) -> Home:
    """The config file and state directory that the given flags (or None) mean."""
    config = config or os.environ.get("HOOKCONSOLE_CONFIG")
    state = state or os.environ.get("HOOKCONSOLE_STATE")
    if not config or not state:
        import platformdirs  # 8 ms that `emit --state DIR --config FILE` need not pay

        try:
            config = config or platformdirs.user_config_path("hookconsole") / "config.toml"
            state = state or platformdirs.user_state_path("hookconsole")
        except RuntimeError:
            raise InputError(
                "this user has no home folder; name --config FILE and --state DIR,"
                " or set HOOKCONSOLE_CONFIG and HOOKCONSOLE_STATE"
            ) from None
    return Home(os.fspath(config), os.fspath(state))
