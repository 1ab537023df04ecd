"""What the microphone sends, and what it says of the parts."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.support.recordings import noise, tone
from voicelab.audio.delay_line import DelayLine
from voicelab.audio.pcm import Samples
from voicelab.audio.stage import Chain
from voicelab.lab.microphone import Levels, Microphone
from voicelab.lab.mouth import Background, Mouth
from voicelab.lab.noise import NoiseLoop

RATE_HZ = 8_000
FRAME = 160


def mouth(clip: Samples) -> Mouth:
    speaking = Mouth(Background(clip[:0]))
    speaking.place(clip, 0)
    return speaking


def frames(microphone: Microphone, count: int) -> Samples:
    return np.concatenate(
        [microphone.frame(index * FRAME, FRAME) for index in range(count)]
    )


def test_alone_it_sends_what_the_mouth_gives() -> None:
    clip = noise(1000)
    sent = frames(Microphone(mouth(clip), Chain([])), 7)
    assert sent.tolist() == [*clip.tolist(), *[0] * 120]


def test_noise_goes_on_when_the_caller_is_silent() -> None:
    clip, around = noise(1000), noise(700, seed=1)
    microphone = Microphone(mouth(clip), Chain([]), noise=NoiseLoop(around, 0.25, 5))
    sent = frames(microphone, 10)
    spoken = np.concatenate([clip, np.zeros(600, np.int16)])
    expected = np.rint(spoken + 0.25 * np.tile(around, 4)[5:1605])
    assert (sent == expected).all()


def test_what_lies_before_the_wire_comes_after_the_sum() -> None:
    clip, around = noise(480), noise(480, seed=1)
    plain = Microphone(mouth(clip), Chain([]), noise=NoiseLoop(around, 1.0))
    staged = Microphone(
        mouth(clip), Chain([DelayLine(11)]), noise=NoiseLoop(around, 1.0)
    )
    assert (frames(staged, 3)[11:] == frames(plain, 3)[:-11]).all()


def test_levels_are_told_once_a_second_and_at_the_end() -> None:
    told: list[dict[str, Any]] = []
    clip = tone(500, RATE_HZ, 1.0, peak=1.0)
    steady = np.full(RATE_HZ, 328, np.int16)  # 1 % of full scale: -40 dBFS
    microphone = Microphone(
        mouth(clip),
        Chain([]),
        noise=NoiseLoop(steady, 1.0),
        levels=Levels(20, told.append),
    )
    frames(microphone, 70)
    assert [data["first_frame"] for data in told] == [0]
    microphone.close()
    microphone.close()
    assert [data["first_frame"] for data in told] == [0, 50]
    assert [len(data["speech_dbfs"]) for data in told] == [50, 20]
    first, last = told
    assert first["frame_ms"] == 20
    assert set(first["speech_dbfs"]) == {-3.0}
    assert set(last["speech_dbfs"]) == {None}
    assert set(first["noise_dbfs"] + last["noise_dbfs"]) == {-40.0}
    assert set(first["echo_dbfs"]) == {None}
    beyond = np.count_nonzero(clip.astype(int) + 328 > 32_767)
    assert first["saturated_samples"] == beyond > 0
    assert last["saturated_samples"] == 0


@pytest.mark.parametrize(("peak", "expected"), [(1, -90.3), (2, -84.3)])
def test_below_half_a_step_there_is_silence(peak: int, expected: float) -> None:
    told: list[dict[str, Any]] = []
    clip = np.tile(np.array([peak, -peak], np.int16), FRAME // 2)
    levels = Levels(20, told.append)
    levels.add(clip, np.zeros(FRAME), np.zeros(FRAME), 0)
    levels.tell()
    (level,) = told[0]["speech_dbfs"]
    assert level == (None if expected < -90 else expected)


def test_frames_of_any_length_fill_a_second() -> None:
    told: list[dict[str, Any]] = []
    levels = Levels(30, told.append)
    for _ in range(70):
        levels.add(noise(240), np.zeros(240), np.zeros(240), 0)
    assert [data["first_frame"] for data in told] == [0, 33]
