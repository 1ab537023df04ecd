"""Conversations over the telephone bridges: a scripted exchange, a server between."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from functools import partial
from pathlib import Path

import numpy as np
import pytest

import voicelab as vl
from tests.support.phone import Elks, Provider, Twilio, calling
from tests.support.serving import OneReply, serving, sessions
from tests.support.sockets import on_sockets, until
from tests.support.telephone_bridges import (
    Make,
    calls_to,
    elks_bridge,
    running,
    twilio_bridge,
    url_of,
)
from voicelab.audio.pcm import Samples
from voicelab.audio.wav import read_audio
from voicelab.legs import elks
from voicelab.paths import data_dir
from voicelab.result import Run
from voicelab.serve import RealtimeServer

REPLY_S = 3.0
LATE_MS = 300.0
"""A hundred times what bridge and exchange take on an idle machine."""

CONVERSATIONS: dict[str, tuple[Make, Provider, str]] = {
    "void syncs unanswered": (elks_bridge, Elks(answers_void=False), "/elks"),
    "twilio": (twilio_bridge, Twilio(), "/twilio/media"),
}
for _name in elks.CODECS:
    CONVERSATIONS[_name] = (partial(elks_bridge, format=_name), Elks(_name), "/elks")


def with_a_barge_in(rate_hz: int) -> Samples:
    """Say a name, listen a while, break in with it, and leave time for the answer."""
    dentist = data_dir() / "conversations" / "dentist.wav"
    caller = read_audio(dentist, channel=0, rate_hz=rate_hz).samples
    name = caller[round(13.9 * rate_hz) : round(15.0 * rate_hz)]
    pauses_s = (0.2, 1.8, REPLY_S + 1.0)
    before, between, after = (np.zeros(round(s * rate_hz), np.int16) for s in pauses_s)
    return np.concatenate([before, name, between, name, after])


async def hold(name: str, server: RealtimeServer, record: Path) -> None:
    """Hold one conversation over a bridge of its own."""
    make, provider, path = CONVERSATIONS[name]
    calls = calls_to(server.url, record=record / name)
    async with (
        running(make(calls)) as bridge,
        calling(url_of(bridge, path), provider) as phone,
    ):
        await phone.speak(with_a_barge_in(provider.codec.rate_hz))
        await phone.hang_up()
        await until(lambda: phone.websocket.close_code is not None)


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Run]:
    """All conversations, held at the same time."""
    record = tmp_path_factory.mktemp("calls")

    async def main() -> None:
        async with serving(sessions(OneReply(REPLY_S))) as server:
            await asyncio.gather(
                *(hold(name, server, record) for name in CONVERSATIONS)
            )

    on_sockets(main)
    return {name: vl.load_run(folder_in(record / name)) for name in CONVERSATIONS}


def folder_in(parent: Path) -> Path:
    [folder] = parent.iterdir()
    return folder


def heard_ms(name: str) -> float:
    """How much of the first reply the exchange had played when it was told to stop."""
    provider = CONVERSATIONS[name][1]
    [samples] = provider.exchange.heard_samples
    return samples * 1000 / provider.codec.rate_hz


@pytest.mark.parametrize("name", list(CONVERSATIONS))
def test_what_is_claimed_is_what_was_heard(name: str, runs: Mapping[str, Run]) -> None:
    truncations = runs[name].truncations
    assert list(truncations["verdict"]) == ["accepted"]
    assert 0 < heard_ms(name) < REPLY_S * 1000
    error_ms = truncations["audio_end_ms"][0] - heard_ms(name)
    assert abs(error_ms) < LATE_MS


@pytest.mark.parametrize("name", list(CONVERSATIONS))
def test_the_second_reply_is_heard_to_its_end(
    name: str, runs: Mapping[str, Run]
) -> None:
    # A stall of this machine looks like one of the player: further stops between.
    stops = runs[name].events.query("type == 'heard.stop'")["data"]
    reasons = [stop["reason"] for stop in stops]
    assert reasons.count("interrupted") == 1
    assert reasons[-1] == "drained"
    codec = CONVERSATIONS[name][1].codec
    rate_hz = 8000 if codec.bytes_per_sample == 1 else 24_000
    assert stops.iloc[-1]["to_samples"] == REPLY_S * rate_hz
    assert CONVERSATIONS[name][1].exchange.buffer.played(10**18) == pytest.approx(
        REPLY_S * codec.rate_hz, abs=codec.rate_hz / 50
    )


@pytest.mark.parametrize("name", list(CONVERSATIONS))
def test_the_record_is_a_run(name: str, runs: Mapping[str, Run]) -> None:
    run = runs[name]
    assert run.partial is None
    assert run.manifest["bridge"]["leg"] == ("twilio" if name == "twilio" else "elks")
    assert list(run.latency["outcome"]) == ["answered", "answered"]
    assert (run.latency["response_latency_ms"] > 0).all()
    spoken_s = len(with_a_barge_in(8000)) / 8000
    assert len(run.audio) / run.audio_rate_hz == pytest.approx(spoken_s, abs=1.0)
