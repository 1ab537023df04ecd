"""Which of the agent's items were interrupted, where they stood, and what was claimed.

An interruption shows in up to three places: the server cancels the response because it
hears the caller, the bridge has its provider clear what is queued, and the bridge tells
the server what was heard. They come within a moment, in any order, or not at all. Each
item gets one row: at the instant of the clear if there is one, with the claim if one
came.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from voicelab.units import NS_PER_MS

POLICY = "bridge"
"""The name of the policy, in rows: what the bridge does is the bridge's affair."""

CLAIM_WITHIN_NS = 700 * NS_PER_MS
"""A bridge that has cleared, and claims anything, has done so by then. A log holds its
lines back for a second, so that the row still finds its place."""


@dataclass(frozen=True, slots=True)
class Positions:
    """Where an item stood at an instant; counts samples of the item."""

    received_samples: int
    played_samples: int
    heard_samples: int


@dataclass(frozen=True, slots=True)
class _Row:
    t_ns: int
    trigger: str | None
    positions: Positions
    is_cleared: bool


Log = Callable[[int, str, Mapping[str, Any]], None]
"""Takes the instant, the item and the data of a row."""


class Ledger:
    """Collects interruptions and hands each on when all is known of it.

    Args:
        log: takes the rows.
        rate_hz: tells the rate of the items' audio.
    """

    def __init__(self, log: Log, rate_hz: Callable[[], int]) -> None:
        self._log = log
        self._rate_hz = rate_hz
        self._waiting: dict[str, _Row] = {}
        self._done: set[str] = set()

    def cancelled(
        self, item_id: str, t_ns: int, trigger: str | None, positions: Positions
    ) -> None:
        """The caller's speech ended the item's response."""
        if item_id not in self._done:
            row = _Row(t_ns, trigger, positions, is_cleared=False)
            self._waiting.setdefault(item_id, row)

    def cleared(
        self, item_id: str, t_ns: int, trigger: str | None, positions: Positions
    ) -> None:
        """The bridge had what was queued of the item dropped."""
        if item_id in self._done:
            return
        row = self._waiting.get(item_id)
        if row is None or not row.is_cleared:
            self._waiting[item_id] = _Row(t_ns, trigger, positions, is_cleared=True)

    def claimed(
        self,
        item_id: str,
        t_ns: int,
        trigger: str | None,
        positions: Positions,
        claim: tuple[int, str | None],
    ) -> bool:
        """The bridge told the server what was heard of the item.

        Returns:
            Whether that is the item's first claim; a later one changes no row.
        """
        if item_id in self._done:
            return False
        row = self._waiting.pop(item_id, None)
        if row is None:
            row = _Row(t_ns, trigger, positions, is_cleared=False)
        self._write(item_id, row, claim)
        return True

    def next_deadline(self) -> int | None:
        """Return when `advance` is next needed."""
        instants = (row.t_ns for row in self._waiting.values())
        first_ns = min(instants, default=None)
        return None if first_ns is None else first_ns + CLAIM_WITHIN_NS

    def advance(self, now_ns: int) -> None:
        """Give up waiting for claims that are overdue by `now_ns`."""
        for item_id, row in tuple(self._waiting.items()):
            if row.t_ns + CLAIM_WITHIN_NS <= now_ns:
                del self._waiting[item_id]
                self._write(item_id, row, (None, None))

    def finish(self) -> None:
        """Wait for nothing any more."""
        for item_id, row in self._waiting.items():
            self._write(item_id, row, (None, None))
        self._waiting.clear()

    def _write(
        self, item_id: str, row: _Row, claim: tuple[int | None, str | None]
    ) -> None:
        self._done.add(item_id)
        audio_end_ms, event_id = claim
        at = row.positions
        self._log(
            row.t_ns,
            item_id,
            {
                "rate_hz": self._rate_hz(),
                "policy": POLICY,
                "trigger": row.trigger,
                "received_samples": at.received_samples,
                "played_samples": at.played_samples,
                "heard_samples": at.heard_samples,
                "audio_end_ms": audio_end_ms,
                "truncate_event_id": event_id,
            },
        )
