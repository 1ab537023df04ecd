"""The output speed as a lever: faster speech against what is heard, and the call.

Each scenario is run at each speed, in virtual time, with nothing else changed. A caller
who interrupts does so after the same time as in the recording, not after the same
words: what a faster agent gains in words heard before a barge-in is what it says more
of in that time. Real people may as well interrupt where they know enough.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import msgspec

from voicelab.errors import ModalityError
from voicelab.lab.experiment import simulate
from voicelab.lab.shared_materials import SharedMaterials
from voicelab.metrics import speech_rates, truncations
from voicelab.metrics.statistics import FEWEST_CLUSTERS, paired_difference
from voicelab.modality.assumptions import FASTEST, SLOWEST
from voicelab.modality.heard import answers_of
from voicelab.result import Run
from voicelab.scenario import find_scenario, load_scenario, override
from voicelab.scenario.model import Scenario

if TYPE_CHECKING:
    import pandas as pd

SPEEDS = (0.75, 1.0, 1.25, 1.5)
MEASURES = (
    "call_s",
    "heard_words",
    "words_before_barge_in",
    "phantom_words",
    "forgotten_words",
    "stop_latency_p50_ms",
    "response_latency_p50_ms",
    "underruns",
)


class SpeedRow(msgspec.Struct, frozen=True, kw_only=True):
    """One scenario at one speed.

    Words are None where a reply has no word times.

    Attributes:
        speed: `audio.output.speed`.
        scenario: its name.
        seed: its seed.
        agent_wpm: the agent's words per voiced minute, heard.
        agent_wpm_gross: the same with pauses.
        heard_words: how many of the agent's words were heard in the call.
        interruptions: how many answers a turn of the caller broke off.
        words_before_barge_in: how many words were heard of these answers, together;
            None if there was none.
        phantom_words: kept and never heard.
        forgotten_words: heard and not kept.
        stop_latency_p50_ms: the median, from a barge-in to silence; None if there was
            none.
        response_latency_p50_ms: the median wait for an answer; None of too few.
        underruns: how often the agent's speech broke up because no more of it was
            there; None if unknown.
        call_s: how long the call lasted.
    """

    speed: float
    scenario: str
    seed: int
    agent_wpm: float | None
    agent_wpm_gross: float | None
    heard_words: int | None
    interruptions: int
    words_before_barge_in: int | None
    phantom_words: int | None
    forgotten_words: int | None
    stop_latency_p50_ms: float | None
    response_latency_p50_ms: float | None
    underruns: int | None
    call_s: float


class SpeedEffect(msgspec.Struct, frozen=True, kw_only=True):
    """What a speed changes against another, over the same scenarios.

    Attributes:
        speed: the speed.
        baseline_speed: what it is compared with.
        measure: which of `MEASURES`.
        pairs: how many runs were compared.
        unpaired: how many were not, because one side has no value.
        baseline_mean: the measure's mean at the baseline.
        difference: the mean of what the speed adds; in the measure's own unit.
        low: its interval's lower bound, by conversation; None with fewer than two.
        high: its upper bound, likewise.
        p_value: two-sided, of sign flips by conversation; None likewise.
    """

    speed: float
    baseline_speed: float
    measure: str
    pairs: int
    unpaired: int
    baseline_mean: float | None
    difference: float | None
    low: float | None
    high: float | None
    p_value: float | None


def speed_lever(
    scenarios: Sequence[Scenario | Path | str],
    speeds: Sequence[float] = SPEEDS,
    *,
    seeds: Sequence[int] | None = None,
) -> pd.DataFrame:
    """Run scenarios at several output speeds.

    Args:
        scenarios: scenarios, paths or names of bundled ones.
        speeds: between 0.25 and 1.5.
        seeds: run each with these; left out, with its own.

    Returns:
        A row for each scenario, seed and speed, in this order; the columns are those
        of `SpeedRow`.

    Raises:
        ModalityError: a speed is out of range.
        InputError: a scenario or one of its files is wrong.
    """
    from voicelab.record.tables import table  # noqa: PLC0415 -- pandas takes 0.3 s

    for speed in speeds:
        if not SLOWEST <= speed <= FASTEST:
            raise ModalityError(
                f"a speed of {speed:g} is not between {SLOWEST:g} and {FASTEST:g}",
                fix="give what the Realtime API takes",
            )
    loaded = [
        each if isinstance(each, Scenario) else load_scenario(find_scenario(each))
        for each in scenarios
    ]
    return table(list(_rows(loaded, speeds, seeds)), SpeedRow)


def speed_effects(
    lever: pd.DataFrame, *, baseline_speed: float = 1.0, seed: int = 0
) -> pd.DataFrame:
    """Return what each speed changes against the baseline, run by run.

    Args:
        lever: what `speed_lever` gave.
        baseline_speed: one of its speeds.
        seed: of the draws behind the intervals.

    Returns:
        A row for each other speed and measure; the columns are those of
        `SpeedEffect`.

    Raises:
        ModalityError: nothing was run at the baseline, or one scenario with one seed
            more than once at a speed.
    """
    from voicelab.record.tables import table  # noqa: PLC0415 -- pandas takes 0.3 s

    if lever.duplicated(["scenario", "seed", "speed"]).any():
        raise ModalityError(
            "rows have the same scenario, seed and speed",
            fix="give each scenario a name of its own, and each seed and speed once",
        )
    by_speed = {
        float(speed): lever[lever["speed"] == speed].set_index(["scenario", "seed"])
        for speed in sorted(set(lever["speed"].to_list()))
    }
    if baseline_speed not in by_speed:
        raise ModalityError(
            f"nothing was run at speed {baseline_speed:g}",
            fix="name one of the speeds of the table",
        )
    base = by_speed.pop(baseline_speed)
    effects = [
        _effect(measure, (speed, baseline_speed), rows, base, seed)
        for speed, rows in by_speed.items()
        for measure in MEASURES
    ]
    return table(effects, SpeedEffect)


def _rows(
    scenarios: Sequence[Scenario],
    speeds: Sequence[float],
    seeds: Sequence[int] | None,
) -> Iterator[SpeedRow]:
    shared = SharedMaterials()
    for scenario in scenarios:
        for seed in [scenario.seed] if seeds is None else seeds:
            for speed in speeds:
                session = {"audio": {"output": {"speed": speed}}}
                changed = override(scenario, seed=seed, session=session)
                made = simulate(changed, shared)
                run = Run(made.manifest, made.log, made.audio)
                yield _row(run, speed, seed)


def _row(run: Run, speed: float, seed: int) -> SpeedRow:
    facts, summary = run.facts, run.summary
    _, agent = speech_rates(facts)
    answers = answers_of(facts, run.name)
    broken = [answer for answer in answers if answer.interrupted]
    ledger = truncations(facts)
    latencies_ms = (each.stop_latency_ms for each in ledger)
    stops_ms = [each for each in latencies_ms if each is not None]
    return SpeedRow(
        speed=float(speed),
        scenario=run.name,
        seed=seed,
        agent_wpm=agent.wpm,
        agent_wpm_gross=agent.wpm_gross,
        heard_words=_sum(answer.heard_words for answer in answers),
        interruptions=len(broken),
        words_before_barge_in=(
            _sum(answer.heard_words for answer in broken) if broken else None
        ),
        phantom_words=_sum(each.phantom_words for each in ledger),
        forgotten_words=_sum(each.forgotten_words for each in ledger),
        stop_latency_p50_ms=median(stops_ms) if stops_ms else None,
        response_latency_p50_ms=summary.response_latency_p50_ms,
        underruns=summary.underruns,
        call_s=float(run.manifest["conversation_s"]),
    )


def _sum(words: Iterable[int | None]) -> int | None:
    """Return the sum; None if a part of it is not known."""
    known = list(words)
    return None if None in known else sum(each or 0 for each in known)


def _effect(
    measure: str,
    speeds: tuple[float, float],
    rows: pd.DataFrame,
    base: pd.DataFrame,
    seed: int,
) -> SpeedEffect:
    before = base[measure].rename("before")
    both = rows[[measure]].join(before, how="inner")
    pairs = both.astype("float64").dropna()
    here, there = pairs[measure].to_list(), pairs["before"].to_list()
    names = pairs.index.get_level_values("scenario").to_list()
    compared = None
    if len(set(names)) >= FEWEST_CLUSTERS:
        compared = paired_difference(here, there, names, seed=seed)
    differences = [a - b for a, b in zip(here, there, strict=True)]
    return SpeedEffect(
        speed=speeds[0],
        baseline_speed=speeds[1],
        measure=measure,
        pairs=len(pairs),
        unpaired=len(both) - len(pairs),
        baseline_mean=sum(there) / len(there) if there else None,
        difference=sum(differences) / len(differences) if differences else None,
        low=None if compared is None else compared.interval.low,
        high=None if compared is None else compared.interval.high,
        p_value=None if compared is None else compared.p_value,
    )
