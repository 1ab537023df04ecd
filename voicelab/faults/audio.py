"""How much audio of each running response has passed."""

from __future__ import annotations

from typing import Any

from voicelab.audio.formats import AudioFormat
from voicelab.protocol import server_events as ev


class AudioMeter:
    """Measures the audio of responses as it passes by."""

    def __init__(self) -> None:
        self._formats: dict[str, AudioFormat] = {}
        self._samples: dict[str, int] = {}

    def pass_by(self, event: ev.ServerEvent) -> None:
        """Count an event; a response is forgotten when it is done."""
        if isinstance(event, ev.ResponseCreated):
            self._formats[event.response.id] = _format_of(event.response.audio)
            self._samples[event.response.id] = 0
        elif isinstance(event, ev.ResponseOutputAudioDelta):
            if event.response_id in self._samples:
                self._samples[event.response_id] += self.samples_in(event)
        elif isinstance(event, ev.ResponseDone):
            self._formats.pop(event.response.id, None)
            self._samples.pop(event.response.id, None)

    def samples_in(self, delta: ev.ResponseOutputAudioDelta) -> int:
        """Return how many samples a delta of a running response holds."""
        return self._format(delta.response_id).sample_count(len(delta.delta))

    def ms(self, response_id: str) -> float:
        """Return how much audio of a running response has passed."""
        rate_hz = self._format(response_id).rate_hz
        return self._samples.get(response_id, 0) * 1000 / rate_hz

    def _format(self, response_id: str) -> AudioFormat:
        return self._formats.get(response_id, AudioFormat.PCM)


def _format_of(audio: Any) -> AudioFormat:
    """Return the format that a response object tells; PCM if it tells none."""
    try:
        return AudioFormat.from_wire(audio["output"]["format"]["type"])
    except (KeyError, TypeError, ValueError):
        return AudioFormat.PCM
