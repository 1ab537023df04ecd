"""What the metrics of what the caller heard must hold, whatever happened."""

from __future__ import annotations

import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.logs import LogBuilder
from tests.support.runs import bundled
from voicelab.lab.experiment import run_scenario
from voicelab.metrics import (
    Facts,
    barge_ins,
    item_playbacks,
    overlap,
    summarise,
    truncations,
)
from voicelab.metrics.barge_in import BARGE_IN_OUTCOMES, FALSE_CAUSES
from voicelab.result import load_run

OUTCOMES = {*BARGE_IN_OUTCOMES, "yielded", "false", "ignored"}

LENGTHS = st.integers(1, 60).map(lambda tens: tens * 10)
TURNS = st.lists(
    st.tuples(LENGTHS, LENGTHS, st.sampled_from(["turn", "turn", "backchannel"])),
    max_size=6,
)
ANSWERS = st.lists(
    st.tuples(LENGTHS, LENGTHS, st.sampled_from([None, 0.0, 0.3, 1.0])), max_size=6
)
NOISES = st.lists(st.integers(0, 200).map(lambda tens: tens * 10), max_size=4)


class Story:
    """A log of random turns, answers and stops; instants are multiples of 10 ms."""

    def __init__(self, turns: Any, answers: Any, noises: list[int]) -> None:
        self.log = LogBuilder()
        self.log.frames(4000)
        self.log.levels(4000, noise=(0, 4000))
        self.spoken: list[tuple[int, int]] = []
        self.heard: list[tuple[int, int]] = []
        self.stops = 0
        self._turns(turns)
        for number, t_ms in enumerate(sorted(set(noises))):
            self.log.heard_as(f"noise-{number}", t_ms, t_ms + 100, sent_ms=t_ms + 700)
        self._answers(answers, len(set(noises)))

    def _turns(self, turns: Any) -> None:
        at_ms = 0
        for number, (gap_ms, length_ms, kind) in enumerate(turns):
            start_ms, at_ms = at_ms + gap_ms, at_ms + gap_ms + length_ms
            self.log.caller(number, start_ms, at_ms, kind=kind)
            if kind == "turn":
                self.spoken.append((start_ms, at_ms))

    def _answers(self, answers: Any, noises: int) -> None:
        at_ms = 0
        for number, (gap_ms, length_ms, share) in enumerate(answers):
            item_id, start_ms = f"agent-{number}", at_ms + gap_ms
            self.log.audio(item_id, f"resp-{number}", start_ms - 60, length_ms)
            heard_ms = (
                length_ms if share is None else 10 * round(length_ms * share / 10)
            )
            reason = "drained" if share is None else "interrupted"
            if heard_ms:
                self.log.play(item_id, start_ms, heard_ms, reason=reason)
                self.heard.append((start_ms + 30, start_ms + 30 + heard_ms))
            if share is not None:
                self.stops += 1
                trigger = f"noise-{number % noises}" if noises else None
                self._stop(item_id, start_ms + heard_ms, length_ms, heard_ms, trigger)
            at_ms = start_ms + heard_ms + 30

    def _stop(
        self, item_id: str, t_ms: int, length_ms: int, heard_ms: int, trigger: Any
    ) -> None:
        self.log.interrupt(
            item_id,
            t_ms,
            received_ms=length_ms,
            played_ms=heard_ms,
            claim_ms=None if heard_ms % 3 else heard_ms,
            trigger=trigger,
        )


STORIES = st.builds(Story, TURNS, ANSWERS, NOISES)


@settings(max_examples=200)
@given(STORIES)
def test_counts_add_up_and_every_stop_is_someones(story: Story) -> None:
    facts = story.log.facts()
    rows = barge_ins(facts)
    assert {row.outcome for row in rows} <= OUTCOMES
    told = msgspec.to_builtins(summarise(facts))
    counts = Counter(row.outcome for row in rows)
    assert told["barge_ins"] == sum(counts[each] for each in BARGE_IN_OUTCOMES)
    assert told["false_barge_ins"] == counts["false"]
    assert counts["false"] == sum(told[f"false_by_{cause}"] for cause in FALSE_CAUSES)
    stopped = [item_id for stop in facts.stops for item_id in stop.item_ids]
    assert len(stopped) == len(set(stopped)) == story.stops
    without_caller = sum(stop.caller is None for stop in facts.stops)
    assert without_caller == sum(
        row.outcome == "false" and row.turn is None for row in rows
    )


@settings(max_examples=200)
@given(STORIES)
def test_a_turn_is_one_barge_in_at_most(story: Story) -> None:
    facts = story.log.facts()
    begun = {turn.index: turn.start_ns / 1e6 for turn in facts.caller_turns}
    rows = [row for row in barge_ins(facts) if row.outcome in BARGE_IN_OUTCOMES]
    assert len({row.turn for row in rows}) == len(rows)
    for row in rows:
        assert row.turn is not None
        start_ms = begun[row.turn]
        assert any(start <= start_ms <= end for start, end in story.heard)
        assert row.time_to_stop_ms is not None
        assert row.stop_latency_ms in (None, row.time_to_stop_ms)
        assert row.overlap_ms is not None
        assert row.overlap_ms >= 0


@settings(max_examples=200)
@given(STORIES)
def test_overlap_is_what_a_clock_would_count(story: Story) -> None:
    both = overlap(story.log.facts())
    assert both is not None
    ticks = range(0, 10_000, 10)

    def count(*sets: list[tuple[int, int]]) -> int:
        return 10 * sum(
            all(any(start <= t < end for start, end in spans) for spans in sets)
            for t in ticks
        )

    assert both.overlap_ms == count(story.spoken, story.heard)
    assert both.caller_speech_ms == count(story.spoken)
    assert both.agent_speech_ms == count(story.heard)
    if both.talk_over_rate is not None:
        assert 0 <= both.talk_over_rate <= 1


def check_positions(facts: Facts) -> None:
    for row in item_playbacks(facts):
        assert row.heard_samples is not None
        assert row.played_samples is not None
        assert row.received_samples is not None
        assert 0 <= row.heard_samples <= row.played_samples <= row.received_samples
        assert row.received_samples <= row.generated_samples
    for each in truncations(facts):
        assert each.phantom_audio_tokens is not None
        assert 0 <= each.phantom_audio_tokens <= each.kept_ms / 50
        assert each.kept_samples <= each.generated_samples
        if each.phantom_rate is not None:
            assert each.forgotten_rate is not None
            assert 0 <= each.phantom_rate + each.forgotten_rate <= 1


@given(STORIES)
def test_positions_stand_in_order(story: Story) -> None:
    check_positions(story.log.facts())


RUNS = st.fixed_dictionaries(
    {
        "seed": st.integers(0, 2**32),
        "channel": st.fixed_dictionaries({"codec": st.sampled_from(["pcm", "pcmu"])}),
        "agent": st.fixed_dictionaries(
            {"profile": st.sampled_from(["instant", "measured-median", "slow"])}
        ),
        "client": st.fixed_dictionaries(
            {
                "player": st.sampled_from(["ideal", "browser"]),
                "truncation": st.sampled_from(["played", "zero", "none"]),
            }
        ),
    }
)


@pytest.mark.parametrize("name", ["directions", "phone-plan"])
@settings(max_examples=8, suppress_health_check=[HealthCheck.differing_executors])
@given(chosen=RUNS)
def test_of_real_runs(name: str, chosen: dict[str, Any]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        run = load_run(run_scenario(bundled(name, **chosen), Path(folder)))
        facts = run.facts
        check_positions(facts)
        rows = barge_ins(facts)
        heard = [stop for stop in facts.stops if stop.heard()]
        stopped = [row for row in rows if row.stop_latency_ms is not None]
        assert len(stopped) == len(heard)
        assert not any(row.cause in ("noise", "echo", "unknown") for row in rows)
        latency = {row.item_id: row.stop_latency_ms for row in truncations(facts)}
        for row in stopped:
            assert latency[row.item_id or ""] == row.stop_latency_ms
