"""A Realtime server on a TCP port."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from typing import Any, cast

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.server import ServerProtocol

from voicelab.clock import timebase
from voicelab.protocol.close_codes import CLOSE_GOING_AWAY
from voicelab.record.folder import package_versions
from voicelab.serve.access import Keys, Origins
from voicelab.serve.admission import Gate
from voicelab.serve.client_secrets import ClientSecrets
from voicelab.serve.front_door import FrontDoor
from voicelab.serve.logs import SILENT_LOGGER, log
from voicelab.serve.options import ServeOptions
from voicelab.serve.ports import cannot_listen, free_port
from voicelab.serve.reception import Reception, chosen_subprotocol
from voicelab.serve.routes import Routes
from voicelab.serve.sessions import SessionSource
from voicelab.serve.telemetry import Telemetry
from voicelab.transport.connection import Closing
from voicelab.units import NS_PER_MS, ns_to_s

MAX_MESSAGE_BYTES = 21 * 2**20
"""The largest message of a client: an append of 15 MiB in base64, and what is around
it. A larger one closes the connection with code 1009."""

GOING_AWAY = Closing(CLOSE_GOING_AWAY, "the server is shutting down")
"""How sessions end that are left when the server stops."""

_DISTRIBUTION = "voicelab-realtime"
_PORTS_TRIED = 8
_QUEUED_FRAMES = 2  # each may be as large as a message
_LAG_INTERVAL_NS = 250 * NS_PER_MS
_SHOWN_INSTEAD = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104


class RealtimeServer:
    """Serves sessions until it is stopped.

    Args:
        sessions: makes a session for each client that is let in.
        options: where to listen, whom to let in, what to put up with.

    Attributes:
        options: as given.
        port: the port that it listens on, once it does.
        telemetry: what it counts and measures.
        client_secrets: the short-lived keys that it gave out.
    """

    def __init__(
        self, sessions: SessionSource, options: ServeOptions | None = None
    ) -> None:
        self.options = options = options or ServeOptions()
        self.port = options.port
        self.telemetry = Telemetry()
        self.client_secrets = ClientSecrets()
        keys = Keys(options.api_keys, self.client_secrets)
        gate = Gate(keys, options.models, options.dialect)
        origins = Origins(options.origins, keys_needed=bool(options.api_keys))
        self._reception = Reception(sessions, options, gate, origins, self.telemetry)
        self._routes = Routes(
            keys=keys,
            gate=gate,
            origins=origins,
            client_secrets=self.client_secrets,
            telemetry=self.telemetry,
            models=options.models,
            health=self._health,
        )
        self._version = package_versions()[_DISTRIBUTION]
        self._draining = False
        self._hurry = asyncio.Event()
        self._plain: set[asyncio.Transport] = set()
        self._lag_timer: asyncio.TimerHandle | None = None

    @property
    def open_sessions(self) -> int:
        """How many sessions run."""
        return self._reception.open_sessions

    @property
    def url(self) -> str:
        """Where clients open sessions."""
        scheme = "ws" if self.options.tls is None else "wss"
        return f"{scheme}://{self._authority}/v1/realtime"

    @property
    def http_url(self) -> str:
        """The base URL of the REST calls, which many clients make the other from."""
        scheme = "http" if self.options.tls is None else "https"
        return f"{scheme}://{self._authority}/v1"

    @property
    def _authority(self) -> str:
        host = _SHOWN_INSTEAD.get(self.options.host, self.options.host)
        return f"[{host}]:{self.port}" if ":" in host else f"{host}:{self.port}"

    # -- life -----------------------------------------------------------------

    async def start(self) -> None:
        """Listen.

        Raises:
            InputError: the address cannot be listened on.
        """
        options = self.options
        self._time = timebase()
        self._began_ns = self._time.now_ns()
        try:
            self._server = await self._listen()
        except OSError as error:
            raise cannot_listen(options.host, options.port, error) from error
        self.port = int(self._server.sockets[0].getsockname()[1])
        self._measure_lag(self._began_ns)
        log(logging.INFO, "listening", host=options.host, port=self.port)

    async def _listen(self) -> Server:
        """Listen on every address of the host, on the same port of each."""
        host = self.options.host or None
        if self.options.port:
            return await self._listen_on(host, self.options.port)
        for _ in range(_PORTS_TRIED - 1):
            with suppress(OSError):  # one address has it free, another does not
                return await self._listen_on(host, free_port(host))
        return await self._listen_on(host, free_port(host))

    async def _listen_on(self, host: str | None, port: int) -> Server:
        options = self.options
        return await serve(
            self._reception.receive,
            host,
            port,
            create_connection=cast("type[ServerConnection]", self._open_door),
            process_request=self._reception.look_at,
            select_subprotocol=chosen_subprotocol,
            compression=None,  # the base64 of speech hardly shrinks, and it costs time
            server_header=f"voicelab/{self._version}",
            open_timeout=options.open_timeout_s,
            ping_interval=options.ping_interval_s,
            ping_timeout=options.ping_interval_s,
            close_timeout=options.close_timeout_s,
            max_size=MAX_MESSAGE_BYTES,
            max_queue=_QUEUED_FRAMES,
            logger=SILENT_LOGGER,
            ssl=options.tls,
        )

    def _open_door(
        self, protocol: ServerProtocol, server: Server, **settings: Any
    ) -> FrontDoor:
        return FrontDoor(
            protocol,
            lambda: ServerConnection(protocol, server, **settings),
            self._routes.answer,
            self.options.open_timeout_s,
            self._plain,
        )

    async def stop(self, drain_s: float | None = None) -> None:
        """Take no more clients, let the sessions end, then end those that have not.

        Args:
            drain_s: how long sessions may go on; by default what the options say.
        """
        options, reception = self.options, self._reception
        drain_s = options.drain_s if drain_s is None else drain_s
        self._draining = True
        log(logging.INFO, "draining", sessions=self.open_sessions, at_most_s=drain_s)
        self._server.close(close_connections=False)
        await reception.without_calls(drain_s, self._hurry)
        reception.hang_up(GOING_AWAY)
        await reception.without_calls(options.close_timeout_s, asyncio.Event())
        reception.break_off()
        for transport in tuple(self._plain):
            transport.abort()
        await self._server.wait_closed()
        if self._lag_timer is not None:
            self._lag_timer.cancel()
        log(logging.INFO, "stopped")

    def hurry(self) -> None:
        """Let the sessions go on no longer."""
        self._hurry.set()

    # -- what it says of itself -------------------------------------------------

    def _health(self) -> dict[str, Any]:
        return {
            "status": "draining" if self._draining else "ok",
            "version": self._version,
            "sessions": self.open_sessions,
            "max_sessions": self.options.max_sessions,
            "uptime_s": round(ns_to_s(self._time.now_ns() - self._began_ns), 3),
        }

    def _measure_lag(self, due_ns: int) -> None:
        self.telemetry.lagged(max(0, self._time.real_ns() - due_ns))
        next_ns = max(due_ns, self._time.real_ns()) + _LAG_INTERVAL_NS
        self._lag_timer = self._time.call_at_ns(next_ns, self._measure_lag, next_ns)
