from __future__ import annotations

import pytest

from tests.support.logs import LogBuilder
from voicelab.metrics import Turn, floor_turns


def talk(*spans: tuple[str, float, float]) -> list[Turn]:
    """Return the turns of a log of spans: party, start and end in milliseconds."""
    log = LogBuilder()
    for number, (party, start_ms, end_ms) in enumerate(spans):
        if party == "agent":
            item = f"agent-{number}"
            duration_ms = round(end_ms - start_ms)
            log.audio(item, f"resp-{number}", start_ms - 200, duration_ms)
            log.play(item, start_ms - 30, duration_ms)
        else:
            log.caller(number, start_ms, end_ms, kind=party)
    return floor_turns(log.facts())


@pytest.mark.parametrize(
    ("spans", "offsets"),
    [
        ([("turn", 200, 1000), ("agent", 1500, 3000)], [None, 500]),
        ([("turn", 200, 1000), ("agent", 900, 3000)], [None, -100]),
        ([("turn", 200, 1000), ("turn", 1500, 3000)], [None, None]),
        ([("agent", 500, 2000), ("turn", 2200, 3000)], [None, 200]),
        # the agent's few words within the caller's turn take no floor over
        (
            [("turn", 200, 3000), ("agent", 900, 1500), ("agent", 3500, 4000)],
            [None, None, 500],
        ),
        # nor does a backchannel, and no offset is counted from one
        (
            [("agent", 500, 3000), ("backchannel", 2900, 3200), ("turn", 3500, 4000)],
            [None, None, 500],
        ),
    ],
)
def test_floor_transfer_offset(
    spans: list[tuple[str, float, float]], offsets: list[float | None]
) -> None:
    assert [turn.fto_ms for turn in talk(*spans)] == offsets


def test_turns_stand_in_order_of_onset() -> None:
    turns = talk(("agent", 2000, 2500), ("turn", 200, 1000))
    assert [turn.party for turn in turns] == ["caller", "agent"]
    assert [turn.t_start_ns for turn in turns] == [200_000_000, 2_000_000_000]
    assert [turn.duration_ms for turn in turns] == [800, 500]


def test_the_agent_said_what_was_heard_of_it() -> None:
    log = LogBuilder()
    words = ["one", " two", "three"]
    log.answer("resp", "agent-0", None, 0, 3000, words=words, heard_ms=2100)
    (turn,) = floor_turns(log.facts())
    assert (turn.text, turn.words, turn.interrupted) == ("one two", 2, True)
    assert (turn.t_start_ns, turn.t_end_ns) == (530_000_000, 2_630_000_000)


def test_an_item_in_two_stretches_is_one_turn() -> None:
    log = LogBuilder()
    log.audio("agent-0", "resp", 0, 2000)
    log.play("agent-0", 100, 500)
    log.play("agent-0", 900, 1500, from_ms=500)
    (turn,) = floor_turns(log.facts())
    assert (turn.t_start_ns, turn.t_end_ns) == (130_000_000, 2_430_000_000)


def test_what_was_still_heard_at_the_end_lasts_until_then() -> None:
    log = LogBuilder()
    log.audio("agent-0", "resp", 0, 2000)
    log.add(100, "agent", "heard.start", "agent-0", from_samples=0)
    log.add(600, "link", "link.lost", uplink=0, downlink=0)
    facts = log.facts()
    (turn,) = floor_turns(facts)
    assert turn.t_end_ns == 600_000_000
    assert facts.agent_items["agent-0"].heard_samples == 500 * 24


def test_a_foreign_server_tells_the_words_of_a_whole_item_only() -> None:
    for heard_ms, text in ((None, "All of it."), (500.0, None)):
        log = LogBuilder(server=False)
        log.answer("resp", "agent-0", None, 0, 1000, heard_ms=heard_ms)
        kind = "response.output_audio_transcript.done"
        log.wire(450, kind, "agent-0", transcript="All of it.")
        (turn,) = floor_turns(log.facts())
        assert turn.text == text


def test_the_caller_said_the_words_of_the_labels() -> None:
    log = LogBuilder()
    log.caller(0, 200, 1000, words=[("Hi", 0, 300), ("there", 350, 800)])
    (turn,) = floor_turns(log.facts())
    assert (turn.text, turn.words, turn.turn) == ("Hi there", 2, 0)


def test_unlabelled_turns_have_no_words() -> None:
    log = LogBuilder()
    log.caller(0, 200, 1000)
    (turn,) = floor_turns(log.facts())
    assert (turn.text, turn.words) == (None, None)
