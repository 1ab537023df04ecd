"""A line to a server on the network: OpenAI's, any compatible one, or our own.

One run is one connection. It is tried once and never made again: a session that broke
off is gone with all it held, and a measurement with a seam in it is none. What was
recorded until then is kept and marked partial.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException

from voicelab.clock import Timebase
from voicelab.errors import CostLimitError, EndpointError, InputError
from voicelab.lab.cost import CostMeter
from voicelab.lab.endpoint import Endpoint, shown_url
from voicelab.lab.lines import emulated_network
from voicelab.lab.spoken import SpokenTurns
from voicelab.protocol.server_events import ServerEvent, UnknownServerEvent
from voicelab.record.recorder import Recorder
from voicelab.scenario.model import Scenario
from voicelab.transport.connection import Closing, Connection
from voicelab.transport.emulated import EmulatedNetwork
from voicelab.transport.websocket import WebSocketConnection
from voicelab.units import MS_PER_S, ms_to_ns

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
_PINGS = 8
_PING_TIMEOUT_S = 2
_MAX_MESSAGE_BYTES = 64 * 1024 * 1024


class LiveLine:
    """A line over the network to a server that is not ours to look into.

    Args:
        scenario: whose channel is emulated. The real network's own time, half of a
            round trip each way, counts towards it.
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
            endpoint.prices,
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
        websocket = await _connect(self._endpoint)
        self._ping_ms = await _round_trip_ms(websocket)
        if self._ping_ms is not None:
            self.network.set_real_round_trip(ms_to_ns(self._ping_ms))
        self._socket = WebSocketConnection(websocket)
        self._reading = asyncio.create_task(self._socket.run(), name="live line")
        self.network.set_zero(time.now_ns())
        if self.network.is_transparent:
            return self._socket
        return EmulatedNetwork(self._socket, time, self.network)

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


async def _connect(endpoint: Endpoint) -> ClientConnection:
    headers = dict(endpoint.headers)
    if endpoint.api_key is not None:
        headers.setdefault("Authorization", f"Bearer {endpoint.api_key}")
    secure: dict[str, Any] = {}
    if urlsplit(endpoint.target).scheme == "wss" and endpoint.ca_file is not None:
        secure["ssl"] = _trust(endpoint.ca_file)
    try:
        return await connect(
            endpoint.target,
            additional_headers=headers,
            compression=None,
            max_size=_MAX_MESSAGE_BYTES,
            open_timeout=endpoint.connect_timeout_s,
            **secure,
        )
    except InvalidStatus as error:
        why = f"it answers with HTTP status {error.response.status_code}"
    except TimeoutError:
        why = f"it does not answer within {endpoint.connect_timeout_s:g} s"
    except ssl.SSLCertVerificationError as error:
        why = f"its certificate is not trusted ({error.verify_message})"
    except OSError as error:
        why = error.strerror or str(error) or type(error).__name__
    except (WebSocketException, EOFError) as error:
        why = f"it does not speak WebSocket ({error})"
    raise EndpointError(f"cannot connect to {shown_url(endpoint.target)}: {why}")


def _trust(ca_file: Path) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=ca_file)
    except OSError as error:  # ssl.SSLError is one, too
        raise InputError(
            f"holds no certificates that can be read ({error.strerror or error})",
            file=ca_file,
            fix="give a PEM file",
        ) from error
