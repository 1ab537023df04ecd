"""The client application: what it plays, tells the caller, and claims."""

from __future__ import annotations

import asyncio
import io
import json
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

from tests.support.recordings import noise
from voicelab import clock
from voicelab.audio.formats import AudioFormat
from voicelab.clock import sleep_until_ns, timebase
from voicelab.lab.app import ClientApp
from voicelab.lab.hearing import Silence
from voicelab.lab.interruption import OnInterruption, Reaction, Truncates
from voicelab.playback import Player, PlayerSettings, policy_named
from voicelab.protocol.ids import IdSource
from voicelab.record.recorder import Recorder
from voicelab.session.client import ClientSession
from voicelab.units import NS_PER_MS

MS = 24
LEAD_MS, DEVICE_MS = 50, 30


@dataclass
class Server:
    """The far end of the client's connection, played by the test."""

    sent: list[dict[str, Any]] = field(default_factory=list)
    receiver: Callable[[bytes], None] | None = None
    app: ClientApp | None = None

    def send(self, message: bytes) -> None:
        self.sent.append(json.loads(message))

    def set_receiver(
        self, receiver: Callable[[bytes], None], _on_hang_up: object = None
    ) -> None:
        self.receiver = receiver

    def close(self, _closing: object = None) -> None:
        self.receiver = None

    def says(self, kind: str, **fields: Any) -> None:
        assert self.receiver is not None
        event = {"type": kind, "event_id": "event_1", **fields}
        self.receiver(json.dumps(event).encode())

    # what the caller does with the client's button

    def press(self) -> None:
        assert self.app is not None
        self.app.turn_begins()

    def release(self) -> None:
        assert self.app is not None
        self.app.turn_ends()

    # what a server says, as far as a client looks at it

    def session(self, **detection: Any) -> None:
        turn_detection = {"type": "server_vad", **detection}
        audio = {"input": {"turn_detection": turn_detection}}
        self.says("session.updated", session={"type": "realtime", "audio": audio})

    def without_turn_detection(self) -> None:
        audio = {"input": {"turn_detection": None}}
        self.says("session.updated", session={"type": "realtime", "audio": audio})

    def response(
        self, kind: str, response_id: str, status: str, output: list[Any] | None = None
    ) -> None:
        response = {
            "object": "realtime.response",
            "id": response_id,
            "status": status,
            "output": output or [],
            "conversation_id": "conv_1",
            "output_modalities": ["audio"],
            "max_output_tokens": "inf",
            "audio": {},
        }
        self.says(kind, response=response)

    def begins(self, response_id: str = "resp_1") -> None:
        self.response("response.created", response_id, "in_progress")

    def ends(
        self,
        response_id: str = "resp_1",
        status: str = "completed",
        output: list[Any] | None = None,
    ) -> None:
        self.response("response.done", response_id, status, output)

    def audio(
        self, duration_ms: int, item_id: str = "item_1", response_id: str = "resp_1"
    ) -> None:
        delta = AudioFormat.PCM.encode(noise(duration_ms * MS))
        self.says(
            "response.output_audio.delta",
            response_id=response_id,
            item_id=item_id,
            output_index=0,
            content_index=0,
            delta=_base64(delta),
        )

    def announces(self, item_id: str, response_id: str = "resp_1") -> None:
        item = {
            "id": item_id,
            "object": "realtime.item",
            "type": "message",
            "role": "assistant",
            "status": "in_progress",
            "content": [],
        }
        self.says(
            "response.output_item.added",
            response_id=response_id,
            output_index=0,
            item=item,
        )

    def speech(self, item_id: str = "item_user") -> None:
        self.says(
            "input_audio_buffer.speech_started", item_id=item_id, audio_start_ms=0
        )


def _base64(data: bytes) -> str:

    return b64encode(data).decode()


@dataclass
class Ear:
    """Notes what the caller is told, in milliseconds."""

    told: list[tuple[float, str]] = field(default_factory=list)

    def agent_heard(self, now_ns: int) -> None:
        self.told.append((now_ns / NS_PER_MS, "heard"))

    def agent_silent(self, now_ns: int, why: Silence) -> None:
        self.told.append((now_ns / NS_PER_MS, why))

    def agent_will_end(self, t_ns: int) -> None:
        self.told.append((t_ns / NS_PER_MS, "will end"))


@dataclass
class Played:
    """What came of a play."""

    server: Server
    ear: Ear
    lines: list[dict[str, Any]]

    def truncations(self) -> list[tuple[str, int]]:
        return [
            (event["item_id"], event["audio_end_ms"])
            for event in self.server.sent
            if event["type"] == "conversation.item.truncate"
        ]

    def interruptions(self) -> list[dict[str, Any]]:
        return [
            {"item_id": line["item_id"], **line["data"]}
            for line in self.lines
            if line["type"] == "interruption"
        ]


Scene = dict[float, Callable[[Server], None]]


def play(
    scene: Scene,
    *,
    policy: str = "played",
    truncates: Truncates = "sounding",
    on_interruption: OnInterruption = "clear",
    player: PlayerSettings | None = None,
) -> Played:
    """Let the server act at its instants (ms) and see what the client does."""
    server, ear, sink = Server(), Ear(), io.BytesIO()
    player = player or PlayerSettings(LEAD_MS, DEVICE_MS)

    async def story() -> None:
        time = timebase()
        pcm = AudioFormat.PCM
        recorder = Recorder(time, sink, uplink=pcm, downlink=pcm)
        recorder.set_origin(0)
        app = ClientApp(
            ClientSession(IdSource(0, "client")),
            server,
            Player(player, pcm.rate_hz),
            Reaction(policy_named(policy), truncates, on_interruption),
            settings={},
            time=time,
            uplink=pcm,
            downlink=pcm,
            recorder=recorder,
            hearer=ear,
            on_change=lambda: None,
            on_hang_up=lambda _: None,
            functions={},
        )
        server.app = app
        opening = asyncio.create_task(app.open())
        await asyncio.sleep(0)
        server.session()
        await opening
        server.sent.clear()  # the session.update
        for at_ms, act in scene.items():
            await sleep_until_ns(round(at_ms * NS_PER_MS))
            act(server)
        await sleep_until_ns(60_000 * NS_PER_MS)
        app.close()
        recorder.finish()
        recorder.discard()

    clock.run(story)
    lines = [json.loads(line) for line in sink.getvalue().splitlines()]
    return Played(server, ear, lines)


def acts(*each: Callable[[Server], None]) -> Callable[[Server], None]:
    def act(server: Server) -> None:
        for one in each:
            one(server)

    return act


def test_an_answer_that_was_cancelled_before_it_was_announced_is_not_played() -> None:
    done = play(
        {
            0: acts(Server.without_turn_detection, Server.press, Server.release),
            10: Server.press,
            20: acts(Server.begins, lambda s: s.audio(200)),
            30: lambda s: s.ends(status="cancelled"),
            40: Server.release,
            50: acts(lambda s: s.begins("resp_2")),
            60: acts(lambda s: s.audio(200, "item_2", "resp_2")),
            70: lambda s: s.ends("resp_2"),
        }
    )
    assert [event["type"] for event in done.server.sent] == [
        "input_audio_buffer.clear",
        "input_audio_buffer.commit",
        "response.create",
        "response.cancel",
        "input_audio_buffer.clear",
        "conversation.item.truncate",
        "input_audio_buffer.commit",
        "response.create",
    ]
    assert done.truncations() == [("item_1", 0)]
    heard = [line["item_id"] for line in done.lines if line["type"] == "heard.start"]
    assert heard == ["item_2"]


def test_a_function_is_run_once_however_often_its_call_is_told() -> None:
    call = {
        "id": "item_1",
        "object": "realtime.item",
        "type": "function_call",
        "status": "completed",
        "call_id": "call_1",
        "name": "free_tables",
        "arguments": "{}",
    }
    calls = lambda s: s.ends(output=[call])  # noqa: E731 -- one act of a scene
    done = play({0: Server.begins, 10: calls, 20: calls})
    sent = [event["type"] for event in done.server.sent]
    assert sent == ["conversation.item.create", "response.create"]


def test_with_turn_detection_the_button_does_nothing() -> None:
    done = play({0: Server.press, 10: Server.release})
    assert done.server.sent == []


def test_an_answer_is_heard_forecast_and_finished() -> None:
    done = play(
        {
            0: acts(Server.begins, lambda s: s.audio(200)),
            100: acts(lambda s: s.audio(300), Server.ends),
        }
    )
    assert done.ear.told == [(80, "heard"), (580, "will end"), (580, "finished")]
    assert done.server.sent == []


def test_a_gap_in_the_audio_is_a_stall_until_the_response_is_done() -> None:
    done = play(
        {
            0: acts(Server.begins, lambda s: s.audio(200)),
            400: lambda s: s.audio(100),
            700: Server.ends,
        }
    )
    assert done.ear.told == [
        (80, "heard"),
        (280, "stalled"),
        (480, "heard"),
        (580, "stalled"),
        (700, "finished"),
    ]


def test_at_a_barge_in_it_falls_silent_and_claims_what_was_played() -> None:
    done = play(
        {
            0: acts(Server.begins, lambda s: s.audio(2000)),
            500: acts(Server.speech, lambda s: s.ends(status="cancelled")),
        }
    )
    assert done.truncations() == [("item_1", 450)]
    (told,) = done.interruptions()
    assert told["received_samples"] == 2000 * MS
    assert told["played_samples"] == 450 * MS
    assert told["heard_samples"] == 420 * MS
    assert told["trigger"] == "item_user"
    assert done.ear.told == [(80, "heard"), (530, "interrupted")]


def test_an_interrupted_answer_is_no_forecast_and_not_finished() -> None:
    """Even if its end is told while its last samples are on their way to the ear."""
    done = play(
        {
            0: acts(Server.begins, lambda s: s.audio(2000)),
            500: Server.speech,
            510: lambda s: s.ends(status="cancelled"),
        }
    )
    assert [what for _, what in done.ear.told] == ["heard", "interrupted"]


def test_stopped_before_its_first_sound_an_answer_is_not_finished() -> None:
    done = play(
        {
            0: acts(Server.begins, lambda s: s.audio(2000)),
            20: acts(Server.speech, lambda s: s.ends(status="cancelled")),
        }
    )
    assert done.ear.told == []
    assert done.truncations() == [("item_1", 0)]


def test_stopped_in_a_gap_an_answer_is_not_finished() -> None:
    done = play(
        {
            0: acts(Server.begins, lambda s: s.audio(200)),
            400: acts(Server.speech, lambda s: s.ends(status="cancelled")),
        }
    )
    assert done.ear.told == [(80, "heard"), (280, "stalled")]
    assert done.truncations() == [("item_1", 200)]


def test_the_last_word_of_a_finished_answer_is_heard_through_a_barge_in() -> None:
    """All had left the player: there is nothing to stop and nothing to claim."""
    done = play(
        {
            0: acts(Server.begins, lambda s: s.audio(200), Server.ends),
            260: Server.speech,
        }
    )
    assert done.ear.told[-1] == (280, "finished")
    assert done.truncations() == []
    assert done.interruptions() == []


def test_a_finished_answer_that_still_plays_is_truncated() -> None:
    done = play(
        {
            0: acts(Server.begins, lambda s: s.audio(2000), Server.ends),
            500: Server.speech,
        }
    )
    assert done.truncations() == [("item_1", 450)]


def test_what_arrives_after_the_barge_in_is_dropped_and_claimed_once() -> None:
    done = play(
        {
            0: acts(Server.begins, lambda s: s.audio(200)),
            100: Server.speech,
            110: lambda s: s.audio(200),
            120: lambda s: s.audio(200, "item_2"),
            130: lambda s: s.audio(200, "item_2"),
            140: lambda s: s.ends(status="cancelled"),
        }
    )
    assert done.truncations() == [("item_1", 50), ("item_2", 0)]
    assert [told["trigger"] for told in done.interruptions()] == 2 * ["item_user"]
    assert done.ear.told == [(80, "heard"), (130, "interrupted")]


def test_later_items_of_the_same_answer_are_truncated_at_zero() -> None:
    done = play(
        {
            0: acts(
                Server.begins,
                lambda s: s.audio(1000),
                lambda s: s.audio(1000, "item_2"),
            ),
            500: Server.speech,
        }
    )
    assert done.truncations() == [("item_1", 450), ("item_2", 0)]


def test_an_answer_that_comes_while_the_last_one_fades_is_heard_to_its_end() -> None:
    slow_device = PlayerSettings(lead_ms=0, device_latency_ms=1000)
    done = play(
        {
            0: acts(Server.begins, lambda s: s.audio(2000)),
            500: acts(Server.speech, lambda s: s.ends(status="cancelled")),
            800: acts(
                lambda s: s.begins("resp_2"),
                lambda s: s.audio(300, "item_2", "resp_2"),
                lambda s: s.ends("resp_2"),
            ),
        },
        player=slow_device,
    )
    assert done.ear.told == [
        (2100, "will end"),
        (1000, "heard"),
        (1500, "interrupted"),
        (1800, "heard"),
        (2100, "finished"),
    ]


def test_where_speech_interrupts_nothing_it_plays_on() -> None:
    done = play(
        {
            0: acts(
                lambda s: s.session(interrupt_response=False),
                Server.begins,
                lambda s: s.audio(1000),
            ),
            500: Server.speech,
            600: Server.ends,
        }
    )
    assert done.truncations() == []
    assert done.ear.told[-1] == (1080, "finished")


@pytest.mark.parametrize(
    ("policy", "claims"), [("zero", [("item_1", 0)]), ("none", [])]
)
def test_a_policy_decides_what_is_claimed(
    policy: str, claims: list[tuple[str, int]]
) -> None:
    scene: Scene = {
        0: acts(Server.begins, lambda s: s.audio(2000)),
        500: acts(Server.speech, lambda s: s.ends(status="cancelled")),
    }
    done = play(scene, policy=policy)
    assert done.truncations() == claims
    (told,) = done.interruptions()
    assert told["audio_end_ms"] == (claims[0][1] if claims else None)
    assert (told["truncate_event_id"] is None) == (not claims)


def test_the_caller_s_media_clock_goes_with_the_microphone_alone() -> None:
    """It counts frames sent, so it stands still while none is."""
    frame = AudioFormat.PCM.encode(noise(20 * MS))

    def speaks(server: Server) -> None:
        assert server.app is not None
        server.app.send_audio(frame)

    done = play(
        {
            0: acts(speaks, speaks),  # before the first audio: not counted
            10: acts(Server.begins, lambda s: s.audio(2000)),
            20: speaks,
            300: acts(speaks, speaks),
            500: acts(Server.speech, lambda s: s.ends(status="cancelled")),
        },
        policy="media_clock",
    )
    assert done.truncations() == [("item_1", 60)]


def test_a_wall_clock_starts_with_the_first_audio_not_with_its_sound() -> None:
    scene: Scene = {
        0: acts(Server.begins, lambda s: s.audio(400)),
        500: acts(Server.speech, lambda s: s.ends(status="cancelled")),
    }
    assert play(scene).truncations() == [("item_1", 400)]
    for policy, claim in (("wall_since_first_delta", 500), ("min_wall_received", 400)):
        assert play(scene, policy=policy).truncations() == [("item_1", claim)]


FINISHED: Scene = {
    0: acts(Server.begins, lambda s: s.audio(200)),
    10: Server.ends,
    5000: Server.speech,
}


def test_the_last_item_is_claimed_although_it_was_heard_to_its_end() -> None:
    assert play(FINISHED).truncations() == []
    done = play(FINISHED, truncates="last_item")
    assert done.truncations() == [("item_1", 200)]
    (told,) = done.interruptions()
    assert told["received_samples"] == told["heard_samples"] == 200 * MS
    assert done.ear.told[-1][1] == "finished"


def test_where_nothing_was_announced_yet_there_is_no_last_item_to_claim() -> None:
    done = play({0: Server.speech}, truncates="last_item")
    assert done.server.sent == []
    assert done.interruptions() == []


def test_the_last_item_is_claimed_once() -> None:
    scene = FINISHED | {6000: Server.speech, 7000: Server.speech}
    assert play(scene, truncates="last_item").truncations() == [("item_1", 200)]


def test_the_last_item_is_claimed_before_its_first_audio() -> None:
    scene: Scene = {
        0: acts(Server.begins, lambda s: s.announces("item_1")),
        100: acts(Server.speech, lambda s: s.ends(status="cancelled")),
        110: lambda s: s.audio(100),
    }
    assert play(scene, policy="none").interruptions()[0]["trigger"] == "item_user"
    assert play(scene | {110: Server.session}).truncations() == []
    done = play(scene, truncates="last_item")
    assert done.truncations() == [("item_1", 0)]
    assert len(done.interruptions()) == 1


def test_of_several_items_only_the_last_is_claimed_where_clients_know_no_other() -> (
    None
):
    scene: Scene = {
        0: acts(
            Server.begins,
            lambda s: s.audio(1000),
            lambda s: s.audio(1000, "item_2"),
        ),
        500: acts(Server.speech, lambda s: s.ends(status="cancelled")),
    }
    assert play(scene).truncations() == [("item_1", 450), ("item_2", 0)]
    done = play(scene, truncates="last_item")
    assert done.truncations() == [("item_2", 0)]
    assert done.ear.told[-1] == (530, "interrupted")  # both are silent


def test_where_nothing_is_cleared_all_that_came_is_heard() -> None:
    done = play(
        {
            0: acts(Server.begins, lambda s: s.audio(2000)),
            500: Server.speech,
            510: acts(lambda s: s.audio(100), lambda s: s.ends(status="cancelled")),
        },
        on_interruption="play_on",
    )
    assert done.truncations() == [("item_1", 450)]
    assert done.ear.told[-1] == (80 + 2100, "finished")


def test_where_nothing_is_cleared_what_has_ended_is_not_claimed() -> None:
    scene: Scene = {0: acts(Server.begins, lambda s: s.audio(200), Server.ends)}
    scene |= {5000: Server.speech}
    assert play(scene, on_interruption="play_on").truncations() == []


def test_microphone_frames_are_sent_as_they_are_given() -> None:
    frame = AudioFormat.PCM.encode(np.arange(480, dtype=np.int16))
    server = Server()

    async def story() -> None:
        pcm = AudioFormat.PCM
        recorder = Recorder(timebase(), io.BytesIO(), uplink=pcm, downlink=pcm)
        app = ClientApp(
            ClientSession(IdSource(0, "client")),
            server,
            Player(PlayerSettings(), pcm.rate_hz),
            Reaction(policy_named("played")),
            settings={},
            time=timebase(),
            uplink=pcm,
            downlink=pcm,
            recorder=recorder,
            hearer=Ear(),
            on_change=lambda: None,
            on_hang_up=lambda _: None,
            functions={},
        )
        app.send_audio(frame)
        recorder.discard()

    clock.run(story)
    assert server.sent == [
        {"type": "input_audio_buffer.append", "audio": _base64(frame)}
    ]
