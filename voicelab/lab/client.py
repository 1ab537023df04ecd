"""Reaching the agent with a Realtime client of the lab's own."""

from __future__ import annotations

from collections.abc import Callable

from msgspec.structs import asdict

from voicelab.lab.app import ClientApp
from voicelab.lab.device import Surroundings
from voicelab.lab.interruption import Reaction
from voicelab.lab.lines import Line
from voicelab.lab.materials import Materials
from voicelab.playback.player import Player
from voicelab.playback.policies import policy_named
from voicelab.playback.settings import player_settings
from voicelab.protocol.ids import IdSource
from voicelab.protocol.server_events import ServerEvent, UnknownServerEvent
from voicelab.scenario.model import Scenario
from voicelab.session.client import ClientSession
from voicelab.transport.connection import Connection


class ClientReach:
    """A client application on a line to a Realtime server.

    Args:
        scenario: whose client it is.
        materials: what the scenario needs.
        line: how the server is reached.
        observe: told of each event that the client receives; None if nobody asks.
    """

    def __init__(
        self,
        scenario: Scenario,
        materials: Materials,
        line: Line,
        observe: Callable[[ServerEvent | UnknownServerEvent], None] | None = None,
    ) -> None:
        self.network = line.network
        self._scenario = scenario
        self._materials = materials
        self._line = line
        self._observe = observe

    async def connect(self, around: Surroundings) -> ClientApp:
        """Return the client, connected."""
        connection = await self._line.connect(
            around.time, around.recorder, around.spoken
        )
        return self._app(connection, around)

    async def hang_up(self) -> None:
        """End what is left of the connection."""
        await self._line.hang_up()

    def _app(self, connection: Connection, around: Surroundings) -> ClientApp:
        client, materials = self._scenario.client, self._materials
        settings = player_settings(client.player, **asdict(client.player_options))
        return ClientApp(
            ClientSession(IdSource(self._scenario.seed, "client")),
            connection,
            Player(settings, materials.downlink.rate_hz),
            Reaction(
                policy_named(client.truncation),
                truncates=client.truncates,
                on_interruption=client.on_interruption,
            ),
            settings=materials.session,
            time=around.time,
            uplink=materials.uplink,
            downlink=materials.downlink,
            recorder=around.recorder,
            hearer=around.hearer,
            on_change=around.on_change,
            on_hang_up=around.on_hang_up,
            observe=self._observe,
            functions=materials.functions,
        )
