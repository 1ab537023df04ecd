"""A provider's device on a leg in memory: what it waits for, counts and records."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Callable
from io import BytesIO
from typing import Any

import numpy as np
import pytest

from tests.support.driving import spoken
from voicelab import clock
from voicelab.audio.formats import AudioFormat
from voicelab.clock import timebase
from voicelab.errors import EndpointError
from voicelab.lab.device import Surroundings
from voicelab.lab.drive.browser import BrowserPage
from voicelab.lab.drive.device import ProviderDevice
from voicelab.lab.drive.elks import BEFORE_SENDING, ElksProvider
from voicelab.lab.drive.findings import Findings
from voicelab.lab.drive.provider import Provider
from voicelab.lab.drive.twilio import STREAM_SID, TwilioProvider
from voicelab.lab.hearing import Silence
from voicelab.lab.spoken import SpokenTurns
from voicelab.playback.settings import PlayerSettings
from voicelab.protocol.client_events import ConversationItemTruncate
from voicelab.protocol.response_object import Response
from voicelab.record.log_reader import Log, read_log
from voicelab.record.recorder import Recorder
from voicelab.transport.connection import Closing
from voicelab.transport.memory import memory_pair

PCMU = AudioFormat.PCMU
REPLY = PCMU.encode(spoken(2.0, 8_000))
FRAME = PCMU.encode(np.zeros(160, np.int16))


class Ears:
    def agent_heard(self, now_ns: int) -> None: ...

    def agent_silent(self, now_ns: int, why: Silence) -> None: ...

    def agent_will_end(self, t_ns: int) -> None: ...


class Call:
    """A device, and the bridge's end of its leg, in virtual time."""

    def __init__(self, provider: Provider, lead_ms: float = 0) -> None:
        time = timebase()
        self.sink = BytesIO()
        self.recorder = Recorder(time, self.sink, uplink=PCMU, downlink=PCMU)
        self.findings = Findings()
        self.ends: list[BaseException] = []
        self.sent: list[dict[str, Any]] = []
        self.origin_ns = time.now_ns()
        provider_end, self.bridge = memory_pair(time)
        self.bridge.set_receiver(lambda message: self.sent.append(json.loads(message)))
        self.device = ProviderDevice(
            provider,
            PlayerSettings(quantum_samples=160, lead_ms=lead_ms),
            uplink=PCMU,
            around=Surroundings(
                time,
                self.recorder,
                SpokenTurns(),
                hearer=Ears(),
                on_change=lambda: None,
                on_hang_up=lambda _: None,
            ),
            upstream_url=lambda: "ws://server",
            end=self.ends.append,
            findings=self.findings,
        )
        self.device.attach(provider_end)

    def say(self, kind: str, **fields: object) -> None:
        message = {"event": kind, "streamSid": STREAM_SID, **fields}
        self.bridge.send(json.dumps(message).encode())

    def say_elks(self, kind: str, **fields: object) -> None:
        self.bridge.send(json.dumps({"t": kind, **fields}).encode())

    def configure(self) -> None:
        self.device.session_opened()
        self.device.session_configured(PCMU, PCMU)

    async def begin(self) -> None:
        """Open the call, and let the conversation begin."""
        self.configure()
        await self.device.open()
        self.recorder.set_origin(self.origin_ns)
        await asyncio.sleep(0)

    async def pass_ms(self, ms: int) -> None:
        """Let time pass, frame by frame."""
        for _ in range(ms // 20):
            await asyncio.sleep(0.02)
            self.device.send_audio(FRAME)

    def log(self) -> Log:
        self.device.close()
        self.recorder.finish()
        self.recorder.discard()
        return read_log(self.sink.getvalue())


def on_virtual_time(main: Callable[[], Any]) -> Any:
    return clock.run(main)


# -- opening ------------------------------------------------------------------------


def test_a_bridge_without_a_session_is_given_up() -> None:
    async def main() -> None:
        call = Call(TwilioProvider())
        with pytest.raises(EndpointError, match="should have, at ws://server"):
            await call.device.open()
        kinds = [each["event"] for each in call.sent]
        assert kinds == ["connected", "start", "media"]  # the last is a nudge
        call.recorder.discard()

    on_virtual_time(main)


def test_a_bridge_that_leaves_before_it_has_a_session() -> None:
    async def main() -> None:
        call = Call(TwilioProvider())
        call.bridge.close(Closing(1008, "no"))
        with pytest.raises(EndpointError, match=r"hung up \(close code 1008: no"):
            await call.device.open()
        assert len(call.ends) == 1
        call.recorder.discard()

    on_virtual_time(main)


def test_what_a_bridge_leaves_out_is_found() -> None:
    async def main() -> None:
        call = Call(ElksProvider())
        call.device.session_opened()
        await call.device.open()
        assert [each["what"] for each in call.findings.described()] == [
            "never set its session; it has the server's defaults",
            "never said `listening`",
        ]
        call.recorder.discard()

    on_virtual_time(main)


# -- the conversation -----------------------------------------------------------------


def payload(start: int, end: int) -> dict[str, str]:
    return {"payload": base64.b64encode(REPLY[start:end]).decode()}


def test_a_call_with_a_clear_and_a_claim() -> None:
    async def main() -> None:
        call = Call(TwilioProvider())
        await call.begin()
        device = call.device
        device.response_created(Response(id="r", status="in_progress"))
        device.audio_sent("a", "r", REPLY)
        call.say("media", media=payload(0, 8_000))
        call.say("mark", mark={"name": "half"})
        call.say("media", media=payload(8_000, 16_000))
        call.say("mark", mark={"name": "whole"})
        await call.pass_ms(1_500)
        device.speech_started("u")
        call.say("clear")
        await asyncio.sleep(0.005)
        claim = ConversationItemTruncate(
            item_id="a", content_index=0, audio_end_ms=1500
        )
        device.truncated(claim)
        done = Response(id="r", status="cancelled")
        device.response_done(done)
        await call.pass_ms(200)
        marks = [each["mark"]["name"] for each in call.sent if each["event"] == "mark"]
        assert marks == ["half", "whole"]  # the second one at the clear
        log = call.log()
        (row,) = log.of("client", "interruption")
        assert row.item_id == "a"
        assert row.data["audio_end_ms"] == 1500
        assert row.data["truncate_event_id"] is None
        assert row.data["trigger"] == "u"
        assert row.data["received_samples"] == 16_000
        assert row.data["played_samples"] == pytest.approx(12_000, abs=80)
        (stop,) = log.of("agent", "heard.stop")
        assert stop.data["reason"] == "interrupted"
        assert stop.data["to_samples"] % 160 == 0
        kinds = [event.type for event in log.events if event.lane == "leg"]
        assert kinds == ["mark", "mark", "reached", "clear"]
        bytes_seen = [e.data["audio"] for e in log.of("client", DELTA)]
        assert sum(each["bytes"] for each in bytes_seen) == 16_000

    on_virtual_time(main)


DELTA = "response.output_audio.delta"


def test_marks_come_back_when_what_is_before_them_was_played() -> None:
    async def main() -> None:
        call = Call(TwilioProvider())
        await call.begin()
        call.device.audio_sent("a", "r", REPLY)
        call.say("mark", mark={"name": "before"})
        call.say("media", media=payload(0, 4_000))
        call.say("mark", mark={"name": "after"})
        await asyncio.sleep(0.001)
        assert [each["event"] for each in call.sent].count("mark") == 1
        await asyncio.sleep(0.498)
        assert [each["event"] for each in call.sent].count("mark") == 1
        await asyncio.sleep(0.002)
        assert call.sent[-1]["mark"]["name"] == "after"
        call.log()

    on_virtual_time(main)


def test_a_page_returns_the_first_mark_of_an_item_when_it_begins_to_play() -> None:
    async def main() -> list[int]:
        call = Call(BrowserPage(), lead_ms=60)
        await call.begin()
        sent_ns = timebase().now_ns()
        mark = {"name": "m1", "item_id": "item", "audio_ms": 0}
        call.bridge.send(json.dumps({"mark": mark}).encode())
        audio = base64.b64encode(spoken(2.0, 16_000).tobytes()).decode()
        call.bridge.send(json.dumps({"audio": audio}).encode())
        came_ms = []
        for _ in range(20):
            await call.pass_ms(20)
            if {"mark": {"name": "m1"}} in call.sent:
                came_ms.append((timebase().now_ns() - sent_ns) // 1_000_000)
        call.log()
        return came_ms

    assert 60 <= clock.run(main)[0] <= 80


def test_what_comes_before_the_conversation_waits_for_it() -> None:
    async def main() -> None:
        call = Call(TwilioProvider())
        call.configure()
        call.device.audio_sent("a", "r", REPLY)
        call.say("media", media=payload(0, 8_000))
        await asyncio.sleep(0.3)
        await call.begin()
        await call.pass_ms(100)
        (start,) = call.log().of("player", "playback.start")
        assert start.t_ns >= 300_000_000

    on_virtual_time(main)


def test_violations_are_counted_recorded_and_without_effect() -> None:
    async def main() -> None:
        call = Call(ElksProvider())
        call.say_elks("listening", format="ulaw")
        await asyncio.sleep(0)
        await call.begin()
        for _ in range(3):
            call.say_elks("audio", data="AAAA")
        call.say_elks("dance")
        await asyncio.sleep(0.01)
        call.device.refuse_binary(b"\0")
        found = call.findings.described()
        assert [each["times"] for each in found] == [3, 1, 1]
        assert found[0]["what"] == BEFORE_SENDING
        assert "unknown 't' 'dance'" in str(found[1]["what"])
        assert call.ends == []
        log = call.log()
        assert len(log.of("leg", "violation")) == 5
        assert log.of("player", "playback.start") == []

    on_virtual_time(main)


@pytest.mark.parametrize("garbage", [b"Hello?", b"[1]", b"\xff", b"x" * (1 << 21)])
def test_garbage_ends_the_call(garbage: bytes) -> None:
    async def main() -> None:
        call = Call(TwilioProvider())
        await call.begin()
        call.bridge.send(garbage)
        await asyncio.sleep(0.01)
        (why,) = call.ends
        assert isinstance(why, EndpointError)
        assert str(why).startswith("the bridge sent no message of the Twilio leg: it ")
        call.log()

    on_virtual_time(main)


def test_the_caller_is_heard_in_frames_of_20_ms_with_their_times() -> None:
    async def main() -> None:
        call = Call(TwilioProvider())
        await call.begin()
        await call.pass_ms(100)
        await asyncio.sleep(0.001)
        media = [each["media"] for each in call.sent if each["event"] == "media"]
        assert [int(each["timestamp"]) for each in media] == [0, 20, 40, 60, 80]
        appends = call.log().appends("client")
        assert appends.pos_samples.tolist() == [0, 160, 320, 480, 640]

    on_virtual_time(main)
