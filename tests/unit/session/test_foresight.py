"""Which turns are heard at their pauses, how much of them, and who is told when.

Frames are 32 ms. The caller speaks for 320 ms, so silence begins there, is a pause at
320 + 32 + 192 = 544 ms, and ends the turn at 320 + 32 + 500, which is the end of the
frame at 864 ms. The audio that arrives 20 ms at a time has it all at 880 ms.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import pytest

from tests.support.session_pair import SessionPair
from voicelab.audio.formats import AudioFormat
from voicelab.responders.cascade import HearingTranscriber, SharedHearing
from voicelab.responders.cascade.hearing import REMEMBERED_PAUSES
from voicelab.session.reply import CallerAudio
from voicelab.session.work import INLINE, Job, Work
from voicelab.units import NS_PER_MS

T = TypeVar("T")
CHARGED_MS = 300
COMMITTED = "input_audio_buffer.committed"
HEARD = "conversation.item.input_audio_transcription.completed"
TRANSCRIPTION = {"model": "whisper-1"}


class Ears:
    """Hears how long the audio is; remembers that."""

    name = identity = "lengths"
    is_stand_in = False

    def __init__(self) -> None:
        self.heard_ms: list[int] = []

    def words(self, audio: CallerAudio) -> str:
        assert len(audio.samples) == 24 * audio.duration_ms
        self.heard_ms.append(audio.duration_ms)
        return f"{audio.duration_ms} ms"


class Elsewhere:
    """Work that takes 100 ms, whatever is charged; remembers what it was given."""

    charges = False

    def __init__(self) -> None:
        self.begun: list[CountedJob] = []

    def begin(self, task: Callable[[], T], now_ns: int, charged_ns: int = 0) -> Job[T]:
        del charged_ns
        job = CountedJob(INLINE.begin(task, now_ns, 100 * NS_PER_MS))
        self.begun.append(job)
        return job

    def each(self, *_: Any) -> Any:
        raise AssertionError


class CountedJob:
    """A job that remembers if it was cancelled."""

    def __init__(self, job: Job[Any]) -> None:
        self.due_ns, self.result = job.due_ns, job.result
        self.is_cancelled = False

    def cancel(self) -> None:
        self.is_cancelled = True


def heard_by(
    work: Work = INLINE, transcription: Any = TRANSCRIPTION, **detection: Any
) -> tuple[SessionPair, Ears, SharedHearing]:
    ears = Ears()
    hearing = SharedHearing(ears, work, lambda: CHARGED_MS * NS_PER_MS)
    settings = {"type": "server_vad", "create_response": False} | detection
    pair = SessionPair(
        transcriber=HearingTranscriber(hearing),
        early=hearing,
        audio={"input": {"turn_detection": settings, "transcription": transcription}},
    )
    return pair, ears, hearing


def told(pair: SessionPair) -> list[tuple[str, float]]:
    """Return the transcripts, each with how long after its commit it came, in ms."""
    at_ns = {
        (event["type"], event.get("item_id")): at_ns
        for event, at_ns in zip(pair.events, pair.sent_at_ns, strict=True)
    }
    return [
        (
            event["transcript"],
            (at_ns[HEARD, event["item_id"]] - at_ns[COMMITTED, event["item_id"]])
            / NS_PER_MS,
        )
        for event in pair.of(HEARD)
    ]


def test_a_turn_is_heard_at_its_pause_and_charged_from_its_commit() -> None:
    pair, ears, _ = heard_by()
    pair.speak(320)
    pair.hush(640)
    pair.run(1_000)
    assert told(pair) == [("544 ms", CHARGED_MS)]
    assert ears.heard_ms == [544]


def test_in_threads_the_words_are_there_at_the_commit() -> None:
    work = Elsewhere()
    pair, ears, _ = heard_by(work)
    pair.speak(320)
    pair.hush(640)
    assert told(pair) == [("544 ms", 0)]
    assert len(work.begun) == 1
    assert ears.heard_ms == [544]


def test_a_turn_that_ends_before_the_words_are_there_waits_for_them() -> None:
    """320 + 32 + 250 ms are over with the frame at 608, 60 ms behind the pause's."""
    pair, _, _ = heard_by(Elsewhere(), silence_duration_ms=250)
    pair.speak(320)
    pair.hush(640)
    assert told(pair) == [("544 ms", 100 - 60)]  # of audio that comes each 20 ms


def test_who_goes_on_is_heard_again() -> None:
    work = Elsewhere()
    pair, _, _ = heard_by(work)
    pair.speak(320)
    pair.hush(320)
    pair.speak(320)  # to 960 ms; a pause at 1184
    pair.hush(640)
    assert [text for text, _ in told(pair)] == ["1184 ms"]
    assert [job.is_cancelled for job in work.begun] == [True, False]


def test_who_mumbles_in_the_pause_is_heard_at_the_commit() -> None:
    """0.4 is not enough to go on with the turn, but it is no silence either."""
    pair, ears, _ = heard_by()
    pair.speak(320)
    pair.hush(256)
    pair.speak(128, 0.4)
    pair.hush(640)
    pair.run(1_000)
    assert told(pair) == [("864 ms", CHARGED_MS)]
    assert ears.heard_ms == [864]


def test_each_of_two_turns_has_its_own_words() -> None:
    pair, ears, _ = heard_by()
    pair.speak(320)
    pair.hush(640)
    pair.speak(640)  # from 960 ms, less 96 of padding behind the turn before, to 1600
    pair.hush(640)
    pair.run(1_000)
    assert [text for text, _ in told(pair)] == ["544 ms", "960 ms"]
    assert ears.heard_ms == [544, 960]


def test_a_silence_that_ends_the_turn_before_it_is_a_pause_is_heard_as_ever() -> None:
    pair, ears, _ = heard_by(silence_duration_ms=100)
    pair.speak(320)
    pair.hush(640)
    pair.run(1_000)
    assert ears.heard_ms == [480]


def test_what_the_client_commits_is_heard_as_it_is() -> None:
    pair, ears, _ = heard_by(Elsewhere())
    pair.speak(320)
    pair.hush(320)
    pair.commit()
    pair.run(1_000)
    assert ears.heard_ms == [640]


@pytest.mark.parametrize(
    ("transcription", "answers", "is_heard"),
    [(None, False, False), (None, True, True), (TRANSCRIPTION, False, True)],
)
def test_nobody_is_heard_whose_words_nobody_wants(
    transcription: Any, answers: bool, is_heard: bool
) -> None:
    work = Elsewhere()
    pair, _, _ = heard_by(work, transcription, create_response=answers)
    pair.speak(320)
    pair.hush(320)
    assert len(work.begun) == is_heard


def test_words_so_far_are_recognised_once() -> None:
    pair, ears, hearing = heard_by()
    pair.speak(320)
    pair.hush(256)
    words = hearing.words_so_far(0, 544)
    assert words is not None
    assert words() == "544 ms"
    assert hearing.words_so_far(0, 512) is None
    pair.hush(640)
    pair.run(1_000)
    assert told(pair) == [("544 ms", CHARGED_MS)]
    assert ears.heard_ms == [544]


def test_few_pauses_are_remembered() -> None:
    hearing = SharedHearing(Ears(), INLINE, lambda: 0)
    for place in range(REMEMBERED_PAUSES + 1):
        audio = CallerAudio("", AudioFormat.PCM, b"", 1_000 * place, 400, place)
        hearing.foresee(audio, 0)
    assert hearing.words_so_far(0, 400) is None
    assert hearing.words_so_far(1_000, 1_400) is not None
    for _ in range(REMEMBERED_PAUSES + 1):
        hearing.forget()
    assert hearing.words_so_far(1_000, 1_400) is None
