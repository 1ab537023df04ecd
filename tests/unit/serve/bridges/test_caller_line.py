"""Where the caller's audio stands in time, by hand."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest

from tests.support.sockets import on_sockets
from voicelab.clock import Timebase, timebase
from voicelab.legs.codec import ULAW, LegCodec
from voicelab.serve.bridges.caller_line import LONGEST_SILENCE_NS, CallerLine
from voicelab.units import NS_PER_MS

PCM = LegCodec("pcm", 16_000)
FRAME_NS = 20 * NS_PER_MS


def frame(codec: LegCodec) -> bytes:
    return codec.encode(np.full(codec.rate_hz // 50, 4_000, np.int16))


def on_a_line(late_ns: int, codec: LegCodec) -> tuple[bytes, bytes]:
    """Return what two frames become of which the first began so late."""

    async def main() -> tuple[bytes, bytes]:
        line = CallerLine(timebase())
        began_ns = line.settle(1_000)
        at_ns = began_ns + late_ns + FRAME_NS
        first = line.placed(at_ns, frame(codec), codec)
        return first, line.placed(at_ns + 10 * FRAME_NS, frame(codec), codec)

    return on_sockets(main)


@pytest.mark.parametrize("codec", [PCM, ULAW], ids=str)
@pytest.mark.parametrize("late_ms", [0, 1, 2_500])
def test_silence_comes_before_what_is_late_and_nothing_else(
    codec: LegCodec, late_ms: int
) -> None:
    first, second = on_a_line(late_ms * NS_PER_MS, codec)
    silence = codec.silence(late_ms * codec.rate_hz // 1000)
    assert first == silence + frame(codec)
    assert second == frame(codec)


def test_what_began_before_the_agent_did_is_not_shortened() -> None:
    assert on_a_line(-FRAME_NS // 2, PCM)[0] == frame(PCM)


def test_no_more_silence_is_sent_than_a_connection_takes() -> None:
    first, _ = on_a_line(100 * LONGEST_SILENCE_NS, ULAW)
    assert len(first) == 60 * 8_000 + len(frame(ULAW))


def test_the_first_sample_is_zero_if_nobody_waited() -> None:
    async def main() -> int | None:
        line = CallerLine(timebase())
        assert line.placed(7 * FRAME_NS, frame(PCM), PCM) == frame(PCM)
        await line.opened(60)
        assert line.settle(0) == line.origin_ns
        return line.origin_ns

    assert on_sockets(main) == 6 * FRAME_NS


def test_on_a_silent_line_zero_is_when_waiting_ended() -> None:
    async def main() -> None:
        time: Timebase = timebase()
        line = CallerLine(time)
        before_ns = time.now_ns()
        await line.opened(0.01)
        assert line.origin_ns is not None
        assert before_ns < line.origin_ns <= time.now_ns()
        await asyncio.sleep(0)

    on_sockets(main)
