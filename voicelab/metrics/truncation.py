"""The truncation ledger: what was heard of an answer, and what the model believes.

Conventions
    A row stands for one item that the client settled because the caller spoke (its
    `interruption`): whose playback it stopped, or was not to begin. A client that
    goes by its last item whatever became of it (`client.truncates: last_item`)
    settles items that were heard to their end, too, and one whose audio it lets play
    on (`client.on_interruption: play_on`) is heard further. Positions count samples
    of the item.

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
      `phantom_rate` and `forgotten_rate` are their shares of the words generated.
    * `phantom_audio_tokens`, `billed_phantom_tokens`: what the model reads of it at
      each response, and what all of this was billed: `voicelab.metrics.phantom`.
    * `stop_latency_ms`: from the first instant at which the caller speaks while the
      item is heard, to silence at the ear. Unknown if no turn of the caller lies
      behind the interruption (noise, echo: a false barge-in), or if the ear heard
      nothing any more when the caller began.
    * `buffered_ms`: received and not yet played at the interruption, by what the
      client knew then.

Missing values
    Words, where nobody told which an item holds (a foreign server). What was played
    or heard and all that follows from it, where nobody observed it (`unobserved` in
    the manifest of a real call's record).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from voicelab.metrics.agent import AgentItem, SaidWord
from voicelab.metrics.caller import CallerTurn
from voicelab.metrics.claims import claim_of
from voicelab.metrics.facts import Facts
from voicelab.metrics.phantom import Billing, phantom_audio_tokens
from voicelab.metrics.playback import optional_ms
from voicelab.metrics.stops import INTERRUPTION, Stop
from voicelab.record.log_reader import Event
from voicelab.units import ms_to_samples, ns_to_ms, samples_to_ms

WORD_TOLERANCE_MS = 25
"""How well the end of a word is known."""


class Truncation(msgspec.Struct, frozen=True, kw_only=True):
    """One interrupted item; the module says what the columns mean.

    Attributes:
        t_ns: when the client settled it.
        turn: the caller's turn, or backchannel, for which it did.
        policy: how the client decides what to claim; None if it did not tell.
        refused: the server's message if it refused the claim.
        phantom_text: the phantom words.
        forgotten_text: the forgotten words.
    """

    item_id: str
    response_id: str
    t_ns: int
    turn: int | None
    policy: str | None
    rate_hz: int
    generated_samples: int
    received_samples: int
    played_samples: int | None
    heard_samples: int | None
    kept_samples: int
    audio_end_ms: int | None
    verdict: str
    refused: str | None
    buffered_ms: float | None
    stop_latency_ms: float | None
    generated_words: int | None
    heard_words: int | None
    phantom_words: int | None
    forgotten_words: int | None
    phantom_text: str | None
    forgotten_text: str | None
    phantom_audio_tokens: int | None
    billed_phantom_tokens: int | None

    @property
    def generated_ms(self) -> float:
        """How much the server made."""
        return samples_to_ms(self.generated_samples, self.rate_hz)

    @property
    def received_ms(self) -> float:
        """How much had reached the client."""
        return samples_to_ms(self.received_samples, self.rate_hz)

    @property
    def played_ms(self) -> float | None:
        """How much left the player."""
        return optional_ms(self.played_samples, self.rate_hz)

    @property
    def heard_ms(self) -> float | None:
        """How much reached the ear: the truth."""
        return optional_ms(self.heard_samples, self.rate_hz)

    @property
    def kept_ms(self) -> float:
        """How much the server holds: the belief."""
        if self.verdict == "accepted" and self.audio_end_ms is not None:
            return min(float(self.audio_end_ms), self.generated_ms)
        return self.generated_ms

    @property
    def truncation_error_ms(self) -> float | None:
        """Belief less truth."""
        return None if self.heard_ms is None else self.kept_ms - self.heard_ms

    @property
    def phantom_rate(self) -> float | None:
        """The share of the words generated that are kept and were never heard."""
        return _rate(self.phantom_words, self.generated_words)

    @property
    def forgotten_rate(self) -> float | None:
        """The share of the words generated that were heard and are not kept."""
        return _rate(self.forgotten_words, self.generated_words)


def truncations(facts: Facts) -> list[Truncation]:
    """Return one row per interrupted item, in order of time."""
    stop_of = {item_id: stop for stop in facts.stops for item_id in stop.item_ids}
    billing = Billing(facts)
    return [
        _row(facts, event, stop_of[event.item_id or ""], billing)
        for event in facts.log.of("client", INTERRUPTION)
    ]


def sent_claims(ledger: Sequence[Truncation]) -> list[Truncation]:
    """Return the items of which something was claimed and the server answered."""
    return [row for row in ledger if row.verdict in ("accepted", "refused")]


def _row(facts: Facts, event: Event, stop: Stop, billing: Billing) -> Truncation:
    item = _item(facts, event)
    claim = claim_of(facts.log, event)
    kept_samples = claim.kept_samples(item)
    heard_samples = item.heard_samples if facts.ear_observed else None
    turn = stop.caller
    return Truncation(
        item_id=item.item_id,
        response_id=item.response_id,
        t_ns=event.t_ns,
        turn=None if turn is None else turn.index,
        policy=event.data.get("policy"),
        rate_hz=item.rate_hz,
        generated_samples=item.generated_samples,
        received_samples=_received_samples(event, item),
        played_samples=item.played_samples if facts.player_observed else None,
        heard_samples=heard_samples,
        kept_samples=kept_samples,
        audio_end_ms=claim.audio_end_ms,
        verdict=claim.verdict,
        refused=claim.refused,
        buffered_ms=_buffered_ms(event, item),
        stop_latency_ms=_stop_latency_ms(item, turn) if facts.ear_observed else None,
        **_word_columns(item, kept_samples, heard_samples),
        **(
            dict.fromkeys(("phantom_audio_tokens", "billed_phantom_tokens"))
            if heard_samples is None
            else {
                "phantom_audio_tokens": phantom_audio_tokens(
                    item, kept_samples, heard_samples
                ),
                "billed_phantom_tokens": billing.billed_phantom_tokens(
                    item, claim, heard_samples
                ),
            }
        ),
    )


def _item(facts: Facts, event: Event) -> AgentItem:
    """Return the interrupted item; one of which no audio arrived is empty."""
    item_id = event.item_id or ""
    rate_hz = event.data.get("rate_hz", facts.session.output_format.rate_hz)
    return facts.agent_items.get(item_id) or AgentItem(item_id, "", rate_hz)


def _received_samples(event: Event, item: AgentItem) -> int:
    """Return how much the client had at the interruption, as it tells or as is seen."""
    told = event.data.get("received_samples")
    if isinstance(told, int):
        return told
    before = (delta.end_samples for delta in item.received if delta.t_ns <= event.t_ns)
    return max(before, default=0)


def _buffered_ms(event: Event, item: AgentItem) -> float | None:
    played_samples = event.data.get("played_samples")
    if played_samples is None:
        return None
    waiting = _received_samples(event, item) - played_samples
    return samples_to_ms(waiting, item.rate_hz)


def _stop_latency_ms(item: AgentItem, turn: CallerTurn | None) -> float | None:
    if turn is None or not item.heard:
        return None
    silent_ns = item.heard[-1].end_ns
    barge_in_ns = turn.speech_from(item.heard[0].start_ns)
    return ns_to_ms(silent_ns - barge_in_ns) if silent_ns >= barge_in_ns else None


def _word_columns(
    item: AgentItem, kept_samples: int, heard_samples: int | None
) -> dict[str, Any]:
    unknown = ("generated_words", "heard_words", "phantom_words", "forgotten_words")
    columns: dict[str, Any] = dict.fromkeys(
        (*unknown, "phantom_text", "forgotten_text")
    )
    if item.words is None:
        return columns
    columns["generated_words"] = len(item.words_until(item.generated_samples))
    if heard_samples is None:
        return columns
    heard = item.words_until(heard_samples)
    kept = item.words_until(kept_samples)
    slack = ms_to_samples(WORD_TOLERANCE_MS, item.rate_hz)
    phantom = kept[len(item.words_until(heard_samples + slack)) :]
    forgotten = heard[len(item.words_until(kept_samples + slack)) :]
    return columns | {
        "heard_words": len(heard),
        "phantom_words": len(phantom),
        "forgotten_words": len(forgotten),
        "phantom_text": _text(phantom),
        "forgotten_text": _text(forgotten),
    }


def _text(words: list[SaidWord]) -> str:
    return " ".join(word.text.strip() for word in words)


def _rate(words: int | None, of_words: int | None) -> float | None:
    return None if words is None or not of_words else words / of_words
