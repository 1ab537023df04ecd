"""What became of a client's claims of what was heard.

A claim is `conversation.item.truncate` with its `audio_end_ms`; the server answers it
with `conversation.item.truncated`, or with an error that names the claim's event.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from voicelab.metrics.agent import AgentItem
from voicelab.record.log_reader import Event, Log
from voicelab.units import ms_to_samples

_TRUNCATE = "conversation.item.truncate"
_TRUNCATED = "conversation.item.truncated"

Verdict = Literal["accepted", "refused", "not_sent", "unanswered"]
"""What became of the claim; `unanswered` if the log ends before the server's word."""


@dataclass(frozen=True, slots=True)
class Claim:
    """What a client claimed of an interrupted item.

    Attributes:
        audio_end_ms: the claim; None if there was none.
        verdict: what became of it.
        refused: the server's message if it refused.
        settled_seq: the event that told of its acceptance; None if none did.
    """

    audio_end_ms: int | None
    verdict: Verdict
    refused: str | None = None
    settled_seq: int | None = None

    def kept_samples(self, item: AgentItem) -> int:
        """Return how much of the item the server holds in the end."""
        if self.verdict != "accepted" or self.audio_end_ms is None:
            return item.generated_samples
        claimed = ms_to_samples(self.audio_end_ms, item.rate_hz)
        return min(claimed, item.generated_samples)


def claim_of(log: Log, interruption: Event) -> Claim:
    """Return the claim that went with an interruption, and what became of it."""
    audio_end_ms = interruption.data.get("audio_end_ms")
    claim_id = interruption.data.get("truncate_event_id")
    lane = "server" if log.has_server else "client"
    if claim_id is None:
        if audio_end_ms is None:
            return Claim(audio_end_ms, "not_sent")
        return _unnamed(log, lane, interruption, audio_end_ms)
    for error in log.of(lane, "error"):
        detail = _detail(error)
        if detail.get("event_id") == claim_id:
            return Claim(audio_end_ms, "refused", str(detail.get("message", "")))
    for done in log.of(lane, _TRUNCATED):
        if done.item_id == interruption.item_id and done.seq > interruption.seq:
            return Claim(audio_end_ms, "accepted", settled_seq=done.seq)
    return Claim(audio_end_ms, "unanswered")


def _unnamed(log: Log, lane: str, interruption: Event, audio_end_ms: int) -> Claim:
    """Return what became of a claim whose event has no id, as a bridge may send it.

    The server answers events in their order, so the answer is the first one after the
    claim that can be one: the error names no event either.
    """
    item_id, since = interruption.item_id, interruption.seq
    sent = [each.seq for each in log.of(lane, _TRUNCATE) if each.item_id == item_id]
    sent_seq = next((seq for seq in sent if seq > since), since)
    errors = [
        each
        for each in log.of(lane, "error")
        if each.seq > sent_seq and _detail(each).get("event_id") is None
    ]
    accepted = [
        each
        for each in log.of(lane, _TRUNCATED)
        if each.seq > sent_seq and each.item_id == item_id
    ]
    answers = sorted([*errors[:1], *accepted[:1]], key=lambda each: each.seq)
    if not answers:
        return Claim(audio_end_ms, "unanswered")
    first = answers[0]
    if first.type == _TRUNCATED:
        return Claim(audio_end_ms, "accepted", settled_seq=first.seq)
    return Claim(audio_end_ms, "refused", str(_detail(first).get("message", "")))


def _detail(error: Event) -> dict[str, Any]:
    detail = error.data.get("error")
    return detail if isinstance(detail, dict) else {}
