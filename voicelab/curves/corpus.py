"""Many conversations as one score track, and the truth beside it.

Conversations lie behind one another, each followed by frames that no threshold takes
for speech, longer than any silence that ends a turn. So one pass decides about all of
them, and no decision reaches from one into the next.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from voicelab.curves.hearing import Heard, Spoken
from voicelab.curves.pauses import PauseMemory
from voicelab.responders.profile import END_OF_TURN_DELAY_MS
from voicelab.session.decisions import ScoreTrack, TurnDecisions
from voicelab.session.semantic_decisions import decide_by_pauses
from voicelab.session.turn_detection import FRAME_MS, TurnSettings
from voicelab.speech.end_of_turn import EndOfTurnModel
from voicelab.speech.vad import Frames, Scores
from voicelab.units import NS_PER_MS

Integers = npt.NDArray[np.int64]

FRAME_NS = FRAME_MS * NS_PER_MS

_NEVER_SPEECH = -1.0


@dataclass(frozen=True, slots=True)
class Take:
    """A conversation's place in a corpus.

    Attributes:
        conversation: its name.
        speaker: the caller's voice.
        codec: as in `Heard`, like the two that follow.
        noise: the noise by name; None for none.
        snr_db: the level of speech over it.
    """

    conversation: str
    speaker: str
    codec: str
    noise: str | None
    snr_db: float | None


@dataclass(frozen=True, slots=True, eq=False)
class SpokenArrays:
    """The fields of `Spoken`, one entry each, as instants of the corpus.

    Attributes:
        take: the number of the conversation.
        start_ns: as in `Spoken`, like the two that follow.
        end_ns: speech offset.
        end_arrives_ns: when its last sample is there.
    """

    take: Integers
    start_ns: Integers
    end_ns: Integers
    end_arrives_ns: Integers

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.take)


class Corpus:
    """All conversations of one condition as one detector hears them.

    Instants are nanoseconds from the first conversation's first sample.

    Args:
        heard: the conversations.
        scores: a detector's scores of each.
        longest_silence_ms: no `silence_duration_ms` is longer.

    Attributes:
        takes: what each conversation is.
        scores: as given.
        heard: as given.
        track: the scores of all of them.
        begin_ns: where each begins, and behind the last one where all end.
        heard_until_ns: where each one's audio ends, its rest included.
        recorded_until_ns: where each one's recording ends.
        frame_ns: the length of each one's microphone frames.
        turns: the caller's turns.
        spoken: the same and backchannels.
    """

    def __init__(
        self, heard: Sequence[Heard], scores: Sequence[Scores], longest_silence_ms: int
    ) -> None:
        self.takes = [
            Take(one.conversation, one.speaker, one.codec, one.noise, one.snr_db)
            for one in heard
        ]
        self.heard, self.scores = tuple(heard), tuple(scores)
        self._pauses: PauseMemory | None = None
        apart = np.full(-(-longest_silence_ms // FRAME_MS) + 2, _NEVER_SPEECH)
        pieces = [piece for track in scores for piece in (track, apart)]
        self.track = ScoreTrack(np.concatenate(pieces))
        lengths = np.array([len(track) for track in scores], np.int64)
        ends = np.cumsum(lengths + len(apart)) * FRAME_NS
        self.begin_ns: Integers = np.concatenate([[0], ends])
        starts = self.begin_ns[:-1]
        self.heard_until_ns = starts + lengths * FRAME_NS
        self.recorded_until_ns = starts + _array(one.recording_ns for one in heard)
        self.frame_ns = _array(one.frame_ms * NS_PER_MS for one in heard)
        self.turns = self._arrays(lambda each: each.kind == "turn")
        self.spoken = self._arrays(lambda _: True)

    def judge_pauses(
        self, model: EndOfTurnModel, frames: Sequence[Frames], *, by_text: bool = False
    ) -> None:
        """Have pauses judged where the settings ask for it.

        Args:
            model: who judges them.
            frames: of each conversation, what the scores are of.
            by_text: whether the words of the labels count, too.
        """
        begin_ms = (self.begin_ns[:-1] // NS_PER_MS).tolist()
        words = [one.words for one in self.heard] if by_text else None
        self._pauses = PauseMemory(model, frames, begin_ms, words)

    def decide(self, settings: TurnSettings) -> TurnDecisions:
        """Return the turns that a detector finds, as positions in the corpus."""
        if settings.eagerness is None or self._pauses is None:
            return self.track.decide(settings)
        return decide_by_pauses(
            self.track, settings, self._pauses, END_OF_TURN_DELAY_MS
        )

    def take_at(self, t_ns: Integers) -> Integers:
        """Return the numbers of the conversations in which instants lie."""
        return np.searchsorted(self.begin_ns, t_ns, "right") - 1

    def arrival_ns(self, t_ns: Integers, take: Integers) -> Integers:
        """Return when the microphone frames are there that reach up to instants."""
        begin, frame = self.begin_ns[take], self.frame_ns[take]
        return begin - (begin - t_ns) // frame * frame

    def _arrays(self, wanted: Callable[[Spoken], bool]) -> SpokenArrays:
        chosen = [
            (take, each)
            for take, one in enumerate(self.heard)
            for each in one.spoken
            if wanted(each)
        ]
        take = _array(number for number, _ in chosen)
        begin = self.begin_ns[take]
        return SpokenArrays(
            take,
            begin + _array(each.start_ns for _, each in chosen),
            begin + _array(each.end_ns for _, each in chosen),
            begin + _array(each.end_arrives_ns for _, each in chosen),
        )


def _array(values: Iterable[int]) -> Integers:
    return np.fromiter(values, np.int64)
