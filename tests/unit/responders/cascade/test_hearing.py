"""Turns are recognised once, for the transcript and for the answer."""

from __future__ import annotations

from pathlib import Path
from threading import Event
from typing import Any

import numpy as np
import pytest

from tests.support.cascades import FakeChat, drain, spoken_request, stages, text
from tests.support.recordings import noise
from tests.support.sockets import on_sockets
from voicelab.audio.formats import AudioFormat
from voicelab.audio.pcm import Samples
from voicelab.errors import InputError, MissingPartError
from voicelab.responders.cascade import (
    CascadeResponder,
    HearingTranscriber,
    KnownEars,
    RecogniserEars,
    SharedHearing,
)
from voicelab.responders.cascade.hearing import MAX_WAITING_TURNS, REMEMBERED_TURNS
from voicelab.serve.threads import Threads, ThreadWork
from voicelab.session.reply import CallerAudio, FailurePiece, TextPiece
from voicelab.session.transcription import UNHEARD
from voicelab.session.work import INLINE, Job
from voicelab.speech.cache import ArrayCache
from voicelab.speech.stt import CachedRecogniser, Transcript

CHARGED_NS = 300_000_000


def audio(item_id: str = "item_1") -> CallerAudio:
    return CallerAudio(item_id, AudioFormat.PCM, noise(4800).tobytes(), 0, 200)


class Counting:
    """Hears what it is told to; counts how often it is asked."""

    def __init__(self, words: str | Exception | None) -> None:
        self.asked: list[str] = []
        self._words = words

    def __call__(self, heard: CallerAudio) -> str | None:
        self.asked.append(heard.item_id)
        if isinstance(self._words, Exception):
            raise self._words
        return self._words


def hearing(hear: Counting) -> SharedHearing:
    return SharedHearing(KnownEars(hear), INLINE, lambda: CHARGED_NS)


def test_transcript_and_answer_share_what_was_heard() -> None:
    hear = Counting("hello")
    made = stages(FakeChat(*text("Yes.")), hear=hear)
    transcript = HearingTranscriber(made.hearing).transcribe(audio(), 0)
    reply = CascadeResponder(made).respond(spoken_request(), 0)
    assert transcript.next_due_ns() == CHARGED_NS
    assert list(transcript.take(CHARGED_NS - 1)) == []
    drain(reply)
    assert list(transcript.take(CHARGED_NS)) == [TextPiece("hello")]
    assert transcript.finished
    assert transcript.next_due_ns() is None
    assert hear.asked == ["item_1"]


def test_silence_has_an_empty_transcript_and_no_words_have_none() -> None:
    for words, pieces in (("", []), (None, [UNHEARD])):
        stream = HearingTranscriber(hearing(Counting(words))).transcribe(audio(), 0)
        assert list(stream.take(CHARGED_NS)) == pieces
        assert stream.finished


def test_what_went_wrong_is_told() -> None:
    stream = HearingTranscriber(hearing(Counting(OSError("broken")))).transcribe(
        audio(), 0
    )
    expected = FailurePiece("transcription_failed", "broken")
    assert list(stream.take(CHARGED_NS)) == [expected]


def test_a_cancelled_transcript_asks_nobody() -> None:
    hear = Counting("hello")
    stream = HearingTranscriber(hearing(hear)).transcribe(audio(), 0)
    stream.cancel()
    assert list(stream.take(CHARGED_NS)) == []
    assert hear.asked == []


def test_for_a_client_that_is_gone_nothing_is_begun() -> None:
    """One turn is being recognised; the next one waits for a thread when it leaves."""
    may_go_on = Event()
    hear = Counting("hello")

    def words(asked: CallerAudio) -> str | None:
        may_go_on.wait(10)
        return hear(asked)

    threads = Threads(computing=1)

    async def main() -> None:
        work = ThreadWork(threads)
        work.attach(lambda: None)
        transcriber = HearingTranscriber(
            SharedHearing(KnownEars(words), work, lambda: 0)
        )
        for place in range(2):
            stream = transcriber.transcribe(audio(f"item_{place}"), 0)
        stream.cancel()
        may_go_on.set()

    on_sockets(main)
    threads.computing.shutdown(wait=True)
    assert hear.asked == ["item_0"]


def test_what_is_fatal_is_not_told_but_raised() -> None:
    missing = MissingPartError("the model is damaged", fix="install it again")
    for fault, fatal in ((missing, (InputError,)), (OSError("broken"), ())):
        shared = SharedHearing(KnownEars(Counting(fault)), INLINE, lambda: 0, fatal)
        stream = HearingTranscriber(shared).transcribe(audio(), 0)
        if fatal:
            with pytest.raises(MissingPartError, match="the model is damaged"):
                stream.take(0)
        else:
            told = FailurePiece("transcription_failed", "broken")
            assert list(stream.take(0)) == [told]


class Stuck:
    """Work that never gets done."""

    charges = False

    def __init__(self) -> None:
        self.tasks: list[Any] = []

    def begin(self, task: Any, now_ns: int, charged_ns: int = 0) -> Job[Any]:
        del now_ns, charged_ns
        self.tasks.append(task)
        return self

    def each(self, *_: Any) -> Any:
        raise AssertionError

    def due_ns(self) -> int | None:
        return None

    def result(self) -> Any:
        raise AssertionError

    def cancel(self) -> None:
        raise AssertionError


def test_a_session_cannot_have_more_recognised_than_there_is_time_for() -> None:
    """Its own turns are refused, at once; the threads are free for others."""
    work = Stuck()
    shared = SharedHearing(KnownEars(Counting("hello")), work, lambda: 0)
    transcriber = HearingTranscriber(shared)
    streams = [
        transcriber.transcribe(audio(f"item_{place}"), 7)
        for place in range(MAX_WAITING_TURNS + 2)
    ]
    assert len(work.tasks) == MAX_WAITING_TURNS
    assert [s.next_due_ns() for s in streams] == [None] * MAX_WAITING_TURNS + [7, 7]
    refused = FailurePiece(
        "transcription_failed", "16 turns wait to be recognised before it"
    )
    assert list(streams[-1].take(7)) == [refused]


def test_in_virtual_time_there_is_time_for_all() -> None:
    hear = Counting("hello")
    transcriber = HearingTranscriber(hearing(hear))
    streams = [
        transcriber.transcribe(audio(f"item_{place}"), 0)
        for place in range(REMEMBERED_TURNS + 2)
    ]
    taken = [list(stream.take(CHARGED_NS)) for stream in streams]
    assert taken == [[TextPiece("hello")]] * (REMEMBERED_TURNS + 2)


def test_a_model_is_warmed_up_though_its_answer_is_kept(tmp_path: Path) -> None:
    asked: list[int] = []

    class Recogniser:
        name = identity = "made"
        has_word_times = False

        def recognise(self, samples: Samples) -> Transcript:
            asked.append(len(samples))
            return Transcript("hello")

    kept = CachedRecogniser(Recogniser(), ArrayCache(tmp_path))
    silence = np.zeros(1600, np.int16)
    assert RecogniserEars(kept).recognise(silence) == "hello"
    assert RecogniserEars(kept).recognise(silence) == "hello"
    assert asked == [1600]
    RecogniserEars(kept).warm_up(silence)
    assert asked == [1600, 1600]


def test_memory_is_bounded() -> None:
    hear = Counting("hello")
    shared = hearing(hear)
    for place in range(REMEMBERED_TURNS + 1):
        shared.hear(audio(f"item_{place}"), 0).result()
    assert len(shared.words) == REMEMBERED_TURNS
    assert "item_0" not in shared.words


def test_a_recogniser_gets_its_own_rate() -> None:
    heard: list[Samples] = []

    class Recogniser:
        name = identity = "made"
        has_word_times = False

        def recognise(self, samples: Samples) -> Transcript:
            heard.append(samples)
            return Transcript("hello")

    ears = RecogniserEars(Recogniser())
    assert ears.words(audio()) == "hello"
    assert (ears.name, ears.identity) == ("made", "made")
    (samples,) = heard
    assert samples.dtype == np.int16
    assert len(samples) == 3200  # 200 ms
