"""The session's parts against naive models, and the whole against any client."""

from __future__ import annotations

from itertools import cycle
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.pauses import judged_at_random
from tests.support.session_pair import Event, Reply, SessionPair, hearing, spoken
from voicelab.audio import AudioFormat
from voicelab.session.input_buffer import InputAudioBuffer
from voicelab.session.reply import CallPiece, FailurePiece, SpeechPiece, TextPiece
from voicelab.session.timeline import AudioTimeline
from voicelab.session.turn_detection import (
    FRAME_MS,
    TurnDetector,
    TurnEnd,
    TurnSettings,
    TurnStart,
)

repeatable = settings(derandomize=True, deadline=None, max_examples=200)
thorough = settings(derandomize=True, deadline=None, max_examples=300)

# --- turn detection ----------------------------------------------------------

SCORES = st.lists(st.sampled_from([0.0, 0.2, 0.36, 0.5, 0.7, 0.9, 1.0]), max_size=80)
SETTINGS = st.builds(
    TurnSettings,
    threshold=st.sampled_from([0.0, 0.1, 0.36, 0.5, 0.7, 1.0]),
    prefix_padding_ms=st.integers(0, 500),
    silence_duration_ms=st.integers(0, 400),
)


def turns(scores: list[float], rule: TurnSettings) -> list[TurnStart | TurnEnd]:
    """Return the decisions by looking at the whole recording again and again."""
    found: list[TurnStart | TurnEnd] = []
    at, floor_ms = 0, 0
    while True:
        onset = next(
            (k for k in range(at, len(scores)) if _loud(scores[k], rule)), None
        )
        if onset is None:
            return found
        start_ms = max(onset * FRAME_MS - rule.prefix_padding_ms, floor_ms)
        found.append(TurnStart(start_ms, onset * FRAME_MS))
        ended = next(
            (
                (last, silent)
                for last in range(onset, len(scores))
                for silent in _silence(scores[onset : last + 1], rule, onset)
                if (last - silent) * FRAME_MS >= rule.silence_duration_ms
            ),
            None,
        )
        if ended is None:
            return found
        at, floor_ms = ended[0] + 1, (ended[0] + 1) * FRAME_MS
        found.append(TurnEnd(floor_ms, ended[1] * FRAME_MS))


def _loud(score: float, rule: TurnSettings) -> bool:
    return score >= rule.threshold


def _silence(scores: list[float], rule: TurnSettings, offset: int) -> list[int]:
    """Return where the silence at the end of these scores began, if there is one."""
    last_loud = max(k for k, score in enumerate(scores) if _loud(score, rule))
    after = range(last_loud + 1, len(scores))
    quiet = [k for k in after if scores[k] < rule.release_threshold]
    return [offset + quiet[0]] if quiet else []


@repeatable
@given(SCORES, SETTINGS)
def test_turns_are_those_of_a_look_at_the_whole(
    scores: list[float], rule: TurnSettings
) -> None:
    detector = TurnDetector(rule)
    found = [change for change in map(detector.feed, scores) if change is not None]
    assert found == turns(scores, rule)
    assert detector.speaking == (len(found) % 2 == 1)
    assert detector.position_ms == len(scores) * FRAME_MS


# --- the input buffer ----------------------------------------------------------


class WholeAudio:
    """All audio since the format last changed, and where it is uncommitted."""

    def __init__(self, audio_format: AudioFormat, earlier_ms: int = 0) -> None:
        self.format = audio_format
        self.earlier_ms = earlier_ms
        self.data = b""
        self.start = 0

    def at(self, position_ms: int) -> int:
        """Return the byte at a position, none before the first or after the last."""
        rate_hz = self.format.rate_hz
        samples = (position_ms - self.earlier_ms) * rate_hz // 1000
        return min(max(samples * self.format.bytes_per_sample, 0), len(self.data))

    def ms(self, byte: int) -> int:
        samples = byte // self.format.bytes_per_sample
        return self.earlier_ms + samples * 1000 // self.format.rate_hz


ACTIONS = st.lists(
    st.tuples(
        st.sampled_from(["append", "take", "take_all", "forget", "keep", "format"]),
        st.integers(0, 3000),
        st.integers(0, 3000),
    ),
    max_size=40,
)


@repeatable
@given(ACTIONS)
def test_the_buffer_gives_back_what_was_appended(
    actions: list[tuple[str, int, int]],
) -> None:
    buffer, whole = InputAudioBuffer(AudioFormat.PCM), WholeAudio(AudioFormat.PCM)
    for action, first, second in actions:
        if action == "append":
            count = first * whole.format.bytes_per_sample
            data = bytes((len(whole.data) + k) % 251 for k in range(count))
            buffer.append(data)
            whole.data += data
        elif action == "take":
            end_ms = max(
                whole.ms(len(whole.data)) - second // 10, whole.ms(whole.start)
            )
            start_ms = max(end_ms - first // 10, 0)
            begin = max(whole.at(start_ms), whole.start)
            assert buffer.take(start_ms, end_ms) == whole.data[begin : whole.at(end_ms)]
            whole.start = max(whole.start, whole.at(end_ms))
        elif action == "take_all":
            assert buffer.take_all() == whole.data[whole.start :]
            whole.start = len(whole.data)
        elif action == "forget":
            buffer.forget_before(first)
            whole.start = max(whole.start, whole.at(first))
        elif action == "keep":
            buffer.forget_all_but(first)
            kept = whole.at(whole.ms(len(whole.data)) - first)
            assert buffer.start_ms in {whole.ms(whole.start), whole.ms(kept)}
            if buffer.uncommitted_bytes != len(whole.data) - whole.start:
                whole.start = kept
        else:
            audio_format = list(AudioFormat)[first % 3]
            buffer.change_format(audio_format)
            if audio_format != whole.format:
                whole = WholeAudio(audio_format, whole.ms(len(whole.data)))
        assert buffer.position_ms == whole.ms(len(whole.data))
        assert buffer.start_ms == whole.ms(whole.start)
        assert buffer.uncommitted_bytes == len(whole.data) - whole.start


# --- the timeline of an agent's item -------------------------------------------


@repeatable
@given(
    st.sampled_from(list(AudioFormat)),
    st.lists(st.integers(0, 5000).map(lambda n: ("add", n)), max_size=5),
    st.lists(
        st.tuples(st.sampled_from(["add", "cut"]), st.integers(0, 3000)), max_size=12
    ),
)
def test_an_item_holds_the_shortest_claim(
    audio_format: AudioFormat, said: list[tuple[str, int]], then: list[tuple[str, int]]
) -> None:
    timeline = AudioTimeline(audio_format)
    everything: list[int] = []
    shortest: int | None = None
    pieces = 0
    for action, number in said + then:
        held = len(everything) if shortest is None else shortest
        if action == "add":
            samples = list(range(len(everything), len(everything) + number))
            everything += samples
            pieces += 1
            timeline.add(SpeechPiece(np.array(samples, np.int16), text="w"))
        else:
            reach_ms = -(-held * 1000 // audio_format.rate_hz)
            assert timeline.reaches(number) == (number <= reach_ms)
            if timeline.reaches(number):
                timeline.truncate(number)
                shortest = min(number * audio_format.rate_hz // 1000, held)
        expected = everything if shortest is None else everything[:shortest]
        assert timeline.held_audio().tolist() == np.array(expected, np.int16).tolist()
        assert timeline.tokens().audio == len(expected) * 20 // audio_format.rate_hz
        assert timeline.transcript == ("w" * pieces if shortest is None else "")


# --- any client ------------------------------------------------------------------

REPLIES: list[Reply] = [
    [
        (100, spoken(300, "One")),
        (200, spoken(300, " two")),
        (900, spoken(300, " three")),
    ],
    [(50, TextPiece("Written")), (150, CallPiece("look", '{"a": 1}'))],
    [(50, spoken(100, "But")), (60, FailurePiece("oops", "It broke."))],
    [],
    [(100, CallPiece("look", "{}")), (300, spoken(5000, "Long"))],
]
IDS = st.sampled_from(["item_a", "item_b", "item_c", "root", ""])
CONTENT = st.sampled_from(
    [
        [],
        [{"type": "input_text", "text": "Hi"}],
        [
            {"type": "input_audio", "audio": "AAAAAA=="},
            {"type": "input_text", "text": ""},
        ],
        [{"type": "output_text", "text": "I said"}],
        [{"type": "output_audio", "transcript": "I spoke"}],
    ]
)
ITEMS = st.fixed_dictionaries(
    {
        "type": st.just("message"),
        "role": st.sampled_from(["user", "assistant", "system"]),
        "content": CONTENT,
    },
    optional={"id": IDS},
) | st.sampled_from(
    [
        {"type": "function_call", "name": "f", "arguments": "{}", "call_id": "c"},
        {"type": "function_call_output", "call_id": "c", "output": "x"},
    ]
)
DETECTIONS = st.sampled_from(
    [
        None,
        {"type": "server_vad", "silence_duration_ms": 200},
        {"type": "server_vad", "create_response": False, "idle_timeout_ms": 700},
        {"type": "server_vad", "interrupt_response": False, "prefix_padding_ms": 9000},
        {"type": "server_vad", "threshold": 2},
        {"type": "semantic_vad", "eagerness": "high"},
    ]
)
SESSIONS = st.fixed_dictionaries(
    {"type": st.sampled_from(["realtime"] * 9 + ["transcription"])},
    optional={
        "audio": st.fixed_dictionaries(
            {},
            optional={
                "input": st.fixed_dictionaries(
                    {},
                    optional={
                        "turn_detection": DETECTIONS,
                        "format": st.sampled_from(
                            [
                                {"type": "audio/pcmu"},
                                {"type": "audio/pcm"},
                                {"type": "x"},
                            ]
                        ),
                        "transcription": st.sampled_from([None, {"model": "m"}]),
                    },
                ),
                "output": st.fixed_dictionaries(
                    {},
                    optional={
                        "voice": st.sampled_from(["alloy", "marin", {"id": "v"}])
                    },
                ),
            },
        ),
        "output_modalities": st.sampled_from([["audio"], ["text"], []]),
        "max_output_tokens": st.sampled_from(["inf", 5, 0]),
    },
)
RESPONSES = st.fixed_dictionaries(
    {},
    optional={
        "conversation": st.sampled_from(["auto", "none", "other"]),
        "input": st.lists(
            ITEMS | IDS.map(lambda name: {"type": "item_reference", "id": name}),
            max_size=2,
        ),
        "metadata": st.sampled_from([{"k": "v"}, {}, None]),
        "max_output_tokens": st.sampled_from(["inf", 1, -1]),
        "audio": st.sampled_from(
            [{"output": {"format": {"type": "audio/pcma"}}}, {}, 3]
        ),
    },
)
KNOWN = "known:"
"""Stands for the newest items that the client has been told of."""
TARGETS = st.integers(0, 7).map(lambda back: f"{KNOWN}{back}")


def event(kind: str, **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Event]:
    return st.fixed_dictionaries({"type": st.just(kind), **fields})


EVENTS = st.one_of(
    event("session.update", session=SESSIONS),
    event("input_audio_buffer.commit"),
    event("input_audio_buffer.clear"),
    event(
        "input_audio_buffer.append",
        audio=st.sampled_from(["AAAA", "AAA=", "", "!", "AA=="]),
    ),
    event("conversation.item.create", item=ITEMS),
    event("conversation.item.create", item=ITEMS, previous_item_id=TARGETS),
    event("conversation.item.retrieve", item_id=TARGETS),
    event("conversation.item.delete", item_id=TARGETS),
    event(
        "conversation.item.truncate",
        item_id=TARGETS,
        content_index=st.integers(0, 1),
        audio_end_ms=st.integers(-1, 700),
    ),
    event("response.create", response=RESPONSES),
    event("response.create"),
    event("response.cancel"),
    event("response.cancel", response_id=st.just("resp_x")),
    event("output_audio_buffer.clear"),
    event("nonsense", x=st.integers()),
)
AUDIO = st.tuples(st.sampled_from(["speak", "hush", "run"]), st.integers(1, 900))
STEPS = st.lists(
    st.booleans().flatmap(lambda heard: AUDIO if heard else EVENTS),
    min_size=10,
    max_size=40,
)


class Follower:
    """Believes every event and keeps the conversation as it is told of it."""

    def __init__(self) -> None:
        self.order: list[str] = []
        self.event_ids: set[str] = set()
        self.running: dict[str, int] = {}
        self.ended: set[str] = set()
        self.refused: list[str] = []

    def believe(self, told: Event) -> None:
        assert told["event_id"] not in self.event_ids
        self.event_ids.add(told["event_id"])
        kind = told["type"]
        if kind == "conversation.item.added":
            self._added(told["item"]["id"], told["previous_item_id"])
        elif kind == "conversation.item.done":
            at = self.order.index(told["item"]["id"])
            assert told["previous_item_id"] == (self.order[at - 1] if at else None)
        elif kind == "conversation.item.deleted":
            self.order.remove(told["item_id"])
        elif kind == "input_audio_buffer.committed":
            assert told["previous_item_id"] == (self.order[-1] if self.order else None)
        elif kind == "response.created":
            assert told["response"]["id"] not in self.ended | self.running.keys()
            self.running[told["response"]["id"]] = 0
        elif kind == "response.done":
            del self.running[told["response"]["id"]]
            self.ended.add(told["response"]["id"])
        elif kind == "error":
            self.refused.append(told["error"]["event_id"])
        elif "response_id" in told:
            assert told["response_id"] in self.running

    def _added(self, item_id: str, previous_id: str | None) -> None:
        assert item_id not in self.order
        at = 0 if previous_id is None else self.order.index(previous_id) + 1
        self.order.insert(at, item_id)


def take_step(pair: SessionPair, follower: Follower, step: Any, number: int) -> None:
    told: list[Event]
    if isinstance(step, tuple):
        action, duration_ms = step
        told = getattr(pair, action)(duration_ms)
        assert not [e for e in told if e["type"] == "error"]
    else:
        sent = step | {"event_id": f"mine_{number}"}
        for name in ("item_id", "previous_item_id"):
            sent = sent | _resolved(sent, name, follower.order)
        told = pair.send(sent)
        errors = [e["error"]["event_id"] for e in told if e["type"] == "error"]
        assert errors in ([], [f"mine_{number}"])
    for one in told:
        follower.believe(one)


def _resolved(sent: Event, name: str, known: list[str]) -> Event:
    value = sent.get(name, "")
    if not value.startswith(KNOWN):
        return {}
    back = int(value.removeprefix(KNOWN))
    return {name: known[-1 - back] if back < len(known) else "item_nowhere"}


@thorough
@given(STEPS)
def test_no_client_brings_the_server_down(steps: list[Any]) -> None:
    pair = SessionPair(
        cycle(REPLIES),
        transcriber=hearing(lambda *_: "words"),
        end_of_turn=judged_at_random(),
    )
    follower = Follower()
    for told in pair.events:
        follower.believe(told)
    for number, step in enumerate(steps):
        take_step(pair, follower, step, number)
    for told in pair.run(20_000 if pair.server.config.idle_timeout_ms is None else 500):
        follower.believe(told)
    assert [item.id for item in pair.server.conversation] == follower.order
    assert sum(1 for e in pair.of("error") if e["error"]["event_id"] is None) == 0


@thorough
@given(STEPS)
def test_positions_and_turns_run_forward(steps: list[Any]) -> None:
    pair = SessionPair(cycle(REPLIES), end_of_turn=judged_at_random(delay_ms=300))
    follower = Follower()
    for number, step in enumerate(steps):
        take_step(pair, follower, step, number)
    end_ms, open_id = 0, None
    for told in pair.events:
        if told["type"] == "input_audio_buffer.speech_started":
            assert told["audio_start_ms"] >= end_ms
            open_id = told["item_id"]
        elif told["type"] == "input_audio_buffer.speech_stopped":
            assert told["item_id"] == open_id
            assert told["audio_end_ms"] > end_ms
            end_ms, open_id = told["audio_end_ms"], None
        elif told["type"] == "input_audio_buffer.committed":
            held = pair.server.conversation.get(told["item_id"])
            if held is not None:
                spans = {8 * held.audio_ms, 48 * held.audio_ms}
                slack = 96  # a manual commit may end between milliseconds
                assert any(abs(held.audio_bytes - span) < slack for span in spans)
