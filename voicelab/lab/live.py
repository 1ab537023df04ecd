"""A line to a server on the network: OpenAI's, any compatible one, or our own.

One run is one connection. It is tried once and never made again: a session that broke
off is gone with all it held, and a measurement with a seam in it is none. What was
recorded until then is kept and marked partial.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from voicelab.clock import Timebase
from voicelab.errors import CostLimitError
from voicelab.lab.connecting import connect_to
from voicelab.lab.cost import CostMeter
from voicelab.lab.endpoint import Endpoint, shown_url
from voicelab.lab.lines import emulated_network
from voicelab.lab.prices import PriceTable, load_prices
from voicelab.lab.spoken import SpokenTurns
from voicelab.protocol.server_events import ServerEvent, UnknownServerEvent
from voicelab.record.recorder import Recorder
from voicelab.scenario.model import Scenario
from voicelab.transport.connection import Closing, Connection
from voicelab.transport.emulated import EmulatedNetwork
from voicelab.transport.first_answer import FirstAnswer
from voicelab.transport.websocket import WebSocketConnection
from voicelab.units import MS_PER_S, NS_PER_MS, ms_to_ns

SERVER_SIDE = (
    "uplink",
    "endpointing_delay",
    "server_ttfb",
    "downlink",
    "vad scores",
    "word times of replies",
)
"""What nobody can know of a server from outside; missing in a live run's tables."""

_HANG_UP_TIMEOUT_S = 5
MAX_OWN_ROUND_TRIP_NS = 2 * NS_PER_MS
"""What sockets and event loops at both ends may take of the session's first exchange;
the rest is the server's work on it, which is no part of the network."""

_PINGS = 8
_PING_TIMEOUT_S = 2


class LiveLine:
    """A line over the network to a server that is not ours to look into.

    Args:
        scenario: whose channel is emulated. The real network's own time, half of a
            round trip each way, counts towards it; so does what sockets and event
            loops take, as the session's first exchange shows it.
        endpoint: where the server is.

    Attributes:
        on_limit: told when the run has cost what it may.

    Raises:
        InputError: a limit is set, and the model's price is not known.
    """

    def __init__(self, scenario: Scenario, endpoint: Endpoint) -> None:
        self.network = emulated_network(scenario)
        self.on_limit: Callable[[BaseException], None] | None = None
        self._endpoint = endpoint
        self._meter = CostMeter(
            _prices(endpoint),
            endpoint.asked_model,
            endpoint.max_cost_usd,
            transcription_model=_transcription_model(scenario.session),
        )
        self._socket: WebSocketConnection | None = None
        self._reading: asyncio.Task[Closing] | None = None
        self._ping_ms: float | None = None

    async def connect(
        self, time: Timebase, recorder: Recorder, spoken: SpokenTurns
    ) -> Connection:
        """Connect to the server; return the client's end."""
        del recorder, spoken  # the server is not ours
        websocket = await connect_to(self._endpoint)
        self._ping_ms = await _round_trip_ms(websocket)
        if self._ping_ms is not None:
            self.network.set_real_round_trip(ms_to_ns(self._ping_ms))
        self._socket = WebSocketConnection(websocket)
        self._reading = asyncio.create_task(self._socket.run(), name="live line")
        self.network.set_zero(time.now_ns())
        if self.network.is_transparent:
            return self._socket
        timed = FirstAnswer(self._socket, time, _confirms, self._exchange_took)
        return EmulatedNetwork(timed, time, self.network)

    def _exchange_took(self, round_trip_ns: int) -> None:
        """Count what sockets and event loops take as part of the real network."""
        if self._ping_ms is not None:
            ping_ns = ms_to_ns(self._ping_ms)
            own_ns = min(max(round_trip_ns - ping_ns, 0), MAX_OWN_ROUND_TRIP_NS)
            self.network.set_real_round_trip(ping_ns + own_ns)

    async def hang_up(self) -> None:
        """Close the connection in good order, or else at once."""
        if self._socket is None or self._reading is None:
            return
        self._socket.close()
        with suppress(TimeoutError):
            async with asyncio.timeout(_HANG_UP_TIMEOUT_S):
                await self._reading

    def observe(self, event: ServerEvent | UnknownServerEvent) -> None:
        """Add up what the run costs."""
        self._meter.add(event)
        limit = self._endpoint.max_cost_usd
        if self.on_limit is not None and self._meter.exceeded:
            self.on_limit(
                CostLimitError(f"the run reached the limit of {limit} USD it may cost")
            )

    def described(self) -> dict[str, Any]:
        """Return what a manifest says of the line; no secret is in it."""
        return {
            "url": shown_url(self._endpoint.target),
            "headers": sorted(self._endpoint.headers),
            "ping_ms": None if self._ping_ms is None else round(self._ping_ms, 3),
            "emulated_network": not self.network.is_transparent,
            "usage": self._meter.described(),
        }


def _prices(endpoint: Endpoint) -> PriceTable | None:
    """Return what tokens cost; a limit can be kept only if that is known."""
    if endpoint.prices is None and endpoint.max_cost_usd is not None:
        return load_prices()
    return endpoint.prices


def _confirms(message: bytes) -> bool:
    return b'"session.updated"' in message


def _transcription_model(session: Mapping[str, Any]) -> str | None:
    """Return the model that a session object asks to transcribe the caller."""
    heard = session.get("audio", {}).get("input", {}).get("transcription") or {}
    model = heard.get("model")
    return model if isinstance(model, str) else None


async def _round_trip_ms(websocket: ClientConnection) -> float | None:
    """Return the shortest of a few round trips; None if pings are not answered."""
    trips_ms = []
    with suppress(TimeoutError, ConnectionClosed):
        async with asyncio.timeout(_PING_TIMEOUT_S):
            for _ in range(_PINGS):
                pong = await websocket.ping()
                trips_ms.append(await pong * MS_PER_S)
    return min(trips_ms, default=None)
