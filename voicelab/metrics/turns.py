"""Who held the floor, when, and how it changed hands.

Conventions
    A row stands for one caller turn or backchannel (truth), or for what was heard
    of one agent item, from its first sample at the ear to its last.

    `fto_ms`, the floor transfer offset, is the onset of a turn less the end of the
    turn that held the floor (of those begun before, the one that ends last), where
    that was the other party's: above 0 a gap, below 0 an overlap. A turn that lies
    within the other party's takes no floor over and has no offset, nor has one
    after which the same party goes on. Backchannels bid for no floor: they have no
    offset and none is counted from them.

Sources
    Turns and floor: Sacks, Schegloff and Jefferson 1974, "A simplest systematics for
    the organization of turn-taking for conversation" (Language 50). The sign and the
    name of the offset: Stivers et al. 2009, "Universals and cultural variation in
    turn-taking in conversation" (PNAS 106); human means lie near 200 ms there. The
    classes of silence and overlap, on speech rather than on turns, are in
    `voicelab.metrics.floor`.
"""

from __future__ import annotations

import msgspec

from voicelab.metrics.agent import AgentItem
from voicelab.metrics.caller import CallerTurn
from voicelab.metrics.facts import Facts
from voicelab.units import ns_to_ms


class Turn(msgspec.Struct, frozen=True, kw_only=True):
    """One party's holding of the floor, or a backchannel.

    Attributes:
        party: `caller` or `agent`.
        kind: `turn` or `backchannel`.
        turn: the caller turn's number.
        item_id: the agent's item.
        t_start_ns: onset.
        t_end_ns: offset.
        fto_ms: floor transfer offset; None if the floor was not transferred.
        interrupted: whether an agent item was stopped by the caller's speech.
        text: what was said; of an agent item, the words heard to their end.
        words: how many words that is; None if nobody told.
    """

    party: str
    kind: str
    turn: int | None
    item_id: str | None
    t_start_ns: int
    t_end_ns: int
    fto_ms: float | None = None
    interrupted: bool = False
    text: str | None = None
    words: int | None = None

    @property
    def duration_ms(self) -> float:
        """From onset to offset, pauses included."""
        return ns_to_ms(self.t_end_ns - self.t_start_ns)


def floor_turns(facts: Facts) -> list[Turn]:
    """Return the turns of both parties in the order of their onsets."""
    spoken = [_caller(turn) for turn in facts.caller_turns]
    heard = [_agent(item) for item in facts.agent_items.values() if item.heard]
    rows = sorted([*spoken, *heard], key=lambda row: (row.t_start_ns, row.party))
    placed: list[Turn] = []
    holder: Turn | None = None
    for row in rows:
        takes_floor = row.kind == "turn" and (
            holder is None or row.t_end_ns > holder.t_end_ns
        )
        placed.append(_with_offset(row, holder) if takes_floor else row)
        holder = row if takes_floor else holder
    return placed


def _with_offset(row: Turn, holder: Turn | None) -> Turn:
    if holder is None or holder.party == row.party:
        return row
    offset_ns = row.t_start_ns - holder.t_end_ns
    return msgspec.structs.replace(row, fto_ms=ns_to_ms(offset_ns))


def _caller(turn: CallerTurn) -> Turn:
    return Turn(
        party="caller",
        kind=turn.kind,
        turn=turn.index,
        item_id=None,
        t_start_ns=turn.start_ns,
        t_end_ns=turn.end_ns,
        text=turn.text or None,
        words=len(turn.words) or len(turn.text.split()) or None,
    )


def _agent(item: AgentItem) -> Turn:
    text: str | None
    if item.words is not None:
        heard = item.words_until(item.heard_samples)
        text, words = " ".join(word.text.strip() for word in heard), len(heard)
    elif item.heard_samples >= item.generated_samples and item.transcript:
        text, words = item.transcript, len(item.transcript.split())
    else:
        text, words = None, None
    return Turn(
        party="agent",
        kind="turn",
        turn=None,
        item_id=item.item_id,
        t_start_ns=item.heard[0].start_ns,
        t_end_ns=item.heard[-1].end_ns,
        interrupted=item.heard[-1].reason == "interrupted",
        text=text,
        words=words,
    )
