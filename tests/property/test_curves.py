"""What a curve concludes is what the streaming detector, turn by turn, comes to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tests.support.curves import Turn, corpus, heard
from voicelab.curves.judging import judge
from voicelab.metrics.caller import CallerTurn
from voicelab.metrics.user_items import UserItem
from voicelab.session.turn_detection import (
    FRAME_MS,
    TurnDetector,
    TurnEnd,
    TurnSettings,
    TurnStart,
)
from voicelab.units import NS_PER_MS

LONGEST_MS = 8 * FRAME_MS
NEVER_NS = 1 << 60

SETTINGS = st.builds(
    TurnSettings,
    threshold=st.sampled_from([0.0, 0.1, 0.3, 0.5, 0.9, 1.0]),
    prefix_padding_ms=st.integers(0, 400),
    silence_duration_ms=st.integers(0, LONGEST_MS),
)


@dataclass(frozen=True)
class Call:
    """A conversation by chance."""

    scores: list[float]
    turns: list[Turn]
    recording_ms: int
    frame_ms: int


@st.composite
def calls(draw: st.DrawFn) -> Call:
    runs = draw(
        st.lists(
            st.tuples(st.sampled_from([0.0, 0.2, 0.4, 0.6, 1.0]), st.integers(1, 8)),
            min_size=1,
            max_size=14,
        )
    )
    scores = [score for score, length in runs for _ in range(length)]
    length_ms = len(scores) * FRAME_MS
    # edges on the grid of frames are the ones where comparisons go wrong
    edge = st.integers(0, length_ms) | st.integers(0, len(scores)).map(
        lambda frame: frame * FRAME_MS
    )
    edges = sorted(draw(st.sets(edge, min_size=2, max_size=12)))
    kinds = st.sampled_from(["turn", "turn", "backchannel"])
    turns = [
        (draw(kinds), start_ms, end_ms)
        for start_ms, end_ms in zip(edges[::2], edges[1::2], strict=False)
    ]
    recording_ms = draw(st.integers(0, length_ms))
    return Call(scores, turns, recording_ms, draw(st.integers(10, 100)))


def streamed(call: Call, settings: TurnSettings) -> list[tuple[UserItem, int, bool]]:
    """Return the items, where the audio of each starts, and whether it ended."""
    detector = TurnDetector(settings)
    starts: list[TurnStart] = []
    items: list[tuple[TurnStart, int, int]] = []
    for score in [float(np.float32(each)) for each in call.scores]:
        change = detector.feed(score)
        if isinstance(change, TurnEnd):
            start = starts[-1]
            items.append((start, change.last_voiced_ms, change.audio_end_ms))
        elif change is not None:
            starts.append(change)
    found = [
        (_item(start.onset_ms, voiced_ms, end_ms), start.audio_start_ms, True)
        for start, voiced_ms, end_ms in items
    ]
    for start in starts[len(items) :]:
        item = UserItem("", start.onset_ms * NS_PER_MS, NEVER_NS, NEVER_NS, None, None)
        found.append((item, start.audio_start_ms, False))
    return [each for each in found if each[0].onset_ns < call.recording_ms * NS_PER_MS]


def _item(onset_ms: int, voiced_ms: int, end_ms: int) -> UserItem:
    onset_ns, voiced_ns = onset_ms * NS_PER_MS, voiced_ms * NS_PER_MS
    return UserItem("", onset_ns, voiced_ns, end_ms * NS_PER_MS, None, None)


def said_ms(position_ns: int, frame_ms: int) -> int:
    """Return when the microphone frame is complete that reaches up to a position."""
    return -(-position_ns // (frame_ms * NS_PER_MS)) * frame_ms


def expected(call: Call, settings: TurnSettings) -> list[dict[str, object]]:
    """Return what came of each turn, one after the other, in plain steps."""
    found = streamed(call, settings)
    turns = [
        CallerTurn(0, kind, "", (), start_ms * NS_PER_MS, end_ms * NS_PER_MS)
        for kind, start_ms, end_ms in call.turns
        if kind == "turn"
    ]
    rows: list[dict[str, object]] = []
    for number, turn in enumerate(turns):
        held = [each for each in found if each[0].holds_speech_of(turn)]
        row: dict[str, object] = {
            "cut_in": any(item.audio_end_ns < turn.end_ns for item, _, _ in held),
            "merged": False,
            "missed": not held,
            "delay": None,
            "onset": None,
            "clip": 0.0 if held else None,
        }
        after = turns[number + 1 : number + 2]
        if held and after and held[-1][0].holds_speech_of(after[0]):
            row["merged"] = True
        elif held and not held[-1][2]:
            row["missed"] = True
        elif held:
            end_ms = said_ms(held[-1][0].audio_end_ns, call.frame_ms)
            row["delay"] = end_ms - said_ms(turn.end_ns, call.frame_ms)
        before = turns[:number][-1:]
        if held and not (before and held[0][0].holds_speech_of(before[0])):
            item, audio_start_ms, _ = held[0]
            scored_ns = item.onset_ns + FRAME_MS * NS_PER_MS
            start_ms = turn.start_ns // NS_PER_MS
            row["onset"] = said_ms(scored_ns, call.frame_ms) - start_ms
            row["clip"] = max(audio_start_ms - start_ms, 0)
        rows.append(row)
    return rows


def others(call: Call, settings: TurnSettings) -> tuple[int, int, int]:
    """Return how many items ended, hold nothing, hold backchannels alone."""
    found = streamed(call, settings)
    turns = [
        CallerTurn(0, kind, "", (), start_ms * NS_PER_MS, end_ms * NS_PER_MS)
        for kind, start_ms, end_ms in call.turns
    ]
    held = [
        {turn.kind for turn in turns if item.holds_speech_of(turn)}
        for item, _, _ in found
    ]
    ended = sum(is_over for _, _, is_over in found)
    return ended, held.count(set()), held.count({"backchannel"})


def known(values: Sequence[float]) -> list[float | None]:
    return [None if np.isnan(value) else value for value in values]


@given(st.lists(calls(), min_size=1, max_size=3), SETTINGS)
def test_any_conversations_and_settings(
    conversations: list[Call], settings: TurnSettings
) -> None:
    every = corpus(
        *(
            (heard(call.turns, call.recording_ms, frame_ms=call.frame_ms), call.scores)
            for call in conversations
        ),
        longest_ms=LONGEST_MS,
    )
    judged = judge(every, settings)
    rows = [row for call in conversations for row in expected(call, settings)]
    assert judged.cut_in.tolist() == [row["cut_in"] for row in rows]
    assert judged.merged.tolist() == [row["merged"] for row in rows]
    assert judged.missed.tolist() == [row["missed"] for row in rows]
    assert known(judged.endpointing_delay_ms.tolist()) == [r["delay"] for r in rows]
    assert known(judged.onset_delay_ms.tolist()) == [row["onset"] for row in rows]
    assert known(judged.front_clip_ms.tolist()) == [row["clip"] for row in rows]
    counts = [others(call, settings) for call in conversations]
    assert (
        int(judged.ended.sum()),
        int(judged.false.sum()),
        int(judged.aside.sum()),
    ) == tuple(sum(column) for column in zip(*counts, strict=True))
