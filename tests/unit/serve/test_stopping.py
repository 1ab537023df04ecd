"""How a server ends, and what becomes of its sessions then."""

from __future__ import annotations

import asyncio

import pytest

from tests.support.serving import OneReply, client_of, serving, sessions
from tests.support.sockets import SOON_S, on_sockets
from voicelab.errors import InputError
from voicelab.responders.profile import load_profile
from voicelab.serve import BackgroundServer, RealtimeServer, ServeOptions

GOING = (1001, "the server is shutting down")


def test_sessions_may_end_by_themselves() -> None:
    async def main() -> None:
        server = RealtimeServer(sessions(), ServeOptions(port=0, drain_s=60))
        await server.start()
        async with client_of(server) as client:
            await client.next()
            stopping = asyncio.create_task(server.stop())
            await asyncio.sleep(0)  # it begins to stop
            await client.send("response.create")
            await client.until("response.done")
            assert not stopping.done()
        async with asyncio.timeout(SOON_S):
            await stopping

    on_sockets(main)


def test_sessions_that_do_not_are_ended() -> None:
    async def main() -> None:
        agents = OneReply(30, load_profile("realtime-paced"))
        async with (
            serving(sessions(agents), drain_s=0.1) as server,
            client_of(server) as client,
        ):
            await client.send("response.create")
            await client.until("response.output_audio.delta")
            stopping = asyncio.create_task(server.stop())
            assert await client.close_code() == GOING
            await stopping

    on_sockets(main)


def test_hurrying_ends_them_at_once() -> None:
    async def main() -> None:
        async with serving(drain_s=60) as server, client_of(server) as client:
            await client.next()
            stopping = asyncio.create_task(server.stop())
            await asyncio.sleep(0)
            server.hurry()
            assert await client.close_code() == GOING
            async with asyncio.timeout(SOON_S):
                await stopping

    on_sockets(main)


def test_nobody_else_is_let_in_meanwhile() -> None:
    async def main() -> None:
        async with serving(drain_s=60) as server, client_of(server) as client:
            await client.next()
            stopping = asyncio.create_task(server.stop())
            for _ in range(5):  # the listening socket is closed in one of these turns
                await asyncio.sleep(0)
            with pytest.raises(OSError, match="Connect call failed"):
                await asyncio.open_connection("127.0.0.1", server.port)
            server.hurry()
            assert await client.close_code() == GOING
            await stopping

    on_sockets(main)


def test_a_client_that_does_not_answer_does_not_hold_it_up() -> None:
    async def main() -> None:
        async with (
            serving(close_timeout_s=0.2) as server,
            client_of(server) as client,
        ):
            await client.next()
            client.websocket.transport.pause_reading()
            async with asyncio.timeout(SOON_S):
                await server.stop(drain_s=0)
            assert server.open_sessions == 0
            client.websocket.transport.resume_reading()

    on_sockets(main)


def test_a_port_in_use_is_said_in_one_sentence() -> None:
    async def main() -> None:
        async with serving() as server:
            other = RealtimeServer(sessions(), ServeOptions(port=server.port))
            with pytest.raises(InputError) as caught:
                await other.start()
            assert str(caught.value) == (
                f"port {server.port} of 127.0.0.1 is in use; give another --port; 0 "
                "takes one that is free"
            )

    on_sockets(main)


def test_an_address_that_is_not_ours() -> None:
    async def main() -> None:
        options = ServeOptions(host="192.0.2.1", port=0, api_keys=("k",))
        with pytest.raises(
            InputError, match=r"192\.0\.2\.1 is no address of this machine"
        ):
            await RealtimeServer(sessions(), options).start()

    on_sockets(main)


def test_urls() -> None:
    async def main() -> None:
        async with serving(host="localhost") as server:
            assert server.url == f"ws://localhost:{server.port}/v1/realtime"
            assert server.http_url == f"http://localhost:{server.port}/v1"
        async with serving(host="0.0.0.0", api_keys=("k",)) as server:
            assert server.url == f"ws://127.0.0.1:{server.port}/v1/realtime"

    on_sockets(main)


def test_a_background_server_serves_while_its_block_runs() -> None:
    async def talk(server: BackgroundServer) -> None:
        async with client_of(server) as client:
            await client.send("response.create")
            await client.until("response.done")

    with BackgroundServer(sessions(), ServeOptions(port=0)) as server:
        asyncio.run(talk(server))
        port = int(server.url.split(":")[2].split("/")[0])
        with pytest.raises(InputError, match="in use"):
            BackgroundServer(sessions(), ServeOptions(port=port)).__enter__()
    with pytest.raises(OSError, match=r"refused|Connect call failed"):
        asyncio.run(talk(server))
