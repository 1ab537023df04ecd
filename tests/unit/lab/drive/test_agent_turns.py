"""What whoever listens is told of the agent."""

from __future__ import annotations

from typing import Literal

import pytest

from voicelab.lab.drive.agent_turns import AgentTurns
from voicelab.lab.hearing import Silence
from voicelab.playback.playback import PlaybackStart, PlaybackStop


class Ears:
    def __init__(self) -> None:
        self.told: list[tuple[object, ...]] = []

    def agent_heard(self, now_ns: int) -> None:
        self.told.append(("heard", now_ns))

    def agent_silent(self, now_ns: int, why: Silence) -> None:
        self.told.append((why, now_ns))

    def agent_will_end(self, t_ns: int) -> None:
        self.told.append(("will end", t_ns))


class Way:
    """What is on its way from the server."""

    waiting = False
    ends_ns: int | None = None


@pytest.fixture
def way() -> Way:
    return Way()


@pytest.fixture
def ears() -> Ears:
    return Ears()


@pytest.fixture
def turns(ears: Ears, way: Way) -> AgentTurns:
    return AgentTurns(ears, on_its_way=lambda: way.waiting, ends_ns=lambda: way.ends_ns)


def start(t_ns: int, item: str = "a") -> PlaybackStart:
    return PlaybackStart(t_ns, "ear", item, 0)


def stop(
    t_ns: int, reason: Literal["drained", "interrupted"] = "drained", item: str = "a"
) -> PlaybackStop:
    return PlaybackStop(t_ns, "ear", item, 0, 9, reason)


def test_a_whole_answer(turns: AgentTurns, ears: Ears) -> None:
    turns.response_created("r")
    turns.heard([start(10)], 10)
    turns.response_done("r", 20, cancelled=False)
    turns.heard([stop(30)], 30)
    assert ears.told == [("heard", 10), ("finished", 30)]


def test_its_end_is_foretold_once_all_has_arrived(
    turns: AgentTurns, ears: Ears, way: Way
) -> None:
    turns.response_created("r")
    way.ends_ns = 99
    turns.heard([start(10)], 10)
    turns.response_done("r", 20, cancelled=False)
    assert ears.told == [("heard", 10), ("will end", 99)]


def test_a_stall_and_the_rest(turns: AgentTurns, ears: Ears) -> None:
    turns.response_created("r")
    turns.heard([start(10)], 10)
    turns.heard([stop(20)], 20)
    turns.heard([start(30)], 30)
    turns.response_done("r", 35, cancelled=False)
    turns.heard([stop(40)], 40)
    assert ears.told == [
        ("heard", 10),
        ("stalled", 20),
        ("heard", 30),
        ("finished", 40),
    ]


def test_a_stall_that_turns_out_to_be_the_end(
    turns: AgentTurns, ears: Ears, way: Way
) -> None:
    way.waiting = True
    turns.response_created("r")
    turns.heard([start(10)], 10)
    turns.response_done("r", 15, cancelled=False)
    turns.heard([stop(20)], 20)
    turns.check(25)
    way.waiting = False
    turns.check(30)
    turns.check(40)
    assert ears.told == [("heard", 10), ("stalled", 20), ("finished", 30)]


def test_one_item_after_the_other_is_one_turn(turns: AgentTurns, ears: Ears) -> None:
    turns.heard([start(10), stop(20), start(20, "b"), stop(30, item="b")], 30)
    assert ears.told == [("heard", 10), ("finished", 30)]


def test_an_interruption(turns: AgentTurns, ears: Ears, way: Way) -> None:
    way.waiting = True
    turns.response_created("r")
    turns.heard([start(10)], 10)
    turns.cleared()
    turns.heard([stop(20, "interrupted")], 20)
    turns.response_done("r", 25, cancelled=True)
    assert ears.told == [("heard", 10), ("interrupted", 20)]


def test_the_rest_of_a_cancelled_answer_is_not_waited_for(
    turns: AgentTurns, ears: Ears, way: Way
) -> None:
    """A bridge that drops what it has not passed on, and clears nothing."""
    way.waiting = True
    turns.response_created("r")
    turns.audio_sent()
    turns.heard([start(10)], 10)
    turns.response_done("r", 15, cancelled=True)
    turns.heard([stop(20)], 20)
    assert ears.told == [("heard", 10), ("finished", 20)]
