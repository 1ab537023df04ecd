"""Words that come after the reply that they should go with."""

from __future__ import annotations

import pytest

from tests.support.faulty import FaultyPair, speech
from tests.support.session_pair import MANUAL, Event, hearing, types

TRANSCRIBED: Event = {
    "audio": {
        "input": {"turn_detection": None, "transcription": {"model": "whisper-1"}}
    }
}
OF_AGENT = "response.output_audio_transcript"
OF_CALLER = "conversation.item.input_audio_transcription"


def order(pair: FaultyPair, *prefixes: str) -> list[str]:
    return [name for name in types(pair.events) if name.startswith(prefixes)]


@pytest.mark.parametrize("delay_ms", [0, 700])
def test_the_agents_words_follow_its_reply(delay_ms: int) -> None:
    fault = f"late_transcript:of=agent,delay_ms={delay_ms}"
    pair = FaultyPair([fault], [speech(3)], **MANUAL)
    pair.respond()
    pair.run(5000)
    deltas = [f"{OF_AGENT}.delta"] * 3
    assert order(pair, OF_AGENT, "response.done") == [
        "response.done",
        *deltas,
        f"{OF_AGENT}.done",
    ]
    assert pair.last(f"{OF_AGENT}.done")["transcript"] == "w0 w1 w2 "
    (done_ms,) = pair.at_ms("response.done")
    assert pair.at_ms(f"{OF_AGENT}.done") == [done_ms + delay_ms]
    (strike,) = pair.strikes
    assert strike.data["event"] == f"{OF_AGENT}.delta"


def test_the_callers_words_follow_the_reply_to_them() -> None:
    pair = FaultyPair(
        ["late_transcript:of=caller,delay_ms=50"],
        [speech(3), speech(3)],
        transcriber=hearing(lambda *_: "hello there", 150),
        **TRANSCRIBED,
    )
    for _ in range(2):
        pair.speak(400)
        pair.commit()
        pair.respond()
        pair.run(5000)
    told = order(pair, f"{OF_CALLER}.completed", "response.done")
    assert told == ["response.done", f"{OF_CALLER}.completed"] * 2
    done, heard = pair.at_ms("response.done"), pair.at_ms(f"{OF_CALLER}.completed")
    assert [late - end for end, late in zip(done, heard, strict=True)] == [50, 50]
    assert len(pair.strikes) == 2


def test_the_callers_words_do_not_wait_for_ever() -> None:
    pair = FaultyPair(
        ["late_transcript"],
        transcriber=hearing(lambda *_: "hello", 150),
        **TRANSCRIBED,
    )
    pair.speak(400)
    pair.commit()
    pair.run(10_149)
    assert pair.of(f"{OF_CALLER}.completed") == []
    pair.run(1)
    assert pair.last(f"{OF_CALLER}.completed")["transcript"] == "hello"


def test_words_that_are_late_by_themselves_pass() -> None:
    pair = FaultyPair(
        ["late_transcript:delay_ms=300"],
        [speech(1)],
        transcriber=hearing(lambda *_: "hello", 2000),
        **TRANSCRIBED,
    )
    pair.speak(400)
    pair.commit()
    pair.respond()
    pair.run(5000)
    assert pair.at_ms(f"{OF_CALLER}.completed") == [2400]


def test_who_is_struck_is_chosen() -> None:
    pair = FaultyPair(
        ["late_transcript:at=2,of=agent"], [speech(2), speech(2)], **MANUAL
    )
    for _ in range(2):
        pair.respond()
        pair.run(2000)
    assert order(pair, f"{OF_AGENT}.done", "response.done") == [
        f"{OF_AGENT}.done",
        "response.done",
        "response.done",
        f"{OF_AGENT}.done",
    ]
