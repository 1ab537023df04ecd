"""The truncation ledger: what was heard of an answer, and what the model believes.

Conventions
    A row stands for one item whose playback the caller's speech stopped (the
    client's `interruption`). Positions count samples of the item.

    * `generated`, `received`, `played`, `heard`: how much was made by the server in
      all, had reached the client at the interruption, left the player in the end,
      and reached the ear in the end. heard ≤ played ≤ received ≤ generated.
    * `audio_end_ms`: what the client claimed was heard, if it claimed anything.
    * `kept`: what the server holds afterwards: the claim if it was accepted, else
      all that was generated.
    * A word is heard, or kept, if its end lies within that position. Where a word
      ends is known to about 25 ms at best (see data/README.md), so a position that
      falls short of its end by less than that makes no phantom and forgets nothing.

Measures
    * `truncation_error_ms` = kept less heard: above 0, the model believes in speech
      that nobody heard; below 0, it forgot speech that was heard.
    * `phantom_words`: kept, never heard. `forgotten_words`: heard, not kept.
    * `stop_latency_ms`: from the first instant at which the caller speaks while the
      item is heard, to silence at the ear. Unknown if no turn of the caller lies
      behind the interruption (noise, echo: a false barge-in), or if the ear heard
      nothing any more when the caller began.
    * `buffered_ms`: received and not yet played at the interruption.

    Word counts are unknown where nobody told which words an item holds (a foreign
    server).
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from voicelab.metrics.agent import AgentItem, SaidWord
from voicelab.metrics.caller import CallerTurn
from voicelab.metrics.facts import Facts
from voicelab.record.log_reader import Event
from voicelab.units import ms_to_samples, ns_to_ms, samples_to_ms

WORD_TOLERANCE_MS = 25
"""How well the end of a word is known."""

Verdict = Literal["accepted", "refused", "not_sent", "unanswered"]
"""What became of the claim; `unanswered` if the log ends before the server's word."""


class Truncation(msgspec.Struct, frozen=True, kw_only=True):
    """One interrupted item; the module says what the columns mean.

    Attributes:
        t_ns: when the client stopped playback.
        turn: the caller's turn, or backchannel, that stopped it.
        policy: how the client decides what to claim.
        refused: the server's message if it refused the claim.
        phantom_text: the phantom words.
        forgotten_text: the forgotten words.
    """

    item_id: str
    response_id: str
    t_ns: int
    turn: int | None
    policy: str
    rate_hz: int
    generated_samples: int
    received_samples: int
    played_samples: int
    heard_samples: int
    kept_samples: int
    audio_end_ms: int | None
    verdict: str
    refused: str | None
    buffered_ms: float
    stop_latency_ms: float | None
    generated_words: int | None
    heard_words: int | None
    phantom_words: int | None
    forgotten_words: int | None
    phantom_text: str | None
    forgotten_text: str | None

    @property
    def generated_ms(self) -> float:
        """How much the server made."""
        return samples_to_ms(self.generated_samples, self.rate_hz)

    @property
    def received_ms(self) -> float:
        """How much had reached the client."""
        return samples_to_ms(self.received_samples, self.rate_hz)

    @property
    def played_ms(self) -> float:
        """How much left the player."""
        return samples_to_ms(self.played_samples, self.rate_hz)

    @property
    def heard_ms(self) -> float:
        """How much reached the ear: the truth."""
        return samples_to_ms(self.heard_samples, self.rate_hz)

    @property
    def kept_ms(self) -> float:
        """How much the server holds: the belief."""
        if self.verdict == "accepted" and self.audio_end_ms is not None:
            return float(self.audio_end_ms)
        return self.generated_ms

    @property
    def truncation_error_ms(self) -> float:
        """Belief less truth."""
        return self.kept_ms - self.heard_ms


def truncations(facts: Facts) -> list[Truncation]:
    """Return one row per interrupted item, in order of time."""
    interruptions = facts.log.of("client", "interruption")
    return [_row(facts, event) for event in interruptions]


def _row(facts: Facts, event: Event) -> Truncation:
    data = event.data
    item = _item(facts, event)
    verdict, refused = _verdict(facts, event)
    turn = _turn_behind(facts, event)
    kept_samples = item.generated_samples
    if verdict == "accepted":
        claimed = ms_to_samples(data["audio_end_ms"], item.rate_hz)
        kept_samples = min(claimed, kept_samples)
    buffered = data["received_samples"] - data["played_samples"]
    return Truncation(
        item_id=item.item_id,
        response_id=item.response_id,
        t_ns=event.t_ns,
        turn=None if turn is None else turn.index,
        policy=data["policy"],
        rate_hz=item.rate_hz,
        generated_samples=item.generated_samples,
        received_samples=data["received_samples"],
        played_samples=item.played_samples,
        heard_samples=item.heard_samples,
        kept_samples=kept_samples,
        audio_end_ms=data["audio_end_ms"],
        verdict=verdict,
        refused=refused,
        buffered_ms=samples_to_ms(buffered, item.rate_hz),
        stop_latency_ms=_stop_latency_ms(item, turn),
        **_word_columns(item, kept_samples),
    )


def _item(facts: Facts, event: Event) -> AgentItem:
    """Return the interrupted item; one of which no audio arrived is empty."""
    item_id = event.item_id or ""
    known = facts.agent_items.get(item_id)
    return known or AgentItem(item_id, "", event.data["rate_hz"])


def _verdict(facts: Facts, event: Event) -> tuple[Verdict, str | None]:
    """Return what the server made of the claim, and its message if it refused."""
    claim_id = event.data["truncate_event_id"]
    if claim_id is None:
        return "not_sent", None
    lane = "server" if facts.log.has_server else "client"
    for error in facts.log.of(lane, "error"):
        detail = error.data["error"]
        if detail.get("event_id") == claim_id:
            return "refused", detail["message"]
    for done in facts.log.of(lane, "conversation.item.truncated"):
        if done.item_id == event.item_id and done.seq > event.seq:
            return "accepted", None
    return "unanswered", None


def _turn_behind(facts: Facts, event: Event) -> CallerTurn | None:
    """Return the caller's turn whose speech stopped the item, None if none did."""
    trigger = event.data["trigger"]
    if trigger is None:  # the client itself broke off, as the caller began
        speaking = (
            t for t in facts.caller_turns if t.start_ns <= event.t_ns < t.end_ns
        )
        return next(speaking, None)
    for user_item in facts.user_items:
        if user_item.item_id == trigger:
            behind = [
                turn
                for turn in facts.caller_turns
                if turn.start_ns < event.t_ns and turn.end_ns > user_item.onset_ns
            ]
            return behind[-1] if behind else None
    return None


def _stop_latency_ms(item: AgentItem, turn: CallerTurn | None) -> float | None:
    if turn is None or not item.heard:
        return None
    silent_ns = item.heard[-1].end_ns
    barge_in_ns = turn.speech_from(item.heard[0].start_ns)
    return ns_to_ms(silent_ns - barge_in_ns) if silent_ns > barge_in_ns else None


def _word_columns(item: AgentItem, kept_samples: int) -> dict[str, Any]:
    if item.words is None:
        unknown = ("generated_words", "heard_words", "phantom_words")
        texts = ("forgotten_words", "phantom_text", "forgotten_text")
        return dict.fromkeys((*unknown, *texts))
    heard = item.words_until(item.heard_samples)
    kept = item.words_until(kept_samples)
    slack = ms_to_samples(WORD_TOLERANCE_MS, item.rate_hz)
    phantom = kept[len(item.words_until(item.heard_samples + slack)) :]
    forgotten = heard[len(item.words_until(kept_samples + slack)) :]
    return {
        "generated_words": len(item.words_until(item.generated_samples)),
        "heard_words": len(heard),
        "phantom_words": len(phantom),
        "forgotten_words": len(forgotten),
        "phantom_text": _text(phantom),
        "forgotten_text": _text(forgotten),
    }


def _text(words: list[SaidWord]) -> str:
    return " ".join(word.text.strip() for word in words)
