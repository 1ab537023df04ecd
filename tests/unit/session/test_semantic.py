"""How long a turn waits for what is thought of its pause, and whose pauses are judged.

Frames are 32 ms. `LevelScorer` scores loud audio 1 and silence 0; the caller speaks for
320 ms, ten frames, so silence begins at 320 ms and is judged when it has lasted 192 ms
behind its first frame: at 320 + 32 + 192 = 544 ms.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.support.session_pair import SessionPair
from voicelab.audio.pcm import Samples
from voicelab.errors import MissingPartError
from voicelab.session.semantic import (
    SHORTEST_WAIT_MS,
    UNFINISHED_PROBABILITY,
    EndOfTurn,
    Judgement,
    heard_frames,
    semantic_wait_ms,
)
from voicelab.session.turn_detection import SEMANTIC_WAIT_MS, Eagerness
from voicelab.session.work import Fatal
from voicelab.speech.end_of_turn import TurnAudio
from voicelab.units import NS_PER_MS

STOPPED = "input_audio_buffer.speech_stopped"
STARTED = "input_audio_buffer.speech_started"
EAGERNESS: tuple[Eagerness, ...] = ("low", "medium", "high", "auto")


class Oracle:
    """A model that says what it is told to, and remembers how much it heard."""

    name = "oracle"
    identity = "oracle/1"

    def __init__(self, *answers: float | Exception) -> None:
        self._answers = list(answers)
        self.heard_samples: list[int] = []

    def probability(self, samples: Samples) -> float:
        self.heard_samples.append(len(samples))
        answer = self._answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


class Words:
    """Knows the same words at each pause."""

    def __init__(self, text: str | None) -> None:
        self._text = text
        self.asked: list[tuple[int, int]] = []

    def text(self, start_ms: int, until_ms: int, audio: TurnAudio) -> str | None:
        assert len(audio.samples()) <= 16 * (until_ms - start_ms) + 512
        self.asked.append((start_ms, until_ms))
        return self._text


def pair_of(
    model: Oracle | None,
    *,
    delay_ms: int = 0,
    words: Words | None = None,
    eagerness: str = "auto",
    fatal: Fatal = (),
    **audio_input: Any,
) -> SessionPair:
    end_of_turn = None
    if model is not None:
        end_of_turn = EndOfTurn(
            model,
            delay=lambda: delay_ms * NS_PER_MS,
            partial_text=words,
            fatal=fatal,
        )
    detection = {"type": "semantic_vad", "eagerness": eagerness}
    return SessionPair(
        end_of_turn=end_of_turn,
        audio={"input": {"turn_detection": detection, **audio_input}},
    )


def turns(pair: SessionPair) -> list[tuple[int, int]]:
    starts = [event["audio_start_ms"] for event in pair.of(STARTED)]
    ends = [event["audio_end_ms"] for event in pair.of(STOPPED)]
    return list(zip(starts, ends, strict=False))


# -- the wait --------------------------------------------------------------------


@pytest.mark.parametrize("eagerness", EAGERNESS)
def test_the_wait_falls_from_the_documented_maximum(eagerness: Eagerness) -> None:
    waits = [semantic_wait_ms(p / 20, eagerness) for p in range(21)]
    assert waits[0] == SEMANTIC_WAIT_MS[eagerness]
    assert waits[-1] == SHORTEST_WAIT_MS[eagerness]
    assert waits == sorted(waits, reverse=True)
    assert len(set(waits)) == len(waits)


def test_equal_steps_of_probability_are_equal_factors() -> None:
    """Half-way lies the geometric mean: sqrt(4000 * 400) = 1265."""
    assert semantic_wait_ms(0.5, "auto") == 1265
    assert semantic_wait_ms(0.25, "auto") == 2249  # 4000 / 10 ** 0.25


def test_eagerness_shortens_every_wait() -> None:
    for p in (0.0, 0.3, 0.7, 1.0):
        low, medium, high = (semantic_wait_ms(p, e) for e in EAGERNESS[:3])
        assert low > medium > high
        assert medium == semantic_wait_ms(p, "auto")


def test_a_word_that_cannot_end_a_turn_makes_it_improbable() -> None:
    assert Judgement(0.99, "and", "conjunction").counted_probability == (
        UNFINISHED_PROBABILITY
    )
    assert Judgement(0.01, "and", "conjunction").counted_probability == 0.01
    assert Judgement(0.99, "Yes.").counted_probability == 0.99


@pytest.mark.parametrize(
    ("start_ms", "at_ms", "frames"),
    [(0, 544, 17), (20, 544, 17), (0, 32, 1), (0, 8000, 250), (0, 90_000, 250)],
)
def test_the_frames_that_are_heard(start_ms: int, at_ms: int, frames: int) -> None:
    assert heard_frames(start_ms, at_ms) == frames


# -- in a session ------------------------------------------------------------------


def test_a_turn_that_sounds_over_ends_after_the_shortest_wait() -> None:
    """400 ms are 13 frames begun: silence from 320, over with the frame at 736 + 32."""
    pair = pair_of(Oracle(1.0))
    pair.speak(320)
    pair.hush(3000)
    assert turns(pair) == [(0, 768)]


def test_a_turn_that_does_not_lasts_as_long_as_its_eagerness_allows() -> None:
    pair = pair_of(Oracle(0.0), eagerness="high")
    pair.speak(320)
    pair.hush(2400)
    assert turns(pair) == [(0, 320 + 2016 + 32)]


def test_the_judgement_is_in_the_record_and_not_on_the_wire() -> None:
    pair = pair_of(Oracle(0.5))
    pair.speak(320)
    pair.hush(3000)
    (note,) = pair.noted("turn.semantic")
    assert note.item_id == pair.last(STOPPED)["item_id"]
    assert note.data == {
        "silent_from_ms": 320,
        "asked_ms": 544,
        "probability": 0.5,
        "text": None,
        "text_rule": None,
        "eagerness": "auto",
        "wait_ms": 1265,
    }
    assert not [event for event in pair.events if "semantic" in event["type"]]


def test_speech_that_goes_on_cancels_and_the_next_pause_is_judged_afresh() -> None:
    """The second silence begins at 320 + 480 + 320 = 1120 ms."""
    model = Oracle(0.0, 1.0)
    pair = pair_of(model)
    for duration_ms in (320, 480):
        pair.speak(duration_ms) if duration_ms == 320 else pair.hush(duration_ms)
    pair.speak(320)
    pair.hush(1000)
    assert turns(pair) == [(0, 1120 + 416 + 32)]
    # from the start of the turn to each pause: 544 and 1344 ms of 16 kHz
    assert model.heard_samples == [544 * 16, 1344 * 16]


def test_a_short_gap_is_not_judged_at_all() -> None:
    model = Oracle(1.0)
    pair = pair_of(model)
    pair.speak(320)
    pair.hush(192)
    pair.speak(320)
    assert model.heard_samples == []


def test_the_model_hears_the_turn_with_its_padding_and_no_more() -> None:
    model = Oracle(1.0)
    pair = pair_of(model)
    pair.hush(3200)
    pair.speak(320)
    pair.hush(1000)
    # 300 ms of padding reach into a tenth frame before the ten that are loud
    assert model.heard_samples == [(10 + 10 + 7) * 512]


def test_of_a_long_turn_the_model_hears_eight_seconds() -> None:
    model = Oracle(1.0)
    pair = pair_of(model)
    pair.speak(9600)
    pair.hush(1000)
    assert model.heard_samples == [8 * 16_000]


def test_the_answer_counts_when_it_was_charged_for() -> None:
    """Judged at 544, answered 700 ms later; the shortest wait is over by then."""
    pair = pair_of(Oracle(1.0), delay_ms=700)
    pair.speak(320)
    pair.hush(3000)
    (stopped,) = pair.of(STOPPED)
    # the packet with the frame that ends at 544 ms is there at 560 ms
    at_ns = pair.sent_at_ns[pair.events.index(stopped)]
    assert at_ns == (560 + 700) * NS_PER_MS
    # what arrives at 1260 ms comes later: 1240 ms of audio are 38 whole frames
    assert stopped["audio_end_ms"] == 38 * 32


def test_an_answer_that_comes_after_speech_goes_on_is_not_taken() -> None:
    pair = pair_of(Oracle(1.0, 1.0), delay_ms=400)
    pair.speak(320)
    pair.hush(480)
    pair.speak(640)
    assert pair.of(STOPPED) == []
    assert pair.noted("turn.semantic") == []


def test_words_count_where_the_client_wants_them() -> None:
    words = Words("I'd like to move it to")
    pair = pair_of(Oracle(0.95), words=words, transcription={"model": "gpt-t"})
    pair.speak(320)
    pair.hush(1000)
    (note,) = pair.noted("turn.semantic")
    assert (note.data["text_rule"], note.data["probability"]) == ("preposition", 0.95)
    assert note.data["wait_ms"] == semantic_wait_ms(UNFINISHED_PROBABILITY, "auto")
    assert words.asked == [(0, 544)]
    assert pair.of(STOPPED) == []


def test_words_are_not_asked_for_where_the_client_does_not_want_them() -> None:
    words = Words("and")
    pair = pair_of(Oracle(1.0), words=words)
    pair.speak(320)
    pair.hush(1000)
    assert words.asked == []
    assert pair.noted("turn.semantic")[0].data["text"] is None
    assert len(pair.of(STOPPED)) == 1


def test_without_a_model_turns_last_and_the_record_says_why_once() -> None:
    pair = pair_of(None, eagerness="high")
    for _ in range(2):
        pair.speak(320)
        pair.hush(2400)
    assert [end - start for start, end in turns(pair)][:1] == [320 + 2016 + 32]
    (note,) = pair.noted("turn.semantic_unavailable")
    assert note.data == {"reason": "there is no end-of-turn model"}
    assert len(turns(pair)) == 2


def test_a_model_that_fails_is_not_asked_again_and_the_session_lives_on() -> None:
    broken = MissingPartError("is not the Smart Turn v3.2 model", fix="install again")
    model = Oracle(broken)
    pair = pair_of(model, eagerness="high")
    for _ in range(2):
        pair.speak(320)
        pair.hush(2400)
    assert len(turns(pair)) == 2
    assert len(model.heard_samples) == 1
    (note,) = pair.noted("turn.semantic_unavailable")
    assert note.data["reason"] == "is not the Smart Turn v3.2 model; install again"


def test_what_is_fatal_ends_the_session() -> None:
    broken = MissingPartError("is not the Smart Turn v3.2 model", fix="install again")
    pair = pair_of(Oracle(broken), eagerness="high", fatal=(MissingPartError,))
    pair.speak(320)
    with pytest.raises(MissingPartError, match="install again"):
        pair.hush(2400)


@pytest.mark.parametrize(
    ("error", "reason"),
    [(RuntimeError("out of memory"), "out of memory"), (KeyError(), "KeyError")],
)
def test_an_error_that_nobody_thought_of_does_not_end_the_session(
    error: Exception, reason: str
) -> None:
    pair = pair_of(Oracle(error), eagerness="high")
    pair.speak(320)
    pair.hush(2400)
    assert len(turns(pair)) == 1
    (note,) = pair.noted("turn.semantic_unavailable")
    assert note.data["reason"] == reason


class Elsewhere:
    """Work that is done in another thread, when the test says so."""

    charges = False

    def __init__(self) -> None:
        self.jobs: list[RunningJob] = []

    def begin(
        self, task: Callable[[], Any], now_ns: int, charged_ns: int = 0
    ) -> RunningJob:
        del now_ns, charged_ns
        self.jobs.append(RunningJob(task))
        return self.jobs[-1]

    def each(self, *_: Any) -> Any:
        raise NotImplementedError


class RunningJob:
    """A task whose result lands when it is told to."""

    def __init__(self, task: Callable[[], Any]) -> None:
        self._task = task
        self._landed_ns: int | None = None
        self.is_cancelled = False

    def due_ns(self) -> int | None:
        return self._landed_ns

    def result(self) -> Any:
        return self._task()

    def cancel(self) -> None:
        self.is_cancelled = True

    def land(self, now_ns: int) -> None:
        self._landed_ns = now_ns


def live_pair(*answers: float) -> tuple[SessionPair, Elsewhere]:
    work = Elsewhere()
    detection = {"type": "semantic_vad", "eagerness": "auto"}
    end_of_turn = EndOfTurn(Oracle(*answers), work=work)
    heard = {"turn_detection": detection}
    return SessionPair(end_of_turn=end_of_turn, audio={"input": heard}), work


def test_on_a_real_port_the_answer_counts_when_it_has_landed() -> None:
    pair, work = live_pair(1.0)
    pair.speak(320)
    pair.hush(800)
    assert pair.of(STOPPED) == []
    (job,) = work.jobs
    job.land(pair.now_ns)
    pair.server.advance(pair.now_ns)  # its host is woken
    pair.collect()
    # 1120 ms are there: 35 whole frames
    assert pair.last(STOPPED)["audio_end_ms"] == 1120


def test_an_answer_that_never_lands_is_not_waited_for_beyond_the_maximum() -> None:
    pair, work = live_pair()
    pair.speak(320)
    pair.hush(4400)
    assert turns(pair) == [(0, 320 + 4000 + 32)]
    assert [job.is_cancelled for job in work.jobs] == [True]


def test_what_is_asked_about_a_pause_that_is_over_is_called_off() -> None:
    pair, work = live_pair()
    pair.speak(320)
    pair.hush(400)
    pair.speak(100)
    assert [job.is_cancelled for job in work.jobs] == [True]


def test_what_is_asked_for_a_client_that_is_gone_is_called_off() -> None:
    pair, work = live_pair()
    pair.speak(320)
    pair.hush(400)
    pair.server.close(pair.now_ns)
    assert [job.is_cancelled for job in work.jobs] == [True]


def test_server_vad_asks_no_model() -> None:
    model = Oracle()
    pair = SessionPair(end_of_turn=EndOfTurn(model))
    pair.speak(320)
    pair.hush(1000)
    assert len(pair.of(STOPPED)) == 1
    assert model.heard_samples == []


def test_another_eagerness_within_a_pause_has_it_judged_again() -> None:
    pair = pair_of(Oracle(0.0, 0.0), eagerness="low")
    pair.speak(320)
    pair.hush(1000)
    high = {"type": "semantic_vad", "eagerness": "high"}
    pair.update(audio={"input": {"turn_detection": high}})
    pair.hush(2000)
    assert [n.data["eagerness"] for n in pair.noted("turn.semantic")] == ["low", "high"]
    assert turns(pair) == [(0, 320 + 2016 + 32)]


def test_what_was_said_before_pauses_were_judged_is_not_heard() -> None:
    """What came while they were not is missing: the rest does not follow on it."""
    model = Oracle(1.0)
    pair = pair_of(model)
    pair.speak(640)
    pair.update(audio={"input": {"turn_detection": {"type": "server_vad"}}})
    pair.speak(640)
    semantic = {"type": "semantic_vad", "eagerness": "auto"}
    pair.update(audio={"input": {"turn_detection": semantic}})
    pair.speak(320)
    pair.hush(640)
    # ten frames of speech, and seven of the pause
    assert model.heard_samples == [17 * 512]


def test_a_commit_by_hand_ends_the_matter() -> None:
    pair = pair_of(Oracle(1.0), delay_ms=500)
    pair.speak(320)
    pair.hush(320)
    pair.commit()
    pair.hush(2000)
    assert pair.of(STOPPED) == []
    assert pair.noted("turn.semantic") == []


def test_the_answer_of_one_turn_is_not_the_next_one_s() -> None:
    """The first turn is over at once, the second one is not."""
    pair = pair_of(Oracle(1.0, 0.0), eagerness="high")
    pair.speak(320)
    pair.hush(640)
    pair.speak(320)
    pair.hush(1000)
    assert len(pair.of(STARTED)) == 2
    assert len(pair.of(STOPPED)) == 1
