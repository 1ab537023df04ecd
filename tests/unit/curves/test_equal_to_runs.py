"""A curve is exactly what whole runs come to, setting by setting.

Each case is a whole run in virtual time, over the full wire, with the caller at fixed
times and a network that takes no time; the curve is worked out without any of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

import voicelab as vl
from voicelab.curves import operating_curve
from voicelab.curves.conversations import find_conversations
from voicelab.curves.corpus import Corpus
from voicelab.curves.grid import Condition
from voicelab.curves.hearing import hear, score
from voicelab.curves.judging import items_of, judge
from voicelab.metrics.endpointing import Endpointing, endpointing
from voicelab.metrics.latency import turn_latencies
from voicelab.record.log_reader import Event
from voicelab.result import Run
from voicelab.scenario.override import override
from voicelab.session.turn_detection import TurnSettings, semantic_settings
from voicelab.speech.end_of_turn import smart_turn
from voicelab.units import NS_PER_MS

LONGEST_MS = 2000
NO_NETWORK = {"delay_ms": 0, "jitter_ms": 0}
AS_IT_IS = Condition()


@dataclass(frozen=True)
class Case:
    """A run: what is played, how it is coded and decided."""

    name: str
    settings: TurnSettings
    condition: Condition = AS_IT_IS
    detector: str = "silero"
    frame_ms: int = 20
    transcribed: bool = False


CASES = [
    Case("dentist", TurnSettings()),
    Case("bank-card", TurnSettings(0.3, 0, 200)),
    Case("bank-card", TurnSettings(0.8, 500, 700), Condition(codec="pcmu")),
    Case("directions", TurnSettings(0.5, 300, 300), Condition(codec="pcma")),
    Case("wifi-help", TurnSettings(0.9, 120, 1200)),
    Case("hotel-cafe", TurnSettings(0.4, 300, 450), frame_ms=30),
    Case("phone-plan", TurnSettings(0.5, 0, 350), Condition(None, "cafe", 3.0)),
    Case("phone-plan", TurnSettings(0.6, 50, 200), Condition("pcmu", "street", 0.0)),
    Case("dictation", TurnSettings(0.5, 300, 600), Condition(None, "keyboard", 5.0)),
    Case("dentist", TurnSettings(0.5, 200, 500), detector="energy"),
    Case("recipe", TurnSettings(0.5, 300, 250), detector="webrtc"),
    Case("dentist-telephone", TurnSettings(0.5, 300, 300)),
    Case("dentist", semantic_settings("high")),
    Case("dentist", semantic_settings("auto"), transcribed=True),
    Case("book-club", semantic_settings("low"), Condition(codec="pcmu")),
]


def run_whole(case: Case) -> Run:
    heard: dict[str, Any] = {"turn_detection": detection_of(case.settings)}
    if case.transcribed:
        heard["transcription"] = {"model": "gpt-t"}
    channel: dict[str, Any] = {"uplink": NO_NETWORK, **case.condition.changes}
    return vl.run(
        case.name,
        caller={"drive": "fixed"},
        agent={"vad": case.detector},
        session={"audio": {"input": heard}},
        channel=channel,
        client={"frame_ms": case.frame_ms},
    )


def detection_of(settings: TurnSettings) -> dict[str, Any]:
    if settings.eagerness is not None:
        return {"type": "semantic_vad", "eagerness": settings.eagerness}
    return {
        "type": "server_vad",
        "threshold": settings.threshold,
        "prefix_padding_ms": settings.prefix_padding_ms,
        "silence_duration_ms": settings.silence_duration_ms,
    }


def corpus_of(case: Case) -> Corpus:
    """Two conversations in one corpus: the second is the case's."""
    scenario = vl.load_scenario(case.name)
    framed = override(scenario, client={"frame_ms": case.frame_ms})
    longest_ms = max(LONGEST_MS, case.settings.silence_duration_ms)
    both = [
        hear(each, case.condition, longest_ms)
        for each in find_conversations(["card-game", framed])
    ]
    scores = [score(frames, case.detector) for _, frames in both]
    corpus = Corpus([one for one, _ in both], scores, longest_ms)
    frames = [each for _, each in both]
    corpus.judge_pauses(smart_turn(), frames, by_text=case.transcribed)
    return corpus


def told(run: Run, kind: str, key: str) -> list[int]:
    events: list[Event] = run.facts.log.of("server", f"input_audio_buffer.{kind}")
    return [event.data[key] for event in events]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.name}-{case.detector}")
def test_decisions_and_delays_are_those_of_the_run(case: Case) -> None:
    run, corpus = run_whole(case), corpus_of(case)
    items = items_of(corpus, case.settings)
    ours = items.take == 1
    origin_ms = int(corpus.begin_ns[1]) // NS_PER_MS
    until_ms = int(corpus.recorded_until_ns[1]) // NS_PER_MS - origin_ms
    starts = [ms for ms in run_starts(run) if ms[1] < until_ms]
    audio_starts = items.audio_start_ns[ours] // NS_PER_MS - origin_ms
    onsets = items.onset_ns[ours] // NS_PER_MS - origin_ms
    assert list(zip(audio_starts, onsets, strict=True)) == starts
    ends = (items.audio_end_ns[ours & items.ended] // NS_PER_MS - origin_ms).tolist()
    run_ends = told(run, "speech_stopped", "audio_end_ms")[: len(ends)]
    # a run may hang up before the last turn has ended; it ends no other turn
    assert ends[: len(run_ends)] == run_ends
    assert len(run_ends) >= len(ends) - 1
    assert len(starts) > 1
    compare_turns(case, run, corpus)


def run_starts(run: Run) -> list[tuple[int, int]]:
    audio = told(run, "speech_started", "audio_start_ms")
    onsets = run.facts.log.of("server", "turn.onset")
    return list(zip(audio, [each.data["onset_ms"] for each in onsets], strict=True))


def compare_turns(case: Case, run: Run, corpus: Corpus) -> None:
    judged, ours = judge(corpus, case.settings), corpus.turns.take == 1
    rows = endpointing(run.facts)
    turns = [row for row in rows if row.turn is not None]
    assert judged.cut_in[ours].tolist() == [row.cut_in for row in turns]
    assert judged.cut_in[ours].tolist() == [
        row.cut_in for row in turn_latencies(run.facts)
    ]
    merged = [row.outcome == "merged" for row in turns]
    assert judged.merged[ours].tolist() == merged
    ended = [row.outcome in ("endpointed", "cut_in", "merged") for row in turns]
    decided = np.array(ended) | (np.arange(len(turns)) < len(turns) - 1)
    assert (~judged.missed[ours])[decided].tolist() == np.array(ended)[decided].tolist()
    delays = [row.endpointing_delay_ms for row in turns]
    assert known(judged.endpointing_delay_ms[ours][decided]) == [
        delay for delay, is_in in zip(delays, decided, strict=True) if is_in
    ]
    assert known(judged.onset_delay_ms[ours]) == [row.onset_delay_ms for row in turns]
    compare_with_latency(run, known(judged.endpointing_delay_ms[ours]))
    compare_other_items(rows, corpus, case.settings)


def compare_with_latency(run: Run, delays: list[float | None]) -> None:
    """The delay of the run's answers, where the turn's last item was answered."""
    rows = turn_latencies(run.facts)
    last = {row.turn: row.user_item_id for row in endpointing(run.facts)}
    answered = [
        (row.endpointing_delay_ms, delay)
        for row, delay in zip(rows, delays, strict=True)
        if row.endpointing_delay_ns is not None and last[row.turn] == row.user_item_id
    ]
    assert answered
    assert [of_run for of_run, _ in answered] == [of_curve for _, of_curve in answered]


def compare_other_items(
    rows: list[Endpointing], corpus: Corpus, settings: TurnSettings
) -> None:
    judged = judge(corpus, settings)
    length_ns = int(corpus.recorded_until_ns[1] - corpus.begin_ns[1])
    within = [row for row in rows if row.t_start_ns < length_ns]
    ours = judged.item_take == 1
    assert judged.false[ours].sum() == sum(row.outcome == "false" for row in within)
    backchannels = sum(row.outcome == "backchannel" for row in within)
    assert judged.aside[ours].sum() == backchannels


def known(values: np.typing.NDArray[np.float64]) -> list[float | None]:
    return [None if np.isnan(value) else float(value) for value in values]


def test_a_row_is_the_sum_of_its_runs() -> None:
    names = ["bank-card", "directions"]
    curve = operating_curve(names, thresholds=[0.5], silences_ms=[300], codecs="pcm")
    (row,) = curve.rows
    rows = [
        each
        for name in names
        for each in endpointing(
            run_whole(Case(name, TurnSettings(0.5, 300, 300))).facts
        )
    ]
    turns = [each for each in rows if each.turn is not None]
    assert row.turns == len(turns)
    assert row.cut_ins == sum(each.cut_in for each in turns)
    assert row.cut_ins > 0
    delays = [each.endpointing_delay_ms for each in turns]
    assert row.endpointing_delay_p50_ms == np.median(
        [d for d in delays if d is not None]
    )
