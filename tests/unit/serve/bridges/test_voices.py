"""Audio between a leg and the session."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.recordings import noise, tone
from voicelab.audio.formats import AudioFormat
from voicelab.legs.codec import ALAW, ULAW, LegCodec
from voicelab.serve.bridges.voices import (
    AgentVoice,
    CallerVoice,
    Transcoder,
    session_format,
)

PCM_16 = LegCodec("pcm", 16_000)
PCM_24 = LegCodec("pcm", 24_000)


def test_g711_needs_no_other_format_and_all_else_becomes_pcm() -> None:
    assert session_format(ULAW) is AudioFormat.PCMU
    assert session_format(ALAW) is AudioFormat.PCMA
    assert session_format(PCM_24) is AudioFormat.PCM
    assert session_format(LegCodec("pcm", 8_000)) is AudioFormat.PCM


@pytest.mark.parametrize("codec", [ULAW, ALAW, PCM_24])
def test_what_needs_nothing_done_is_not_touched(codec: LegCodec) -> None:
    data = bytes(range(256)) * 2
    assert AgentVoice(session_format(codec), codec).convert(data) == data


def test_coding_and_rate_change_together() -> None:
    pcm = tone(440, 24_000, 0.5)
    ulaw = AgentVoice(AudioFormat.PCM, ULAW).convert(PCM_24.encode(pcm))
    assert len(ulaw) == len(pcm) // 3
    back = ULAW.decode(ulaw).astype(float)[200:]
    assert back.std() == pytest.approx(pcm.std(), rel=0.02)


@given(st.lists(st.binary(max_size=999).map(lambda b: b * 2), max_size=8))
def test_frames_are_whole_and_hold_all_that_came(pieces: list[bytes]) -> None:
    voice = CallerVoice(PCM_24, AudioFormat.PCM)
    frames = [frame for piece in pieces for frame in voice.frames(piece)]
    assert {len(frame) for frame in frames} <= {960}
    everything = b"".join(pieces)
    assert b"".join(frames) == everything[: len(everything) // 960 * 960]


def test_frames_of_g711_are_twenty_milliseconds_too() -> None:
    assert [len(f) for f in CallerVoice(ULAW, AudioFormat.PCMU).frames(bytes(400))] == [
        160,
        160,
    ]


def test_half_a_sample_is_refused() -> None:
    with pytest.raises(ValueError, match="odd number"):
        list(CallerVoice(PCM_16, AudioFormat.PCM).frames(b"\0\0\0"))


def test_a_reset_forgets_what_is_inside() -> None:
    loud, silent = PCM_24.encode(noise(480)), bytes(960)
    kept = Transcoder(PCM_24, PCM_16)
    kept.convert(loud)
    assert any(kept.convert(silent))
    kept.reset()
    assert not any(kept.convert(silent))


def test_a_reset_begins_to_count_anew() -> None:
    transcoder = Transcoder(PCM_24, ULAW)
    first = transcoder.convert(PCM_24.encode(noise(100)))
    transcoder.reset()
    assert transcoder.convert(PCM_24.encode(noise(100))) == first
    assert np.frombuffer(first, np.uint8).size == 34
