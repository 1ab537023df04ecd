"""From the description of a fault to the fault at work."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from voicelab.faults import model
from voicelab.faults.chance import Chance
from voicelab.faults.connection import DisconnectStage, ExpireStage
from voicelab.faults.delays import LateStage, StallStage
from voicelab.faults.errors import CommitErrorStage, StrayErrorStage
from voicelab.faults.losses import DropStage, DuplicateStage
from voicelab.faults.model import Fault
from voicelab.faults.responses import (
    FailsAtOnceStage,
    FailsLaterStage,
    NoResponseStage,
    RateLimitedStage,
)
from voicelab.faults.stage import Desk, Stage
from voicelab.faults.transcripts import LateTranscriptStage
from voicelab.protocol.items import tag_of

_STAGES: Mapping[type, Callable[[Any, Chance, Desk], Stage]] = {
    model.Late: LateStage,
    model.Duplicate: DuplicateStage,
    model.Drop: DropStage,
    model.LateTranscript: LateTranscriptStage,
    model.Stall: StallStage,
    model.Disconnect: DisconnectStage,
    model.CommitError: CommitErrorStage,
    model.RateLimited: RateLimitedStage,
    model.ResponseFailed: FailsAtOnceStage,
    model.NoResponse: NoResponseStage,
    model.StrayError: StrayErrorStage,
    model.Expire: ExpireStage,
}


def stages_for(faults: Iterable[Fault], desk: Desk, seed: int) -> list[Stage]:
    """Return a stage for each fault; those of one kind are drawn apart.

    Args:
        faults: what goes wrong, in the order in which it acts.
        desk: what the stages may use of their session.
        seed: equal seeds and equal sessions give equal faults.
    """
    stages: list[Stage] = []
    of_kind: Counter[str] = Counter()
    for fault in faults:
        kind = tag_of(fault)
        name = f"{seed}/{kind}/{of_kind[kind]}"
        of_kind[kind] += 1
        rate, at = getattr(fault, "rate", 1.0), getattr(fault, "at", ())
        stages.append(_maker(fault)(fault, Chance(name, rate, at), desk))
    return stages


def _maker(fault: Fault) -> Callable[[Any, Chance, Desk], Stage]:
    if isinstance(fault, model.ResponseFailed) and fault.after_ms:
        return FailsLaterStage
    return _STAGES[type(fault)]
