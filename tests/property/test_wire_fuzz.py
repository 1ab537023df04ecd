"""Whatever a client sends, the session answers it or refuses it, and goes on.

Frames are plausible events with something wrong in them, implausible ones, JSON that
is no event, and bytes that are no JSON. They come in sequences, so that what one
leaves behind meets the next. `VOICELAB_FUZZ_FRAMES` says how many frames to try; the
default is what a test run can afford.
"""

from __future__ import annotations

import json
import os
from base64 import b64encode
from copy import deepcopy
from itertools import cycle
from typing import Any, TypeAlias

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support import wire_examples
from tests.support.json_paths import paths
from tests.support.session_pair import (
    Event,
    Reply,
    SessionPair,
    hearing,
    level,
    spoken,
)
from voicelab.protocol import codec
from voicelab.protocol.beta import BetaDialect
from voicelab.protocol.items import tags
from voicelab.protocol.limits import MAX_ID_CHARACTERS
from voicelab.protocol.server_events import ServerEvent
from voicelab.protocol.wire_errors import CODES
from voicelab.session.reply import CallPiece, FailurePiece, TextPiece

FRAMES_PER_SESSION = 20
FRAMES = int(os.environ.get("VOICELAB_FUZZ_FRAMES", "4000"))
fuzz = settings(
    max_examples=FRAMES // FRAMES_PER_SESSION,
    suppress_health_check=list(HealthCheck),
)

REPLIES: list[Reply] = [
    [(10, spoken(300, "One")), (60, spoken(300, " two"))],
    [(5, TextPiece("Written")), (15, CallPiece("look", '{"a": 1}'))],
    [(5, spoken(100, "But")), (60, FailurePiece("oops", "It broke."))],
    [],
]
Frame: TypeAlias = Event | bytes | int
"""An event, a text frame as it is, or milliseconds in which nothing is sent."""

BETA = BetaDialect()
CLEAR = "input_audio_buffer.clear"

# --- values --------------------------------------------------------------------


def _nest(depth: int, bracket: str) -> Any:
    value: Any = 0
    for _ in range(depth):
        value = [value] if bracket == "[" else {"type": value}
    return value


NUMBERS = st.one_of(
    st.integers(-2, 2000),
    st.integers(),
    st.sampled_from([2**31, 2**53, 2**63, 2**64, -(2**63), 10**30, 10**400]),
    st.floats(),
    st.sampled_from([0.0, -0.0, 0.5, 1e-320, 1e308, float("nan"), float("inf")]),
)
ODD_TEXTS = st.sampled_from(
    [
        "",
        "\0",
        "root",
        "`",
        " - at `$.item`",
        "$[...]",
        "\u202e\ufeff",
        "\U0001f600" * 50,
        "\ud800",
        "x" * (MAX_ID_CHARACTERS + 1),
        "y" * 70_000,
        "Object missing required field `a`",
    ]
)
TEXTS = st.text(max_size=12) | ODD_TEXTS
SCALARS = st.none() | st.booleans() | NUMBERS | TEXTS
NESTED = st.builds(
    _nest,
    st.integers(1, 60),
    st.sampled_from(["[", "{"]),
)
JUNK = (
    st.recursive(
        SCALARS,
        lambda inner: (
            st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4)
        ),
        max_leaves=8,
    )
    | NESTED
)

# --- events --------------------------------------------------------------------

DOCUMENTS = [json.loads(codec.encode(e)) for e in wire_examples.CLIENT_EVENTS]
SERVER_DOCUMENTS = [json.loads(codec.encode(e)) for e in wire_examples.SERVER_EVENTS]
IDS = st.sampled_from(["item_a", "item_b", "root", "", "x" * 600]) | st.integers(0, 7)
"""A number stands for one of the newest items that the client was told of."""
SOUND = [b64encode(level(250, score).tobytes()).decode() for score in (0.0, 1.0)]
AUDIO = st.sampled_from(["AAAA", "AAA", "AA==", "", "!", *SOUND, *SOUND])
MCP: Event = {"type": "mcp", "server_label": "s"}
TOOLS = st.sampled_from(
    [
        {"type": "function", "name": "look", "parameters": {"a": None}},
        {"type": "function", "name": "look", "parameters": {"a": 10**30}},
        {"type": "function"},
        MCP | {"require_approval": 5},
        MCP | {"require_approval": {"always": {"read_only": None}}},
        MCP | {"require_approval": {"never": [1]}},
        MCP | {"allowed_tools": [1]},
        MCP | {"allowed_tools": {"tool_names": ["a"]}},
        MCP | {"allowed_callers": ["direct", "other"]},
        MCP | {"headers": {"a": 1}},
        MCP | {"connector_id": "connector_x"},
    ]
)
KNOWN_FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "type": st.sampled_from([d["type"] for d in DOCUMENTS]) | st.text(max_size=5),
    "item_id": IDS,
    "previous_item_id": IDS,
    "id": IDS,
    "event_id": st.sampled_from(["mine", "", "z" * 513, None, 3]),
    "audio": AUDIO,
    "audio_end_ms": NUMBERS,
    "content_index": st.integers(-1, 2),
    "tools": st.lists(TOOLS, max_size=2),
    "voice": st.sampled_from(["marin", {"id": "v"}, {"id": "v" * 600}, ""]),
    "turn_detection": st.sampled_from(
        [
            None,
            {"type": "server_vad", "silence_duration_ms": 0, "threshold": 0},
            {"type": "server_vad", "idle_timeout_ms": 1},
            {"type": "server_vad", "prefix_padding_ms": 2**31 - 1},
            {"type": "semantic_vad", "eagerness": "high"},
        ]
    ),
    "format": st.sampled_from(
        [{"type": "audio/pcmu"}, {"type": "audio/pcma"}, {"type": "audio/pcm"}]
    ),
    "transcription": st.sampled_from(
        [None, {}, {"model": "m", "language": None}, {"languages": ["a"]}, {"delay": 1}]
    ),
    "noise_reduction": st.sampled_from(
        [None, {}, {"type": "near_field", "strength": 0.5}, {"strength": 2}]
    ),
    "truncation": st.sampled_from(
        [
            "auto",
            {"type": "retention_ratio", "retention_ratio": 1},
            {
                "type": "retention_ratio",
                "retention_ratio": 0.5,
                "token_limits": {"post_instructions": 10**20},
            },
        ]
    ),
    "tool_choice": st.sampled_from(
        [
            "required",
            {"type": "function", "name": "look"},
            {"type": "mcp", "server_label": "s", "name": None},
            {"type": "mcp"},
        ]
    ),
    "max_output_tokens": st.sampled_from(["inf", 1, 4096, 4097, 0, 1.0, None]),
    "reasoning": st.sampled_from([None, {}, {"effort": "low"}, {"effort": "x"}]),
    "model": st.sampled_from(["other", "gpt-realtime", None, "m" * 100_000]),
    "tracing": st.sampled_from(["auto", None, {"metadata": 3}, {"metadata": {}}]),
    "prompt": st.sampled_from(
        [
            None,
            {"id": ""},
            {"id": "p", "variables": {"a": [1]}},
            {"id": "p", "variables": {"a": {"type": "input_image", "detail": "low"}}},
        ]
    ),
    "metadata": st.dictionaries(TEXTS, TEXTS | st.none(), max_size=3),
    "include": st.sampled_from(
        [None, [], ["item.input_audio_transcription.logprobs"] * 2]
    ),
    "output_modalities": st.sampled_from([["audio"], ["text"], ["text", "audio"], []]),
    "conversation": st.sampled_from(["none", "auto", None]),
}


@st.composite
def slips(draw: st.DrawFn, documents: list[Event]) -> Event:
    """An event of which a few values, at any depth, are others, or are gone."""
    document: Event = json.loads(json.dumps(draw(st.sampled_from(documents))))
    for _ in range(draw(st.sampled_from([0, 0, 1, 1, 2, 3]))):
        places = paths(document)[1:]
        if not places:
            break
        *parents, last = draw(st.sampled_from(places))
        holder: Any = document
        for key in parents:
            holder = holder[key]
        if isinstance(holder, dict) and draw(st.integers(0, 5)) == 0:
            last = draw(st.text(max_size=8) | st.sampled_from(sorted(KNOWN_FIELDS)))
        what = draw(st.integers(0, 4))
        if what == 0:
            _remove(holder, last)
        elif what == 1:
            holder[last] = draw(JUNK)
        else:  # a copy: the next slip may be inside it
            holder[last] = deepcopy(draw(KNOWN_FIELDS.get(last, JUNK)))
    return document


def _remove(holder: Any, key: Any) -> None:
    if isinstance(holder, list):
        del holder[key]
    else:
        holder.pop(key, None)


RAW_ODDITIES = st.sampled_from(
    [
        b"",
        b"[" * 100_000,
        b'{"type":"session.update","type":"response.cancel"}',
        b'{"type":"response.cancel","event_id":"a","event_id":3}',
        b'{"type":"input_audio_buffer.commit","event_id":"\\ud800"}',
        b'{"type":"session\\u002eupdate","session":{"type":"realtime"}}',
        b'\xef\xbb\xbf{"type":"input_audio_buffer.clear"}',
        b'{"type":"conversation.item.truncate","audio_end_ms":' + b"9" * 5000 + b"}",
        b'{"type":"response.create","response":' + b'{"input":[' * 500,
        b'{"type":"session.update","session":{"type":"realtime","audio":'
        + b'{"input":' * 900
        + b"1"
        + b"}" * 902,
    ]
)


AIMED = st.fixed_dictionaries(
    {
        "type": st.sampled_from(
            [f"conversation.item.{verb}" for verb in ("truncate", "retrieve", "delete")]
        ),
        "item_id": IDS,
    },
    optional={"content_index": st.just(0), "audio_end_ms": NUMBERS},
)
APPENDS = st.fixed_dictionaries(
    {"type": st.just("input_audio_buffer.append"), "audio": AUDIO}
)
SESSION_PLACES = {
    "audio": ["voice", "turn_detection", "format", "transcription", "noise_reduction"],
    "top": sorted(
        {"tools", "tracing", "prompt", "include", "output_modalities", "truncation"}
        | {"instructions", "tool_choice", "max_output_tokens", "reasoning", "model"}
    ),
}


@st.composite
def updates(draw: st.DrawFn) -> Event:
    """A `session.update` of a few fields, each where it belongs."""
    session: Event = {"type": "realtime"}
    for name in draw(st.lists(st.sampled_from(SESSION_PLACES["top"]), max_size=2)):
        session[name] = draw(KNOWN_FIELDS.get(name, JUNK))
    for name in draw(st.lists(st.sampled_from(SESSION_PLACES["audio"]), max_size=2)):
        side = (
            "output" if name == "voice" else draw(st.sampled_from(["input", "output"]))
        )
        audio = session.setdefault("audio", {}).setdefault(side, {})
        audio[name] = draw(KNOWN_FIELDS.get(name, JUNK))
    return {"type": "session.update", "session": session}


def frames(documents: list[Event]) -> st.SearchStrategy[Frame]:
    return st.one_of(
        slips(documents),
        slips(documents),
        slips(documents),
        updates(),
        AIMED,
        APPENDS,
        APPENDS,
        st.sampled_from([20, 100, 3000]),
        st.dictionaries(TEXTS | st.just("type"), JUNK, max_size=4),
        JUNK.map(lambda value: json.dumps(value).encode("utf-8", "surrogatepass")),
        st.binary(max_size=60),
        RAW_ODDITIES,
    )


def _settings(**audio: Any) -> Event:
    session = {"type": "realtime", "audio": audio}
    return {"type": "session.update", "session": session}


SILENCE, SPEECH = (
    {"type": "input_audio_buffer.append", "audio": sound} for sound in SOUND
)
RESPOND: Event = {"type": "response.create"}
BESIDE: Event = {"type": "response.create", "response": {"conversation": "none"}}
COMMIT: Event = {"type": "input_audio_buffer.commit"}
BEGINNINGS: list[list[Frame]] = [
    [],
    [SILENCE, SPEECH, SPEECH],
    [SILENCE, SPEECH, SPEECH, SILENCE, SILENCE, SILENCE, 5],
    [_settings(input={"turn_detection": None}), SPEECH, COMMIT, SPEECH],
    [_settings(input={"transcription": {"model": "m"}}), SPEECH, COMMIT, RESPOND, 15],
    [_settings(input={"format": {"type": "audio/pcmu"}}), SPEECH, COMMIT, RESPOND, 500],
    [RESPOND, 200, RESPOND, 8],
    [RESPOND, 200, RESPOND, 200, RESPOND, 30, BESIDE, BESIDE],
    [
        _settings(
            input={"turn_detection": {"type": "server_vad", "idle_timeout_ms": 9}}
        ),
        RESPOND,
        400,
    ],
]
"""States of a session in which a frame may find it."""


# --- the invariants --------------------------------------------------------------


class Fuzzed:
    """A session and the items that its client knows of."""

    def __init__(self) -> None:
        self.pair = SessionPair(cycle(REPLIES), transcriber=hearing(lambda *_: "words"))
        self.known: list[str] = []

    def send(self, frame: Frame, dialect: BetaDialect | None) -> None:
        if isinstance(frame, int):
            self._judge(self.pair.run(frame), None)
            return
        raw = frame if isinstance(frame, bytes) else json.dumps(self._named(frame))
        sent = raw.encode() if isinstance(raw, str) else raw
        if dialect is not None:
            sent = dialect.client_to_ga(sent)
        self.pair.server.receive(sent, self.pair.now_ns)
        self._judge(self.pair.collect(), event_id_of(sent))

    def _named(self, frame: Event) -> Event:
        """Let numbers in the place of ids stand for items that there are."""
        named = dict(frame)
        for name in ("item_id", "previous_item_id"):
            back = named.get(name)
            if type(back) is int and 0 <= back < len(self.known):
                named[name] = self.known[-1 - back]
        return named

    def _judge(self, told: list[Event], event_id: str | None) -> None:
        for event in told:
            if event["type"] == "error":
                assert event["error"]["code"] in CODES
                assert event["error"]["event_id"] == event_id
            elif event["type"] == "conversation.item.added":
                self.known.append(event["item"]["id"])
            BETA.ga_to_client(msgspec.json.encode(event))

    def still_answers(self) -> None:
        """Ask two things; what becomes due meanwhile may stand around the answers."""
        told = {e["type"]: e for e in self.pair.update(instructions="Still here?")}
        assert told["session.updated"]["session"]["instructions"] == "Still here?"
        told = {e["type"]: e for e in self.pair.send({"type": CLEAR})}
        assert f"{CLEAR}ed" in told


def event_id_of(raw: bytes) -> str | None:
    """Return the id that an error about this frame has to name."""
    try:
        event = msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return None
    event_id = event.get("event_id") if isinstance(event, dict) else None
    fits = isinstance(event_id, str) and len(event_id) <= MAX_ID_CHARACTERS
    return event_id if fits else None


@fuzz
@given(
    st.sampled_from(BEGINNINGS),
    st.sampled_from([None, None, BETA]),
    st.lists(
        frames(DOCUMENTS), min_size=FRAMES_PER_SESSION, max_size=FRAMES_PER_SESSION
    ),
)
def test_no_frame_harms_a_session(
    beginning: list[Frame], dialect: BetaDialect | None, sequence: list[Frame]
) -> None:
    session = Fuzzed()
    for frame in beginning:
        session.send(frame, None)
    for frame in sequence:
        session.send(frame, dialect)
    session.still_answers()


@fuzz
@given(st.lists(frames(SERVER_DOCUMENTS), min_size=5, max_size=FRAMES_PER_SESSION))
def test_no_server_harms_a_client(sequence: list[Frame]) -> None:
    pair = SessionPair()
    for frame in sequence:
        raw = frame if isinstance(frame, bytes) else json.dumps(frame).encode()
        if is_object(raw):
            event = pair.client.receive(raw)
            assert codec.decode_server(codec.encode(event)) == event
    assert isinstance(pair.client.interrupts_response, bool)
    assert isinstance(pair.client.turns_are_manual, bool)


def is_object(raw: bytes) -> bool:
    try:
        return isinstance(msgspec.json.decode(raw), dict)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return False


def test_the_examples_cover_both_vocabularies() -> None:
    assert {d["type"] for d in SERVER_DOCUMENTS} == set(tags(ServerEvent))
