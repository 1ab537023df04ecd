"""Reaching the agent through somebody's bridge."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from voicelab.lab.agents import Agent, knowing_agent
from voicelab.lab.connecting import open_socket
from voicelab.lab.device import Surroundings
from voicelab.lab.drive.bridge import Bridge
from voicelab.lab.drive.device import Ending, ProviderDevice
from voicelab.lab.drive.findings import Findings
from voicelab.lab.drive.upstream import Sessions, Upstream
from voicelab.lab.endpoint import shown_url
from voicelab.lab.lines import emulated_network
from voicelab.lab.materials import Materials
from voicelab.lab.spoken import SpokenTurns
from voicelab.playback.settings import PlayerSettings, player_settings
from voicelab.scenario.model import Scenario
from voicelab.session.work import INLINE, Work
from voicelab.transport.connection import Closing, Connection
from voicelab.transport.emulated import EmulatedNetwork
from voicelab.transport.websocket import WebSocketConnection

_HANG_UP_TIMEOUT_S = 5


@dataclass(frozen=True)
class _KnowingAgents:
    """Agents that know what the caller says: the caller is ours."""

    materials: Materials
    seed: int
    spoken: SpokenTurns

    def agent_for(self, seed: int, work: Work = INLINE) -> Agent:
        """Return a new session's agent, the same for any seed."""
        del seed
        return knowing_agent(self.materials, self.seed, self.spoken, work)


class BridgeReach:
    """A provider on a leg to a bridge, and a server behind the bridge.

    The scenario's network lies on the leg. What the real sockets take comes on top.

    Args:
        scenario: whose caller and agent meet.
        materials: what the scenario needs.
        bridge: where the bridge is.
        upstream: the server, not started.
        on_listening: told when the bridge can open its session.

    Attributes:
        network: what is emulated on the leg.
        findings: what the bridge did that its leg does not allow.
        on_end: ends the conversation before its time; set by whoever holds it.
    """

    def __init__(
        self,
        scenario: Scenario,
        materials: Materials,
        bridge: Bridge,
        upstream: Upstream,
        on_listening: Callable[[Upstream], None],
    ) -> None:
        self.network = emulated_network(scenario)
        self.findings = Findings()
        self.on_end: Ending = _raise
        self._scenario = scenario
        self._materials = materials
        self._bridge = bridge
        self._upstream = upstream
        self._on_listening = on_listening
        self._provider = bridge.provider()
        self._device: ProviderDevice | None = None
        self._sessions: Sessions | None = None
        self._serving = False
        self._socket: WebSocketConnection | None = None
        self._reading: asyncio.Task[Closing] | None = None
        self._given_up: BaseException | None = None

    async def connect(self, around: Surroundings) -> ProviderDevice:
        """Start the server and call the bridge; return the provider's device."""
        device = self._device = ProviderDevice(
            self._provider,
            self._player_settings(),
            uplink=self._materials.uplink,
            around=around,
            upstream_url=lambda: self._upstream.url,
            end=self.on_end,
            findings=self.findings,
        )
        self._sessions = Sessions(around.recorder, device, device.give_up)
        agents = _KnowingAgents(self._materials, self._scenario.seed, around.spoken)
        if self._materials.stages is not None:
            self._materials.stages.warm_up()
        try:
            await self._upstream.start(agents, self._sessions)
            self._serving = True
            self._on_listening(self._upstream)
            device.attach(await self._call(device, around))
        except BaseException:
            await self.hang_up()
            raise
        return device

    async def _call(self, device: ProviderDevice, around: Surroundings) -> Connection:
        websocket = await open_socket(self._bridge.peer)
        self._socket = WebSocketConnection(websocket)
        self._socket.on_binary = device.refuse_binary
        self._reading = asyncio.create_task(self._socket.run(), name="leg")
        if self.network.is_transparent:
            return self._socket
        self.network.set_zero(around.time.now_ns())
        return EmulatedNetwork(self._socket, around.time, self.network)

    def _player_settings(self) -> PlayerSettings:
        """Return how the provider plays: its buffer is here, not far away."""
        options = self._scenario.client.player_options
        return player_settings(
            self._bridge.kind,
            lead_ms=options.lead_ms,
            device_latency_ms=options.device_latency_ms,
            stop_delay_ms=options.stop_delay_ms,
            command_delay_ms=0.0,
            report_delay_ms=0.0,
        )

    def give_up(self, why: BaseException) -> None:
        """End the call, also if it has not begun."""
        if self._device is None:
            self.on_end(why)
        else:
            self._device.give_up(why)

    async def hang_up(self) -> None:
        """End the connection in good order, or else at once; stop the server."""
        if self._socket is not None and self._reading is not None:
            self._socket.close()
            with suppress(TimeoutError):
                async with asyncio.timeout(_HANG_UP_TIMEOUT_S):
                    await self._reading
        if self._serving:
            self._serving = False
            await self._upstream.stop()
        self._device = None

    def described(self) -> dict[str, Any]:
        """Return what a manifest says of the bridge and of what it did."""
        return {
            "as": self._bridge.kind,
            "url": shown_url(self._bridge.url),
            "upstream_url": self._upstream.url,
            "sessions": 0 if self._sessions is None else self._sessions.count,
            "agent_hz": self._provider.agent_hz,
            "caller_hz": self._provider.caller_hz,
            "emulated_network": not self.network.is_transparent,
            "findings": self.findings.described(),
        }


def _raise(why: BaseException) -> None:
    raise why
