from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.logs import LogBuilder, one_answer
from voicelab.errors import LabelError
from voicelab.metrics import Facts, floor_changes, floor_times, run_floor_changes
from voicelab.metrics.spans import Span, joined

MS = 1_000_000
SPANS = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), max_size=8).map(
    joined
)


@pytest.mark.parametrize(
    ("caller", "agent"),
    [([], []), ([(0, 9)], []), ([], [(0, 9)]), ([(0, 9)], [(0, 9)])],
)
def test_where_nobody_alternates_nothing_changes(
    caller: list[Span], agent: list[Span]
) -> None:
    assert floor_changes(caller, agent) == []


def test_nobody_speaks_for_no_time() -> None:
    times = floor_times([], [])
    assert (times.caller_only_ms, times.agent_only_ms) == (0.0, 0.0)
    assert (times.both_ms, times.neither_ms) == (0.0, 0.0)


def test_spans_of_one_party_that_overlap_are_refused() -> None:
    wrong = [(0, 20), (10, 30)]
    with pytest.raises(LabelError, match="span 1 of the agent starts"):
        floor_changes([], wrong)
    with pytest.raises(LabelError, match="span 1 of the caller starts"):
        floor_times(wrong, [])


def test_silence_and_overlap_at_the_ends_have_no_row() -> None:
    # both from 0 to 2, the caller alone 2-4, the agent alone 6-8, both 8-9
    rows = floor_changes([(0, 4), (8, 9)], [(0, 2), (6, 9)])
    assert [(row.kind, row.t_start_ns, row.t_end_ns) for row in rows] == [("gap", 4, 6)]


def test_a_word_spoken_in_the_silence_and_joined_by_the_other() -> None:
    # caller 0-4; agent 6-12, the caller joins in 6-8: silence 4-6, both 6-8, agent 8-12
    rows = floor_changes([(0, 4), (6, 8)], [(6, 12)])
    assert [row.kind for row in rows] == ["gap", "overlap_between"]
    assert [row.transfer for row in rows] == ["shift", "shift"]


def test_spans_that_touch_are_one() -> None:
    assert floor_changes([(0, 4), (4, 9)], []) == []


@given(SPANS, SPANS)
def test_states_add_up_and_rows_tile_what_lies_between(
    caller: list[Span], agent: list[Span]
) -> None:
    times = floor_times(caller, agent)
    spoken = joined([*caller, *agent])
    whole_ns = spoken[-1][1] - spoken[0][0] if spoken else 0
    both = sum(
        1
        for t_ns in range(41)
        if all(
            any(start <= t_ns < end for start, end in spans)
            for spans in (caller, agent)
        )
    )
    sums = times.caller_only_ms + times.agent_only_ms + times.both_ms + times.neither_ms
    assert sums * MS == pytest.approx(whole_ns)
    assert times.both_ms * MS == pytest.approx(both)
    for row in floor_changes(caller, agent):
        is_overlap = row.kind.startswith("overlap")
        assert (row.transfer == "hold") == (row.party == row.next_party)
        for t_ns in range(row.t_start_ns, row.t_end_ns):
            speaks = [
                any(start <= t_ns < end for start, end in spans)
                for spans in (caller, agent)
            ]
            assert speaks == [is_overlap, is_overlap]


@given(SPANS, SPANS)
def test_the_parties_are_alike(caller: list[Span], agent: list[Span]) -> None:
    one, other = floor_changes(caller, agent), floor_changes(agent, caller)
    assert [(row.kind, row.t_start_ns, row.fto_ms) for row in one] == [
        (row.kind, row.t_start_ns, row.fto_ms) for row in other
    ]


def test_a_run_counts_words_and_leaves_backchannels_out() -> None:
    # the caller speaks 200-600 and 900-1000 (300 ms apart: a pause); the answer is
    # heard 2090-5090; the token at 3000 bids for no floor
    log = LogBuilder()
    log.frames(1600)
    log.caller(0, 200, 1000, words=[("well", 0, 400), ("no", 700, 800)])
    log.heard_as("user-0", 224, 1024, sent_ms=1560)
    log.answer("resp-0", "agent-0", "user-0", 1560, 3000)
    log.caller(1, 3000, 3200, kind="backchannel")
    rows = run_floor_changes(log.facts())
    assert [(row.kind, row.duration_ms) for row in rows] == [
        ("pause", 300.0),
        ("gap", 1090.0),
    ]


def test_a_run_without_a_caller_or_an_ear_says_nothing() -> None:
    log = LogBuilder()
    log.frames(1600)
    log.heard_as("user-0", 224, 1024, sent_ms=1560)
    log.answer("resp-0", "agent-0", "user-0", 1560, 3000)
    assert run_floor_changes(log.facts()) == []
    assert run_floor_changes(one_answer().facts())
    assert run_floor_changes(Facts(one_answer().log(), {"ear"})) == []
