"""One reply of a cascade, while it is heard, written and spoken."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush

from voicelab.responders.cascade.clauses import ClauseCutter
from voicelab.responders.cascade.parts import (
    ChatPiece,
    Clause,
    ClauseAudio,
    Said,
    Turn,
)
from voicelab.responders.cascade.stages import Stages, in_one_line, newest_audio
from voicelab.session.reply import (
    CallPiece,
    FailurePiece,
    Piece,
    ReplyRequest,
    SpeechPiece,
    SpokenWord,
    StagePiece,
    TextPiece,
)
from voicelab.session.work import Flow, Job
from voicelab.units import ns_to_ms


@dataclass(frozen=True, slots=True)
class _Ready:
    """A clause that is written.

    Attributes:
        place: which clause of the reply it is, from 0.
        ready_ns: since when.
    """

    clause: Clause
    place: int
    ready_ns: int


@dataclass(frozen=True, slots=True)
class _Speaking:
    """A clause that is being spoken."""

    ready: _Ready
    began_ns: int
    job: Job[ClauseAudio]


class CascadeReply:
    """The stages one after the other; each begins as soon as it has what it needs.

    The first waits for the newest turn's words, the second for the first; the third
    speaks each clause once it is written and the clause before it is generated.
    Functions are called when all has been said.

    Args:
        stages: the session's.
        request: what is to be answered.
        now_ns: when it began.
    """

    def __init__(self, stages: Stages, request: ReplyRequest, now_ns: int) -> None:
        self._stages = stages
        self._request = request
        self._began_ns = now_ns
        self._timing = stages.sampler.draw()
        audio = newest_audio(request)
        self._heard = None if audio is None else stages.hearing.hear(audio, now_ns)
        self._flow: Flow[ChatPiece] | None = None
        self._cutter = ClauseCutter()
        self._clauses: deque[_Ready] = deque()
        self._speaking: _Speaking | None = None
        self._calls: list[CallPiece] = []
        self._out: list[tuple[int, int, Piece]] = []
        self._pieces = 0
        self._places = 0
        self._stage_ns = now_ns  # when the words, and then the last clause, were there
        self._written_until_ns = now_ns
        self._free_ns = now_ns  # when the mouth has generated what it was given
        self._samples = 0
        self._says = False
        self._is_heard = False
        self._is_over = False

    @property
    def finished(self) -> bool:
        """Whether every piece has been taken."""
        return self._is_over and not self._out

    def next_due_ns(self) -> int | None:
        """Return when there is more; None while that depends on work elsewhere."""
        due = [self._out[0][0]] if self._out else []
        due += [at_ns for at_ns in self._steps_ns() if at_ns is not None]
        return min(due, default=None)

    def take(self, now_ns: int) -> Sequence[Piece]:
        """Return the pieces that are due."""
        while not self._is_over and self._step(now_ns):
            pass
        taken = []
        while self._out and self._out[0][0] <= now_ns:
            taken.append(heappop(self._out)[2])
        return taken

    def cancel(self) -> None:
        """Stop all stages."""
        self._is_over = True
        self._out.clear()
        self._clauses.clear()
        if self._flow is not None:
            self._flow.cancel()
        if self._speaking is not None:
            self._speaking.job.cancel()

    # -- one step after the other ------------------------------------------

    def _steps_ns(self) -> Iterator[int | None]:
        """Yield when each stage can go on."""
        if self._is_over:
            return
        if not self._is_heard:
            yield self._heard_ns()
        if self._flow is not None:
            yield self._flow.next_due_ns()
        if self._speaking is not None:
            yield self._speaking.job.due_ns()
        elif self._clauses:
            yield max(self._clauses[0].ready_ns, self._free_ns)

    def _step(self, now_ns: int) -> bool:
        """Let one stage go on, if one can by now; return whether one did."""
        if not self._is_heard:
            return self._hear(now_ns)
        went_on = self._write(now_ns) or self._finish(now_ns) or self._speak(now_ns)
        if not went_on and self._is_done:
            self._end()
        return went_on

    @property
    def _is_done(self) -> bool:
        return self._flow is None and self._speaking is None and not self._clauses

    # -- hearing -----------------------------------------------------------

    def _heard_ns(self) -> int | None:
        if self._heard is None:
            return self._began_ns
        due_ns = self._heard.due_ns()
        return None if due_ns is None else max(due_ns, self._began_ns)

    def _hear(self, now_ns: int) -> bool:
        """Begin the answer, once the words are there."""
        heard_ns = self._heard_ns()
        if heard_ns is None or heard_ns > now_ns:
            return False
        self._is_heard = True
        self._stage_ns = self._free_ns = heard_ns
        if self._heard is not None:
            try:
                self._heard.result()
            except self._stages.fatal:
                raise
            except Exception as error:  # noqa: BLE001 -- the session goes on
                self._note(heard_ns, "stt", self._began_ns, error=error)
                self._fall_back(heard_ns)
                return True
            self._note(heard_ns, "stt", self._began_ns)
        self._flow = self._answer(heard_ns)
        return True

    def _answer(self, now_ns: int) -> Flow[ChatPiece]:
        stages = self._stages
        turn = Turn(self._request, dict(stages.hearing.words))
        return stages.chat_work.each(
            lambda: stages.chat.answer(turn), now_ns, self._written_ns
        )

    # -- writing -----------------------------------------------------------

    def _written_ns(self, place: int, piece: ChatPiece) -> int:
        text = piece.text if isinstance(piece, Said) else piece.arguments
        return self._timing.written_ns(place, text)

    def _write(self, now_ns: int) -> bool:
        """Take what is written; return whether anything was, or all is."""
        flow = self._flow
        if flow is None:
            return False
        due_ns = self._stage_ns if flow.finished else flow.next_due_ns()
        if due_ns is None or due_ns > now_ns:
            return False
        try:
            for at_ns, piece in flow.take(now_ns):
                due_ns = at_ns
                self._take_written(piece, at_ns)
        except self._stages.fatal:
            raise
        except Exception as error:  # noqa: BLE001 -- the session goes on
            self._note(due_ns, "chat", self._stage_ns, error=error)
            self._finish_writing(due_ns)
            self._fall_back(due_ns)
            return True
        if flow.finished:
            self._finish_writing(due_ns)
        return True

    def _take_written(self, piece: ChatPiece, at_ns: int) -> None:
        self._written_until_ns = at_ns
        if isinstance(piece, CallPiece):
            self._calls.append(piece)
        elif self._request.modality == "text":
            self._put(at_ns, TextPiece(piece.text))
            self._says = True
        else:
            self._ready(self._cutter.feed(piece), at_ns)

    def _finish_writing(self, at_ns: int) -> None:
        self._flow = None
        if self._request.modality == "text":
            self._note(at_ns, "chat", self._stage_ns)
        else:
            self._ready(self._cutter.finish(), at_ns)

    def _ready(self, clauses: Sequence[Clause], at_ns: int) -> None:
        """Let clauses be spoken that are written."""
        for clause in clauses:
            self._note(at_ns, "chat", self._stage_ns, self._places)
            self._clauses.append(_Ready(clause, self._places, at_ns))
            self._places += 1
            self._stage_ns = at_ns

    def _fall_back(self, at_ns: int) -> None:
        """Say that something went wrong; what was said before stays."""
        self._calls.clear()
        text = self._stages.fallback
        if not text:
            self._break_off(at_ns, FailurePiece("no_answer", "No answer was found."))
        elif self._request.modality == "text":
            self._put(at_ns, TextPiece(self._more(text)))
        else:
            self._ready([Clause(text)], at_ns)

    # -- speaking ----------------------------------------------------------

    def _speak(self, now_ns: int) -> bool:
        """Begin the next clause, if the mouth is free."""
        if self._speaking is not None or not self._clauses:
            return False
        start_ns = max(self._clauses[0].ready_ns, self._free_ns)
        if start_ns > now_ns:
            return False
        ready = self._clauses.popleft()
        mouth, request = self._stages.mouth, self._request
        job = self._stages.mouth_work.begin(
            lambda: mouth.say(ready.clause, request.format.rate_hz, request.speed),
            start_ns,
            self._timing.tts_first_audio_ns,
        )
        self._speaking = _Speaking(ready, start_ns, job)
        return True

    def _finish(self, now_ns: int) -> bool:
        """Take the clause that was begun, if its first audio is there."""
        speaking = self._speaking
        if speaking is None:
            return False
        due_ns = speaking.job.due_ns()
        if due_ns is None or due_ns > now_ns:
            return False
        self._speaking = None
        try:
            audio = speaking.job.result()
        except self._stages.fatal:
            raise
        except Exception as error:  # noqa: BLE001 -- told to the client
            place = speaking.ready.place
            self._note(due_ns, "tts", speaking.began_ns, place, error=error)
            self._break_off(due_ns, FailurePiece("speech_failed", str(error)))
            return True
        self._note(due_ns, "tts", speaking.began_ns, speaking.ready.place)
        self._say(speaking.ready.clause, audio, due_ns)
        return True

    def _say(self, clause: Clause, audio: ClauseAudio, due_ns: int) -> None:
        """Put out a clause, each chunk when what came before it is generated."""
        rate_hz = self._request.format.rate_hz
        chunks = self._stages.sampler.chunk_samples(rate_hz)
        words = deque(audio.words)
        size, start = len(audio.samples), 0
        while True:
            end = min(start + next(chunks), size)
            spoken: list[SpokenWord] = []
            while words and (words[0].start_samples < end or end == size):
                spoken.append(self._placed(words.popleft()))
            text = " ".join(word.text for word in spoken)
            if not audio.words and start == 0:
                text = clause.text.strip()
            piece = SpeechPiece(
                audio.samples[start:end], tuple(spoken), self._more(text)
            )
            self._put(due_ns + self._generated_ns(start), piece)
            start = end
            if start >= size:
                break
        self._samples += size
        self._free_ns = due_ns + self._generated_ns(size)

    def _placed(self, word: SpokenWord) -> SpokenWord:
        """Return a word of a clause with its place in the whole item."""
        start, end = word.start_samples, word.end_samples
        return SpokenWord(word.text, start + self._samples, end + self._samples)

    def _more(self, text: str) -> str:
        """Return what the transcript gains with a text."""
        lead = " " if self._says and text else ""
        self._says = self._says or bool(text)
        return lead + text

    def _generated_ns(self, samples: int) -> int:
        """Return how long generating so much takes, if that is charged for."""
        if not self._stages.mouth_work.charges:
            return 0
        request = self._request
        rate_hz = request.format.rate_hz
        return self._timing.generated_ns(samples, rate_hz, request.speed)

    # -- pieces ------------------------------------------------------------

    def _end(self) -> None:
        for call in self._calls:
            self._put(max(self._free_ns, self._written_until_ns), call)
        self._is_over = True

    def _break_off(self, at_ns: int, failure: FailurePiece) -> None:
        self._clauses.clear()
        self._put(max(at_ns, self._free_ns), failure)
        self._is_over = True

    def _note(
        self,
        ended_ns: int,
        stage: str,
        began_ns: int,
        clause: int | None = None,
        *,
        error: Exception | None = None,
    ) -> None:
        began_ms = ns_to_ms(began_ns - self._began_ns)
        ended_ms = ns_to_ms(ended_ns - self._began_ns)
        problem = None if error is None else in_one_line(error)
        self._put(ended_ns, StagePiece(stage, began_ms, ended_ms, clause, problem))

    def _put(self, due_ns: int, piece: Piece) -> None:
        heappush(self._out, (due_ns, self._pieces, piece))
        self._pieces += 1
