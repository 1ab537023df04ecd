"""Which measures are compared with a baseline: what is worse, and from when on.

Conventions
    A measure is a field of `voicelab.metrics.Summary`. It is *worse* the higher it is
    (waits, mistakes), the lower it is (answers), or the farther from 0 (errors with a
    sign). Counts of what is neither good nor bad (how often the caller barged in) are
    not compared, nor are causes beside the count that they make up.

    A change counts only if it exceeds the absolute **and** the relative tolerance.
    The defaults below are this project's own choice: 20 ms is the length of one
    microphone frame, 5 % of a wait of a second is what two listeners would not tell
    apart, and 0.2 of a count a run leaves room for one in five runs.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from voicelab.metrics import Summary

Worse = Literal["higher", "lower", "farther"]

MEASURES: tuple[str, ...] = Summary.__struct_fields__
"""What a budget may limit in one run: the names of all measures."""


class Tolerance(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How much worse a measure may become.

    Attributes:
        relative: as a share of its value before.
        absolute: in the measure's own unit.
    """

    relative: Annotated[float, Meta(ge=0)] = 0.0
    absolute: Annotated[float, Meta(ge=0)] = 0.0

    def allowed(self, before: float) -> float:
        """Return how much worse than `before` is still no change, in its unit."""
        return max(self.absolute, self.relative * abs(before))


class Judged(Struct, frozen=True):
    """How a measure is compared.

    Attributes:
        worse: in which direction it gets worse.
        tolerance: how far it may go that way, unless told otherwise.
    """

    worse: Worse
    tolerance: Tolerance

    def worse_by(self, before: float, now: float) -> float:
        """Return how much worse a value is than before; negative if it is better."""
        match self.worse:
            case "higher":
                return now - before
            case "lower":
                return before - now
            case "farther":
                return abs(now) - abs(before)


_WAIT = Judged("higher", Tolerance(relative=0.05, absolute=20.0))
_MISTAKES = Judged("higher", Tolerance(absolute=0.2))
_WORDS = Judged("higher", Tolerance(relative=0.1, absolute=1.0))

JUDGED: Mapping[str, Judged] = {
    "answered": Judged("lower", Tolerance(absolute=0.2)),
    "unanswered": _MISTAKES,
    "interrupted": _MISTAKES,
    "merged": _MISTAKES,
    "cut_ins": _MISTAKES,
    "response_latency_p50_ms": _WAIT,
    "response_latency_p95_ms": _WAIT,
    "uplink_p50_ms": _WAIT,
    "endpointing_delay_p50_ms": _WAIT,
    "server_ttfb_p50_ms": _WAIT,
    "downlink_p50_ms": _WAIT,
    "playout_delay_p50_ms": _WAIT,
    "refused": _MISTAKES,
    "phantom_words": _WORDS,
    "forgotten_words": _WORDS,
    "truncation_error_max_ms": Judged(
        "farther", Tolerance(relative=0.1, absolute=50.0)
    ),
    "stop_latency_p50_ms": _WAIT,
    "billed_phantom_tokens": Judged("higher", Tolerance(relative=0.1, absolute=10.0)),
    "missed_barge_ins": _MISTAKES,
    "false_barge_ins": _MISTAKES,
    "overlap_ms": Judged("higher", Tolerance(relative=0.1, absolute=200.0)),
    "talk_over_rate": Judged("higher", Tolerance(relative=0.1, absolute=0.02)),
    "underruns": _MISTAKES,
}
"""The measures that are compared, in the order in which they are told."""


def with_tolerances(changed: Mapping[str, Tolerance]) -> dict[str, Judged]:
    """Return `JUDGED` with other tolerances for some measures."""
    return {
        name: msgspec.structs.replace(judged, tolerance=changed[name])
        if name in changed
        else judged
        for name, judged in JUDGED.items()
    }
