"""What a scripted agent says, piece by piece, and when."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np
import pytest

from tests.support.recordings import noise
from voicelab.audio.formats import AudioFormat
from voicelab.protocol.items import FunctionCallOutputItem
from voicelab.responders.profile import Constant, LatencyProfile
from voicelab.responders.script import (
    SILENCE,
    FunctionCall,
    ScriptedReply,
    Speech,
    TimedWord,
)
from voicelab.responders.scripted import ScriptedResponder, TimedReply, in_order
from voicelab.session.reply import (
    CallPiece,
    Piece,
    ReplyRequest,
    SpeechPiece,
    TextPiece,
)
from voicelab.units import NS_PER_MS

RATE_HZ = 24_000
MS = 24
START_NS = 7 * NS_PER_MS
WORDS = (
    TimedWord("Good", 0, 180),
    TimedWord("morning,", 180, 510),
    TimedWord("this", 510, 700.5),
    TimedWord("is", 700.5, 800),
    TimedWord("Ann.", 950, 1130),
)


def profile(*chunks_ms: int, wait_ms: float = 500, speed: float = 4) -> LatencyProfile:
    return LatencyProfile(
        voicelab_profile=1,
        name="made",
        source="made for a test",
        modelled=True,
        time_to_first_audio_ms=Constant(wait_ms),
        speed=Constant(speed),
        chunk_ms=chunks_ms or (50, 100, 200),
    )


def request(**changes: Any) -> ReplyRequest:
    fields: dict[str, Any] = {
        "response_id": "resp_1",
        "ordinal": 0,
        "instructions": "",
        "modality": "audio",
        "format": AudioFormat.PCM,
    }
    return ReplyRequest(**fields | changes)


def speech(duration_ms: int = 1200, words: tuple[TimedWord, ...] = WORDS) -> Speech:
    return Speech(noise(duration_ms * MS), RATE_HZ, words)


def begin(reply: ScriptedReply, *, asked: ReplyRequest | None = None) -> TimedReply:
    responder = ScriptedResponder([reply], profile().sampler(0))
    return responder.respond(asked or request(), START_NS)


def pieces(reply: TimedReply) -> list[tuple[float, Piece]]:
    """Take every piece at its instant; return (ms after the start, piece)."""
    taken: list[tuple[float, Piece]] = []
    while (due_ns := reply.next_due_ns()) is not None:
        assert not reply.finished
        assert reply.take(due_ns - 1) == []
        due = reply.take(due_ns)
        taken += [((due_ns - START_NS) / NS_PER_MS, piece) for piece in due]
    assert reply.finished
    return taken


def spoken(taken: Sequence[tuple[float, Piece]]) -> list[SpeechPiece]:
    return [piece for _, piece in taken if isinstance(piece, SpeechPiece)]


def test_chunks_have_the_profile_s_lengths_and_the_last_repeats() -> None:
    taken = spoken(pieces(begin(ScriptedReply("", speech()))))
    lengths_ms = [len(piece.samples) // MS for piece in taken]
    assert lengths_ms == [50, 100, 200, 200, 200, 200, 200, 50]


def test_a_chunk_is_due_when_what_came_before_it_has_been_generated() -> None:
    taken = pieces(begin(ScriptedReply("", speech())))
    # 500 ms to the first audio, then four times real time
    begun_ms = [0, 50, 150, 350, 550, 750, 950, 1150]
    assert [at for at, _ in taken] == [500 + ms / 4 for ms in begun_ms]


def test_the_chunks_together_are_the_recording() -> None:
    recorded = speech()
    taken = spoken(pieces(begin(ScriptedReply("", recorded))))
    joined = np.concatenate([piece.samples for piece in taken])
    assert np.array_equal(joined, recorded.samples)


def test_the_deltas_join_to_the_text_of_the_words() -> None:
    taken = spoken(pieces(begin(ScriptedReply("unused", speech()))))
    said = "".join(piece.text for piece in taken)
    assert said == "Good morning, this is Ann."


def test_each_word_comes_with_the_chunk_in_which_it_begins() -> None:
    taken = spoken(pieces(begin(ScriptedReply("", speech()))))
    start = 0
    placed = []
    for piece in taken:
        for word in piece.words:
            assert start <= word.start_samples < start + len(piece.samples)
            placed.append((word.text, word.start_samples, word.end_samples))
        start += len(piece.samples)
    assert placed == [
        (word.text, int(word.start_ms * MS), int(word.end_ms * MS)) for word in WORDS
    ]


def test_at_another_rate_words_and_audio_keep_their_times() -> None:
    reply = begin(ScriptedReply("", speech()), asked=request(format=AudioFormat.PCMU))
    taken = spoken(pieces(reply))
    assert sum(len(piece.samples) for piece in taken) == 1200 * 8
    words = [word for piece in taken for word in piece.words]
    assert [word.start_samples for word in words] == [0, 1440, 4080, 5604, 7600]


def test_at_its_own_rate_a_recording_is_given_as_it_is() -> None:
    recorded = speech()
    assert recorded.at(RATE_HZ) is recorded.samples
    assert len(recorded.at(8_000)) == len(recorded.samples) // 3


def test_without_word_times_the_text_comes_with_the_first_chunk() -> None:
    reply = begin(ScriptedReply("Good morning.", speech(words=())))
    assert [piece.text for piece in spoken(pieces(reply))] == ["Good morning."] + 7 * [
        ""
    ]


def test_a_word_at_the_very_end_is_not_lost() -> None:
    late = (TimedWord("so", 0, 100), TimedWord("on", 1200, 1201))
    taken = spoken(pieces(begin(ScriptedReply("", speech(words=late)))))
    assert taken[-1].text == " on"


def test_in_text_the_words_come_at_the_speed_of_speech() -> None:
    asked = request(modality="text")
    reply = begin(ScriptedReply("one  two\nthree", speech()), asked=asked)
    taken = pieces(reply)
    assert [piece for _, piece in taken] == [
        TextPiece("one"),
        TextPiece(" two"),
        TextPiece(" three"),
    ]
    # three words a second, times four
    assert [at for at, _ in taken] == pytest.approx([500, 500 + 250 / 3, 500 + 500 / 3])


def test_a_function_is_called_after_what_is_said() -> None:
    call = FunctionCall("book", '{"day": 2}')
    *before, last = pieces(begin(ScriptedReply("", speech(), call)))
    assert last == (500 + 1150 / 4, CallPiece("book", '{"day": 2}'))
    assert all(isinstance(piece, SpeechPiece) for _, piece in before)


def test_a_call_alone_is_due_when_audio_would_be() -> None:
    taken = pieces(begin(ScriptedReply(call=FunctionCall("book", "{}"))))
    assert taken == [(500, CallPiece("book", "{}"))]


def test_silence_is_finished_at_once() -> None:
    reply = begin(SILENCE)
    assert reply.finished
    assert reply.next_due_ns() is None


def test_a_cancelled_reply_gives_nothing_more() -> None:
    reply = begin(ScriptedReply("", speech()))
    first_ns = reply.next_due_ns()
    assert first_ns is not None
    assert len(reply.take(first_ns)) == 1
    reply.cancel()
    assert reply.finished
    assert reply.take(10**12) == []


def test_taking_late_takes_all_that_is_due_in_order() -> None:
    reply = begin(ScriptedReply("", speech()))
    taken = reply.take(10**12)
    joined = np.concatenate([p.samples for p in taken if isinstance(p, SpeechPiece)])
    assert np.array_equal(joined, speech().samples)


def test_replies_come_in_order_and_the_last_repeats() -> None:
    choose = in_order(3)
    chosen = [choose(request(ordinal=ordinal)) for ordinal in range(5)]
    assert chosen == [0, 1, 2, 2, 2]


def test_a_last_reply_that_calls_a_function_does_not_call_it_for_ever() -> None:
    choose = in_order(2)
    output = FunctionCallOutputItem(call_id="call_1", output="null")
    asked = [request(ordinal=n, items=(output,)) for n in range(3)]
    assert [choose(each) for each in asked] == [0, 1, None]


def test_a_chooser_may_say_nothing() -> None:
    responder = ScriptedResponder(
        [ScriptedReply("", speech())], profile().sampler(0), lambda _: None
    )
    assert responder.respond(request(), 0).finished


def test_every_reply_draws_its_own_timing_even_a_silent_one() -> None:
    """So that what an agent says in between does not shift the draws of the rest."""
    drawn: list[int] = []

    class Counting:
        def draw(self) -> Any:
            drawn.append(1)
            return sampler.draw()

        def chunk_samples(self, rate_hz: int) -> Any:
            return sampler.chunk_samples(rate_hz)

    sampler = profile().sampler(0)
    responder = ScriptedResponder([SILENCE], Counting())  # type: ignore[arg-type]
    for _ in range(3):
        responder.respond(request(), 0)
    assert len(drawn) == 3


def test_an_item_may_be_announced_ahead_of_its_audio_and_nothing_else_moves() -> None:
    early = msgspec.structs.replace(profile(), announced_ms=200)
    responder = ScriptedResponder([ScriptedReply("", speech())], early.sampler(0))
    (announced_ms, nothing), *rest = pieces(responder.respond(request(), START_NS))
    assert announced_ms == 300
    assert isinstance(nothing, SpeechPiece)
    assert (len(nothing.samples), nothing.words, nothing.text) == (0, (), "")
    usual = pieces(begin(ScriptedReply("", speech())))
    assert [at for at, _ in rest] == [at for at, _ in usual]


def test_what_is_written_or_called_is_not_announced_ahead() -> None:
    early = msgspec.structs.replace(profile(), announced_ms=200)
    reply = ScriptedReply("Good morning.", speech())
    responder = ScriptedResponder([reply], early.sampler(0))
    text = pieces(responder.respond(request(modality="text"), START_NS))
    assert [type(piece) for _, piece in text] == [TextPiece, TextPiece]
