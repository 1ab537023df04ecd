"""The rows of a log that a provider adds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Literal

from voicelab.audio.formats import AudioFormat
from voicelab.audio.pcm import Samples
from voicelab.audio.stream_rate import StreamRate
from voicelab.clock import Timebase
from voicelab.lab.drive.playing import ARRIVED, Delivery
from voicelab.playback.playback import PlaybackEvent, PlaybackStart
from voicelab.record.recorder import Recorder

LANE = "leg"
"""The lane of what crosses the leg besides audio."""

_AUDIO_DELTA = "response.output_audio.delta"

End = Literal["bridge", "provider"]
"""Who sends a message on the leg."""


class LegRecord:
    """Writes the rows; everything else is recorded elsewhere.

    Args:
        recorder: the conversation's.
        time: the clock.
    """

    def __init__(self, recorder: Recorder, time: Timebase) -> None:
        self._recorder = recorder
        self._time = time
        self._bytes_per_sample = AudioFormat.PCM.bytes_per_sample
        self._to_tape: dict[int, StreamRate] = {}

    def set_wire(self, uplink: AudioFormat, downlink: AudioFormat) -> None:
        """Say in which formats audio crosses the server's wire."""
        self._bytes_per_sample = downlink.bytes_per_sample
        self._recorder.set_wire(uplink, downlink)

    def spoken(self, audio: bytes) -> None:
        """A frame of the caller's audio leaves."""
        self._recorder.client_appended(audio)

    def told(self, sender: End, kind: str, data: Mapping[str, Any]) -> None:
        """A message crossed the leg."""
        now_ns = self._time.now_ns()
        self._recorder.log.add(now_ns, LANE, kind, None, {"from": sender, **data})

    def delivered(self, deliveries: Iterable[Delivery]) -> None:
        """Audio of items arrived at the provider."""
        for delivery in deliveries:
            span = delivery.span
            count = span.to_samples - span.from_samples
            data = {
                "response_id": span.response_id,
                "audio": {
                    "bytes": count * self._bytes_per_sample,
                    "pos_samples": span.from_samples,
                },
            }
            self._recorder.log.add(
                delivery.t_ns, "client", _AUDIO_DELTA, span.item_id, data
            )

    def played(self, events: Iterable[PlaybackEvent]) -> None:
        """Items left the player, or reached the ear."""
        for event in events:
            self._recorder.log_playback(event)

    def interruption(self, t_ns: int, item_id: str, data: Mapping[str, Any]) -> None:
        """An item was interrupted."""
        self._recorder.log.add(t_ns, "client", "interruption", item_id, dict(data))

    # -- what is heard ----------------------------------------------------------

    def arrived(self, samples: Samples, leg_hz: int) -> None:
        """Keep audio for the time it is heard."""
        rate = self._to_tape.get(leg_hz)
        if rate is None:
            tape_hz = self._recorder.agent.rate_hz
            rate = self._to_tape[leg_hz] = StreamRate(leg_hz, tape_hz)
        self._recorder.ear.receive(ARRIVED, rate.process(samples))

    def heard(self, events: Iterable[PlaybackEvent], leg_hz: int) -> None:
        """What arrived reached the ear, whatever it was."""
        tape_hz = self._recorder.agent.rate_hz
        for event in events:
            begin = event.from_samples * tape_hz // leg_hz
            if isinstance(event, PlaybackStart):
                self._recorder.ear.hear(replace(event, from_samples=begin))
                continue
            end = event.to_samples * tape_hz // leg_hz
            # what was dropped is passed over; what comes after it is still wanted
            self._recorder.ear.hear(
                replace(event, from_samples=begin, to_samples=end, reason="drained")
            )
