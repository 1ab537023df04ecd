"""The server behind a bridge that is driven."""

from __future__ import annotations

import json
import socket

import pytest
from websockets.asyncio.client import connect

from tests.support.sockets import on_sockets
from voicelab.errors import InputError
from voicelab.lab.agents import ScenarioAgents
from voicelab.lab.materials import gather
from voicelab.scenario import find_scenario, load_scenario
from voicelab.serve import ServeOptions
from voicelab.serve.upstream import EmbeddedUpstream
from voicelab.session.config import SessionConfig
from voicelab.session.hosted import HostedSession


def test_a_port_in_use_is_told_with_the_options_of_a_drive() -> None:
    async def main() -> None:
        scenario = load_scenario(find_scenario("dentist"))
        with socket.create_server(("127.0.0.1", 0)) as taken:
            options = ServeOptions(port=taken.getsockname()[1])
            upstream = EmbeddedUpstream(scenario, options)
            agents = ScenarioAgents(gather(scenario), 1)
            with pytest.raises(InputError, match=r"is in use; .*--serve-port"):
                await upstream.start(agents, lambda session, _: session)

    on_sockets(main)


def test_each_session_but_the_rehearsal_is_wrapped() -> None:
    async def main() -> None:
        scenario = load_scenario(find_scenario("dentist"))
        upstream = EmbeddedUpstream(scenario, ServeOptions(port=0))
        wrapped: list[HostedSession] = []

        def wrap(session: HostedSession, config: SessionConfig) -> HostedSession:
            assert config.input_format.rate_hz == 24_000
            wrapped.append(session)
            return session

        await upstream.start(ScenarioAgents(gather(scenario), 1), wrap)
        assert upstream.http_url.startswith("http://127.0.0.1:")
        assert wrapped == []
        ids = []
        for _ in range(2):
            async with connect(f"{upstream.url}?model=m") as client:
                created = json.loads(await client.recv())
                ids.append(created["session"]["id"])
        assert len(wrapped) == 2
        assert ids[0] != ids[1]  # items of two sessions are not mixed up
        await upstream.stop()

    on_sockets(main)
