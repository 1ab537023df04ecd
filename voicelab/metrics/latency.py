"""Response latency: from the caller's last word to the first word they hear back.

Conventions
    A row stands for one turn of the caller; backchannels ask for no answer and
    have none. A turn is never dropped: `outcome` says why it has no latency.

    The answer is the first response, audible to the caller, to the last item that
    the server made of the turn's speech. All spans are integer nanoseconds and run
    between instants of the log, so the parts add up exactly:

    ========================  ==================================================
    `uplink`                  reference end of the turn → the server has the frame
                              that holds its last sample
    `endpointing_delay`       → the server sends `speech_stopped` (for a manual
                              commit: `committed`); negative at a cut-in
    `server_ttfb`             → it sends the first audio of the answer
    `downlink`                → the client receives that audio
    `playout_delay`           → it reaches the ear
    ========================  ==================================================

    Against a foreign server the first four are unknown. What a client can observe
    stands beside them in every run: `endpointing_delay_observed` (end of the turn →
    `speech_stopped` received) and `ttfb_observed` (→ first audio received). Where only
    the player was observed (`unobserved` in the manifest of a real call's record), the
    answer counts as heard when the player said that it played; where not even that,
    the latency is unknown.

Outcomes
    `answered`: audio of the answer was heard. `cut_in`: it was heard, and it
    answers an endpoint that fell inside the turn. `interrupted`: a response was
    begun, and stopped before any of it was heard. `merged`: the server took this
    turn and the next for one; the answer counts there. `unanswered`: none of these.

    The flag `cut_in` tells that some endpoint fell inside the turn, whatever came
    of it (a later answer to the whole turn still counts).

Sources
    Endpointing delay and cut-in: Raux and Eskenazi 2008, "Optimizing endpointing
    thresholds using dialogue features in a spoken dialogue system" (SIGdial). The whole
    is called "voice to voice" in the trade; the five parts are defined here, because
    published ones start and end at instants that differ
    (`voicelab.metrics.definitions`).
"""

from __future__ import annotations

from itertools import zip_longest
from typing import Literal

import msgspec

from voicelab.metrics.agent import AgentItem
from voicelab.metrics.caller import CallerTurn
from voicelab.metrics.facts import Facts
from voicelab.metrics.user_items import UserItem
from voicelab.units import ns_to_ms, ns_to_samples

Outcome = Literal["answered", "cut_in", "interrupted", "merged", "unanswered"]

PARTS = ("uplink", "endpointing_delay", "server_ttfb", "downlink", "playout_delay")
"""The parts of the response latency, in order of time."""


class TurnLatency(msgspec.Struct, frozen=True, kw_only=True):
    """How long one turn of the caller waited for its answer.

    Attributes:
        turn: the turn's number in the recording.
        outcome: what came of it.
        cut_in: whether an endpoint fell inside it.
        t_end_ns: its reference end.
        t_heard_ns: when the answer was first heard.
        user_item_id: the item that was answered.
        response_id: the response to it.
        item_id: the item of that response that was heard first.
    """

    turn: int
    outcome: str
    cut_in: bool
    t_end_ns: int
    t_heard_ns: int | None = None
    user_item_id: str | None = None
    response_id: str | None = None
    item_id: str | None = None
    response_latency_ns: int | None = None
    uplink_ns: int | None = None
    endpointing_delay_ns: int | None = None
    server_ttfb_ns: int | None = None
    downlink_ns: int | None = None
    playout_delay_ns: int | None = None
    endpointing_delay_observed_ns: int | None = None
    ttfb_observed_ns: int | None = None

    @property
    def response_latency_ms(self) -> float | None:
        """The whole, in milliseconds."""
        return in_ms(self.response_latency_ns)

    @property
    def uplink_ms(self) -> float | None:
        """`uplink_ns` in milliseconds."""
        return in_ms(self.uplink_ns)

    @property
    def endpointing_delay_ms(self) -> float | None:
        """`endpointing_delay_ns` in milliseconds."""
        return in_ms(self.endpointing_delay_ns)

    @property
    def server_ttfb_ms(self) -> float | None:
        """`server_ttfb_ns` in milliseconds."""
        return in_ms(self.server_ttfb_ns)

    @property
    def downlink_ms(self) -> float | None:
        """`downlink_ns` in milliseconds."""
        return in_ms(self.downlink_ns)

    @property
    def playout_delay_ms(self) -> float | None:
        """`playout_delay_ns` in milliseconds."""
        return in_ms(self.playout_delay_ns)

    @property
    def endpointing_delay_observed_ms(self) -> float | None:
        """`endpointing_delay_observed_ns` in milliseconds."""
        return in_ms(self.endpointing_delay_observed_ns)

    @property
    def ttfb_observed_ms(self) -> float | None:
        """`ttfb_observed_ns` in milliseconds."""
        return in_ms(self.ttfb_observed_ns)


def turn_latencies(facts: Facts) -> list[TurnLatency]:
    """Return one row per caller turn, in the order in which they were spoken."""
    turns = [turn for turn in facts.caller_turns if turn.is_turn]
    return [_row(facts, turn, after) for turn, after in zip_longest(turns, turns[1:])]


def cut_ins(facts: Facts) -> list[int]:
    """Return where endpoints fell inside caller turns, as instants of the audio."""
    turns = [turn for turn in facts.caller_turns if turn.is_turn]
    taken = [(turn, _items_of(facts, turn)) for turn in turns]
    return sorted(
        item.audio_end_ns
        for turn, items in taken
        for item in items
        if item.audio_end_ns < turn.end_ns
    )


def _items_of(facts: Facts, turn: CallerTurn) -> list[UserItem]:
    return [item for item in facts.user_items if item.holds_speech_of(turn)]


def _row(facts: Facts, turn: CallerTurn, after: CallerTurn | None) -> TurnLatency:
    taken = _items_of(facts, turn)
    cut_in = any(item.audio_end_ns < turn.end_ns for item in taken)
    row = TurnLatency(
        turn=turn.index, outcome="unanswered", cut_in=cut_in, t_end_ns=turn.end_ns
    )
    if after is not None and taken and taken[-1].holds_speech_of(after):
        return msgspec.structs.replace(
            row, outcome="merged", user_item_id=taken[-1].item_id
        )
    answered = [item for item in taken if item.responses]
    return _with_answer(facts, row, answered[-1]) if answered else row


def _with_answer(facts: Facts, row: TurnLatency, user_item: UserItem) -> TurnLatency:
    row = msgspec.structs.replace(
        row,
        user_item_id=user_item.item_id,
        response_id=user_item.responses[-1].response_id,
    )
    for response in user_item.responses:
        heard = [item for item in facts.items_of(response.response_id) if item.heard]
        if heard:
            first = min(heard, key=lambda item: item.heard[0].start_ns)
            return _answered(facts, row, user_item, first)
    if _was_stopped(facts, user_item):
        return msgspec.structs.replace(row, outcome="interrupted")
    return row


def _was_stopped(facts: Facts, user_item: UserItem) -> bool:
    """Whether a response that nobody heard was cancelled, or had audio to hear."""
    return any(
        response.status == "cancelled" or facts.items_of(response.response_id)
        for response in user_item.responses
    )


def _answered(
    facts: Facts, row: TurnLatency, user_item: UserItem, item: AgentItem
) -> TurnLatency:
    outcome: Outcome = "cut_in" if user_item.audio_end_ns < row.t_end_ns else "answered"
    last_sample_ns = last_sample_arrived(facts, row.t_end_ns)
    sent_ns = item.sent[0].t_ns if item.sent else None
    received_ns = item.received[0].t_ns if item.received else None
    told = facts.ear_observed or facts.player_observed
    heard_ns = item.heard[0].start_ns if told else None
    return msgspec.structs.replace(
        row,
        outcome=outcome,
        t_heard_ns=heard_ns,
        response_id=item.response_id,
        item_id=item.item_id,
        response_latency_ns=_span(row.t_end_ns, heard_ns),
        uplink_ns=_span(row.t_end_ns, last_sample_ns),
        endpointing_delay_ns=_span(last_sample_ns, user_item.endpoint_sent_ns),
        server_ttfb_ns=_span(user_item.endpoint_sent_ns, sent_ns),
        downlink_ns=_span(sent_ns, received_ns),
        playout_delay_ns=_span(received_ns, heard_ns),
        endpointing_delay_observed_ns=_span(
            row.t_end_ns, user_item.endpoint_received_ns
        ),
        ttfb_observed_ns=_span(user_item.endpoint_received_ns, received_ns),
    )


def last_sample_arrived(facts: Facts, t_end_ns: int) -> int | None:
    """Return when the server had the last sample of what ended at `t_end_ns`."""
    wire = facts.session.input_format
    # the sample under way just before the end is the last that holds speech
    last_sample = ns_to_samples(t_end_ns - 1, wire.rate_hz)
    arrived = facts.log.appends("server")
    return arrived.time_of_sample(last_sample, bytes_per_sample=wire.bytes_per_sample)


def _span(start_ns: int | None, end_ns: int | None) -> int | None:
    return None if start_ns is None or end_ns is None else end_ns - start_ns


def in_ms(span_ns: int | None) -> float | None:
    """Return a span in milliseconds; what is unknown stays so."""
    return None if span_ns is None else ns_to_ms(span_ns)
