"""Do the audio and the truth agree? audio.wav measured by ear alone, turn by turn.

Conventions
    A row stands for one turn of the caller. Spans of speech are found in each channel
    of audio.wav (`voicelab.metrics.audio_edges`). The truth says only which of them
    are meant: the turn's end is that of the last span of the caller that meets the
    turn; the answer's onset is that of the first span of the agent that ends behind
    the instant at which the answer was heard. An answer that follows other agent audio
    by less than `IPU_SILENCE_MS` has no onset that could be told from it, and none is
    looked for.

    The reference end of a turn is where its label ends, and a label is as good as who
    made it; the answer is heard from its first sample on, whether or not it opens with
    silence. What differs by either is an error here, and the row says by how much.

Measures
    * `end_error_ms`: the audio's end of the turn less the reference end.
    * `onset_error_ms`: the audio's onset of the answer less when it was heard: what
      the answer opens with in silence.
    * `audio_latency_ms`: from the one to the other; `vad_latency_ms` with the
      detector's own edges.
    * `error_ms`: `audio_latency_ms` less the true latency. `agrees`: it is at most
      `AGREEMENT_MS`. None where nothing was heard to compare, or not found.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec
import numpy as np

from voicelab.audio.pcm import Samples
from voicelab.metrics.audio_edges import sharpened, voiced_spans
from voicelab.metrics.caller import CallerTurn
from voicelab.metrics.facts import Facts
from voicelab.metrics.latency import TurnLatency, turn_latencies
from voicelab.metrics.overlap import heard_spans
from voicelab.metrics.spans import Span, joined, span_ms
from voicelab.metrics.speech_rate import IPU_SILENCE_MS
from voicelab.speech.vad import VadScorer
from voicelab.units import ms_to_ns

AGREEMENT_MS = 32.0
"""One frame of a detector."""

_Pairs = list[tuple[Span, Span]]  # the detector's edges, and those sharpened


class TurnAgreement(msgspec.Struct, frozen=True, kw_only=True):
    """One turn, by its audio; the module says what the columns mean.

    Attributes:
        turn: the turn's number.
        outcome: what came of it, as in the latency table.
        response_latency_ms: the truth.
        t_audio_end_ns: where the audio says that the turn ends.
        t_audio_onset_ns: where it says that the answer begins.
    """

    turn: int
    outcome: str
    response_latency_ms: float | None
    t_audio_end_ns: int | None
    t_audio_onset_ns: int | None
    end_error_ms: float | None
    onset_error_ms: float | None
    audio_latency_ms: float | None
    vad_latency_ms: float | None

    @property
    def error_ms(self) -> float | None:
        """What the audio says less what is true."""
        if self.audio_latency_ms is None or self.response_latency_ms is None:
            return None
        return self.audio_latency_ms - self.response_latency_ms

    @property
    def agrees(self) -> bool | None:
        """Whether that is at most one frame."""
        return None if self.error_ms is None else abs(self.error_ms) <= AGREEMENT_MS


class AgreementSummary(msgspec.Struct, frozen=True, kw_only=True):
    """How many turns agree.

    Attributes:
        turns: all there are.
        compared: those with an answer that was heard and found.
        agreeing: of them, those within a frame.
        disagreeing: of them, the others.
        not_heard: turns without a true latency.
        not_found: turns with one, of which the audio shows no edge of their own.
        worst_error_ms: the error farthest from 0, with its sign.
    """

    turns: int
    compared: int
    agreeing: int
    disagreeing: int
    not_heard: int
    not_found: int
    worst_error_ms: float | None


def audio_agreement(
    facts: Facts,
    audio: Samples,
    rate_hz: int,
    *,
    scorer: VadScorer | str = "silero",
) -> list[TurnAgreement]:
    """Return what a run's recording says of each turn.

    Args:
        facts: of the run.
        audio: int16 [n, 2]: the caller as sent, the agent as heard.
        rate_hz: its rate.
        scorer: the detector, or its name.

    Raises:
        ScenarioError: there is no such detector.
        MissingPartError: what the detector needs is not installed.
    """
    caller, agent = (_spans(audio[:, side], rate_hz, scorer) for side in (0, 1))
    onsets_ns = _onsets_of(facts)
    turns = [turn for turn in facts.caller_turns if turn.is_turn]
    rows = turn_latencies(facts)
    return [
        _row(turn, row, caller, agent if row.t_heard_ns in onsets_ns else [])
        for turn, row in zip(turns, rows, strict=True)
    ]


def agreement_summary(rows: Iterable[TurnAgreement]) -> AgreementSummary:
    """Return how many turns agree, of one run or of many."""
    held = list(rows)
    errors = [row.error_ms for row in held if row.error_ms is not None]
    agreeing = sum(bool(row.agrees) for row in held)
    not_heard = sum(row.response_latency_ms is None for row in held)
    return AgreementSummary(
        turns=len(held),
        compared=len(errors),
        agreeing=agreeing,
        disagreeing=len(errors) - agreeing,
        not_heard=not_heard,
        not_found=len(held) - len(errors) - not_heard,
        worst_error_ms=max(errors, key=abs, default=None),
    )


def _spans(channel: Samples, rate_hz: int, scorer: VadScorer | str) -> _Pairs:
    samples = np.ascontiguousarray(channel)
    voiced = voiced_spans(samples, rate_hz, scorer=scorer)
    return list(zip(voiced, sharpened(samples, rate_hz, voiced), strict=True))


def _onsets_of(facts: Facts) -> set[int]:
    """Return when the agent begins to be heard after a silence."""
    heard = heard_spans(facts.agent_items.values())
    return {start for start, _ in joined(heard, gap_ns=ms_to_ns(IPU_SILENCE_MS))}


def _row(
    turn: CallerTurn, latency: TurnLatency, caller: _Pairs, agent: _Pairs
) -> TurnAgreement:
    spoken = _last_meeting(turn, caller)
    answer = _first_after(latency.t_heard_ns, agent)
    end_ns = None if spoken is None else spoken[1][1]
    onset_ns = None if answer is None else answer[1][0]
    vad_end_ns = None if spoken is None else spoken[0][1]
    vad_onset_ns = None if answer is None else answer[0][0]
    return TurnAgreement(
        turn=turn.index,
        outcome=latency.outcome,
        response_latency_ms=latency.response_latency_ms,
        t_audio_end_ns=end_ns,
        t_audio_onset_ns=onset_ns,
        end_error_ms=span_ms(turn.end_ns, end_ns),
        onset_error_ms=span_ms(latency.t_heard_ns, onset_ns),
        audio_latency_ms=span_ms(end_ns, onset_ns),
        vad_latency_ms=span_ms(vad_end_ns, vad_onset_ns),
    )


def _last_meeting(
    turn: CallerTurn, spans: Sequence[tuple[Span, Span]]
) -> tuple[Span, Span] | None:
    met = [
        pair
        for pair in spans
        if pair[1][0] < turn.end_ns and pair[1][1] > turn.start_ns
    ]
    return met[-1] if met else None


def _first_after(
    heard_ns: int | None, spans: Sequence[tuple[Span, Span]]
) -> tuple[Span, Span] | None:
    if heard_ns is None:
        return None
    return next((pair for pair in spans if pair[1][1] > heard_ns), None)
