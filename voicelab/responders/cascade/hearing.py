"""The first stage: each of the caller's turns is recognised once, for all who ask."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from voicelab.audio.resample import resample
from voicelab.errors import OverloadError
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
from voicelab.session.work import INLINE, Fatal, Job, Once, Work

if TYPE_CHECKING:
    from voicelab.speech.stt import Recogniser

RECOGNISED_HZ = 16_000
"""The rate that recognisers take."""

REMEMBERED_TURNS = 200
"""So many turns are remembered by their words; older ones are heard anew."""

MAX_WAITING_TURNS = 16
"""So many of one session's turns may wait on a real port; more are not heard."""


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

    def warm_up(self, samples: Samples) -> None:
        """Load the model: hear speech at 16 kHz, whatever is known of it already.

        Raises:
            MissingPartError: the model's files are not there, or are damaged.
        """
        from voicelab.speech.stt import CachedRecogniser  # noqa: PLC0415 -- slow

        kept = self._recogniser
        asked = kept.recogniser if isinstance(kept, CachedRecogniser) else kept
        with self._alone:
            asked.recognise(samples)

    def recognise(self, samples: Samples) -> str:
        """Return the words in audio at 16 kHz."""
        with self._alone:
            return self._recogniser.recognise(samples).text


REMEMBERED_PAUSES = 4
"""So many turns so far are remembered: one that is over may take effect late."""


@dataclass(frozen=True, slots=True)
class _SoFar:
    """A turn as it was heard at a pause.

    Attributes:
        until_ms: up to where in the input stream.
        words: tells the words; recognises them if nobody has asked before.
        job: does so at once; None where computing takes no time.
    """

    until_ms: int
    words: Once[str | None]
    job: Job[str | None] | None


class HeardTurn:
    """A turn that is being recognised, or was.

    Args:
        job: recognises it.
        keep: is told the words.
    """

    def __init__(self, job: Job[str | None], keep: Callable[[str], None]) -> None:
        self._job = job
        self._keep = keep
        self.due_ns = job.due_ns
        self.cancel = job.cancel

    def result(self) -> str | None:
        """Return the words of a turn that is due; from then on they are known.

        Raises:
            Exception: what went wrong.
        """
        words = self._job.result()
        self._keep(words or "")
        return words


class SharedHearing:
    """Recognises each turn of one session once; all who want its words share it.

    A turn is recognised when its speaker pauses, if somebody says so, else when it has
    been committed. What it is charged counts from the commit either way.

    Args:
        ears: tell the words.
        work: does it.
        charged_ns: draws what each turn is charged.
        fatal: what nobody may bear that listens.

    Attributes:
        words: what was heard, by the id of the caller's item; the newest turns.
        fatal: the same.
    """

    def __init__(
        self,
        ears: Ears,
        work: Work,
        charged_ns: Callable[[], int],
        fatal: Fatal = (),
    ) -> None:
        self.words: dict[str, str] = {}
        self.fatal = fatal
        self._ears = ears
        self._work = work
        self._charged_ns = charged_ns
        self._turns: OrderedDict[str, HeardTurn] = OrderedDict()
        self._so_far: OrderedDict[tuple[int | None, int | None], _SoFar] = OrderedDict()

    def foresee(self, audio: CallerAudio, now_ns: int) -> None:
        """Begin to hear a turn that may be over: its speaker pauses."""
        words = Once(partial(self._ears.words, audio))
        job = None if self._work.charges else self._work.begin(words, now_ns)
        until_ms = (audio.start_ms or 0) + audio.duration_ms
        self._so_far[_pause_of(audio)] = _SoFar(until_ms, words, job)
        if len(self._so_far) > REMEMBERED_PAUSES:
            self._so_far.popitem(last=False)

    def forget(self) -> None:
        """The speaker goes on: let the newest go, undone if it is not begun."""
        if self._so_far:
            _, so_far = self._so_far.popitem()
            if so_far.job is not None:
                so_far.job.cancel()

    def words_so_far(self, start_ms: int, until_ms: int) -> Once[str | None] | None:
        """Return what tells the words of a turn so far; None if nobody foresaw it.

        It may be called, and what it returns, from any thread.
        """
        for (begins_ms, _), so_far in list(self._so_far.items()):
            if (begins_ms, so_far.until_ms) == (start_ms, until_ms):
                return so_far.words
        return None

    def hear(self, audio: CallerAudio, now_ns: int) -> HeardTurn:
        """Return what has become, or will become, of a turn's audio."""
        known = self._turns.get(audio.item_id)
        if known is None:
            keep = partial(self.words.__setitem__, audio.item_id)
            known = HeardTurn(self._begin(audio, now_ns), keep)
            self._turns[audio.item_id] = known
            if len(self._turns) > REMEMBERED_TURNS:
                oldest, _ = self._turns.popitem(last=False)
                self.words.pop(oldest, None)
        return known

    def _begin(self, audio: CallerAudio, now_ns: int) -> Job[str | None]:
        charged_ns = self._charged_ns()
        if self._is_overloaded():
            return INLINE.begin(_refuse, now_ns)
        so_far = None
        if audio.silent_from_ms is not None:
            so_far = self._so_far.pop(_pause_of(audio), None)
        if so_far is None:
            task = partial(self._ears.words, audio)
            return self._work.begin(task, now_ns, charged_ns)
        if so_far.job is None:
            return self._work.begin(so_far.words, now_ns, charged_ns)
        return so_far.job

    def _is_overloaded(self) -> bool:
        """Return whether turns come faster than they are recognised, by far."""
        if self._work.charges:
            return False  # the machine has all the time there is
        waiting = sum(turn.due_ns() is None for turn in self._turns.values())
        return waiting >= MAX_WAITING_TURNS


def _refuse() -> None:
    """Hear nothing.

    Raises:
        OverloadError: always.
    """
    raise OverloadError(f"{MAX_WAITING_TURNS} turns wait to be recognised before it")


def _pause_of(audio: CallerAudio) -> tuple[int | None, int | None]:
    """Return what is the same of a turn at its last pause, and at its end."""
    return audio.start_ms, audio.silent_from_ms


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
        self._fatal = hearing.fatal
        self._turn = hearing.hear(audio, now_ns)
        self.finished = False

    def next_due_ns(self) -> int | None:
        return None if self.finished else self._turn.due_ns()

    def take(self, now_ns: int) -> Sequence[TranscriptPiece]:
        due_ns = self._turn.due_ns()
        if self.finished or due_ns is None or now_ns < due_ns:
            return ()
        self.finished = True
        try:
            words = self._turn.result()
        except self._fatal:
            raise
        except Exception as error:  # noqa: BLE001 -- told to the client
            return (FailurePiece("transcription_failed", str(error)),)
        if words is None:
            return (UNHEARD,)
        return (TextPiece(words),) if words else ()

    def cancel(self) -> None:
        self.finished = True
        self._turn.cancel()  # the session is over: no answer waits for it either
