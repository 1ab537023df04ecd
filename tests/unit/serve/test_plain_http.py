"""REST and other plain requests, over sockets."""

from __future__ import annotations

import asyncio
import json
import logging
import random
from contextlib import suppress
from importlib import metadata
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.support.serving import client_of, get, request, serving, silence
from tests.support.sockets import SOON_S, on_sockets
from voicelab.serve.plain_http import MAX_BODY_BYTES, MAX_HEAD_BYTES
from voicelab.serve.telemetry import Telemetry

KEY = "sk-test"


def asked(
    text: bytes, **options: Any
) -> tuple[int, dict[str, str], dict[str, Any] | None]:
    """Return status, headers and JSON body of the answer to a request."""

    async def main() -> tuple[int, dict[str, str], dict[str, Any] | None]:
        async with serving(**options) as server:
            status, headers, body = await get(server, text)
            return status, headers, json.loads(body) if body else None

    return on_sockets(main)


def test_health() -> None:
    status, headers, told = asked(request("GET", "/healthz"), max_sessions=3)
    assert status == 200
    assert headers["content-type"] == "application/json"
    assert told is not None
    assert told.pop("uptime_s") >= 0
    assert told == {
        "status": "ok",
        "version": metadata.version("voicelab-realtime"),
        "sessions": 0,
        "max_sessions": 3,
    }


def test_metrics_are_what_prometheus_reads() -> None:
    async def main() -> None:
        async with serving() as server, client_of(server) as client:
            await client.next()
            await client.send("response.create")
            await client.until("response.done")
            status, headers, body = await get(server, request("GET", "/metrics"))
            assert status == 200
            assert headers["content-type"].startswith("text/plain; version=0.0.4")
            samples = {
                (sample.name, *sorted(sample.labels.values())): sample.value
                for family in text_string_to_metric_families(body.decode())
                for sample in family.samples
            }
            assert samples["voicelab_sessions_open",] == 1
            assert samples["voicelab_sessions_total",] == 1
            assert samples["voicelab_responses_total", "completed"] == 1
            assert samples["voicelab_audio_seconds_total", "out"] == pytest.approx(0.4)
            assert samples["voicelab_events_total", "in", "response.create"] == 1
            assert samples["voicelab_event_lateness_seconds_count",] > 0
            assert samples["voicelab_message_bytes_total", "out"] > 20_000

    on_sockets(main)


def test_what_was_received_is_measured() -> None:
    async def main() -> None:
        async with serving() as server, client_of(server) as client:
            await client.append(silence(2.0))
            await client.send("input_audio_buffer.clear")
            await client.until("input_audio_buffer.cleared")
            text = server.telemetry.exposition().decode()
            appended = 'direction="in",type="input_audio_buffer.append"} 1.0'
            assert appended in text  # although it was taken in pieces
            assert 'voicelab_audio_seconds_total{direction="in"} 2.0' in text

    on_sockets(main)


def test_models() -> None:
    _, _, told = asked(request("GET", "/v1/models"), models=("a", "b"))
    assert told is not None
    assert [model["id"] for model in told["data"]] == ["a", "b"]
    status, _, one = asked(request("GET", "/v1/models/b"), models=("a", "b"))
    assert status == 200
    assert one is not None
    assert one["id"] == "b"
    status, _, none = asked(request("GET", "/v1/models/c"), models=("a", "b"))
    assert status == 404
    assert none is not None
    assert none["error"]["code"] == "model_not_found"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", "/v1/realtime/calls", 501),
        ("POST", "/v1/realtime/calls/rtc_1/hangup", 501),
        ("POST", "/v1/realtime/sessions", 501),
        ("POST", "/v1/realtime/transcription_sessions", 501),
        ("POST", "/v1/realtime/translations/client_secrets", 501),
        ("POST", "/v1/live/sessions", 501),
        ("POST", "/v1/chat/completions", 404),
        ("GET", "/", 404),
        ("GET", "/v1/realtime/client_secrets", 405),
        ("POST", "/healthz", 405),
        ("DELETE", "/v1/models", 405),
        ("GET", "/v1/realtime?model=m", 426),
        ("POST", "/v1/realtime?model=m", 426),
        ("GET", "/v1/realtime%00", 404),
        ("GET", "//[", 404),
    ],
)
def test_what_is_not_there_is_said_in_the_shape_of_the_api(
    method: str, path: str, status: int
) -> None:
    got, headers, told = asked(request(method, path))
    assert got == status
    assert headers["content-type"] == "application/json"
    assert told is not None
    assert set(told["error"]) == {"message", "type", "param", "code"}
    assert told["error"]["message"]
    assert (status == 405) == ("allow" in headers)


def test_rest_calls_need_a_key_where_there_is_one() -> None:
    status, _, told = asked(request("GET", "/v1/models"), api_keys=(KEY,))
    assert status == 401
    assert told is not None
    assert told["error"]["code"] == "invalid_api_key"
    header = f"Authorization: Bearer {KEY}"
    assert asked(request("GET", "/v1/models", header), api_keys=(KEY,))[0] == 200
    assert asked(request("GET", "/healthz"), api_keys=(KEY,))[0] == 200


@pytest.mark.parametrize(
    ("body", "code", "param"),
    [
        (b"{", "invalid_json", None),
        (b"[]", "invalid_event", None),
        (b'{"sessoin": {}}', "unknown_parameter", "sessoin"),
        (
            b'{"expires_after": {"seconds": 5}}',
            "integer_below_min_value",
            "expires_after.seconds",
        ),
        (
            b'{"expires_after": {"seconds": 7201}}',
            "integer_above_max_value",
            "expires_after.seconds",
        ),
        (
            b'{"expires_after": {"anchor": "x"}}',
            "invalid_value",
            "expires_after.anchor",
        ),
        (b'{"session": {}}', "missing_required_parameter", "session.type"),
        (b'{"session": {"type": "transcription"}}', "invalid_value", "session.type"),
        (
            b'{"session": {"type": "realtime", "voice": "x"}}',
            "unknown_parameter",
            "session.voice",
        ),
        (b'{"session": {"type": "realtime", "model": "m"}}', "invalid_model", None),
    ],
)
def test_a_client_secret_that_cannot_be(
    body: bytes, code: str, param: str | None
) -> None:
    text = request("POST", "/v1/realtime/client_secrets", body=body)
    status, _, told = asked(text, models=("n",))
    assert status == 400
    assert told is not None
    assert (told["error"]["code"], told["error"]["param"]) == (code, param)


def test_a_client_secret_without_wishes() -> None:
    status, _, told = asked(request("POST", "/v1/realtime/client_secrets"))
    assert status == 200
    assert told is not None
    assert told["value"].startswith("ek_")
    assert told["session"]["object"] == "realtime.session"


def test_pages_of_this_machine_may_read_the_answers_and_others_get_none() -> None:
    own = "Origin: http://localhost:5173"
    wanted = "Access-Control-Request-Headers: authorization, content-type"
    status, headers, _ = asked(
        request("OPTIONS", "/v1/realtime/client_secrets", own, wanted)
    )
    assert status == 204
    assert headers["access-control-allow-origin"] == "http://localhost:5173"
    assert headers["access-control-allow-headers"] == "authorization, content-type"
    status, headers, _ = asked(request("POST", "/v1/realtime/client_secrets", own))
    assert status == 200
    assert headers["access-control-allow-origin"] == "http://localhost:5173"
    status, headers, _ = asked(
        request("POST", "/v1/realtime/client_secrets", "Origin: https://evil.example")
    )
    assert status == 403
    assert "access-control-allow-origin" not in headers


def test_head_has_no_body() -> None:
    async def main() -> None:
        async with serving() as server:
            status, headers, body = await get(server, request("HEAD", "/healthz"))
            assert (status, body) == (200, b"")
            assert int(headers["content-length"]) > 0

    on_sockets(main)


# --- limits --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "status"),
    [
        (b"GET / HTTP/1.1\r\nX: " + b"x" * MAX_HEAD_BYTES, 431),
        (b"x" * (MAX_HEAD_BYTES + 1), 431),
        (b"nonsense\r\n\r\n", 400),
        (b"GET /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: x\r\n\r\n", 400),
        (b"GET /healthz HTTP/1.1\r\n\r\n", 400),
        (
            request("POST", "/healthz", f"Content-Length: {MAX_BODY_BYTES * 2}")
            + b"x" * (MAX_BODY_BYTES + 1),
            413,
        ),
    ],
)
def test_requests_that_are_not_valid(text: bytes, status: int) -> None:
    assert asked(text)[0] == status


def test_a_body_in_chunks_after_100_continue() -> None:
    async def main() -> None:
        async with serving() as server:
            reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
            writer.write(
                request(
                    "POST",
                    "/v1/realtime/client_secrets",
                    "Transfer-Encoding: chunked",
                    "Expect: 100-continue",
                )
            )
            async with asyncio.timeout(SOON_S):
                first = await reader.readuntil(b"\r\n\r\n")
                assert first.startswith(b"HTTP/1.1 100 ")
                writer.write(b"1\r\n{\r\n1\r\n}\r\n0\r\n\r\n")
                assert (await reader.read()).startswith(b"HTTP/1.1 200 ")
            writer.close()
            await writer.wait_closed()

    on_sockets(main)


@pytest.mark.parametrize(
    "text", [b"", b"GET /healthz HT", request("POST", "/x", "Content-Length: 9")]
)
def test_who_takes_too_long_is_cut_off(text: bytes) -> None:
    async def main() -> None:
        async with serving(open_timeout_s=0.2) as server:
            reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
            writer.write(text)
            async with asyncio.timeout(SOON_S):
                with suppress(ConnectionResetError):
                    assert await reader.read() == b""
            writer.close()

    on_sockets(main)


def test_a_head_may_come_in_pieces() -> None:
    async def main() -> None:
        async with serving() as server:
            reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
            for byte in request("GET", "/healthz"):
                writer.write(bytes([byte]))
                await asyncio.sleep(0)
            async with asyncio.timeout(SOON_S):
                assert (await reader.read()).startswith(b"HTTP/1.1 200 ")
            writer.close()

    on_sockets(main)


def test_stopping_cuts_off_who_has_asked_for_nothing_yet() -> None:
    async def main() -> None:
        async with serving() as server:
            reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
            await get(server, request("GET", "/healthz"))
        async with asyncio.timeout(SOON_S):
            with suppress(ConnectionResetError):
                assert await reader.read() == b""
        writer.close()

    on_sockets(main)


STARTS = (
    b"GET /v1/realtime?model=m HTTP/1.1\r\nUpgrade: websocket\r\n",
    b"POST /v1/realtime/client_secrets HTTP/1.1\r\nHost: x\r\n",
    b"GET / HTTP/1.1\r\n",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    b"\x16\x03\x01",
    b"",
)


def test_random_bytes_do_no_harm(caplog: pytest.LogCaptureFixture) -> None:
    chance = random.Random(5)

    async def main() -> None:
        async with serving(open_timeout_s=0.2) as server:

            async def knock(text: bytes) -> None:
                with suppress(ConnectionError):
                    await get(server, text)

            texts = [
                start + chance.randbytes(chance.randrange(200)) + end
                for start in STARTS
                for end in (b"", b"\r\n\r\n")
                for _ in range(20)
            ]
            await asyncio.gather(*map(knock, texts))
            assert (await get(server, request("GET", "/healthz")))[0] == 200

    on_sockets(main)
    assert [each for each in caplog.records if each.levelno >= logging.ERROR] == []


def test_a_defect_is_answered_with_500(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_: Telemetry) -> bytes:
        raise ZeroDivisionError

    monkeypatch.setattr(Telemetry, "exposition", fail)
    status, _, told = asked(request("GET", "/metrics"))
    assert status == 500
    assert told is not None
    assert told["error"]["message"]
    assert "request failed" in caplog.text
