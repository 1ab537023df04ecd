"""The bundled conversations are what their labels and README say they are."""

from __future__ import annotations

import functools
import itertools
import json
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import soundfile

from voicelab.scenario.label_model import Labels, LabelTurn
from voicelab.scenario.labels import load_labels

DATA = Path(__file__).parents[3] / "data"
CONVERSATIONS = DATA / "conversations"
NAMES = sorted(
    file.stem
    for file in CONVERSATIONS.glob("*.json")
    if file.with_suffix(".wav").exists() and ".reply-" not in file.name
)
RATE_HZ = 16_000
NOISE_FLOOR_DB = -60.0
MAX_BYTES = 60_000_000

Samples = npt.NDArray[np.float64]

every_conversation = pytest.mark.parametrize("name", NAMES)


@functools.cache
def _audio(name: str) -> Samples:
    samples, rate_hz = soundfile.read(CONVERSATIONS / f"{name}.wav")
    assert rate_hz == RATE_HZ
    audio: Samples = samples
    return audio


@functools.cache
def _labels(name: str) -> Labels:
    duration_ms = len(_audio(name)) / RATE_HZ * 1000
    return load_labels(CONVERSATIONS / f"{name}.json", duration_ms=duration_ms)


def _speakers(name: str) -> dict[str, dict[str, str]]:
    document = json.loads((CONVERSATIONS / f"{name}.json").read_text("utf-8"))
    speakers: dict[str, dict[str, str]] = document["speakers"]
    return speakers


def _channel(turn: LabelTurn) -> int:
    return {"caller": 0, "agent": 1}[turn.speaker]


def _slice(name: str, channel: int, start_ms: float, end_ms: float) -> Samples:
    start, end = (round(ms * RATE_HZ / 1000) for ms in (start_ms, end_ms))
    return _audio(name)[start:end, channel]


def _level_db(samples: Samples) -> float:
    return float(10 * np.log10(np.mean(samples**2) + 1e-12))


def _spoken(name: str, channel: int, margin_ms: float = 0.0) -> npt.NDArray[np.bool_]:
    """Flag the samples of a channel that lie inside one of its turns."""
    mask = np.zeros(len(_audio(name)), bool)
    margin = round(margin_ms * RATE_HZ / 1000)
    for turn in _labels(name).turns:
        if _channel(turn) == channel:
            start, end = (int(t * RATE_HZ / 1000) for t in (turn.start_ms, turn.end_ms))
            mask[max(0, start - margin) : end + margin] = True
    return mask


def test_there_are_enough_of_them() -> None:
    assert len(NAMES) >= 11


def test_everything_stays_small() -> None:
    files = [file for file in DATA.rglob("*") if file.is_file()]
    generated = CONVERSATIONS / "_generated"
    kept = [file for file in files if generated not in file.parents]
    assert sum(file.stat().st_size for file in kept) < MAX_BYTES


@every_conversation
def test_recording_has_the_promised_format(name: str) -> None:
    info = soundfile.info(CONVERSATIONS / f"{name}.wav")
    assert (info.format, info.subtype) == ("WAV", "PCM_16")
    assert (info.samplerate, info.channels) == (RATE_HZ, 2)
    assert 20 <= info.duration <= 120


@every_conversation
def test_recording_is_not_clipped_and_loud_enough(name: str) -> None:
    assert np.abs(_audio(name)).max() < 0.99
    for channel in (0, 1):
        speech = _audio(name)[_spoken(name, channel), channel]
        assert -30 < _level_db(speech) < -18


@every_conversation
def test_turns_start_and_end_with_their_words(name: str) -> None:
    for turn in _labels(name).turns:
        assert turn.start_ms == turn.words[0].start_ms
        assert turn.end_ms == turn.words[-1].end_ms
        assert turn.text.split() == [word.text for word in turn.words]


@every_conversation
def test_words_do_not_overlap_and_have_sound(name: str) -> None:
    for turn in _labels(name).turns:
        for before, after in itertools.pairwise(turn.words):
            assert before.end_ms <= after.start_ms
        for word in turn.words:
            sound = _slice(name, _channel(turn), word.start_ms, word.end_ms)
            assert _level_db(sound) > -52, (turn.text, word)


@every_conversation
def test_energy_lies_inside_the_words(name: str) -> None:
    if "noise" in _speakers(name)["caller"]:
        pytest.skip("its channel carries noise throughout")
    for turn in _labels(name).turns:
        around = _slice(name, _channel(turn), turn.start_ms - 60, turn.end_ms + 60)
        inside = [
            _slice(name, _channel(turn), word.start_ms, word.end_ms)
            for word in turn.words
        ]
        share = sum(np.sum(word**2) for word in inside) / np.sum(around**2)
        assert share >= 0.9, turn.text


@every_conversation
@pytest.mark.parametrize("channel", [0, 1])
def test_a_channel_is_silent_outside_its_turns(name: str, channel: int) -> None:
    if channel == 0 and "noise" in _speakers(name)["caller"]:
        pytest.skip("its channel carries noise throughout")
    rest = _audio(name)[~_spoken(name, channel, margin_ms=65), channel]
    assert _level_db(rest) < NOISE_FLOOR_DB
    assert np.abs(rest).max() < 0.01


@every_conversation
def test_the_callers_channel_is_never_digital_silence(name: str) -> None:
    caller = _audio(name)[:, 0]
    seconds = caller[: len(caller) // RATE_HZ * RATE_HZ].reshape(-1, RATE_HZ)
    assert (np.abs(seconds).max(axis=1) > 0).all()


@every_conversation
def test_pauses_are_silent_and_between_words(name: str) -> None:
    noisy = "noise" in _speakers(name)["caller"]
    for turn in _labels(name).turns:
        for pause in turn.pauses:
            assert 400 <= pause.end_ms - pause.start_ms <= 2100
            assert pause.start_ms in [word.end_ms for word in turn.words]
            assert pause.end_ms in [word.start_ms for word in turn.words]
            sound = _slice(name, _channel(turn), pause.start_ms, pause.end_ms)
            assert noisy or _level_db(sound) < -50


@every_conversation
def test_the_parties_differ_in_sex(name: str) -> None:
    speakers = _speakers(name)
    assert {speakers["caller"]["sex"], speakers["agent"]["sex"]} == {"female", "male"}


@every_conversation
def test_barge_ins_stop_the_agent_soon(name: str) -> None:
    turns = _labels(name).turns
    cut_short = [turn for turn in turns if turn.reply is not None]
    barge_ins = [turn for turn in turns if "barge_in" in turn.tags]
    assert len(cut_short) == len(barge_ins)
    for agent, caller in zip(cut_short, barge_ins, strict=True):
        assert caller.speaker == "caller"
        assert agent.start_ms < caller.start_ms < agent.end_ms
        assert 250 <= agent.end_ms - caller.start_ms <= 700


@every_conversation
def test_uncut_replies_begin_with_what_was_heard(name: str) -> None:
    for turn in _labels(name).turns:
        if turn.reply is None:
            continue
        uncut, rate_hz = soundfile.read(turn.reply.audio)
        words = turn.reply.words
        assert (rate_hz, uncut.ndim) == (RATE_HZ, 1)
        assert words[0].start_ms == 0
        assert words[-1].end_ms == pytest.approx(len(uncut) / RATE_HZ * 1000)
        assert turn.reply.text.startswith(turn.text)
        assert len(words) > len(turn.words)
        heard = _slice(name, 1, turn.start_ms + 10, turn.end_ms - 40)
        same = uncut[160 : 160 + len(heard)]
        assert np.abs(heard - same).max() < 2 / 32768


@every_conversation
def test_turns_meet_within_a_natural_time(name: str) -> None:
    turns = [turn for turn in _labels(name).turns if turn.kind == "turn"]
    for before, after in itertools.pairwise(turns):
        if "barge_in" not in after.tags:
            assert -300 <= after.start_ms - before.end_ms <= 1300


def test_each_phenomenon_is_shown_and_named() -> None:
    wanted = {
        "backchannel",
        "barge_in",
        "cut_short",
        "digits",
        "filler",
        "long_answer",
        "noise",
        "overlap",
        "quick_fire",
        "short_answer",
        "slow_speaker",
        "thinking_pause",
    }
    shown = {t for name in NAMES for turn in _labels(name).turns for t in turn.tags}
    assert wanted <= shown


def test_thinking_pauses_span_the_promised_range() -> None:
    lengths_ms = [
        pause.end_ms - pause.start_ms
        for name in NAMES
        for turn in _labels(name).turns
        for pause in turn.pauses
    ]
    assert min(lengths_ms) < 750
    assert max(lengths_ms) > 1800


def test_a_long_answer_is_stopped_late() -> None:
    lengths_ms = [
        turn.end_ms - turn.start_ms
        for name in NAMES
        for turn in _labels(name).turns
        if {"cut_short", "long_answer"} <= set(turn.tags)
    ]
    assert max(lengths_ms) >= 25_000


def test_the_slow_speaker_is_slow() -> None:
    paces_wpm = []
    for name in NAMES:
        slow = [t for t in _labels(name).turns if "slow_speaker" in t.tags]
        words = [word for turn in slow for word in turn.words]
        spoken_ms = sum(word.end_ms - word.start_ms for word in words)
        if words:
            paces_wpm.append(60_000 * len(words) / spoken_ms)
    assert paces_wpm
    assert max(paces_wpm) < 150


def test_the_noise_is_as_loud_as_it_says() -> None:
    noisy = [name for name in NAMES if "noise" in _speakers(name)["caller"]]
    assert noisy
    for name in noisy:
        noise = np.mean(_audio(name)[~_spoken(name, 0, margin_ms=65), 0] ** 2)
        words = [
            _slice(name, 0, word.start_ms, word.end_ms)
            for turn in _labels(name).turns
            if turn.speaker == "caller"
            for word in turn.words
        ]
        speech = np.mean(np.concatenate(words) ** 2) - noise
        stated_db = float(_speakers(name)["caller"]["snr_db"])
        assert 10 * np.log10(speech / noise) == pytest.approx(stated_db, abs=1.5)


def test_there_are_enough_voices_and_humans() -> None:
    parties = [party for name in NAMES for party in _speakers(name).values()]
    for sex in ("female", "male"):
        voices = {p["voice"] for p in parties if p["sex"] == sex}
        assert len(voices - {"human"}) >= 2
    callers = [_speakers(name)["caller"]["voice"] for name in NAMES]
    assert callers.count("human") >= 2


@every_conversation
def test_readme_lists_it(name: str) -> None:
    assert f"`{name}`" in (DATA / "README.md").read_text("utf-8")
