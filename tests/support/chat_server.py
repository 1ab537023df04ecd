"""A chat endpoint on a real port that does as a test says, request by request."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Answer:
    """What one request gets.

    Attributes:
        lines: the lines of the stream, each sent at once.
        status: the HTTP status.
        headers: besides the usual ones.
        waits_s: how long before each line.
        breaks_off: whether the connection then ends without the end of the stream.
    """

    lines: Sequence[str] = ()
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    waits_s: float = 0.0
    breaks_off: bool = False


def event(**delta: Any) -> str:
    """Return the line of an event with one choice."""
    return "data: " + json.dumps({"choices": [{"index": 0, "delta": delta}]})


def told(*texts: str) -> Answer:
    """Return a whole answer."""
    ending = 'data: {"choices": [{"delta": {}, "finish_reason": "stop"}]}'
    return Answer([*(event(content=text) for text in texts), ending, "data: [DONE]"])


@dataclass
class ChatServer:
    """A running server.

    Attributes:
        url: its base URL.
        requests: the bodies that it was sent.
        headers: the headers of these.
    """

    url: str
    requests: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)


@contextmanager
def chat_server(*answers: Answer) -> Iterator[ChatServer]:
    """Serve the answers in turn, the last one again and again."""
    left = list(answers)
    over = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.0"  # the end of the connection ends the stream

        def do_POST(self) -> None:
            size = int(self.headers["Content-Length"])
            running.requests.append(json.loads(self.rfile.read(size)))
            running.headers.append(dict(self.headers))
            assert self.path == "/v1/chat/completions"
            self._send(left.pop(0) if len(left) > 1 else left[0])

        def _send(self, answer: Answer) -> None:
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            if answer.breaks_off:
                self.send_header("Content-Length", "1000000")
            self.end_headers()
            for line in answer.lines:
                over.wait(answer.waits_s)
                self.wfile.write(f"{line}\n\n".encode())
                self.wfile.flush()

        def log_message(self, *_: Any) -> None:
            """Keep quiet."""

        def handle_one_request(self) -> None:
            try:
                super().handle_one_request()
            except ConnectionError:
                self.close_connection = True

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    running = ChatServer(f"http://127.0.0.1:{server.server_port}/v1")
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield running
    finally:
        over.set()
        server.shutdown()
        thread.join()
        server.server_close()
