"""Brings a player's audio and commands onto a leg."""

from __future__ import annotations

from voicelab.serve.bridges.leg import Leg
from voicelab.serve.bridges.leg_socket import LegSocket
from voicelab.serve.bridges.voices import AgentVoice
from voicelab.units import samples_to_ms


class Speaker:
    """What a `RemotePlayer` plays through.

    Args:
        leg: makes messages of it.
        socket: takes them.
        voice: turns the session's audio into the leg's.
        rate_hz: the rate of the session's audio, at which positions count.
    """

    def __init__(
        self, leg: Leg, socket: LegSocket, voice: AgentVoice, rate_hz: int
    ) -> None:
        self._leg = leg
        self._socket = socket
        self._voice = voice
        self._rate_hz = rate_hz

    def play(self, item_id: str, audio: bytes) -> None:
        """Send a piece of audio."""
        self._leg.play(item_id, self._voice.convert(audio))
        self._socket.send(self._leg.outgoing(), audio=True)

    def mark(self, name: str, item_id: str, position_samples: int) -> None:
        """Ask to be told when what was sent so far has been played."""
        audio_ms = samples_to_ms(position_samples, self._rate_hz)
        self._leg.mark(name, item_id, audio_ms)
        self._socket.send(self._leg.outgoing())

    def clear(self) -> None:
        """Make the far side drop what it has not played."""
        self._voice.reset()
        self._socket.drop_audio()
        self._leg.clear()
        self._socket.send(self._leg.outgoing())
