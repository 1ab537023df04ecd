"""What one types in a notebook, where it goes wrong."""

from __future__ import annotations

import gc
import tempfile
from pathlib import Path

import pytest

import voicelab as vl
from voicelab.errors import EndpointError, ScenarioError

EXPIRES = [{"kind": "expire", "after_s": 5}]


@pytest.fixture
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return where temporary folders go."""
    folder = tmp_path / "scratch"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def test_of_a_run_that_broke_off_nothing_stays_that_was_not_asked_for(
    scratch: Path,
) -> None:
    with pytest.raises(EndpointError, match=r"5\.0 s into the conversation") as caught:
        vl.run("card-game", faults=EXPIRES)
    gc.collect()  # a folder that is left to the collector warns of it
    assert list(scratch.iterdir()) == []
    assert str(scratch) not in str(caught.value)
    assert "give a folder to run into (`out`)" in str(caught.value)


def test_with_a_folder_the_record_is_kept_and_the_error_says_where(
    tmp_path: Path,
) -> None:
    with pytest.raises(EndpointError) as caught:
        vl.run("card-game", out=tmp_path, faults=EXPIRES)
    (folder,) = tmp_path.iterdir()
    assert f"is kept in {folder}, marked partial" in str(caught.value)
    assert vl.load_run(folder).partial


def test_what_is_wrong_leaves_no_folder(scratch: Path) -> None:
    with pytest.raises(ScenarioError):
        vl.run("card-game", faults=[{"kind": "nonsense"}])
    assert list(scratch.iterdir()) == []


def test_a_scenario_can_be_changed_while_it_is_read() -> None:
    plain, changed = vl.load_scenario("dentist"), vl.load_scenario("dentist", seed=99)
    assert (plain.seed, changed.seed) == (5, 99)
    assert changed.caller == plain.caller
    with pytest.raises(ScenarioError, match="sed"):
        vl.load_scenario("dentist", sed=3)


def test_a_comparison_ends_with_the_run_that_fails(scratch: Path) -> None:
    with pytest.raises(EndpointError, match="hung up"):
        vl.compare_policies(
            "card-game", players=["browser"], policies=["played"], faults=EXPIRES
        )
    gc.collect()
    assert list(scratch.iterdir()) == []
