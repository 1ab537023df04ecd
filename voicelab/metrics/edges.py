"""Voice activity against labels, span by span: late onsets, clipped speech, tails.

Conventions
    Detected spans and reference spans are stretches of one party's audio, each in
    order and apart. A reference span is detected if any detection meets it. Its onset
    is that of the first detection that meets it, its offset that of the last. Where a
    detection meets two reference spans, it bridged what lies between: the first has
    no offset, the second no onset.

Measures
    * `onset_delay_ms`, `offset_delay_ms`: the reference's edge → the detection's.
      Below 0 the detection was early.
    * `front_clip_ms`: speech before the first detection; all of it if there is none.
    * `mid_clip_ms`: speech lost after the first detection, at the end of the span as
      well as within it.
    * `tail_ms`: detection that goes on behind the span, up to the next one.
    `false_spans` are detections that meet no speech at all.

    Of a run (`run_span_errors`) a reference span is a whole turn or backchannel, a
    detection is what the server took for a turn: from the first voiced frame to the
    last, before the silence that ended it.

Source
    Front-end clipping, mid-speech clipping, carry-over (here `tail`) and noise
    detected as speech: Freeman, Cosier, Southcott and Boyd 1989, "The voice activity
    detector for the Pan-European digital cellular mobile telephone service" (ICASSP).
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from voicelab.metrics.facts import Facts
from voicelab.metrics.spans import Span, check_spans, common, joined, total_ns
from voicelab.units import ns_to_ms


class SpanErrors(msgspec.Struct, frozen=True, kw_only=True):
    """How one reference span was detected; the module says what the columns mean.

    Attributes:
        span: its number, from 0.
        t_start_ns: its onset.
        t_end_ns: its offset.
        detected: whether any detection meets it.
        detections: how many do.
    """

    span: int
    t_start_ns: int
    t_end_ns: int
    detected: bool
    detections: int
    onset_delay_ms: float | None
    offset_delay_ms: float | None
    front_clip_ms: float
    mid_clip_ms: float
    tail_ms: float


def span_errors(
    detected: Sequence[Span], reference: Sequence[Span]
) -> list[SpanErrors]:
    """Return how each reference span was detected, in order.

    Args:
        detected: when the detector says that there is speech, `(start_ns, end_ns)`.
        reference: when there is.

    Raises:
        LabelError: spans of either overlap, or one is empty.
    """
    check_spans(detected, "the detections")
    check_spans(reference, "the reference")
    before = [None, *reference[:-1]]
    after = [*reference[1:], None]
    return [
        _errors(index, span, detected, before[index], after[index])
        for index, span in enumerate(reference)
    ]


def false_spans(detected: Sequence[Span], reference: Sequence[Span]) -> list[Span]:
    """Return the detections that meet no reference span.

    Raises:
        LabelError: spans of either overlap, or one is empty.
    """
    check_spans(detected, "the detections")
    check_spans(reference, "the reference")
    return [span for span in detected if not common([span], reference)]


def run_span_errors(facts: Facts) -> list[SpanErrors]:
    """Return how each turn and backchannel in a run was detected by the server."""
    end_ns = facts.log.end_ns
    taken = joined(
        (item.onset_ns, min(item.voiced_end_ns, end_ns)) for item in facts.user_items
    )
    spoken = joined((turn.start_ns, turn.end_ns) for turn in facts.caller_turns)
    return span_errors(taken, spoken)


def _errors(
    index: int,
    span: Span,
    detected: Sequence[Span],
    before: Span | None,
    after: Span | None,
) -> SpanErrors:
    met = [each for each in detected if each[0] < span[1] and each[1] > span[0]]
    first_ns = max(met[0][0], span[0]) if met else span[1]
    caught = common(met, [span])
    bridged_before = bool(met) and before is not None and met[0][0] < before[1]
    bridged_after = bool(met) and after is not None and met[-1][1] > after[0]
    limit_ns = met[-1][1] if met else span[1]
    if after is not None:
        limit_ns = min(limit_ns, after[0])
    return SpanErrors(
        span=index,
        t_start_ns=span[0],
        t_end_ns=span[1],
        detected=bool(met),
        detections=len(met),
        onset_delay_ms=_delay(met[0][0] if met else None, span[0], bridged_before),
        offset_delay_ms=_delay(met[-1][1] if met else None, span[1], bridged_after),
        front_clip_ms=ns_to_ms(first_ns - span[0]),
        mid_clip_ms=ns_to_ms(span[1] - first_ns - total_ns(caught)),
        tail_ms=ns_to_ms(max(limit_ns - span[1], 0)),
    )


def _delay(edge_ns: int | None, reference_ns: int, bridged: bool) -> float | None:
    if edge_ns is None or bridged:
        return None
    return ns_to_ms(edge_ns - reference_ns)
