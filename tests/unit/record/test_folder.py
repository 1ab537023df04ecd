"""A run folder appears whole, or not at all."""

from __future__ import annotations

import errno
import json
import threading
import wave
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from voicelab.errors import InputError
from voicelab.record.folder import RunFolder, package_versions, run_id
from voicelab.record.tape import Tape
from voicelab.units import NS_PER_MS


@pytest.fixture
def tapes() -> Iterator[tuple[Tape, Tape]]:
    with Tape(24_000) as caller, Tape(24_000) as agent:
        caller.write(0, np.full(2400, 1, np.int16))
        agent.write(1200, np.full(600, 2, np.int16))
        yield caller, agent


def finish(folder: RunFolder, tapes: tuple[Tape, Tape], note: str = "") -> Path:
    caller, agent = tapes
    return folder.finish(
        {"run_id": "abc", "note": note},
        caller=caller,
        agent=agent,
        conversation_ns=100 * NS_PER_MS,
    )


def write(parent: Path, tapes: tuple[Tape, Tape], note: str = "") -> Path:
    with RunFolder(parent, "abc") as folder:
        folder.events.write(b"{}\n")
        return finish(folder, tapes, note)


def test_a_finished_folder_holds_three_files(
    tmp_path: Path, tapes: tuple[Tape, Tape]
) -> None:
    path = write(tmp_path / "runs", tapes)
    assert path == tmp_path / "runs" / "abc"
    names = {file.name for file in path.iterdir()}
    assert names == {"manifest.json", "events.jsonl", "audio.wav"}
    assert json.loads((path / "manifest.json").read_text())["run_id"] == "abc"
    assert [file.name for file in path.parent.iterdir()] == ["abc"]


def test_the_recording_is_caller_left_agent_right(
    tmp_path: Path, tapes: tuple[Tape, Tape]
) -> None:
    with wave.open(str(write(tmp_path, tapes) / "audio.wav")) as sound:
        assert sound.getparams()[:4] == (2, 2, 24_000, 2400)
        audio = np.frombuffer(sound.readframes(2400), "<i2").reshape(-1, 2)
    assert (audio[:, 0] == 1).all()
    assert np.flatnonzero(audio[:, 1]).tolist() == list(range(1200, 1800))


def test_until_it_is_finished_there_is_no_folder(
    tmp_path: Path, tapes: tuple[Tape, Tape]
) -> None:
    with RunFolder(tmp_path, "abc") as folder:
        assert not (tmp_path / "abc").exists()
        finish(folder, tapes)
        assert (tmp_path / "abc").exists()


def test_a_failure_leaves_nothing(tmp_path: Path) -> None:
    def fail_halfway() -> None:
        with RunFolder(tmp_path, "abc") as folder:
            folder.events.write(b"half a li")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_halfway()
    assert list(tmp_path.iterdir()) == []


def test_a_failure_keeps_the_earlier_run(
    tmp_path: Path, tapes: tuple[Tape, Tape]
) -> None:
    write(tmp_path, tapes, "first")
    with pytest.raises(RuntimeError), RunFolder(tmp_path, "abc"):
        raise RuntimeError
    (path,) = tmp_path.iterdir()
    assert "first" in (path / "manifest.json").read_text()


def test_a_full_disk_is_told_in_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="No space left"), RunFolder(tmp_path, "abc"):
        raise OSError(errno.ENOSPC, "No space left on device")
    assert list(tmp_path.iterdir()) == []


def test_an_earlier_run_of_the_same_id_is_replaced(
    tmp_path: Path, tapes: tuple[Tape, Tape]
) -> None:
    (write(tmp_path, tapes, "first") / "stray").touch()
    path = write(tmp_path, tapes, "second")
    assert "second" in (path / "manifest.json").read_text()
    assert not (path / "stray").exists()
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_of_that_name_is_told_in_one_sentence(
    tmp_path: Path, tapes: tuple[Tape, Tape]
) -> None:
    (tmp_path / "abc").write_text("in the way")
    with pytest.raises(InputError, match="runs cannot be written here"):
        write(tmp_path, tapes)
    assert (tmp_path / "abc").read_text() == "in the way"
    assert [file.name for file in tmp_path.iterdir()] == ["abc"]


def test_many_may_write_the_same_run_at_once(tmp_path: Path) -> None:
    """Whoever is last stays, and at the end there is one whole folder."""
    failures: list[BaseException] = []

    def write_some(note: str) -> None:
        try:
            for _ in range(20):
                with Tape(24_000) as caller, Tape(24_000) as agent:
                    write(tmp_path, (caller, agent), note)
        except BaseException as error:  # noqa: BLE001  # shown by the assertion below
            failures.append(error)

    threads = [threading.Thread(target=write_some, args=(str(n),)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    (path,) = tmp_path.iterdir()
    assert len(list(path.iterdir())) == 3


def test_the_id_is_the_same_for_the_same_whatever_the_order_of_keys() -> None:
    one = run_id({"a": 1, "b": {"c": 2, "d": 3}}, {"x": "1", "y": "2"})
    other = run_id({"b": {"d": 3, "c": 2}, "a": 1}, {"y": "2", "x": "1"})
    assert one == other
    assert len(one) == 12
    assert one == "13d601960807"


@pytest.mark.parametrize(
    ("scenario", "inputs"),
    [
        ({"a": 2, "b": 2}, {"x": "1"}),
        ({"a": 1, "b": 2, "c": None}, {"x": "1"}),
        ({"a": 1, "b": 2}, {"x": "2"}),
        ({"a": 1, "b": 2}, {"y": "1"}),
        ({"a": 1, "b": 2}, {}),
    ],
)
def test_the_id_tells_any_change(
    scenario: dict[str, int], inputs: dict[str, str]
) -> None:
    assert run_id(scenario, inputs) != run_id({"a": 1, "b": 2}, {"x": "1"})


def test_the_versions_of_what_shapes_a_result_are_known() -> None:
    versions = package_versions()
    assert {"python", "voicelab-realtime", "numpy", "soxr"} <= set(versions)
    assert "not installed" not in versions.values()
