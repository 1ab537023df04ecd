"""Turn decisions held against what the caller really said.

Conventions
    The words are those of `voicelab.metrics.endpointing`. An item is what the detector
    takes for a turn. It holds speech of a caller's turn if its own speech, from onset
    to the end of the last voiced frame, overlaps it.

    A turn is **cut into** if an endpoint fell inside it: if the decision that an item
    with its speech is over lies before the turn's end. It is **merged** if the last
    item with its speech also holds speech of the next turn, which then has the
    endpoint. It is **missed** if no item holds speech of it, or the last one never
    ended. Any other turn has an **endpointing delay**: from when its last sample is
    there until the last item's endpoint is said, negative if that was inside the turn.

    The **onset delay** runs from the turn's onset until the start of the first item
    with its speech is said, negative if sound before the turn started it. A turn whose
    first item began with the turn before it has none. **Front clip** is speech of the
    turn from before that item's `audio_start_ms`.

    A **false turn** is an item without speech of the caller. One that holds nothing
    but a backchannel is counted apart. Items that begin behind the recording are not
    counted; one that begins within it may end behind it.

    What is said is said when the microphone frame is complete that decides it: the
    network and the server take no time.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from voicelab.curves.corpus import FRAME_NS, Corpus, Integers, SpokenArrays
from voicelab.session.turn_detection import TurnSettings
from voicelab.units import NS_PER_MS

Flags = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Items:
    """What a detector takes for turns, in order, as instants of the corpus.

    Attributes:
        take: the number of the conversation.
        onset_ns: where its first voiced frame begins.
        audio_start_ns: where its audio begins, prefix padding included.
        voiced_end_ns: where its last voiced frame ends.
        audio_end_ns: where the frame ends that decides that it is over.
        ended: whether there was such a frame; if not, both ends lie behind the
            conversation.
    """

    take: Integers
    onset_ns: Integers
    audio_start_ns: Integers
    voiced_end_ns: Integers
    audio_end_ns: Integers
    ended: Flags

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.take)


@dataclass(frozen=True, slots=True, eq=False)
class Judgement:
    """What came of every turn and item; NaN where a turn has no such delay.

    Attributes:
        cut_in: of each turn: whether an endpoint fell inside it.
        merged: of each turn: whether the next one has its endpoint.
        missed: of each turn: whether it was not noticed, or never ended.
        endpointing_delay_ms: of each turn.
        onset_delay_ms: of each turn.
        front_clip_ms: of each turn that was noticed.
        item_take: of each item: the number of the conversation.
        ended: of each item: whether it has an endpoint.
        false: of each item: whether it holds no speech of the caller.
        aside: of each item: whether it holds nothing but backchannels.
    """

    cut_in: Flags
    merged: Flags
    missed: Flags
    endpointing_delay_ms: Floats
    onset_delay_ms: Floats
    front_clip_ms: Floats
    item_take: Integers
    ended: Flags
    false: Flags
    aside: Flags


def items_of(corpus: Corpus, settings: TurnSettings) -> Items:
    """Return what a detector with these settings takes for turns."""
    found = corpus.decide(settings)
    onset = found.onset_ms * NS_PER_MS
    take = corpus.take_at(onset)
    onset_in = onset < corpus.recorded_until_ns[take]
    take, onset = take[onset_in], onset[onset_in]
    begin, behind = corpus.begin_ns[take], corpus.begin_ns[take + 1]
    end = found.audio_end_ms[onset_in] * NS_PER_MS
    ended = end <= corpus.heard_until_ns[take]
    voiced_end = found.last_voiced_ms[onset_in] * NS_PER_MS
    audio_start = found.audio_start_ms[onset_in] * NS_PER_MS
    return Items(
        take,
        onset,
        np.maximum(audio_start, begin),
        np.where(ended, voiced_end, behind),
        np.where(ended, end, behind),
        ended,
    )


def judge(corpus: Corpus, settings: TurnSettings) -> Judgement:
    """Return what came of every turn and every item."""
    items = items_of(corpus, settings)
    turns = corpus.turns
    first, stop = _holding(items, turns)
    noticed = first < stop
    last = stop - 1
    # the turn after it in the same conversation, and the first item with its speech
    follows = np.append(turns.take[1:] == turns.take[:-1], False)
    merged = noticed & follows & (np.append(first[1:], 0) <= last)
    begun_before = np.append(False, merged[:-1])
    ends = noticed & ~merged
    ends[ends] = items.ended[last[ends]]
    starts = noticed & ~begun_before
    clip = np.where(noticed, 0.0, np.nan)
    clip[starts] = _front_clip(items, turns, first, starts)
    cut_in = noticed.copy()
    cut_in[noticed] = items.audio_end_ns[first[noticed]] < turns.end_ns[noticed]
    holds_turn = _holds_any(items, turns)
    holds_speech = _holds_any(items, corpus.spoken)
    return Judgement(
        cut_in,
        merged,
        ~merged & ~ends,
        _endpointing_delay(corpus, items, last, ends),
        _onset_delay(corpus, items, first, starts),
        clip,
        items.take,
        items.ended,
        ~holds_speech,
        holds_speech & ~holds_turn,
    )


def _holding(items: Items, spoken: SpokenArrays) -> tuple[Integers, Integers]:
    """Return the [first, stop) of the items that hold speech of each turn."""
    first = np.searchsorted(items.voiced_end_ns, spoken.start_ns, "right")
    stop = np.searchsorted(items.onset_ns, spoken.end_ns, "left")
    return first.astype(np.int64), stop.astype(np.int64)


def _holds_any(items: Items, spoken: SpokenArrays) -> Flags:
    nearest = np.searchsorted(spoken.end_ns, items.onset_ns, "right")
    starts = np.append(spoken.start_ns, np.iinfo(np.int64).max)
    held: Flags = starts[nearest] < items.voiced_end_ns
    return held


def _endpointing_delay(
    corpus: Corpus, items: Items, last: Integers, ends: Flags
) -> Floats:
    take = corpus.turns.take[ends]
    said_ns = corpus.arrival_ns(items.audio_end_ns[last[ends]], take)
    return _where(ends, said_ns - corpus.turns.end_arrives_ns[ends])


def _onset_delay(
    corpus: Corpus, items: Items, first: Integers, starts: Flags
) -> Floats:
    take = corpus.turns.take[starts]
    scored_ns = items.onset_ns[first[starts]] + FRAME_NS
    said_ns = corpus.arrival_ns(scored_ns, take)
    return _where(starts, said_ns - corpus.turns.start_ns[starts])


def _front_clip(
    items: Items, turns: SpokenArrays, first: Integers, starts: Flags
) -> Floats:
    late_ns = items.audio_start_ns[first[starts]] - turns.start_ns[starts]
    clip: Floats = np.maximum(late_ns, 0) / NS_PER_MS
    return clip


def _where(those: Flags, spans_ns: Integers) -> Floats:
    spans = np.full(len(those), np.nan)
    spans[those] = spans_ns / NS_PER_MS
    return spans
