"""Client libraries that have environments of their own; run by hand, `-m clients`."""

from __future__ import annotations

import pytest

from tests.clients.__main__ import main
from tests.clients.catalogue import CLIENTS


@pytest.mark.clients
@pytest.mark.parametrize("name", [client.name for client in CLIENTS])
def test_every_scenario_passes(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    code = main([name])
    assert code == 0, capsys.readouterr().out
