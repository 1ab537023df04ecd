"""Bundled callers recognised by their sound: all of them, whole and in parts."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.support import turns as bundled
from tests.support.recordings import noise, tone
from voicelab.audio import AudioFormat, Samples
from voicelab.lab.recognition import ClipIndex, Placement, Recognition
from voicelab.lab.turns import CallerTurn
from voicelab.scenario import scenario_names

NAMES = scenario_names()
EXACT_MS = 0.1
Span = tuple[int, int]


def placed(found: Recognition) -> list[tuple[int, float]]:
    return [(one.clip, one.start_ms) for one in found.placements]


def at(clip: int, start_ms: float) -> tuple[int, Any]:
    return clip, pytest.approx(start_ms, abs=EXACT_MS)


@pytest.mark.parametrize("audio_format", AudioFormat)
@pytest.mark.parametrize("name", NAMES)
def test_each_turn_is_recognised_on_every_codec(
    name: str, audio_format: AudioFormat
) -> None:
    index = bundled.own_index(name)
    for turn in bundled.materials(name).turns:
        audio = bundled.commit(name, turn, audio_format)
        (found,) = index.find(audio, audio_format.rate_hz).placements
        assert found.clip == turn.index
        assert found.start_ms == pytest.approx(bundled.BEFORE_MS, abs=EXACT_MS)


@pytest.mark.parametrize("name", NAMES)
def test_each_turn_is_recognised_in_noise_at_10_db(name: str) -> None:
    for turn in bundled.materials(name).turns:
        clean = bundled.commit(name, turn, AudioFormat.PCM)
        audio = bundled.with_noise(clean, turn.clip, 10)
        found = bundled.own_index(name).find(audio, 24_000).placements
        assert [one.clip for one in found] == [turn.index]
        assert found[0].start_ms == pytest.approx(bundled.BEFORE_MS, abs=1)


@pytest.mark.parametrize("audio_format", AudioFormat)
@pytest.mark.parametrize("name", NAMES)
def test_no_turn_is_taken_for_one_of_another_conversation(
    name: str, audio_format: AudioFormat
) -> None:
    """Several conversations have the same synthetic voice, and words in common."""
    others = bundled.index_of_others(name)
    for turn in bundled.materials(name).turns:
        audio = bundled.commit(name, turn, audio_format)
        assert others.find(audio, audio_format.rate_hz) == Recognition((), known=False)


@pytest.mark.parametrize("name", NAMES)
def test_no_part_of_an_agent_is_taken_for_the_caller(name: str) -> None:
    index = bundled.own_index(name)
    for reply in bundled.materials(name).replies:
        assert reply.speech is not None
        assert not index.find(reply.speech.samples, reply.speech.rate_hz).placements


def halves(turn: CallerTurn) -> list[Span]:
    """Return a turn's audio cut in two where the pause is longest, no word alone."""
    ends = [word.end_ms for word in turn.words[1:-2]]
    starts = [word.start_ms for word in turn.words[2:-1]]
    gaps = [start - end for end, start in zip(ends, starts, strict=True)]
    onset_ms = bundled.BEFORE_MS + turn.onset_samples * 1000 / turn.rate_hz
    cut_ms = round(ends[int(np.argmax(gaps))] + onset_ms)
    return [(0, cut_ms), (cut_ms, 60_000)]


@pytest.mark.parametrize("audio_format", AudioFormat)
@pytest.mark.parametrize("name", NAMES)
def test_both_parts_of_a_turn_cut_in_two_tell_the_same_place(
    name: str, audio_format: AudioFormat
) -> None:
    index, rate_hz = bundled.own_index(name), audio_format.rate_hz
    told = 0
    for turn in bundled.materials(name).turns:
        if len(turn.words) < 4:
            continue
        audio = bundled.commit(name, turn, audio_format)
        for start_ms, end_ms in halves(turn):
            part = audio[start_ms * rate_hz // 1000 : end_ms * rate_hz // 1000]
            found = index.find(part, rate_hz).placements
            assert [one.clip for one in found] == [turn.index]
            whole_ms = found[0].start_ms + start_ms
            assert whole_ms == pytest.approx(bundled.BEFORE_MS, abs=1)
            told += 1
    assert told


@pytest.mark.parametrize("name", [name for name in NAMES if name != "card-game"])
def test_turns_that_were_merged_are_told_apart(name: str) -> None:
    first, second = bundled.materials(name).turns[:2]
    between = bundled.background(name, 400, AudioFormat.PCM)
    clips = [turn.at_rate(24_000).clip for turn in (first, second)]
    audio = np.concatenate([between, clips[0], between, clips[1], between])
    found = bundled.own_index(name).find(audio, 24_000)
    later_ms = 800 + len(clips[0]) / 24
    assert placed(found) == [at(0, 400), at(1, later_ms)]


def test_a_turn_that_the_next_one_cuts_short_is_told_as_well() -> None:
    first, second = (
        turn.at_rate(24_000) for turn in bundled.materials("dentist").turns[:2]
    )
    cut = 24 * 2_500
    audio = np.concatenate([first.clip[:cut], second.clip])
    assert placed(bundled.own_index("dentist").find(audio, 24_000)) == [
        at(0, 0),
        at(1, 2_500),
    ]


def test_a_turn_said_twice_is_found_twice() -> None:
    clip = bundled.materials("bank-card").turns[0].at_rate(24_000).clip
    pause = np.zeros(24_000, np.int16)
    found = bundled.own_index("bank-card").find(
        np.concatenate([clip, pause, clip]), 24_000
    )
    assert placed(found) == [at(0, 0), at(0, 1_000 + len(clip) / 24)]


@pytest.mark.parametrize("gain", [0.05, 3.0])
def test_loudness_does_not_matter(gain: float) -> None:
    turn = bundled.materials("recipe").turns[0]
    loud = np.clip(turn.clip * gain, -32768, 32767).astype(np.int16)
    assert placed(bundled.own_index("recipe").find(loud, turn.rate_hz)) == [at(0, 0)]


def test_what_is_expected_to_go_on_is_known_and_not_told_again() -> None:
    """A fragment that is too short to be looked up is still part of its turn."""
    turn = bundled.materials("dentist").turns[0]
    tail = turn.clip[-16 * 420 :]
    began_ms = -(len(turn.clip) - len(tail)) / 16
    expected = [Placement(turn.index, began_ms)]
    found = bundled.own_index("dentist").find(tail, turn.rate_hz, expected)
    assert found == Recognition((), known=True)


def test_what_was_expected_and_is_not_there_is_unknown() -> None:
    expected = [Placement(0, -500)]
    found = bundled.own_index("dentist").find(noise(16_000), 16_000, expected)
    assert found == Recognition((), known=False)


@pytest.mark.parametrize(
    "audio",
    [
        noise(48_000),
        tone(300, 16_000, 3),
        np.tile(tone(150, 16_000, 0.05), 20),
        np.full(16_000, 32_767, np.int16),
        noise(700),
    ],
    ids=["noise", "tone", "buzz", "rail", "blip"],
)
def test_other_sounds_are_unknown(audio: Samples) -> None:
    for name in NAMES:
        assert not bundled.own_index(name).find(audio, 16_000).placements


@pytest.mark.parametrize("count", [0, 1, 3, 49, 50, 16_000])
def test_silence_is_known_to_be_nothing(count: int) -> None:
    silence = np.zeros(count, np.int16)
    found = bundled.own_index("dentist").find(silence, 16_000)
    assert found == Recognition((), known=True)


def test_of_very_long_audio_the_end_is_searched() -> None:
    turn = bundled.materials("dentist").turns[1]
    before = np.zeros(90 * turn.rate_hz, np.int16)
    found = bundled.own_index("dentist").find(
        np.concatenate([before, turn.clip]), turn.rate_hz
    )
    assert placed(found) == [at(1, 90_000)]


def test_an_index_of_nothing_finds_nothing() -> None:
    assert not ClipIndex([]).find(noise(16_000), 16_000).placements
