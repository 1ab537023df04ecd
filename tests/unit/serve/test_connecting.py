"""Who is let in, and how those who are not are told."""

from __future__ import annotations

import asyncio
import io
import json
from typing import Any

import pytest
from openai import AsyncOpenAI, OpenAI
from openai.types.realtime import ClientSecretCreateResponse
from websockets.exceptions import InvalidStatus
from websockets.typing import Subprotocol

from tests.support.serving import (
    Client,
    client_of,
    get,
    measured,
    request,
    serving,
    sessions,
)
from tests.support.sockets import on_sockets, until
from voicelab.serve import BackgroundServer, ServeOptions
from voicelab.serve.logs import configure_logging, release_logging

KEY = "sk-test-0123456789abcdef"
KEYED: dict[str, Any] = {"api_keys": ("another", KEY)}
BETA = {"OpenAI-Beta": "realtime=v1"}


def bearer(key: str) -> dict[str, Any]:
    return {"additional_headers": {"Authorization": f"Bearer {key}"}}


def browser(*offered: str) -> dict[str, Any]:
    return {"subprotocols": [Subprotocol(each) for each in ("realtime", *offered)]}


@pytest.mark.parametrize(
    ("options", "query", "client", "code", "close_code"),
    [
        ({}, "", {}, "missing_model", 4000),
        ({}, "?model=", {}, "missing_model", 4000),
        ({"models": ("a", "b")}, "?model=c", {}, "invalid_model", 4000),
        (
            {},
            "?model=m",
            {"additional_headers": BETA},
            "beta_api_shape_disabled",
            4000,
        ),
        (
            {},
            "?model=m",
            browser("openai-beta.realtime-v1"),
            "beta_api_shape_disabled",
            4000,
        ),
        ({}, "?intent=transcription", {}, "unsupported_intent", 4000),
        ({}, "?call_id=rtc_1", {}, "invalid_call_id", 4000),
        (KEYED, "?model=m", {}, "invalid_api_key", 3000),
        (KEYED, "?model=m", bearer("wrong"), "invalid_api_key", 3000),
        (KEYED, "?model=m", bearer(KEY[:-1]), "invalid_api_key", 3000),
        (KEYED, "?model=m", bearer(""), "invalid_api_key", 3000),
        (
            KEYED,
            "?model=m",
            browser("openai-insecure-api-key.no"),
            "invalid_api_key",
            3000,
        ),
    ],
)
def test_a_refusal_comes_after_the_upgrade_as_an_error_and_a_close(
    options: dict[str, Any],
    query: str,
    client: dict[str, Any],
    code: str,
    close_code: int,
) -> None:
    async def main() -> None:
        async with (
            serving(**options) as server,
            client_of(server, query, **client) as c,
        ):
            assert (await c.error())["code"] == code
            assert await c.close_code() == (close_code, f"invalid_request_error.{code}")
            await until(
                lambda: measured(server, "refused_connections_total", code=code) == 1
            )
            assert server.open_sessions == 0

    on_sockets(main)


@pytest.mark.parametrize(
    ("options", "client"),
    [
        ({}, {}),
        ({}, bearer("any")),
        ({}, bearer("ek_made_up")),
        (KEYED, bearer(KEY)),
        (KEYED, bearer("another")),
        (KEYED, {"additional_headers": {"authorization": f"bearer {KEY}"}}),
        (KEYED, {"additional_headers": {"api-key": KEY}}),
        (
            KEYED,
            browser(f"openai-insecure-api-key.{KEY}", "openai-agents-sdk.0.20.0"),
        ),
        ({"models": ("m",)}, {}),
    ],
)
def test_who_may_come_in_does(options: dict[str, Any], client: dict[str, Any]) -> None:
    async def main() -> None:
        async with (
            serving(**options) as server,
            client_of(server, "?model=m", **client) as c,
        ):
            assert (await c.next())["session"]["model"] == "m"

    on_sockets(main)


def test_a_browser_is_answered_realtime_and_never_its_key() -> None:
    async def main() -> None:
        offered = browser(f"openai-insecure-api-key.{KEY}")
        async with (
            serving(**KEYED) as server,
            client_of(server, **offered) as client,
        ):
            assert client.websocket.subprotocol == "realtime"
            assert client.websocket.response is not None
            assert KEY not in str(client.websocket.response.headers)

    on_sockets(main)


@pytest.mark.parametrize(
    "path", ["/v1/realtime", "/v1/realtime/", "/realtime", "/openai/v1/realtime"]
)
def test_paths_that_clients_make(path: str) -> None:
    async def main() -> None:
        async with serving() as server:
            answer = await get(server, upgrade(f"{path}?model=m"), until=b"\r\n\r\n")
            assert answer[0] == 101

    on_sockets(main)


def upgrade(path: str, *headers: str) -> bytes:
    return request(
        "GET",
        path,
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        *headers,
    )


def test_other_paths_are_refused_before_the_upgrade() -> None:
    async def main() -> None:
        async with serving() as server:
            status, headers, body = await get(server, upgrade("/v1/nothing?model=m"))
            assert (status, headers["content-type"]) == (404, "application/json")
            assert json.loads(body)["error"]["message"]

    on_sockets(main)


@pytest.mark.parametrize(
    ("options", "origin", "allowed"),
    [
        ({}, "http://localhost:3000", True),
        ({}, "https://127.0.0.1", True),
        ({}, "http://[::1]:8080", True),
        ({}, "https://evil.example", False),
        ({}, "http://localhost.evil.example", False),
        ({}, "null", False),
        ({}, "http://[", False),
        ({"origins": ("https://app.example",)}, "https://APP.example", True),
        ({"origins": ("https://app.example",)}, "https://evil.example", False),
        ({"origins": ("*",)}, "https://evil.example", True),
        (KEYED, "https://app.example", True),
    ],
)
def test_web_pages_of_other_origins(
    options: dict[str, Any], origin: str, *, allowed: bool
) -> None:
    client: dict[str, Any] = bearer(KEY)
    client["additional_headers"]["Origin"] = origin

    async def main() -> None:
        async with serving(**options) as server:
            if allowed:
                async with client_of(server, **client) as c:
                    await c.next()
            else:
                with pytest.raises(InvalidStatus) as caught:
                    async with client_of(server, **client):
                        pass
                assert caught.value.response.status_code == 403

    on_sockets(main)


def test_a_full_server_says_so_and_has_room_again() -> None:
    async def main() -> None:
        async with serving(max_sessions=1) as server:
            async with client_of(server) as first:
                await first.next()
                async with client_of(server) as second:
                    assert (await second.error())["code"] == "too_many_sessions"
                    assert (await second.close_code())[0] == 1013
            await until(lambda: server.open_sessions == 0)
            async with client_of(server) as third:
                await third.until("session.created")

    on_sockets(main)


def test_a_flood_is_refused_and_leaves_those_inside_alone() -> None:
    async def main() -> None:
        async with (
            serving(max_sessions=2) as server,
            client_of(server) as one,
            client_of(server) as two,
        ):

            async def knock() -> int | None:
                async with client_of(server) as client:
                    return (await client.close_code())[0]

            codes = await asyncio.gather(*(knock() for _ in range(40)))
            assert set(codes) == {1013}
            for client in (one, two):
                await client.send("input_audio_buffer.clear")
                await client.until("input_audio_buffer.cleared")

    on_sockets(main)


# --- client secrets ----------------------------------------------------------


def test_a_client_secret_lets_in_and_sets_the_session() -> None:
    session = {
        "type": "realtime",
        "model": "from-the-secret",
        "instructions": "Be brief.",
        "audio": {"input": {"turn_detection": None}},
    }

    async def main() -> None:
        async with serving(**KEYED) as server:
            ask = json.dumps({"session": session}).encode()
            text = request(
                "POST",
                "/v1/realtime/client_secrets",
                f"Authorization: Bearer {KEY}",
                body=ask,
            )
            status, _, body = await get(server, text)
            assert status == 200
            made = json.loads(body)
            ClientSecretCreateResponse.model_validate(made, strict=True)
            assert made["session"]["instructions"] == "Be brief."
            async with client_of(server, "", **bearer(made["value"])) as client:
                created = (await client.next())["session"]
                assert created["model"] == "from-the-secret"
                assert created["instructions"] == "Be brief."
                assert created["audio"]["input"]["turn_detection"] is None

    on_sockets(main)


def test_a_client_secret_makes_no_others() -> None:
    async def main() -> None:
        async with serving(**KEYED) as server:

            async def ask(key: str) -> tuple[int, dict[str, Any]]:
                text = request(
                    "POST",
                    "/v1/realtime/client_secrets",
                    f"Authorization: Bearer {key}",
                )
                status, _, body = await get(server, text)
                return status, json.loads(body)

            _, made = await ask(KEY)
            status, refusal = await ask(made["value"])
            assert (status, refusal["error"]["code"]) == (401, "invalid_api_key")

    on_sockets(main)


def test_an_expired_client_secret_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    async def main() -> None:
        async with serving() as server:
            asked = {"expires_after": {"anchor": "created_at", "seconds": 10}}
            body = json.dumps(asked).encode()
            text = request("POST", "/v1/realtime/client_secrets", body=body)
            made = json.loads((await get(server, text))[2])
            secrets = server.client_secrets
            monkeypatch.setattr(secrets, "_now_s", lambda: made["expires_at"])
            async with client_of(server, **bearer(made["value"])) as client:
                assert (await client.error())["code"] == "invalid_api_key"
                assert (await client.close_code())[0] == 3000

    on_sockets(main)


# --- the openai package --------------------------------------------------------


def test_the_openai_client_connects_and_makes_client_secrets() -> None:
    with BackgroundServer(sessions(), ServeOptions(port=0, **KEYED)) as server:
        with OpenAI(api_key=KEY, base_url=server.http_url) as client:
            secret = client.realtime.client_secrets.create(
                session={"type": "realtime", "instructions": "Hi."}
            )
            assert [model.id for model in client.models.list()] == ["gpt-realtime"]

        async def talk() -> list[str]:
            seen: list[str] = []
            async with (
                AsyncOpenAI(api_key=secret.value, base_url=server.http_url) as openai,
                openai.realtime.connect(model="gpt-realtime") as connection,
            ):
                await connection.response.create()
                async for event in connection:
                    seen.append(event.type)
                    if event.type == "response.done":
                        break
            return seen

        seen = asyncio.run(talk())
        assert seen[0] == "session.created"
        assert "response.output_audio.delta" in seen


# --- keys stay secret ----------------------------------------------------------


SAID = "a sentence that nobody else says"


async def say_things(client: Client) -> None:
    item = {
        "type": "message",
        "role": "user",
        "content": [{"type": "input_text", "text": SAID}],
    }
    await client.send("conversation.item.create", item=item)
    await client.send("input_audio_buffer.append", audio="UklGRg==")
    await client.send("response.create")
    await client.until("response.done")
    await client.websocket.send(KEY)
    await client.error()


@pytest.mark.parametrize("log_format", ["text", "json"])
def test_no_key_no_audio_and_no_words_in_the_log(log_format: Any) -> None:
    stream = io.StringIO()
    handler = configure_logging(log_format, "debug", stream)

    async def main() -> None:
        async with serving(**KEYED) as server:
            ask = request(
                "POST", "/v1/realtime/client_secrets", f"Authorization: Bearer {KEY}"
            )
            secret = json.loads((await get(server, ask))[2])["value"]
            for client_options in (
                bearer(KEY),
                bearer(secret),
                {"additional_headers": {"api-key": KEY}},
                browser(f"openai-insecure-api-key.{KEY}"),
                bearer("wrong-" + KEY),
            ):
                query = f"?model=m&api-key={KEY}"
                async with client_of(server, query, **client_options) as client:
                    if (await client.next())["type"] == "session.created":
                        await say_things(client)
            await get(server, f"GET /?api-key={KEY} HTTP/1.1\r\n\r\n".encode())
            await get(server, upgrade(f"/nowhere?api-key={KEY}"))
            await get(
                server,
                f"GET /v1/realtime?{KEY} X\r\nUpgrade: websocket\r\n\r\n".encode(),
            )
        log = stream.getvalue()
        assert log.count("session opened") == 4
        assert log.count("session closed") == 4
        assert log.count("refused") == 2
        for secret_text in (KEY, secret, SAID, "Hello there", "UklGRg"):
            assert secret_text not in log

    try:
        on_sockets(main)
    finally:
        release_logging(handler)
