"""How well turns were told from silence: endpoints, cut-ins, missed and false turns.

Conventions
    A row stands for one turn of the caller, or for what the server took for a turn
    that holds none. The server's items are matched by their speech: an item belongs
    to each turn of which it holds speech (`voicelab.metrics.user_items`). Where the
    log does not tell when the caller spoke there are no rows.

    ==============  ====================================================
    `outcome`       what became of the turn
    ==============  ====================================================
    `endpointed`    the last item with its speech ends behind it
    `cut_in`        the last item with its speech ends inside it
    `merged`        the last item holds speech of the next turn as well;
                    the endpoint counts there
    `missed`        no item holds its speech, or the one that does was
                    never declared over (`detected` tells which)
    `backchannel`   no turn: an item that holds a backchannel only
    `false`         no turn: an item without any speech of the caller;
                    `cause` is that of `voicelab.metrics.causes`
    ==============  ====================================================

    The flag `cut_in` tells that some endpoint fell inside the turn, `cut_ins` how many
    did, whatever came afterwards; both as in `voicelab.metrics.latency`.

Measures
    * `endpointing_delay_ms`: the server has the audio that holds the turn's end → it
      says `speech_stopped` (for a manual commit `committed`), as in
      `voicelab.metrics.latency`. Unknown where the server was not observed.
    * `endpoint_offset_ms`: the turn's end → the endpoint, both as positions in the
      caller's audio. It is what is decided, free of the uplink, of the frames that
      carry it and of what the server takes to say so; negative at a cut-in.
    * `onset_delay_ms`: the turn's onset → `speech_started` leaves the server; where
      the server was not observed, arrives at the client.
    * `onset_error_ms`: the turn's onset → where the server took speech to begin, as
      positions in the audio; above 0 the front of the turn was clipped, unless
      `prefix_padding_ms` saved it.

    Onsets are unknown of a turn whose first item began with the turn before. Cut-ins,
    endpoints and their delays: Raux and Eskenazi 2008, "Optimizing endpointing
    thresholds using dialogue features in a spoken dialogue system" (SIGdial).
"""

from __future__ import annotations

from itertools import zip_longest
from typing import Literal

import msgspec

from voicelab.metrics.caller import CallerTurn
from voicelab.metrics.causes import cause_of
from voicelab.metrics.facts import Facts
from voicelab.metrics.latency import last_sample_arrived
from voicelab.metrics.spans import span_ms
from voicelab.metrics.user_items import UserItem
from voicelab.units import ns_to_ms

EndpointOutcome = Literal[
    "endpointed", "cut_in", "merged", "missed", "backchannel", "false"
]

TURN_OUTCOMES: tuple[EndpointOutcome, ...] = (
    "endpointed",
    "cut_in",
    "merged",
    "missed",
)
"""The outcomes of a turn; the others are of items that hold none."""


class Endpointing(msgspec.Struct, frozen=True, kw_only=True):
    """How one turn was told from silence; the module says what the columns mean.

    Attributes:
        turn: the turn's number in the recording; None where there is no turn.
        user_item_id: the last item with its speech.
        detected: whether any item holds its speech.
        t_start_ns: the turn's onset; where there is no turn, the item's.
        t_end_ns: the turn's reference end; None where there is no turn.
        t_endpoint_ns: where in the audio the item was declared over.
    """

    turn: int | None
    outcome: str
    cut_in: bool = False
    cut_ins: int = 0
    cause: str | None = None
    detected: bool = True
    user_item_id: str | None = None
    t_start_ns: int
    t_end_ns: int | None = None
    t_endpoint_ns: int | None = None
    endpointing_delay_ms: float | None = None
    endpoint_offset_ms: float | None = None
    onset_delay_ms: float | None = None
    onset_error_ms: float | None = None


def endpointing(facts: Facts) -> list[Endpointing]:
    """Return the caller's turns and the server's false ones, in order of onset."""
    if not facts.caller_observed:
        return []
    turns = [turn for turn in facts.caller_turns if turn.is_turn]
    around = zip_longest([None, *turns], turns, turns[1:])
    rows = [
        _turn_row(facts, before, turn, after)
        for before, turn, after in around
        if turn is not None
    ]
    held = [item for item in facts.user_items if not _holds_any(item, turns)]
    rows += [_false_row(facts, item) for item in held]
    return sorted(rows, key=lambda row: row.t_start_ns)


def _turn_row(
    facts: Facts, before: CallerTurn | None, turn: CallerTurn, after: CallerTurn | None
) -> Endpointing:
    items = [item for item in facts.user_items if item.holds_speech_of(turn)]
    cut_ins = sum(item.audio_end_ns < turn.end_ns for item in items)
    row = Endpointing(
        turn=turn.index,
        outcome="missed",
        cut_in=cut_ins > 0,
        cut_ins=cut_ins,
        detected=bool(items),
        t_start_ns=turn.start_ns,
        t_end_ns=turn.end_ns,
    )
    if not items:
        return row
    if before is None or not items[0].holds_speech_of(before):
        row = _with_onset(facts, row, items[0])
    return _with_endpoint(facts, row, items[-1], after)


def _with_onset(facts: Facts, row: Endpointing, item: UserItem) -> Endpointing:
    return msgspec.structs.replace(
        row,
        onset_delay_ms=span_ms(row.t_start_ns, _started_told_ns(facts, item.item_id)),
        onset_error_ms=ns_to_ms(item.onset_ns - row.t_start_ns),
    )


def _started_told_ns(facts: Facts, item_id: str) -> int | None:
    lane = "server" if facts.log.has_server else "client"
    started = facts.log.of(lane, "input_audio_buffer.speech_started")
    told = [event.t_ns for event in started if event.item_id == item_id]
    return told[0] if told else None


def _with_endpoint(
    facts: Facts, row: Endpointing, item: UserItem, after: CallerTurn | None
) -> Endpointing:
    row = msgspec.structs.replace(row, user_item_id=item.item_id)
    if after is not None and item.holds_speech_of(after):
        return msgspec.structs.replace(row, outcome="merged")
    if not item.is_over or row.t_end_ns is None:
        return row
    arrived_ns = last_sample_arrived(facts, row.t_end_ns)
    outcome: EndpointOutcome = (
        "cut_in" if item.audio_end_ns < row.t_end_ns else "endpointed"
    )
    return msgspec.structs.replace(
        row,
        outcome=outcome,
        t_endpoint_ns=item.audio_end_ns,
        endpoint_offset_ms=ns_to_ms(item.audio_end_ns - row.t_end_ns),
        endpointing_delay_ms=span_ms(arrived_ns, item.endpoint_sent_ns),
    )


def _false_row(facts: Facts, item: UserItem) -> Endpointing:
    tokens = [turn for turn in facts.caller_turns if not turn.is_turn]
    is_token = _holds_any(item, tokens)
    outcome: EndpointOutcome = "backchannel" if is_token else "false"
    return Endpointing(
        turn=None,
        outcome=outcome,
        cause=None if is_token else cause_of(facts, item),
        user_item_id=item.item_id,
        t_start_ns=item.onset_ns,
        t_endpoint_ns=item.audio_end_ns if item.is_over else None,
    )


def _holds_any(item: UserItem, turns: list[CallerTurn]) -> bool:
    return any(item.holds_speech_of(turn) for turn in turns)
