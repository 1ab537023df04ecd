"""The rules of labels that go beyond the shape of each value."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from typing import Protocol

from voicelab.document import Document, FieldPath
from voicelab.scenario.label_model import LabelTurn, WholeReply, Word

TOLERANCE_MS = 1.0
"""How far a label may stick out of what holds it: rounding, not an error."""


class _Span(Protocol):
    @property
    def start_ms(self) -> float: ...
    @property
    def end_ms(self) -> float: ...


def check_words(document: Document, path: FieldPath, words: Sequence[Word]) -> None:
    """Check that words are in order, each with its start before its end.

    Raises:
        InputError: as `document.error`, naming the word under `path`.
    """
    _check_spans(document, path, words, apart=False)


def check_turns(
    document: Document, turns: Sequence[LabelTurn], duration_ms: float | None
) -> None:
    """Check the turns of a label file; see `load_labels` for the rules.

    Raises:
        InputError: as `document.error`, naming the turn, word or pause.
    """
    for party in ("caller", "agent", "unknown"):
        own = [(i, turn) for i, turn in enumerate(turns) if turn.speaker == party]
        for (_, before), (index, turn) in itertools.pairwise(own):
            _check_order(document, ("turns", index), before, turn)
    for index, turn in enumerate(turns):
        _check_turn(document, ("turns", index), turn, duration_ms)


def _check_order(
    document: Document, path: FieldPath, before: LabelTurn, turn: LabelTurn
) -> None:
    if turn.start_ms < before.start_ms:
        raise document.fault(
            path,
            f"it starts at {turn.start_ms:g} ms, before {_whose(turn)} "
            f"turn that stands ahead of it ({before.start_ms:g} ms)",
            "sort the turns by start_ms",
        )
    if turn.start_ms < before.end_ms:
        raise document.fault(
            path,
            f"it starts at {turn.start_ms:g} ms, while {_who(turn)} "
            f"speaks until {before.end_ms:g} ms",
            "join the two turns or part them",
        )


def _who(turn: LabelTurn) -> str:
    return "somebody unknown" if turn.speaker == "unknown" else f"the {turn.speaker}"


def _whose(turn: LabelTurn) -> str:
    return "the unknown" if turn.speaker == "unknown" else f"the {turn.speaker}'s"


def _check_turn(
    document: Document, path: FieldPath, turn: LabelTurn, duration_ms: float | None
) -> None:
    _check_forwards(document, path, turn)
    if duration_ms is not None and turn.end_ms > duration_ms + TOLERANCE_MS:
        raise document.fault(
            path,
            f"it ends at {turn.end_ms:g} ms, but the audio at {duration_ms:g} ms",
            "labels must lie inside the audio",
        )
    for name, spans in (("words", turn.words), ("pauses", turn.pauses)):
        _check_spans(document, (*path, name), spans, apart=name == "pauses")
        _check_inside(document, (*path, name), spans, turn)
    if turn.reply is not None:
        _check_reply(document, (*path, "reply"), turn, turn.reply)


def _check_reply(
    document: Document, path: FieldPath, turn: LabelTurn, reply: WholeReply
) -> None:
    if turn.speaker != "agent":
        raise document.fault(path, "only an agent's turn has a reply", "leave it out")
    if not reply.audio.is_file():
        raise document.fault((*path, "audio"), f"there is no file {reply.audio}")
    check_words(document, (*path, "words"), reply.words)


def _check_spans(
    document: Document, path: FieldPath, spans: Sequence[_Span], *, apart: bool
) -> None:
    latest_ms = 0.0
    for index, span in enumerate(spans):
        _check_forwards(document, (*path, index), span)
        if span.start_ms < latest_ms:
            raise document.fault(
                (*path, index),
                f"it starts at {span.start_ms:g} ms, before what stands ahead of it "
                f"{'ends' if apart else 'starts'} ({latest_ms:g} ms)",
                "sort by start_ms",
            )
        latest_ms = span.end_ms if apart else span.start_ms


def _check_forwards(document: Document, path: FieldPath, span: _Span) -> None:
    if span.start_ms >= span.end_ms:
        raise document.fault(
            path,
            f"it ends at {span.end_ms:g} ms but starts at {span.start_ms:g} ms",
            "give a start_ms before the end_ms",
        )


def _check_inside(
    document: Document, path: FieldPath, spans: Iterable[_Span], turn: LabelTurn
) -> None:
    for index, span in enumerate(spans):
        early = span.start_ms < turn.start_ms - TOLERANCE_MS
        late = span.end_ms > turn.end_ms + TOLERANCE_MS
        if early or late:
            raise document.fault(
                (*path, index),
                f"it lies at {span.start_ms:g} to {span.end_ms:g} ms, outside its "
                f"turn at {turn.start_ms:g} to {turn.end_ms:g} ms",
                "move it into the turn",
            )
