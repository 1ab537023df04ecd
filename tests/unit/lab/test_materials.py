"""What a scenario needs from disk, and every way in which it can be wrong."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from tests.support.recordings import noise, tone
from voicelab.audio.formats import AudioFormat
from voicelab.errors import AudioError, InputError, LabelError, ScenarioError
from voicelab.lab.experiment import run_scenario
from voicelab.lab.materials import gather
from voicelab.scenario import load_scenario, scenario_from
from voicelab.scenario.model import Scenario

RATE_HZ = 16_000
SECONDS = 8


def turn(speaker: str, start_ms: float, end_ms: float, **more: Any) -> dict[str, Any]:
    return {"speaker": speaker, "start_ms": start_ms, "end_ms": end_ms, **more}


TURNS = [
    turn("agent", 200, 1000),
    turn("caller", 1500, 2500),
    turn("agent", 1800, 2000, kind="backchannel"),
    turn("agent", 3000, 5000),
    turn("caller", 4000, 4200, kind="backchannel"),
    turn("caller", 5500, 6000),
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a stereo call, its labels, and a reply."""
    call = np.stack(
        [noise(SECONDS * RATE_HZ), noise(SECONDS * RATE_HZ, seed=1)], axis=1
    )
    soundfile.write(tmp_path / "call.wav", call, RATE_HZ, subtype="PCM_16")
    write_labels(tmp_path, TURNS)
    soundfile.write(tmp_path / "reply.wav", tone(300, 24_000, 1.0), 24_000)
    return tmp_path


def write_labels(folder: Path, turns: list[dict[str, Any]], **more: Any) -> None:
    document = {"voicelab_labels": 1, "turns": turns, **more}
    (folder / "call.json").write_text(json.dumps(document), "utf-8")


def scenario(folder: Path, **changes: Any) -> Scenario:
    """Return a scenario of the folder's files; changes replace whole sections."""
    mapping: dict[str, Any] = {
        "voicelab": 1,
        "name": "made",
        "caller": {"audio": "call.wav", "channel": 0, "labels": "call.json"},
        "agent": {"responder": "recorded", "profile": "instant", "vad": "energy"},
    }
    return scenario_from(mapping | changes, folder)


def scripted(**reply: Any) -> dict[str, Any]:
    return {
        "responder": "scripted",
        "profile": "instant",
        "vad": "energy",
        "replies": [{"text": "Yes.", "audio": "reply.wav", **reply}],
    }


# -- what is gathered -------------------------------------------------------------


def test_a_recorded_agent_says_its_turns_but_no_backchannels(folder: Path) -> None:
    materials = gather(scenario(folder))
    lengths = [len(r.speech.samples) for r in materials.replies if r.speech is not None]
    assert lengths == [800 * 16, 2000 * 16]
    assert materials.agent_opens
    # a backchannel that is taken for a turn gets what was being said
    assert materials.reply_after == (1, 1, None)


def test_the_agent_is_heard_on_the_other_channel(folder: Path) -> None:
    materials = gather(scenario(folder))
    recorded = soundfile.read(folder / "call.wav", dtype="int16")[0][:, 1]
    speech = materials.replies[0].speech
    assert speech is not None
    assert (speech.samples == recorded[200 * 16 : 1000 * 16]).all()


def test_labels_may_say_which_channel_is_the_agent_s(folder: Path) -> None:
    write_labels(folder, TURNS, speakers={"agent": {"channel": 0}})
    materials = gather(scenario(folder))
    recorded = soundfile.read(folder / "call.wav", dtype="int16")[0][:, 0]
    speech = materials.replies[0].speech
    assert speech is not None
    assert (speech.samples == recorded[200 * 16 : 1000 * 16]).all()


def test_an_interrupted_agent_meant_to_say_the_whole_reply(folder: Path) -> None:
    whole = {"audio": "reply.wav", "text": "All of it."}
    write_labels(folder, [turn("agent", 0, 500, reply=whole), turn("caller", 400, 900)])
    (reply,) = gather(scenario(folder)).replies
    assert reply.text == "All of it."
    assert reply.speech is not None
    assert len(reply.speech.samples) == 24_000


def test_words_of_a_recorded_turn_count_from_its_start(folder: Path) -> None:
    words = [{"text": "Hi.", "start_ms": 250, "end_ms": 400}]
    write_labels(folder, [turn("agent", 200, 1000, words=words), TURNS[1]])
    (reply,) = gather(scenario(folder)).replies
    assert reply.speech is not None
    (word,) = reply.speech.spoken_words(16_000)
    assert (word.start_samples, word.end_samples) == (50 * 16, 200 * 16)


def test_between_turns_a_caller_s_own_channel_is_heard(folder: Path) -> None:
    """Where the caller is silent, also while the agent speaks on another channel."""
    room = np.full((SECONDS * RATE_HZ, 2), 100, np.int16)
    room[: 600 * 16, 0] = room[7400 * 16 :, 0] = 9000
    soundfile.write(folder / "call.wav", room, RATE_HZ, subtype="PCM_16")
    callers = turn("caller", 0, 500), turn("caller", 7500, 8000)
    write_labels(folder, [callers[0], turn("agent", 1000, 7000), callers[1]])
    background = gather(scenario(folder)).background
    heard = background.take(24_000, 5 * 24_000)  # past the filter's edge
    assert np.abs(heard - 100).max() <= 2


def test_on_a_mono_recording_the_agent_is_no_background(folder: Path) -> None:
    """Where both are on one channel, silence is where neither speaks."""
    both = np.zeros(SECONDS * RATE_HZ, np.int16)
    both[200 * 16 : 6000 * 16] = 9000  # all but the beginning and the end
    both[6000 * 16 :] = 5
    soundfile.write(folder / "call.wav", both, RATE_HZ, subtype="PCM_16")
    turns = [turn("agent", 200, 3000), turn("caller", 3000, 4000)]
    write_labels(folder, [*turns, turn("agent", 4000, 6000)])
    caller = {"audio": "call.wav", "labels": "call.json"}
    background = gather(scenario(folder, caller=caller)).background
    assert np.abs(background.take(0, 10_000)).max() < 20


def test_a_fixed_drive_has_the_whole_recording_at_the_wire_s_rate(folder: Path) -> None:
    caller = {"audio": "call.wav", "channel": 0, "drive": "fixed"}
    materials = gather(
        scenario(folder, caller={**caller, "labels": "call.json"}, agent=scripted())
    )
    assert materials.recording is not None
    assert len(materials.recording) == SECONDS * 24_000
    assert gather(scenario(folder)).recording is None


def test_every_input_is_hashed_even_those_of_one_name(folder: Path) -> None:
    (folder / "other").mkdir()
    soundfile.write(folder / "other" / "reply.wav", tone(200, 24_000), 24_000)
    replies = [
        {"text": "One.", "audio": "reply.wav"},
        {"text": "Two.", "audio": "other/reply.wav"},
    ]
    agent = {**scripted(), "replies": replies}
    inputs = gather(scenario(folder, agent=agent)).inputs
    assert set(inputs) == {
        "call.wav",
        "call.json",
        "reply.wav",
        "reply.wav (2)",
        "instant.yaml",
    }
    assert len(set(inputs.values())) == 5


def _session(kind: str) -> dict[str, Any]:
    wire = {"type": kind}
    return {
        "type": "realtime",
        "audio": {"input": {"format": wire}, "output": {"format": wire}},
    }


@pytest.mark.parametrize(("codec", "rate_hz"), [("pcmu", 8_000), ("pcma", 8_000)])
def test_a_codec_fills_in_the_session_s_formats(
    folder: Path, codec: str, rate_hz: int
) -> None:
    materials = gather(scenario(folder, channel={"codec": codec}))
    assert materials.session["audio"]["input"]["format"] == {"type": f"audio/{codec}"}
    assert materials.uplink == materials.downlink == AudioFormat(f"audio/{codec}")
    assert materials.uplink.rate_hz == rate_hz


def test_the_session_may_name_the_codec_itself(folder: Path) -> None:
    materials = gather(scenario(folder, session=_session("audio/pcmu")))
    assert materials.uplink is materials.downlink is AudioFormat.PCMU


# -- what can be wrong ------------------------------------------------------------


def _wav(folder: Path, name: str, data: np.ndarray[Any, Any], **how: Any) -> None:
    rate_hz = how.pop("rate_hz", RATE_HZ)
    soundfile.write(folder / name, data, rate_hz, **how)


def missing(folder: Path, name: str) -> None:
    (folder / name).unlink()


def empty(folder: Path, name: str) -> None:
    (folder / name).write_bytes(b"")


def no_wav(folder: Path, name: str) -> None:
    (folder / name).write_bytes(b"This is a letter, not a recording.\n" * 100)


def truncated(folder: Path, name: str) -> None:
    data = (folder / name).read_bytes()
    (folder / name).write_bytes(data[: len(data) // 2])


def of_no_length(folder: Path, name: str) -> None:
    _wav(folder, name, np.zeros((0, 2), np.int16), subtype="PCM_16")


def not_a_number(folder: Path, name: str) -> None:
    samples = np.zeros((SECONDS * RATE_HZ, 2), np.float32)
    samples[100] = np.nan
    _wav(folder, name, samples, subtype="FLOAT")


def of_absurd_rate(folder: Path, name: str) -> None:
    _wav(folder, name, np.zeros((4_000, 2), np.int16), rate_hz=4_000)


def of_impossible_rate(folder: Path, name: str) -> None:
    data = bytearray((folder / name).read_bytes())
    data[24:28] = struct.pack("<I", 4_000_000_000)
    (folder / name).write_bytes(data)


def a_folder(folder: Path, name: str) -> None:
    (folder / name).unlink()
    (folder / name).mkdir()


BROKEN = [
    missing,
    empty,
    no_wav,
    truncated,
    of_no_length,
    not_a_number,
    of_absurd_rate,
    of_impossible_rate,
    a_folder,
]


def assert_refused(folder: Path, made: Any, error: type[InputError]) -> InputError:
    """Check that a run fails in one sentence and that nothing is left of it."""
    out = folder / "out"
    with pytest.raises(error) as caught:
        run_scenario(made() if callable(made) else made, out)
    sentence = str(caught.value)
    assert "\n" not in sentence
    assert sentence[-1] != "."
    assert not out.exists() or not any(out.iterdir())
    return caught.value


@pytest.mark.parametrize("name", ["call.wav", "reply.wav"])
@pytest.mark.parametrize("spoil", BROKEN)
def test_a_broken_recording_is_refused_by_name(
    folder: Path, name: str, spoil: Any
) -> None:
    """Wrong before the scenario is read, or only found out afterwards."""
    checked = scenario(folder, agent=scripted())
    spoil(folder, name)
    error = assert_refused(folder, checked, AudioError)
    assert name in str(error.file)
    if spoil in (missing, a_folder):
        with pytest.raises(ScenarioError, match=name):
            scenario(folder, agent=scripted())


@pytest.mark.parametrize("spoil", [missing, empty, no_wav, truncated])
def test_broken_labels_are_refused_by_name(folder: Path, spoil: Any) -> None:
    checked = scenario(folder)
    spoil(folder, "call.json")
    error = assert_refused(folder, checked, LabelError)
    assert "call.json" in str(error.file)


def test_a_label_outside_the_audio_is_refused_by_its_place(folder: Path) -> None:
    write_labels(folder, [*TURNS, turn("caller", 7000, 8100)])
    error = assert_refused(folder, scenario(folder), LabelError)
    assert error.path == "turns[6]"
    assert "ends at 8100 ms, but the audio at 8000 ms" in str(error)


def test_labels_without_a_caller_are_refused(folder: Path) -> None:
    write_labels(folder, [TURNS[0]])
    assert_refused(folder, scenario(folder), LabelError)


@pytest.mark.parametrize("channel", [2, 7])
def test_a_channel_out_of_range_is_refused(folder: Path, channel: int) -> None:
    caller = {"audio": "call.wav", "channel": channel, "labels": "call.json"}
    made = scenario(folder, caller=caller, agent=scripted())
    error = assert_refused(folder, made, AudioError)
    assert f"has no channel {channel}" in error.problem
    assert error.fix == "say channel: 0 or 1"


def test_a_stereo_recording_needs_a_channel(folder: Path) -> None:
    caller = {"audio": "call.wav", "labels": "call.json"}
    error = assert_refused(folder, scenario(folder, caller=caller), AudioError)
    assert error.fix == "say channel: 0 or 1"


@pytest.mark.parametrize("with_labels", [True, False])
def test_a_recorded_agent_needs_labels_of_its_turns(
    folder: Path, with_labels: bool
) -> None:
    caller = {"audio": "call.wav", "channel": 0}
    if with_labels:
        caller["labels"] = "call.json"
        write_labels(folder, [TURNS[1], TURNS[2]])  # a backchannel is no turn
    error = assert_refused(folder, scenario(folder, caller=caller), ScenarioError)
    assert error.path == "agent.responder"


def test_without_labels_there_must_be_speech(folder: Path) -> None:
    _wav(folder, "call.wav", np.zeros((3 * RATE_HZ, 2), np.int16))
    caller = {"audio": "call.wav", "channel": 0}
    agent = {**scripted(), "vad": "silero"}
    made = scenario(folder, caller=caller, agent=agent)
    error = assert_refused(folder, made, AudioError)
    assert "no speech that the silero VAD hears" in str(error)


def test_a_reply_without_audio_is_refused(folder: Path) -> None:
    agent = {**scripted(), "replies": [{"text": "Yes."}]}
    error = assert_refused(folder, lambda: scenario(folder, agent=agent), ScenarioError)
    assert error.path == "agent.replies[0]"


def test_a_word_outside_its_reply_is_refused(folder: Path) -> None:
    words = [{"text": "Yes.", "start_ms": 500, "end_ms": 1200}]
    agent = scripted(words=words)
    error = assert_refused(folder, scenario(folder, agent=agent), LabelError)
    assert "reply.wav" in str(error.file)
    assert "'Yes.' ends at 1200 ms, but the audio at 1000 ms" in str(error)


def test_a_word_outside_a_recorded_reply_is_refused(folder: Path) -> None:
    words = [{"text": "Yes.", "start_ms": 500, "end_ms": 1200}]
    whole = {"audio": "reply.wav", "text": "Yes.", "words": words}
    write_labels(folder, [turn("agent", 0, 500, reply=whole), turn("caller", 400, 900)])
    assert_refused(folder, scenario(folder), LabelError)


def test_a_recorded_reply_must_be_there_and_whole(folder: Path) -> None:
    whole = {"audio": "reply.wav", "text": "Yes."}
    write_labels(folder, [turn("agent", 0, 500, reply=whole), turn("caller", 400, 900)])
    truncated(folder, "reply.wav")
    assert_refused(folder, scenario(folder), AudioError)
    missing(folder, "reply.wav")
    assert_refused(folder, scenario(folder), LabelError)


@pytest.mark.parametrize("direction", ["input", "output"])
def test_session_and_codec_must_agree(folder: Path, direction: str) -> None:
    session = {
        "type": "realtime",
        "audio": {direction: {"format": {"type": "audio/pcm", "rate": 24_000}}},
    }
    made = scenario(folder, session=session, channel={"codec": "pcmu"})
    error = assert_refused(folder, made, ScenarioError)
    assert error.path == f"session.audio.{direction}.format"
    assert "the session says audio/pcm and the channel says pcmu" in str(error)


def test_a_profile_that_is_gone_is_refused(folder: Path) -> None:
    profile = folder / "fast.yaml"
    profile.write_text(
        "voicelab_profile: 1\nname: fast\nsource: a test\nmodelled: true\n"
        "time_to_first_audio_ms: {distribution: constant, value: 0}\n"
        "speed: {distribution: constant, value: 1}\nchunk_ms: [100]\n"
    )
    agent = {"responder": "recorded", "profile": "fast.yaml", "vad": "energy"}
    made = scenario(folder, agent=agent)
    gather(made)
    profile.unlink()
    assert_refused(folder, made, InputError)


def test_a_file_where_the_folder_of_runs_should_be_is_refused(folder: Path) -> None:
    (folder / "file").write_text("in the way")
    with pytest.raises(InputError, match="runs cannot be written here") as caught:
        run_scenario(scenario(folder), folder / "file")
    assert caught.value.fix == "give another folder"
    with pytest.raises(InputError, match="runs cannot be written here"):
        run_scenario(scenario(folder), folder / "file" / "below")


def test_a_scenario_file_names_itself_in_its_errors(folder: Path) -> None:
    file = folder / "made.yaml"
    file.write_text(
        "voicelab: 1\nname: made\ncaller: {audio: call.wav, channel: 0}\n"
        "agent: {responder: recorded, profile: instant}\n"
    )
    error = assert_refused(folder, lambda: load_scenario(file), ScenarioError)
    assert str(error).startswith(f"{file}: agent.responder: ")
