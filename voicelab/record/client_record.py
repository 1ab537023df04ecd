"""What a client application tells of itself to whoever keeps a record, if anybody."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from voicelab.playback.playback import PlaybackEvent
from voicelab.protocol import client_events as ce
from voicelab.protocol import server_events as ev


class ClientRecord(Protocol):
    """Is told of each hand-over at the client, at the instant at which it happens."""

    def client_sent(self, event: ce.ClientEvent) -> None:
        """An event left the client."""
        ...

    def client_appended(self, audio: bytes) -> None:
        """A microphone frame left the client."""
        ...

    def client_received(self, event: ev.ServerEvent | ev.UnknownServerEvent) -> None:
        """An event reached the client."""
        ...

    def interruption(
        self, item_id: str, data: Mapping[str, Any], *, plays_on: bool = False
    ) -> None:
        """An item was settled because the caller spoke; it may play on."""
        ...

    def playback(self, event: PlaybackEvent) -> None:
        """Audio left the player, or reached the ear."""
        ...


class Unrecorded:
    """Keeps nothing."""

    def client_sent(self, event: ce.ClientEvent) -> None:
        """Pass it over."""

    def client_appended(self, audio: bytes) -> None:
        """Pass it over."""

    def client_received(self, event: ev.ServerEvent | ev.UnknownServerEvent) -> None:
        """Pass it over."""

    def interruption(
        self, item_id: str, data: Mapping[str, Any], *, plays_on: bool = False
    ) -> None:
        """Pass it over."""

    def playback(self, event: PlaybackEvent) -> None:
        """Pass it over."""
