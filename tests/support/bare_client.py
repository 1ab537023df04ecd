"""A client in a process of its own, to be killed or stopped: it needs Python alone.

    python -I -S bare_client.py PORT KEY reads|deaf

One that reads asks for responses, says `speaking` at the first audio and reads on. A
deaf one asks for its own audio again and again, says `asked` and never reads any of it.
"""

import base64
import json
import os
import socket
import struct
import sys
import time

AUDIO_BYTES = 480_000
RETRIEVALS = 200


def main() -> None:
    port, key, manner = sys.argv[1:]
    sock = socket.create_connection(("127.0.0.1", int(port)))
    _upgrade(sock, port, key)
    if manner == "deaf":
        _ask_much(sock)
        _say("asked")
    else:
        _send(sock, {"type": "response.create"})
        seen = b""
        while b"response.output_audio.delta" not in seen:
            seen = seen[-100:] + _received(sock)
        _say("speaking")
        while _received(sock):
            pass
    time.sleep(3600)


def _upgrade(sock: socket.socket, port: str, key: str) -> None:
    nonce = base64.b64encode(os.urandom(16)).decode()
    lines = [
        "GET /v1/realtime?model=gpt-realtime HTTP/1.1",
        f"Host: 127.0.0.1:{port}",
        "Connection: Upgrade",
        "Upgrade: websocket",
        f"Sec-WebSocket-Key: {nonce}",
        "Sec-WebSocket-Version: 13",
        f"Authorization: Bearer {key}",
    ]
    sock.sendall("\r\n".join([*lines, "", ""]).encode())
    seen = b""
    while b"session.created" not in seen:
        seen += _received(sock)


def _ask_much(sock: socket.socket) -> None:
    """Ask for far more than anybody would keep for a client."""
    audio = base64.b64encode(bytes(AUDIO_BYTES)).decode()
    content = [{"type": "input_audio", "audio": audio}]
    item = {"type": "message", "role": "user", "id": "much", "content": content}
    _send(sock, {"type": "conversation.item.create", "item": item})
    for _ in range(RETRIEVALS):
        try:
            _send(sock, {"type": "conversation.item.retrieve", "item_id": "much"})
        except OSError:
            return  # dropped already


def _send(sock: socket.socket, event: object) -> None:
    """Send a masked text frame; a mask of zeros leaves the payload as it is."""
    payload = json.dumps(event).encode()
    sock.sendall(struct.pack("!BBQ4x", 0x81, 0xFF, len(payload)) + payload)


def _received(sock: socket.socket) -> bytes:
    data = sock.recv(65536)
    if not data:
        sys.exit("the server hung up")
    return data


def _say(word: str) -> None:
    sys.stdout.write(word + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
