"""How long the wire takes; a frame of 20 ms of PCM16 at 24 kHz is 960 bytes."""

from __future__ import annotations

from base64 import b64encode

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from voicelab.protocol import codec
from voicelab.protocol.beta import BetaDialect
from voicelab.protocol.client_events import InputAudioBufferAppend
from voicelab.protocol.ids import IdSource
from voicelab.protocol.limits import MAX_APPEND_BYTES
from voicelab.protocol.server_events import ResponseOutputAudioDelta

pytestmark = pytest.mark.benchmark

FRAME = bytes(range(240)) * 4


def test_append_both_ways(benchmark: BenchmarkFixture) -> None:
    append = InputAudioBufferAppend(audio=FRAME)
    event = benchmark(lambda: codec.decode_client(codec.encode(append)))
    assert event == append


@pytest.mark.parametrize("milliseconds", [20, 200])
def test_audio_delta_both_ways(benchmark: BenchmarkFixture, milliseconds: int) -> None:
    delta = ResponseOutputAudioDelta(
        event_id="event_0123456789000001",
        response_id="resp_0123456789000001",
        item_id="item_0123456789000001",
        output_index=0,
        content_index=0,
        delta=FRAME * (milliseconds // 20),
    )
    event = benchmark(lambda: codec.decode_server(codec.encode(delta)))
    assert event == delta


def test_audio_delta_of_a_near_ga_server(benchmark: BenchmarkFixture) -> None:
    raw = (
        b'{"type":"response.output_audio.delta","response_id":"resp_01",'
        b'"item_id":"item_01","delta":"' + b64encode(FRAME * 10) + b'"}'
    )
    event = benchmark(codec.decode_server, raw)
    assert isinstance(event, ResponseOutputAudioDelta)
    assert event.delta == FRAME * 10


def test_append_of_the_greatest_size(benchmark: BenchmarkFixture) -> None:
    raw = codec.encode(InputAudioBufferAppend(audio=bytes(MAX_APPEND_BYTES)))
    event = benchmark(codec.decode_client, raw)
    assert isinstance(event, InputAudioBufferAppend)
    assert len(event.audio) == MAX_APPEND_BYTES


def test_audio_delta_to_beta(benchmark: BenchmarkFixture) -> None:
    delta = ResponseOutputAudioDelta(
        event_id="event_0123456789000001",
        response_id="resp_0123456789000001",
        item_id="item_0123456789000001",
        output_index=0,
        content_index=0,
        delta=FRAME * 10,
    )
    (told,) = benchmark(BetaDialect().ga_to_client, codec.encode(delta))
    assert told.startswith(b'{"type":"response.audio.delta"')


def test_identifier(benchmark: BenchmarkFixture) -> None:
    assert benchmark(IdSource(7).event).startswith("event_")
