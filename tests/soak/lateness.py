"""How late what arrived was."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tests.soak.expected import BEFORE_THE_FIRST, Due, Key, Naming
from tests.soak.streaming import StreamingClient
from voicelab.units import NS_PER_MS


@dataclass
class Lateness:
    """The lateness of the events of many sessions.

    Attributes:
        by_type_ns: of those that were due and came.
        missing: those that were due and did not come, by type.
        extra: those that came and were not due, by type.
    """

    by_type_ns: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    missing: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    extra: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def add(self, client: StreamingClient, due: Mapping[Key, Due]) -> None:
        """Compare what a client saw with what was due.

        What answers the session's update is not timed: nothing had been sent then
        that is.
        """
        naming = Naming()
        came = set()
        for arrival in client.arrivals:
            key = naming.key(arrival.type, arrival.owner)
            came.add(key)
            if key not in due:
                self.extra[arrival.type] += 1
            elif due[key].cause != BEFORE_THE_FIRST:
                sent_ns = client.sent_ns[due[key].cause]
                late_ns = arrival.t_ns - sent_ns - due[key].after_ns
                self.by_type_ns[arrival.type].append(late_ns)
        for event_type, *_ in due.keys() - came:
            self.missing[event_type] += 1

    def summary(self) -> dict[str, Any]:
        """Return the figures in milliseconds, over all and by type."""
        every = [late_ns for group in self.by_type_ns.values() for late_ns in group]
        return {
            "events": len(every),
            "late_ms": percentiles_ms(every),
            "by_type": {
                event_type: {"n": len(group)} | percentiles_ms(group)
                for event_type, group in sorted(self.by_type_ns.items())
            },
            "missing": dict(self.missing),
            "extra": dict(self.extra),
        }


def percentiles_ms(late_ns: Sequence[int]) -> dict[str, float]:
    """Return median, high percentiles and the worst, in milliseconds."""
    if not len(late_ns):
        return {}
    values = np.asarray(late_ns) / NS_PER_MS
    p50, p95, p99, p999 = np.percentile(values, (50, 95, 99, 99.9))
    figures = {"p50": p50, "p95": p95, "p99": p99, "p99.9": p999, "max": values.max()}
    return {name: round(float(value), 2) for name, value in figures.items()}
