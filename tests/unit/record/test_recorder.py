"""What the recorder writes of each hand-over, and what it puts on tape."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tests.support.recordings import noise
from voicelab.audio.formats import AudioFormat
from voicelab.audio.pcm import Samples
from voicelab.playback.playback import PlaybackEvent, PlaybackStart, PlaybackStop
from voicelab.protocol import client_events as ce
from voicelab.protocol import server_events as ev
from voicelab.record.event_log import audio_digest
from voicelab.record.recorder import Recorder
from voicelab.session.outbox import Note
from voicelab.units import NS_PER_MS

MS = 24
ORIGIN_NS = 900 * NS_PER_MS


@dataclass
class Hands:
    """A clock that is set by hand; timers are none of the recorder's business."""

    t_ns: int = ORIGIN_NS

    def now_ns(self) -> int:
        return self.t_ns

    def real_ns(self) -> int:
        return self.t_ns

    def call_at_ns(self, *_: object) -> Any:
        raise NotImplementedError


@dataclass
class Desk:
    """A recorder with its clock, its file and its origin."""

    clock: Hands = field(default_factory=Hands)
    sink: io.BytesIO = field(default_factory=io.BytesIO)
    downlink: AudioFormat = AudioFormat.PCM

    def __post_init__(self) -> None:
        self.recorder = Recorder(
            self.clock, self.sink, uplink=AudioFormat.PCM, downlink=self.downlink
        )
        self.recorder.set_origin(ORIGIN_NS)

    def at(self, ms: float) -> Recorder:
        self.clock.t_ns = ORIGIN_NS + round(ms * NS_PER_MS)
        return self.recorder

    def receive(self, samples: Samples, item_id: str = "item_1") -> None:
        delta = self.downlink.encode(samples)
        self.recorder.client_received(audio_delta(delta, item_id))

    def play(self, ms: float, event: PlaybackEvent) -> None:
        self.at(ms).playback(event)

    def hear(self, start_ms: float, first: int, end: int, **how: Any) -> None:
        item_id = how.get("item_id", "item_1")
        start_ns = ORIGIN_NS + round(start_ms * NS_PER_MS)
        stop_ns = start_ns + -(-(end - first) * 10**9 // self.downlink.rate_hz)
        reason = how.get("reason", "drained")
        self.recorder.playback(PlaybackStart(start_ns, "ear", item_id, first))
        self.recorder.playback(
            PlaybackStop(stop_ns, "ear", item_id, first, end, reason)
        )

    def lines(self) -> list[dict[str, Any]]:
        self.recorder.finish()
        return [json.loads(line) for line in self.sink.getvalue().splitlines()]

    def tape(self, samples: int) -> Samples:
        with self.recorder.caller, self.recorder.agent as agent:
            return np.concatenate(list(agent.blocks(24_000, samples)))


def audio_delta(delta: bytes, item_id: str) -> ev.ResponseOutputAudioDelta:
    return ev.ResponseOutputAudioDelta(
        event_id="event_1",
        response_id="resp_1",
        item_id=item_id,
        output_index=0,
        content_index=0,
        delta=delta,
    )


def test_frames_are_logged_by_size_hash_and_position() -> None:
    desk = Desk()
    frames = [AudioFormat.PCM.encode(noise(480, seed=n)) for n in range(200)]
    for index, frame in enumerate(frames):
        desk.at(20 * (index + 1)).client_appended(frame)
    lines = desk.lines()
    assert [line["data"]["audio"] for line in lines] == [
        {"bytes": 960, "sha256": audio_digest(frame), "pos_samples": 480 * index}
        for index, frame in enumerate(frames)
    ]
    assert {(line["lane"], line["type"]) for line in lines} == {
        ("client", "input_audio_buffer.append")
    }
    with desk.recorder.agent, desk.recorder.caller as caller:
        left = np.concatenate(list(caller.blocks(24_000, 200 * 480)))
    assert left.tobytes() == b"".join(frames)


def test_at_the_server_an_append_has_no_hash() -> None:
    desk = Desk()
    for _ in range(2):
        desk.at(60).server_received(ce.InputAudioBufferAppend(audio=bytes(960)))
    assert [line["data"] for line in desk.lines()] == [
        {"audio": {"bytes": 960, "pos_samples": 0}},
        {"audio": {"bytes": 960, "pos_samples": 480}},
    ]
    desk.recorder.discard()


def test_deltas_are_placed_in_their_item_on_both_lanes() -> None:
    desk = Desk()
    delta = AudioFormat.PCM.encode(noise(100))
    for item_id in ("item_1", "item_1", "item_2"):
        desk.recorder.server_sent(audio_delta(delta, item_id))
        desk.recorder.client_received(audio_delta(delta, item_id))
    places = [
        (line["lane"], line["item_id"], line["data"]["audio"]["pos_samples"])
        for line in desk.lines()
    ]
    assert places == [
        (lane, item_id, position)
        for item_id, position in (("item_1", 0), ("item_1", 100), ("item_2", 0))
        for lane in ("server", "client")
    ]
    data = desk.lines()[0]["data"]
    assert set(data) == {
        "event_id",
        "response_id",
        "output_index",
        "content_index",
        "audio",
    }
    desk.recorder.discard()


def test_other_events_keep_their_own_fields() -> None:
    desk = Desk()
    desk.at(-5).client_sent(
        ce.ConversationItemTruncate(
            event_id="event_7", item_id="item_1", content_index=0, audio_end_ms=1200
        )
    )
    desk.recorder.server_noted(Note("turn.onset", "item_9", {"onset_ms": 64}))
    desk.recorder.user("turn.end", {"turn": 3})
    desk.recorder.link_lost(2, 5)
    assert desk.lines() == [
        {
            "seq": 0,
            "t_ns": -5_000_000,
            "lane": "client",
            "type": "conversation.item.truncate",
            "item_id": "item_1",
            "data": {"event_id": "event_7", "content_index": 0, "audio_end_ms": 1200},
        },
        {
            "seq": 1,
            "t_ns": -5_000_000,
            "lane": "server",
            "type": "turn.onset",
            "item_id": "item_9",
            "data": {"onset_ms": 64},
        },
        {
            "seq": 2,
            "t_ns": -5_000_000,
            "lane": "user",
            "type": "turn.end",
            "item_id": None,
            "data": {"turn": 3},
        },
        {
            "seq": 3,
            "t_ns": -5_000_000,
            "lane": "link",
            "type": "link.lost",
            "item_id": None,
            "data": {"uplink": 2, "downlink": 5},
        },
    ]
    desk.recorder.discard()


def test_an_unknown_event_is_kept_as_it_came() -> None:
    desk = Desk()
    raw = {"type": "response.dreamt", "event_id": "event_1", "depth": 3}
    desk.recorder.client_received(ev.UnknownServerEvent("response.dreamt", raw))
    (line,) = desk.lines()
    assert line["type"] == "response.dreamt"
    assert line["data"] == {"event_id": "event_1", "depth": 3}
    desk.recorder.discard()


def test_an_event_that_cannot_be_read_says_why() -> None:
    desk = Desk()
    raw = {"type": "response.done", "response": 3}
    why = "`response`: expected an object"
    desk.recorder.client_received(ev.UnknownServerEvent("response.done", raw, why))
    (line,) = desk.lines()
    assert line["data"] == {"response": 3, "unreadable": why}
    desk.recorder.discard()


def test_what_is_heard_is_taped_where_it_is_heard() -> None:
    desk = Desk()
    audio = noise(100 * MS)
    desk.receive(audio[: 40 * MS])
    desk.receive(audio[40 * MS :])
    desk.hear(250, 0, 60 * MS, reason="interrupted")
    tape = desk.tape(1000 * MS)
    assert (tape[250 * MS : 310 * MS] == audio[: 60 * MS]).all()
    tape[250 * MS : 310 * MS] = 0
    assert not tape.any()


def test_an_item_heard_in_parts_goes_on_where_it_was() -> None:
    desk = Desk()
    audio = noise(100 * MS)
    desk.receive(audio[: 40 * MS])
    desk.hear(100, 0, 40 * MS)
    desk.receive(audio[40 * MS :])
    desk.hear(200, 40 * MS, 100 * MS)
    tape = desk.tape(300 * MS)
    assert (tape[100 * MS : 140 * MS] == audio[: 40 * MS]).all()
    assert not tape[140 * MS : 200 * MS].any()
    assert (tape[200 * MS : 260 * MS] == audio[40 * MS :]).all()


def test_two_items_follow_each_other_on_tape() -> None:
    desk = Desk()
    first, second = noise(50 * MS), noise(50 * MS, seed=1)
    desk.receive(first)
    desk.receive(second, "item_2")
    desk.hear(0, 0, 50 * MS)
    desk.hear(50, 0, 50 * MS, item_id="item_2")
    assert (desk.tape(100 * MS) == np.concatenate([first, second])).all()


def test_audio_that_nobody_will_hear_is_not_kept() -> None:
    """What stays in memory of an hour of interruptions is what is being heard."""
    desk = Desk()
    for index in range(20):
        item_id = f"item_{index}"
        desk.receive(noise(100 * MS), item_id)
        desk.recorder.interruption(item_id, {"rate_hz": 24_000})
        desk.hear(200 * index, 0, 10 * MS, item_id=item_id, reason="interrupted")
        desk.receive(noise(500 * MS), item_id)
    assert desk.recorder.ear.waiting_samples == 0
    desk.recorder.discard()


def test_audio_that_was_heard_is_not_kept() -> None:
    desk = Desk()
    desk.receive(noise(50 * MS))
    assert desk.recorder.ear.waiting_samples == 50 * MS
    desk.hear(0, 0, 30 * MS)
    assert desk.recorder.ear.waiting_samples == 20 * MS
    desk.hear(100, 30 * MS, 50 * MS)
    assert desk.recorder.ear.waiting_samples == 0
    desk.recorder.discard()
