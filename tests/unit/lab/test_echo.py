"""Echo, sample by sample, against a direct convolution of what was heard."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pytest
import soxr

from tests.support.recordings import noise, tone
from voicelab.audio.fir import TAP_STEPS
from voicelab.audio.pcm import Samples
from voicelab.audio.room import RoomName, room_response
from voicelab.lab.echo import EchoPath
from voicelab.playback.playback import PlaybackStart
from voicelab.record.ear import Ear
from voicelab.record.tape import Tape
from voicelab.scenario.model import Echo

MS_FRAME = 20


@dataclass
class Bench:
    """A microphone that picks up nothing but the echo of a given sound."""

    tape: Tape
    rate_hz: int

    def picked_up(
        self, heard: Samples, settings: Echo, frame_ms: int = MS_FRAME
    ) -> npt.NDArray[np.float64]:
        ear = Ear(self.tape, is_followed=True)
        ear.receive("item", heard)
        ear.hear(PlaybackStart(0, "ear", "item", 0))
        path = EchoPath(
            settings,
            ear,
            ear_rate_hz=self.tape.rate_hz,
            rate_hz=self.rate_hz,
            seed="s",
        )
        count = frame_ms * self.rate_hz // 1000
        total = len(heard) * self.rate_hz // self.tape.rate_hz
        frames = [path.take(end) for end in range(count, total + 1, count)]
        assert {len(frame) for frame in frames} == {count}
        return np.concatenate(frames)


@pytest.fixture(params=[24_000, 8_000])
def bench(request: pytest.FixtureRequest) -> Iterator[Bench]:
    with Tape(request.param) as tape:
        yield Bench(tape, request.param)


@pytest.mark.parametrize("room", ["none", "small"])
@pytest.mark.parametrize("delay_ms", [0, 7, 20, 120])
def test_the_echo_is_what_was_heard_late_soft_and_in_a_room(
    bench: Bench, room: RoomName, delay_ms: float
) -> None:
    heard = noise(bench.rate_hz, peak=30_000)
    settings = Echo(delay_ms=delay_ms, gain_db=-6, room=room)
    echo = bench.picked_up(heard, settings)
    taps = np.rint(room_response(room, bench.rate_hz, "s") * TAP_STEPS) / TAP_STEPS
    direct = np.convolve(heard.astype(np.float64), taps) * 10 ** (-6 / 20)
    late = max(int(delay_ms * bench.rate_hz / 1000), 1)
    expected = np.concatenate([np.zeros(late), direct])[: len(echo)]
    np.testing.assert_allclose(echo, expected, rtol=0, atol=1e-6)


@pytest.mark.parametrize("frame_ms", [10, 50, 100])
def test_the_length_of_frames_changes_nothing(bench: Bench, frame_ms: int) -> None:
    heard = noise(bench.rate_hz)
    settings = Echo(delay_ms=33, gain_db=-20, room="small")
    with Tape(bench.rate_hz) as tape:
        other = Bench(tape, bench.rate_hz).picked_up(heard, settings, frame_ms)
    assert (other == bench.picked_up(heard, settings)).all()


@pytest.mark.parametrize(("ear_hz", "mic_hz"), [(24_000, 8_000), (8_000, 24_000)])
@pytest.mark.parametrize("delay_ms", [0, 50])
def test_at_another_rate_it_is_the_same_sound_at_the_same_time(
    ear_hz: int, mic_hz: int, delay_ms: float
) -> None:
    heard = (tone(440, ear_hz, 2.0) + tone(1300, ear_hz, 2.0) // 3).astype(np.int16)
    with Tape(ear_hz) as tape:
        settings = Echo(delay_ms=delay_ms, gain_db=0)
        echo = Bench(tape, mic_hz).picked_up(heard, settings)
    resampled = soxr.resample(heard.astype(np.float64), ear_hz, mic_hz, quality="VHQ")
    late = max(round(delay_ms * mic_hz / 1000), 13 * mic_hz // 8_000 + mic_hz // 8_000)
    expected = np.concatenate([np.zeros(late), resampled])[: len(echo)]
    within = slice(late + mic_hz // 50, len(echo) - mic_hz // 50)
    error = np.abs(echo[within] - expected[within]).max()
    assert error < 0.005 * np.abs(expected).max()


def test_there_is_no_echo_of_what_has_not_been_heard(bench: Bench) -> None:
    """In the frame in which a sound begins, its echo comes a sample after it."""
    heard = np.zeros(bench.rate_hz, np.int16)
    first = bench.rate_hz // 100
    heard[first] = 1000
    echo = bench.picked_up(heard, Echo(delay_ms=0, gain_db=0))
    assert np.flatnonzero(echo).tolist() == [first + 1]
