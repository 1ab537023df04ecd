"""How a caller's turn stands to the agent, for each way in which it can."""

from __future__ import annotations

from typing import Any

from voicelab.lab.relations import (
    BargeIn,
    Continuation,
    Opening,
    Relation,
    ReplyGap,
    agent_opens,
    relations,
)
from voicelab.scenario.label_model import Labels, LabelTurn

Party = tuple[Any, ...]


def labels(*turns: Party) -> Labels:
    """Return labels of (speaker, start in s, end in s, kind or tag)."""
    made = []
    for speaker, start_s, end_s, *marks in turns:
        kind = "backchannel" if "backchannel" in marks else "turn"
        tags = tuple(mark for mark in marks if mark != "backchannel")
        made.append(
            LabelTurn(
                "caller" if speaker == "c" else "agent",
                round(start_s * 1000),
                round(end_s * 1000),
                kind=kind,  # type: ignore[arg-type]
                tags=tags,
            )
        )
    return Labels(turns=tuple(sorted(made, key=lambda turn: turn.start_ms)))


def of_last(*turns: Party) -> Relation:
    return relations(labels(*turns))[-1]


def test_the_caller_speaks_first() -> None:
    assert of_last(("c", 0.7, 2)) == Opening(700)


def test_a_reply() -> None:
    assert of_last(("a", 0, 3), ("c", 3.4, 5)) == ReplyGap(400)
    assert of_last(("c", 0, 1), ("a", 2, 3), ("c", 3.4, 5)) == ReplyGap(400)


def test_a_reply_at_the_very_end() -> None:
    assert of_last(("a", 0, 3), ("c", 3, 5)) == ReplyGap(0)


def test_an_early_reply_overlaps_the_agent_s_last_word() -> None:
    assert of_last(("a", 0, 3), ("c", 2.8, 5)) == ReplyGap(-200)


def test_a_barge_in_comes_long_before_the_agent_s_end() -> None:
    assert of_last(("a", 1, 9), ("c", 3.5, 5)) == BargeIn(2500)


def test_a_barge_in_may_be_told_by_its_tag() -> None:
    assert of_last(("a", 1, 4), ("c", 3.5, 5, "barge_in")) == BargeIn(2500)


def test_a_backchannel_belongs_to_what_it_is_said_over() -> None:
    assert of_last(("a", 1, 4), ("c", 3.5, 3.8, "backchannel")) == BargeIn(2500)


def test_after_a_backchannel_a_reply_is_still_a_reply() -> None:
    over = ("c", 3.5, 3.8, "backchannel")
    assert of_last(("a", 1, 4), over, ("c", 4.3, 6)) == ReplyGap(300)
    across_the_end = ("c", 3.9, 4.2, "backchannel")
    assert of_last(("a", 1, 4), across_the_end, ("c", 4.3, 6)) == ReplyGap(300)


def test_a_caller_goes_on() -> None:
    assert of_last(("c", 0, 1), ("c", 2.5, 4)) == Continuation(1500)
    assert of_last(("a", 0, 3), ("c", 3.4, 5), ("c", 6, 7)) == Continuation(1000)


def test_after_a_barge_in_that_got_no_answer_a_caller_goes_on() -> None:
    """The agent that was stopped did not come between the two turns."""
    stopped = ("a", 0, 3.5), ("c", 3, 5, "barge_in")
    assert of_last(*stopped, ("c", 6, 7)) == Continuation(1000)


def test_an_agent_that_gave_up_while_the_caller_spoke_did_not_come_between() -> None:
    assert of_last(("c", 0, 5), ("a", 3, 4), ("c", 6, 7)) == Continuation(1000)


def test_an_agent_that_cut_in_and_held_the_floor_is_replied_to() -> None:
    assert of_last(("c", 0, 5), ("a", 4.5, 6), ("c", 6.5, 7)) == ReplyGap(500)


def test_nobody_replies_to_the_agent_s_backchannels() -> None:
    mhm = ("a", 2, 2.3, "backchannel")
    assert of_last(("c", 0, 5), mhm, ("c", 6, 7)) == Continuation(1000)
    assert of_last(mhm, ("c", 2.1, 3)) == Opening(2100)
    assert not agent_opens(labels(mhm, ("c", 2.1, 3)))


def test_the_order_of_the_caller_s_turns_is_kept() -> None:
    told = relations(
        labels(("c", 0.5, 2), ("a", 2.5, 9), ("c", 4, 6), ("a", 7, 8), ("c", 8.1, 9))
    )
    assert told == [Opening(500), BargeIn(1500), ReplyGap(100)]


def test_who_opens() -> None:
    assert agent_opens(labels(("a", 0, 1), ("c", 2, 3)))
    assert not agent_opens(labels(("c", 0, 1), ("a", 2, 3)))
    assert not agent_opens(labels(("c", 0, 1)))
    assert not agent_opens(labels(("a", 0, 1)))
