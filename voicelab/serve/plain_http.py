"""Plain HTTP on the server's port: one request a connection, then it is closed.

The requests are few and small; keeping connections open would gain nothing. Nobody can
make the server remember more than the limits below, or wait longer than its timeout.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import h11

MAX_HEAD_BYTES = 16 * 1024
"""The largest request line and headers together."""

MAX_BODY_BYTES = 1_000_000
"""The largest body: a session object, which may be as large as an event."""

JSON = "application/json"

_LINGER_S = 1.0


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """A request, whole.

    Attributes:
        method: in capitals.
        target: the path with the query.
        headers: names in small letters, and values, in order.
        body: as it came.
    """

    method: str
    target: str
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    body: bytes = field(default=b"", repr=False)

    def get_all(self, key: str) -> list[str]:
        """Return every value of a header."""
        return [value for name, value in self.headers if name == key.lower()]


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """A response, whole.

    Attributes:
        status: the status code.
        body: as it goes out.
        content_type: of the body.
        headers: further ones.
    """

    status: int
    body: bytes = b""
    content_type: str = JSON
    headers: Mapping[str, str] = field(default_factory=dict)


def json_response(
    status: int, document: Any, headers: Mapping[str, str] | None = None
) -> HttpResponse:
    """Return a response with a JSON body."""
    body = json.dumps(document, ensure_ascii=False).encode()
    return HttpResponse(status, body, headers=headers or {})


def error_response(
    status: int,
    message: str,
    *,
    code: str | None = None,
    param: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> HttpResponse:
    """Return an error as OpenAI's REST API shapes it."""
    error = {
        "message": message,
        "type": "invalid_request_error",
        "param": param,
        "code": code,
    }
    return json_response(status, {"error": error}, headers)


Answer = Callable[[HttpRequest], HttpResponse]


class HttpExchange(asyncio.Protocol):
    """Reads one request, answers it and closes the connection.

    Args:
        answer: returns the response; it must not take long.
        timeout_s: how long the request may take to arrive, and the answer to leave.
    """

    def __init__(self, answer: Answer, timeout_s: float) -> None:
        self._answer = answer
        self._timeout_s = timeout_s
        self._http = h11.Connection(
            h11.SERVER, max_incomplete_event_size=MAX_HEAD_BYTES
        )
        self._request: h11.Request | None = None
        self._body = bytearray()
        self._timer: asyncio.TimerHandle | None = None
        self._answered = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._end_after(self._timeout_s)

    def connection_lost(self, exc: Exception | None) -> None:
        """End."""
        del exc
        if self._timer is not None:
            self._timer.cancel()

    def data_received(self, data: bytes) -> None:
        """Take what arrived."""
        if self._answered:
            return  # what is left of a request that was refused
        self._http.receive_data(data)
        try:
            self._read()
        except h11.RemoteProtocolError as error:
            status = error.error_status_hint
            self._reply(error_response(status, f"The request is not valid: {error}."))

    def eof_received(self) -> bool | None:
        """Close: nobody waits for an answer, or it has been given."""
        return None

    def _read(self) -> None:
        while not self._answered:
            event = self._http.next_event()
            if isinstance(event, h11.Request):
                self._request = event
                self._let_it_continue()
            elif isinstance(event, h11.Data):
                self._body += event.data
            elif isinstance(event, h11.EndOfMessage):
                self._reply(self._answered_by_app())
            else:
                return
            if len(self._body) > MAX_BODY_BYTES:
                self._reply(error_response(413, "The request's body is too large."))

    def _let_it_continue(self) -> None:
        if self._http.they_are_waiting_for_100_continue:
            go_on = h11.InformationalResponse(status_code=100, headers=[])
            self._transport.write(self._http.send(go_on) or b"")

    def _answered_by_app(self) -> HttpResponse:
        request = self._request
        assert request is not None
        headers = tuple(
            (name.decode("latin-1"), value.decode("latin-1"))
            for name, value in request.headers
        )
        return self._answer(
            HttpRequest(
                request.method.decode("ascii"),
                request.target.decode("latin-1"),
                headers,
                bytes(self._body),
            )
        )

    def _reply(self, response: HttpResponse) -> None:
        whole = self._http.their_state is h11.DONE
        self._answered = True
        head = h11.Response(
            status_code=response.status,
            headers=[
                *response.headers.items(),
                ("Content-Type", response.content_type),
                ("Content-Length", str(len(response.body))),
                ("Connection", "close"),
            ],
        )
        if self._http.our_state is h11.ERROR:  # pragma: no cover -- h11 forbids it
            self._transport.abort()
            return
        sent = self._http.send(head) or b""
        is_head = self._request is not None and self._request.method == b"HEAD"
        if not is_head:
            sent += self._http.send(h11.Data(data=response.body)) or b""
        self._transport.write(sent)
        if whole:
            self._transport.close()
        else:  # closed at once, the rest of the request would reset the connection
            if self._transport.can_write_eof():
                self._transport.write_eof()
            self._end_after(_LINGER_S)

    def _end_after(self, seconds: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(seconds, self._transport.abort)
