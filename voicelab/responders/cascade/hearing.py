"""The first stage: each of the caller's turns is recognised once, for all who ask."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from voicelab.audio.resample import resample
from voicelab.responders.cascade.parts import Ears
from voicelab.session.reply import (
    CallerAudio,
    FailurePiece,
    Samples,
    TextPiece,
    TranscriptPiece,
    TranscriptStream,
)
from voicelab.session.transcription import UNHEARD
from voicelab.session.work import Job, Work

if TYPE_CHECKING:
    from voicelab.speech.stt import Recogniser

RECOGNISED_HZ = 16_000
"""The rate that recognisers take."""

REMEMBERED_TURNS = 200
"""So many turns are remembered by their words; older ones are heard anew."""


class KnownEars:
    """Ears for callers whose words are known.

    Args:
        hear: tells the words of the audio, None if they cannot be told.
    """

    name = "labels"
    identity = "labels"
    is_stand_in = True

    def __init__(self, hear: Callable[[CallerAudio], str | None]) -> None:
        self._hear = hear

    def words(self, audio: CallerAudio) -> str | None:
        """Return the words."""
        return self._hear(audio)


class RecogniserEars:
    """Ears that work the words out; one turn at a time, whoever asks.

    Args:
        recogniser: does.
    """

    is_stand_in = False

    def __init__(self, recogniser: Recogniser) -> None:
        self.name = recogniser.name
        self._recogniser = recogniser
        self._alone = threading.Lock()

    @property
    def identity(self) -> str:
        """What the recogniser is, down to its weights."""
        return self._recogniser.identity

    def words(self, audio: CallerAudio) -> str | None:
        """Return the words."""
        return self.recognise(resample(audio.samples, audio.rate_hz, RECOGNISED_HZ))

    def recognise(self, samples: Samples) -> str:
        """Return the words in audio at 16 kHz."""
        with self._alone:
            return self._recogniser.recognise(samples).text


@dataclass(frozen=True, slots=True)
class Hearing:
    """One turn that is being recognised.

    Attributes:
        began_ns: since when.
        job: does it.
    """

    began_ns: int
    job: Job[str | None]


class SharedHearing:
    """Recognises each turn of one session once; transcriber and responder share it.

    Args:
        ears: tell the words.
        work: does it.
        charged_ns: draws what each turn is charged.
    """

    def __init__(self, ears: Ears, work: Work, charged_ns: Callable[[], int]) -> None:
        self.words: dict[str, str] = {}
        self._ears = ears
        self._work = work
        self._charged_ns = charged_ns
        self._turns: OrderedDict[str, Hearing] = OrderedDict()

    def hear(self, audio: CallerAudio, now_ns: int) -> Hearing:
        """Return what has become, or will become, of a turn's audio."""
        known = self._turns.get(audio.item_id)
        if known is None:
            job = self._work.begin(
                lambda: self._ears.words(audio), now_ns, self._charged_ns()
            )
            known = self._turns[audio.item_id] = Hearing(now_ns, job)
            if len(self._turns) > REMEMBERED_TURNS:
                oldest, _ = self._turns.popitem(last=False)
                self.words.pop(oldest, None)
        return known

    def result(self, item_id: str) -> str | None:
        """Return the words of a turn that is due, and remember them.

        Raises:
            Exception: what went wrong.
        """
        words = self._turns[item_id].job.result()
        self.words[item_id] = words or ""
        return words


class HearingTranscriber:
    """Tells the client what the first stage heard.

    Args:
        hearing: the session's.
    """

    def __init__(self, hearing: SharedHearing) -> None:
        self._hearing = hearing

    def transcribe(self, audio: CallerAudio, now_ns: int) -> TranscriptStream:
        """Begin to transcribe what was committed."""
        return _Transcript(self._hearing, audio, now_ns)


class _Transcript:
    """A transcript that comes all at once, when the turn has been recognised."""

    def __init__(self, hearing: SharedHearing, audio: CallerAudio, now_ns: int) -> None:
        self._hearing = hearing
        self._item_id = audio.item_id
        self._job = hearing.hear(audio, now_ns).job
        self.finished = False

    def next_due_ns(self) -> int | None:
        return None if self.finished else self._job.due_ns()

    def take(self, now_ns: int) -> Sequence[TranscriptPiece]:
        due_ns = self._job.due_ns()
        if self.finished or due_ns is None or now_ns < due_ns:
            return ()
        self.finished = True
        try:
            words = self._hearing.result(self._item_id)
        except Exception as error:  # noqa: BLE001 -- told to the client
            return (FailurePiece("transcription_failed", str(error)),)
        if words is None:
            return (UNHEARD,)
        return (TextPiece(words),) if words else ()

    def cancel(self) -> None:
        self.finished = True
