"""The stages of a cascade: when each was at work, and what it adds to the wait.

Conventions
    A stage is what the server noted of it (`response.stage` in the log): from the
    instant at which it had what it needs to the one at which the next could begin.
    Instants are those of the run; 0 is the first sample of the caller's recording.

    The wait of a turn has the parts of `voicelab.metrics.latency`, with `server_ttfb`
    taken apart. All spans are integer nanoseconds and add up exactly:

    ===================  =======================================================
    `uplink`             as there
    `endpointing_delay`  as there
    `server_rest`        what of `server_ttfb` is in no stage: all of it if the
                         agent has none. In a cascade, from the end of the turn
                         being told to the beginning of the answer, and from its
                         last stage to its first audio sent; nearly nothing
    `stt`                from the beginning of the answer until the words were
                         there
    `chat`               → the clause that was heard first was written
    `tts`                → the first audio of it was there
    `downlink`           as there
    `playout_delay`      as there
    ===================  =======================================================

    Stages overlap: while one clause is spoken, the next is written. Only what comes
    before the first audio is in the wait, and each part ends with its own stage and
    begins where the one before it ended: time in which two were at work counts for
    the one that ended first. A turn answered by a response that heard nothing new,
    such as after a function call, has no `stt`: what went before is `server_rest`.

Sources
    Taking the wait of a stitched pipeline apart by its services is common practice
    (LiveKit: end of utterance, `llm_ttft`, `tts_ttfb`; see
    `voicelab.metrics.definitions`). Those parts begin and end at instants that do not
    meet, so they do not add up; these do.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import msgspec

from voicelab.metrics.facts import Facts
from voicelab.metrics.latency import TurnLatency, in_ms, turn_latencies
from voicelab.units import ms_to_ns, ns_to_ms

STAGES = ("stt", "chat", "tts")
"""The stages of a cascade, in order of time."""

STAGE_PARTS = (
    "uplink",
    "endpointing_delay",
    "server_rest",
    *STAGES,
    "downlink",
    "playout_delay",
)
"""The parts of the response latency with the stages apart, in order of time."""


class ResponseStage(msgspec.Struct, frozen=True, kw_only=True):
    """What one stage did for one response.

    Attributes:
        response_id: the response.
        turn: the number of the caller's turn that it answers; None if it answers none.
        stage: `stt`, `chat` or `tts`.
        clause: which clause of the response it was for, from 0; None if for all of it.
        began_ns: when it had what it needs.
        ended_ns: when the next stage could begin; of `tts`, when its first audio was
            there.
        problem: what went wrong, if anything did.
    """

    response_id: str
    turn: int | None
    stage: str
    clause: int | None
    began_ns: int
    ended_ns: int
    problem: str | None = None

    @property
    def began_ms(self) -> float:
        """`began_ns` in milliseconds."""
        return ns_to_ms(self.began_ns)

    @property
    def ended_ms(self) -> float:
        """`ended_ns` in milliseconds."""
        return ns_to_ms(self.ended_ns)

    @property
    def duration_ms(self) -> float:
        """From the one to the other."""
        return ns_to_ms(self.ended_ns - self.began_ns)


class StageLatency(msgspec.Struct, frozen=True, kw_only=True):
    """What each stage added to the wait of one turn of the caller.

    Attributes:
        turn: the turn's number in the recording.
        outcome: what came of it, as in `TurnLatency`.
        cut_in: whether an endpoint fell inside it.
        response_id: the response that was heard.
        clause: the clause that was heard first; None without stages.
    """

    turn: int
    outcome: str
    cut_in: bool
    response_id: str | None = None
    clause: int | None = None
    response_latency_ns: int | None = None
    uplink_ns: int | None = None
    endpointing_delay_ns: int | None = None
    server_rest_ns: int | None = None
    stt_ns: int | None = None
    chat_ns: int | None = None
    tts_ns: int | None = None
    downlink_ns: int | None = None
    playout_delay_ns: int | None = None

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
    def server_rest_ms(self) -> float | None:
        """`server_rest_ns` in milliseconds."""
        return in_ms(self.server_rest_ns)

    @property
    def stt_ms(self) -> float | None:
        """`stt_ns` in milliseconds."""
        return in_ms(self.stt_ns)

    @property
    def chat_ms(self) -> float | None:
        """`chat_ns` in milliseconds."""
        return in_ms(self.chat_ns)

    @property
    def tts_ms(self) -> float | None:
        """`tts_ns` in milliseconds."""
        return in_ms(self.tts_ns)

    @property
    def downlink_ms(self) -> float | None:
        """`downlink_ns` in milliseconds."""
        return in_ms(self.downlink_ns)

    @property
    def playout_delay_ms(self) -> float | None:
        """`playout_delay_ns` in milliseconds."""
        return in_ms(self.playout_delay_ns)


def response_stages(facts: Facts) -> list[ResponseStage]:
    """Return one row a stage of each response, in the order in which they ended.

    There are none without a cascade, nor where the server was not observed.
    """
    turns = _turns(facts)
    began_ns = {
        event.data["response"]["id"]: event.t_ns
        for event in facts.log.of("server", "response.created")
    }
    rows = []
    for event in facts.log.of("server", "response.stage"):
        told = event.data
        response_id = told["response_id"]
        if response_id in began_ns:
            row = ResponseStage(
                response_id=response_id,
                turn=turns.get(response_id),
                stage=told["stage"],
                clause=told["clause"],
                began_ns=began_ns[response_id] + ms_to_ns(told["began_ms"]),
                ended_ns=began_ns[response_id] + ms_to_ns(told["ended_ms"]),
                problem=told.get("problem"),
            )
            rows.append(row)
    return rows


def stage_latencies(facts: Facts) -> list[StageLatency]:
    """Return one row per caller turn, in the order in which they were spoken."""
    stages = defaultdict(list)
    for stage in response_stages(facts):
        stages[stage.response_id].append(stage)
    return [
        _row(row, stages[row.response_id] if row.response_id else [])
        for row in turn_latencies(facts)
    ]


def _turns(facts: Facts) -> dict[str, int | None]:
    """Return the last turn of the caller in what each response answers."""
    turns: dict[str, int | None] = {}
    for item in facts.user_items:
        held = [
            turn.index
            for turn in facts.caller_turns
            if turn.is_turn and item.holds_speech_of(turn)
        ]
        for response in item.responses:
            turns[response.response_id] = held[-1] if held else None
    return turns


def _row(row: TurnLatency, stages: Sequence[ResponseStage]) -> StageLatency:
    known = StageLatency(
        turn=row.turn,
        outcome=row.outcome,
        cut_in=row.cut_in,
        response_id=row.response_id,
        response_latency_ns=row.response_latency_ns,
        uplink_ns=row.uplink_ns,
        endpointing_delay_ns=row.endpointing_delay_ns,
        server_rest_ns=row.server_ttfb_ns,
        downlink_ns=row.downlink_ns,
        playout_delay_ns=row.playout_delay_ns,
    )
    if row.uplink_ns is None or row.endpointing_delay_ns is None:
        return known
    told_ns = row.t_end_ns + row.uplink_ns + row.endpointing_delay_ns
    if row.server_ttfb_ns is None:
        return known
    return _taken_apart(known, stages, told_ns, told_ns + row.server_ttfb_ns)


def _taken_apart(
    row: StageLatency, stages: Sequence[ResponseStage], told_ns: int, sent_ns: int
) -> StageLatency:
    """Split what lies between the end of the turn being told and the first audio."""
    spoken = [
        each for each in stages if each.stage == "tts" and each.ended_ns <= sent_ns
    ]
    if not spoken:
        return row
    clause = spoken[-1].clause
    needed = [each for each in stages if each.clause in (None, clause)]
    began_ns = min(max(min(each.began_ns for each in needed), told_ns), sent_ns)
    parts_ns = {}
    at_ns = began_ns
    for name in STAGES:
        ends_ns = [each.ended_ns for each in needed if each.stage == name]
        end_ns = min(max([at_ns, *ends_ns]), sent_ns)
        parts_ns[f"{name}_ns"] = end_ns - at_ns
        at_ns = end_ns
    rest_ns = sent_ns - told_ns - sum(parts_ns.values())
    return msgspec.structs.replace(
        row, clause=clause, server_rest_ns=rest_ns, **parts_ns
    )
