"""Whole recordings, labelled: against the true labels, and where little is known."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile

import voicelab as vl
from tests.support.listening import ToldRecogniser
from tests.support.recordings import ROOT, shared_audio, speech_like
from voicelab.audio import Samples
from voicelab.errors import (
    AudioError,
    InputError,
    LabelError,
    MissingPartError,
    ScenarioError,
)
from voicelab.labelling import label
from voicelab.scenario import LabelTurn, load_labels
from voicelab.speech import model_files
from voicelab.speech.stt import Transcript, pooled, word_errors

CONVERSATIONS = ROOT / "data" / "conversations"
QUIET = (
    "bank-card",
    "book-club",
    "card-game",
    "delivery-address",
    "dentist",
    "dictation",
    "flight-change",
    "phone-plan",
    "pizza-order",
    "recipe",
    "wifi-help",
)
"""Conversations without noise. In `directions` an agent goes on without a pause behind
a caller's token; nobody could tell from the sound that a new turn begins."""

TOLERANCE_MS = 200.0
TYPICAL_MS = 100.0

WriteWav = Callable[..., Path]


@pytest.fixture
def write_wav(tmp_path: Path) -> WriteWav:
    """Return what writes channels as a WAV file at 16 kHz."""

    def write(*channels: Samples, name: str = "call.wav") -> Path:
        file = tmp_path / name
        soundfile.write(file, np.stack(channels, axis=1), 16_000)
        return file

    return write


def true_labels(name: str) -> tuple[Path, tuple[LabelTurn, ...]]:
    file = CONVERSATIONS / f"{name}.wav"
    return file, load_labels(file.with_suffix(".json")).turns


@pytest.mark.parametrize("name", QUIET)
def test_turns_are_those_of_the_true_labels(name: str) -> None:
    file, true = true_labels(name)
    found = label(file, recogniser="none").labels.turns
    assert [(turn.speaker, turn.kind) for turn in found] == [
        (turn.speaker, turn.kind) for turn in true
    ]
    for got, turn in zip(found, true, strict=True):
        assert abs(got.start_ms - turn.start_ms) <= TOLERANCE_MS
        assert abs(got.end_ms - turn.end_ms) <= TOLERANCE_MS
    starts_ms = [turn.start_ms for turn in found]
    errors_ms = np.subtract(starts_ms, [turn.start_ms for turn in true])
    assert np.median(np.abs(errors_ms)) <= TYPICAL_MS


def test_a_label_file_comes_back_and_runs(tmp_path: Path) -> None:
    file, _ = true_labels("card-game")
    made = vl.label(file, recogniser="none")
    saved = made.save(tmp_path / "card-game.json")
    assert load_labels(saved, duration_ms=made.duration_ms).turns == made.labels.turns
    run = vl.run("card-game", caller={"audio": str(file), "labels": str(saved)})
    callers = [turn for turn in made.labels.turns if turn.speaker == "caller"]
    assert len(run.facts.caller_turns) == len(callers)


def test_words_are_those_that_were_said() -> None:
    pytest.importorskip("faster_whisper", reason="the extra `speech` is not installed")
    file, true = true_labels("phone-plan")
    made = label(file)
    errors = [
        word_errors(
            " ".join(turn.text for turn in true if turn.speaker == party),
            " ".join(turn.text for turn in made.labels.turns if turn.speaker == party),
        )
        for party in ("caller", "agent")
    ]
    assert pooled(errors).rate <= 0.15
    for turn in made.labels.turns:
        assert " ".join(word.text for word in turn.words) == turn.text
    assert (made.recogniser, made.vad) == ("whisper", "silero")


def test_a_table_has_a_row_a_turn() -> None:
    made = label(true_labels("card-game")[0], recogniser="none")
    assert list(made.turns.columns) == [
        "speaker",
        "kind",
        "start_ms",
        "end_ms",
        "spoken_words",
        "text",
    ]
    assert len(made.turns) == 7
    assert made.summary == "28.2 s, 7 turns (agent 4, caller 3)"


def test_of_one_channel_nobody_knows_who_speaks(write_wav: WriteWav) -> None:
    file = write_wav(speech_like(6.0))
    made = label(file, recogniser="none")
    assert {turn.speaker for turn in made.labels.turns} == {"unknown"}
    assert made.labels.speakers.caller is None
    (note,) = made.notes
    assert note == (
        "one channel does not tell who speaks: the speaker of each turn is unknown; if "
        "only one party is on it, say so with --speaker caller=0"
    )


def test_unless_it_is_told(write_wav: WriteWav) -> None:
    file = write_wav(speech_like(6.0))
    made = label(file, recogniser="none", speakers={"caller": 0})
    assert {turn.speaker for turn in made.labels.turns} == {"caller"}
    assert made.labels.speakers.caller is not None
    assert made.notes == ()


def test_a_run_does_not_take_unknown_turns_for_the_caller(write_wav: WriteWav) -> None:
    file = write_wav(speech_like(6.0))
    saved = label(file, recogniser="none").save()
    assert saved == file.with_suffix(".json")
    with pytest.raises(LabelError) as caught:
        vl.run(
            "card-game",
            caller={"audio": str(file), "labels": str(saved), "channel": 0},
        )
    assert str(caught.value) == (
        f"{saved}: turns: nobody has said who speaks in 2 of 2 turns; write caller or "
        "agent in place of unknown, or take a recording with a channel for each party"
    )


def test_the_channels_can_be_the_other_way_round(write_wav: WriteWav) -> None:
    early, late = speech_like(6.0), np.roll(speech_like(6.0), 16_000)
    made = label(write_wav(early, late), recogniser="none", speakers={"caller": 1})
    first = made.labels.turns[0]
    assert first.speaker == "agent"
    assert made.labels.speakers.agent is not None
    assert made.labels.speakers.agent.channel == 0


@pytest.mark.parametrize(
    ("second", "says"),
    [
        (speech_like(6.0), "for 100% of the time in which one speaks, the other does"),
        (np.zeros(96_000, np.int16), "nobody speaks on channel 1, the agent's"),
    ],
    ids=["the same on both", "silence"],
)
def test_a_suspicious_channel_is_said(
    write_wav: WriteWav, second: Samples, says: str
) -> None:
    made = label(write_wav(speech_like(6.0), second), recogniser="none")
    assert any(note.startswith(says) for note in made.notes)


def test_without_the_extra_there_are_turns_and_a_sentence(
    write_wav: WriteWav, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(model_files, "find_spec", lambda _: None)
    file = write_wav(speech_like(6.0))
    made = label(file, speakers={"caller": 0})
    assert len(made.labels.turns) == 2
    (note,) = made.notes
    assert note == (
        "there are no words: the recogniser whisper needs the package faster_whisper, "
        "which is not installed; pip install 'voicelab-realtime[speech]'"
    )
    with pytest.raises(MissingPartError, match="faster_whisper"):
        label(file, recogniser="whisper")


def test_turns_without_words_are_said(
    write_wav: WriteWav, monkeypatch: pytest.MonkeyPatch
) -> None:
    deaf = ToldRecogniser(lambda _: Transcript(""), has_word_times=True)
    monkeypatch.setattr("voicelab.labelling.recording.make_recogniser", lambda _: deaf)
    told: list[tuple[int, int]] = []
    made = label(
        write_wav(speech_like(6.0)),
        speakers={"caller": 0},
        progress=lambda done, total: told.append((done, total)),
    )
    assert made.notes == ("no word was recognised in 2 turns: it may be noise",)
    assert told == [(0, 2), (2, 2)]


def test_where_nobody_speaks_there_is_nothing_to_label(write_wav: WriteWav) -> None:
    with pytest.raises(AudioError, match="holds no speech that the silero VAD hears"):
        label(write_wav(np.zeros(32_000, np.int16)))


@pytest.mark.parametrize(
    ("settings", "error"),
    [
        ({"vad": "silver"}, ScenarioError),
        ({"recogniser": "whisker"}, ScenarioError),
        ({"speakers": {"robot": 0}}, LabelError),
        ({"speakers": {"caller": 1}}, LabelError),
    ],
)
def test_wrong_settings_are_said(
    write_wav: WriteWav, settings: dict[str, object], error: type[InputError]
) -> None:
    with pytest.raises(error):
        label(write_wav(speech_like(1.0)), **settings)  # type: ignore[arg-type]


def test_a_real_call_on_one_channel() -> None:
    made = label(
        shared_audio("calls/google_phone_order_mono_8k.wav"), recogniser="none"
    )
    assert len(made.labels.turns) >= 10
    assert {turn.speaker for turn in made.labels.turns} == {"unknown"}


@pytest.mark.parametrize("name", ["awful", "bad", "evil", "null"])
def test_a_malformed_file_is_one_sentence(name: str) -> None:
    with pytest.raises(AudioError):
        label(shared_audio(f"malformed/{name}.wav"))
