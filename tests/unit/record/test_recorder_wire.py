"""A server's wire that has other formats than the caller: a bridge lies between."""

from __future__ import annotations

from io import BytesIO

import numpy as np

from voicelab.audio.formats import AudioFormat
from voicelab.clock import VirtualLoop, timebase
from voicelab.protocol import server_events as ev
from voicelab.protocol.client_events import InputAudioBufferAppend
from voicelab.record.log_reader import Log, read_log
from voicelab.record.recorder import Recorder

PCM, PCMU = AudioFormat.PCM, AudioFormat.PCMU


def recorded(uplink: AudioFormat, downlink: AudioFormat) -> tuple[Log, int]:
    """Record two frames of 20 ms of PCM, and one of each on the server's wire."""
    sink, loop = BytesIO(), VirtualLoop()
    recorder = Recorder(timebase(loop), sink, uplink=PCM, downlink=PCM)
    loop.close()
    recorder.set_wire(uplink, downlink)
    recorder.set_origin(0)
    for _ in range(2):
        recorder.client_appended(PCM.encode(np.ones(480, np.int16)))
        recorder.server_received(InputAudioBufferAppend(audio=bytes(160)))
        recorder.server_sent(
            ev.ResponseOutputAudioDelta(
                event_id="e",
                response_id="r",
                item_id="a",
                output_index=0,
                content_index=0,
                delta=bytes(160),
            )
        )
    recorder.finish()
    taped = recorder.caller.samples
    recorder.discard()
    return read_log(sink.getvalue()), taped


def test_positions_count_samples_of_the_wire() -> None:
    log, taped = recorded(PCMU, PCMU)
    said, arrived = log.appends("client"), log.appends("server")
    assert said.pos_samples.tolist() == arrived.pos_samples.tolist() == [0, 160]
    assert said.bytes.tolist() == arrived.bytes.tolist() == [160, 160]
    sent = log.of("server", "response.output_audio.delta")
    assert [each.data["audio"]["pos_samples"] for each in sent] == [0, 160]
    assert taped == 960  # the caller is taped as they spoke


def test_on_the_same_wire_nothing_changes() -> None:
    log, _ = recorded(PCM, PCM)
    assert log.appends("client").pos_samples.tolist() == [0, 480]
    assert log.appends("server").pos_samples.tolist() == [0, 80]
