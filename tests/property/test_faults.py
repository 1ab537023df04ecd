"""Whatever goes wrong, in whatever mixture, it goes wrong within the protocol."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.faulty import AUDIO, FaultyPair, burst, speech
from tests.support.session_pair import MANUAL, hearing
from voicelab.faults.chance import Chance
from voicelab.faults.rules import SERVER_EVENT_TYPES
from voicelab.session.reply import SpeechPiece

RATES = st.sampled_from(["rate=1", "rate=0.3", "at=1", "at=2,3"])
WAITS = st.sampled_from([0, 40, 500, 3000])
AFTER = st.sampled_from([0, 300, 900])
TYPES = st.sampled_from([AUDIO, "response.done", "response.created", "error"])
KINDS = st.one_of(
    st.builds("late:delay_ms={},on={},{}".format, WAITS, TYPES, RATES),
    st.builds("late:delay_ms={},reorder=true,{}".format, WAITS, RATES),
    st.builds("duplicate:{}".format, RATES),
    st.builds("drop:{}".format, RATES),
    st.builds("drop:on={},{}".format, TYPES, RATES),
    st.builds("late_transcript:delay_ms={},{}".format, WAITS, RATES),
    st.builds("stall:after_ms={},duration_ms={},{}".format, AFTER, WAITS, RATES),
    st.builds("disconnect:after_ms={},at=3".format, AFTER),
    st.builds("commit_error:{}".format, RATES),
    st.builds("rate_limit:{}".format, RATES),
    st.builds("response_failed:after_ms={},{}".format, AFTER, RATES),
    st.builds("no_response:{}".format, RATES),
    st.builds("stray_error:{}".format, RATES),
    st.just("expire:after_s=20"),
)
FAULTS = st.lists(KINDS, max_size=4)
ACTS = st.lists(
    st.sampled_from(["speak", "hush", "respond", "commit", "cancel", "run", "say"]),
    max_size=12,
)
SESSIONS: list[dict[str, Any]] = [
    {},
    MANUAL,
    {"audio": {"input": {"transcription": {"model": "whisper-1"}}}},
    {"audio": {"output": {"format": {"type": "audio/pcmu"}}}},
]
often = settings(derandomize=True, deadline=None, max_examples=150)


def played(
    faults: list[str], acts: list[str], session: dict[str, Any], seed: int = 3
) -> FaultyPair:
    """Hold a session; each event it sends is held against the SDK's models."""
    rate_hz = 8000 if "output" in session.get("audio", {}) else 24_000
    replies = [speech(6), burst(6), speech(20)] * 3
    replies = [[(ms, _at_rate(piece, rate_hz)) for ms, piece in r] for r in replies]
    pair = FaultyPair(
        faults,
        replies,
        transcriber=hearing(lambda *_: "what was said", 120),
        seed=seed,
        **session,
    )
    doing: dict[str, Any] = {
        "speak": lambda: pair.speak(640),
        "hush": lambda: pair.hush(800),
        "respond": pair.respond,
        "commit": pair.commit,
        "cancel": pair.cancel,
        "run": lambda: pair.run(700),
        "say": lambda: pair.say("hi"),
    }
    for act in acts:
        doing[act]()
    pair.run(30_000)
    pair.server.close(pair.now_ns)
    pair.collect()
    return pair


def _at_rate(piece: Any, rate_hz: int) -> SpeechPiece:
    count = len(piece.samples) * rate_hz // 24_000
    return SpeechPiece(piece.samples[:count], text=piece.text)


@often
@given(FAULTS, ACTS, st.sampled_from(SESSIONS))
def test_faults_keep_to_the_protocol(
    faults: list[str], acts: list[str], session: dict[str, Any]
) -> None:
    pair = played(faults, acts, session)
    ids = [event["event_id"] for event in pair.events]
    doubled = any(text.startswith("duplicate") for text in faults)
    assert doubled or len(set(ids)) == len(ids)
    assert len(pair.hang_ups) <= 1
    assert pair.server.next_deadline() is None
    order = any("late" in text for text in faults)
    assert order or pair.sent_at_ns == sorted(pair.sent_at_ns)


@often
@given(FAULTS, ACTS, st.sampled_from(SESSIONS))
def test_the_truth_is_of_what_was_sent(
    faults: list[str], acts: list[str], session: dict[str, Any]
) -> None:
    """Of an item that came to its end, all that is noted was sent, and no more."""
    pair = played(faults, acts, session)
    width = 1 if "output" in session.get("audio", {}) else 2
    sent: dict[str, int] = {}
    for event in pair.of(AUDIO):
        size = len(event["delta"]) * 3 // 4 - event["delta"].count("=")
        sent[event["item_id"]] = sent.get(event["item_id"], 0) + size // width
    whole = {event["item_id"] for event in pair.of("response.output_audio.done")}
    for note in pair.noted("reply.audio"):
        assert note.item_id is not None
        count = sent.get(note.item_id, 0)
        assert count <= note.data["samples"]
        if note.item_id in whole:
            assert count == note.data["samples"]
        ends = [0]
        for _, start, end in note.data["words"]:
            assert ends[-1] <= start < end <= note.data["samples"]
            ends.append(end)


@often
@given(FAULTS, ACTS, st.sampled_from(SESSIONS))
def test_the_same_again(
    faults: list[str], acts: list[str], session: dict[str, Any]
) -> None:
    one, two = played(faults, acts, session), played(faults, acts, session)
    assert one.events == two.events
    assert one.sent_at_ns == two.sent_at_ns
    assert one.notes == two.notes


@often
@given(
    st.lists(st.sampled_from(SERVER_EVENT_TYPES), max_size=60),
    st.lists(st.booleans(), min_size=60, max_size=60),
)
def test_what_is_struck_depends_on_its_own_kind_of_event_alone(
    names: list[str], kept: list[bool]
) -> None:
    whole, part = Chance("s", 0.5), Chance("s", 0.5)
    hits = [(name, whole.strikes(name)) for name in names]
    left = {name for name, keep in zip(names, kept, strict=False) if keep}
    again = [(name, part.strikes(name)) for name in names if name in left]
    assert again == [hit for hit in hits if hit[0] in left]
