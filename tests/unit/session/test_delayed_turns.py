"""Turn changes that take effect later than the audio that decides them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.session_pair import SessionPair, spoken, types
from voicelab.session.delayed_turns import DelayDraw, DelayedTurns, TurnChange
from voicelab.session.turn_detection import TurnEnd, TurnStart
from voicelab.units import NS_PER_MS

STARTED = "input_audio_buffer.speech_started"
STOPPED = "input_audio_buffer.speech_stopped"
COMMITTED = "input_audio_buffer.committed"
VAD = {"type": "server_vad", "silence_duration_ms": 200}
REPLY = [(0, spoken(100, "Hi"))]


def constant(delay_ms: int) -> DelayDraw:
    return lambda: delay_ms * NS_PER_MS


def drawn(*delays_ms: int) -> DelayDraw:
    delays: Iterator[int] = iter(delays_ms)
    return lambda: next(delays) * NS_PER_MS


def pair_of(delay_ms: int, *, replies: int = 3, **detection: Any) -> SessionPair:
    return SessionPair(
        [REPLY] * replies,
        detection_delay=constant(delay_ms),
        audio={"input": {"turn_detection": VAD | detection}},
    )


def instants(pair: SessionPair, kind: str) -> list[float]:
    return [
        sent_ns / NS_PER_MS
        for event, sent_ns in zip(pair.events, pair.sent_at_ns, strict=True)
        if event["type"] == kind
    ]


def audio_ms(pair: SessionPair, item_id: str) -> int:
    item = pair.server.conversation.get(item_id)
    assert item is not None
    return item.audio_ms


def conversation(pair: SessionPair) -> SessionPair:
    for loud_ms, quiet_ms in ((640, 640), (320, 1280), (960, 2000)):
        pair.speak(loud_ms)
        pair.hush(quiet_ms)
    return pair


# -- the queue ---------------------------------------------------------------


def test_changes_wait_and_none_overtakes_another() -> None:
    turns = DelayedTurns(drawn(50, 10, 0))
    changes: list[TurnChange] = [
        TurnStart(0, 0),
        TurnEnd(640, 416),
        TurnStart(640, 940),
    ]
    for now_ms, change in zip((0, 5, 60), changes, strict=True):
        turns.put(change, now_ms * NS_PER_MS)
    assert turns
    assert turns.next_due_ns() == 50 * NS_PER_MS
    assert list(turns.take(49 * NS_PER_MS)) == []
    assert list(turns.take(50 * NS_PER_MS)) == changes[:2]
    assert list(turns.take(60 * NS_PER_MS)) == changes[2:]
    assert turns.next_due_ns() is None
    assert not turns


def test_what_is_dropped_never_takes_effect() -> None:
    turns = DelayedTurns(constant(1))
    turns.put(TurnStart(0, 0), 0)
    turns.drop()
    assert not turns
    assert list(turns.take(10**12)) == []


# -- the session -------------------------------------------------------------


@pytest.mark.parametrize("delay_ms", [0, 1, 45, 300])
def test_everything_happens_so_much_later_and_nothing_else_changes(
    delay_ms: int,
) -> None:
    prompt, late = conversation(pair_of(0)), conversation(pair_of(delay_ms))
    assert types(late.events) == types(prompt.events)
    for kind in (STARTED, STOPPED, COMMITTED, "response.created"):
        assert instants(prompt, kind)
        assert instants(late, kind) == [t + delay_ms for t in instants(prompt, kind)]
    for kind, field in ((STARTED, "audio_start_ms"), (STOPPED, "audio_end_ms")):
        told = [event[field] for event in late.of(kind)]
        assert told == [event[field] for event in prompt.of(kind)]


def test_no_delay_leaves_the_same_bytes() -> None:
    default = SessionPair([REPLY] * 3, audio={"input": {"turn_detection": VAD}})
    assert json.dumps(conversation(default).events) == json.dumps(
        conversation(pair_of(0)).events
    )


def test_a_turn_holds_its_own_audio_however_late_it_is_taken() -> None:
    prompt, late = conversation(pair_of(0)), conversation(pair_of(700))
    items = [
        [pair.retrieve(event["item_id"]) for event in pair.of(COMMITTED)]
        for pair in (prompt, late)
    ]
    heard = [[item["content"][0]["audio"] for item in side] for side in items]
    assert heard[0] == heard[1]


def test_the_audio_of_a_long_turn_is_kept_until_it_is_taken() -> None:
    """Between turns only the newest half minute is kept; not so while one waits."""
    pair = pair_of(5000)
    pair.speak(70_000)
    pair.hush(6000)
    (item_id,) = {event["item_id"] for event in pair.of(COMMITTED)}
    kept = pair.server.conversation.get(item_id)
    assert kept is not None
    assert kept.audio_ms == pair.last(STOPPED)["audio_end_ms"] > 70_000
    assert sum(map(len, kept.audio)) == kept.audio_ms * 48


def test_a_barge_in_breaks_the_answer_off_when_it_is_told() -> None:
    reply = [(100 * k, spoken(100, "word")) for k in range(30)]
    pair = SessionPair(
        [reply, reply],
        detection_delay=constant(150),
        audio={"input": {"turn_detection": VAD}},
    )
    pair.speak(320)
    pair.hush(480)
    pair.speak(320)
    (told_ms,) = instants(pair, STARTED)[1:]
    (done_ms,) = instants(pair, "response.done")
    assert done_ms == told_ms
    assert pair.last("response.done")["response"]["status"] == "cancelled"
    deltas = instants(pair, "response.output_audio.delta")
    assert max(deltas) <= told_ms
    assert max(deltas) > told_ms - 150, "it went on while the onset was on its way"


def test_a_commit_before_the_end_is_told_takes_all() -> None:
    pair = pair_of(400, create_response=False)
    pair.speak(640)
    pair.hush(320)  # the end is decided, and not told yet
    assert pair.of(STOPPED) == []
    pair.commit()
    pair.hush(1000)
    assert pair.of(STOPPED) == []
    (committed,) = pair.of(COMMITTED)
    assert committed["item_id"] == pair.last(STARTED)["item_id"]
    assert audio_ms(pair, committed["item_id"]) == 960


def test_a_commit_before_the_start_is_told_makes_a_turn_of_its_own() -> None:
    pair = pair_of(400, create_response=False)
    pair.speak(200)
    pair.commit()
    pair.hush(1000)
    assert pair.of(STARTED) == pair.of(STOPPED) == []
    assert len(pair.of(COMMITTED)) == 1


def test_a_clear_forgets_what_was_on_its_way() -> None:
    pair = pair_of(400)
    pair.speak(640)
    pair.hush(320)
    pair.send({"type": "input_audio_buffer.clear"})
    pair.hush(1000)
    assert types(pair.events[-1:]) == ["input_audio_buffer.cleared"]
    pair.commit()
    (committed,) = pair.of(COMMITTED)
    assert committed["item_id"] != pair.last(STARTED)["item_id"]
    assert audio_ms(pair, committed["item_id"]) == 1000


@pytest.mark.parametrize("change", [{"turn_detection": None}, {"format": "pcmu"}])
def test_what_is_no_longer_judged_starts_no_turn(change: dict[str, Any]) -> None:
    pair = pair_of(400)
    pair.speak(200)
    if "format" in change:
        change = {"format": {"type": "audio/pcmu"}}
    pair.update(audio={"input": change})
    pair.run(1000)
    assert pair.of(STARTED) == []


def test_other_settings_leave_what_was_decided() -> None:
    pair = pair_of(400)
    pair.speak(200)
    detection = {"type": "server_vad", "silence_duration_ms": 900}
    pair.update(audio={"input": {"turn_detection": detection}})
    pair.run(1000)
    assert len(pair.of(STARTED)) == 1


def test_the_line_is_not_idle_while_a_turn_is_on_its_way() -> None:
    pair = SessionPair(
        [REPLY] * 3,
        detection_delay=constant(3000),
        audio={"input": {"turn_detection": VAD | {"idle_timeout_ms": 5000}}},
    )
    pair.respond()
    pair.hush(4000)
    pair.speak(320)  # told at about 7 s, long after the line would be idle
    pair.hush(2000)
    assert pair.of("input_audio_buffer.timeout_triggered") == []
    pair.hush(2000)
    assert len(pair.of(STARTED)) == 1


def test_a_client_that_is_gone_is_told_nothing() -> None:
    pair = pair_of(400)
    pair.speak(200)
    pair.server.close(pair.now_ns)
    assert pair.server.next_deadline() is None
    pair.run(1000)
    assert pair.of(STARTED) == []
