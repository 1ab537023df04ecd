"""No effect depends on how the stream is cut into frames."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.recordings import noise, speech_like
from voicelab.audio.band import TelephoneBand
from voicelab.audio.delay_line import DelayLine
from voicelab.audio.fir import Fir
from voicelab.audio.levels import saturated
from voicelab.audio.packets import PacketSettings, PacketStage
from voicelab.audio.pcm import Samples
from voicelab.audio.room import room_response
from voicelab.audio.stage import Chain, Stage

COUNT = 4_000
CUTS = st.lists(st.integers(0, COUNT), max_size=12).map(sorted)
SPEECH = speech_like(duration_s=1.0)[4_000 : 4_000 + COUNT]


class Room:
    """A room's response as a stage; long enough for the FFT."""

    def __init__(self) -> None:
        self._fir = Fir(room_response("small", 8_000, "x"))

    def process(self, samples: Samples) -> Samples:
        return saturated(self._fir.process(samples))[0]


STAGES: dict[str, Callable[[], Stage]] = {
    "band": lambda: TelephoneBand(8_000),
    "room": Room,
    "delay": lambda: DelayLine(777),
    "silent gaps": lambda: PacketStage(PacketSettings(0.3), 8_000, "x"),
    "concealed": lambda: PacketStage(PacketSettings(0.3, 50.0, "repeat"), 8_000, "x"),
    "all": lambda: Chain(
        [
            TelephoneBand(8_000),
            PacketStage(PacketSettings(0.2, None, "repeat"), 8_000, "y"),
            DelayLine(3),
            Room(),
        ]
    ),
    "nothing": lambda: Chain([]),
}


@pytest.mark.parametrize("name", STAGES)
@given(cuts=CUTS)
def test_the_cut_changes_nothing_and_no_sample_is_lost(
    name: str, cuts: list[int]
) -> None:
    whole = STAGES[name]().process(SPEECH)
    stage = STAGES[name]()
    ends = [*cuts, COUNT]
    starts = [0, *cuts]
    pieces = [
        stage.process(SPEECH[start:end])
        for start, end in zip(starts, ends, strict=True)
    ]
    assert [len(piece) for piece in pieces] == [
        end - start for start, end in zip(starts, ends, strict=True)
    ]
    assert np.array_equal(np.concatenate(pieces), whole)
    assert whole.dtype == np.int16


@given(st.integers(0, 200), st.integers(1, 300))
def test_a_delay_line_gives_back_what_went_in(delay: int, frame: int) -> None:
    samples = noise(600)
    line = DelayLine(delay)
    out = np.concatenate(
        [line.process(samples[at : at + frame]) for at in range(0, 600, frame)]
    )
    assert out.tolist() == [*[0] * delay, *samples.tolist()][:600]


@given(st.integers(0, COUNT - 1))
def test_what_comes_later_changes_nothing_before_it(at: int) -> None:
    changed = SPEECH.copy()
    changed[at:] = noise(COUNT - at)
    for make in STAGES.values():
        assert np.array_equal(make().process(SPEECH)[:at], make().process(changed)[:at])
