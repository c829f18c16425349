"""The operator's fifteen tasks in a real terminal of 160x50, each within the keys that it may cost."""

from pathlib import Path

import pytest
from fifteen_tasks import ACTS, Act, play
from running import Receiver


@pytest.mark.parametrize("act", ACTS, ids=lambda act: act.__name__)
def test_every_task_costs_no_more_than_its_keys(act: Act, tmp_path: Path, receiver: Receiver) -> None:
    play(act, tmp_path, receiver, (160, 50))
