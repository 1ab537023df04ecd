"""Two hours on the telephone: no position drifts by a sample."""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import partial

import pytest

from tests.support.phone_calls import STREAM, PhoneCall, elks_call, twilio_call
from voicelab.legs import elks, twilio
from voicelab.serve.bridges.elks.leg import VOID_NS, ElksLeg
from voicelab.serve.bridges.leg import CallerAudio
from voicelab.serve.bridges.twilio.leg import TwilioLeg

TWO_HOURS_S = 7200
NS_PER_S = 10**9

QUARTER_S = 900
CALLS: dict[str, tuple[Callable[[], PhoneCall], int]] = {
    "twilio": (twilio_call, TWO_HOURS_S),
    "elks": (elks_call, TWO_HOURS_S),
    "elks, void syncs unanswered": (partial(elks_call, answers_void=False), QUARTER_S),
    "elks in alaw": (partial(elks_call, "alaw"), QUARTER_S),
}
"""What makes a call, and how long it lasts: those that differ in little are shorter."""


@pytest.mark.parametrize("name", list(CALLS))
def test_what_was_played_is_known_to_the_sample(name: str) -> None:
    """Without a delay the bridge knows what the exchange has played.

    One sample less is known where the instant of a mark, which is whole nanoseconds,
    lies after the sample that it stands for.
    """
    make, lasts_s = CALLS[name]
    call = make()
    chance = random.Random(7)
    rate_hz = call.leg.codec.rate_hz
    replies = 0
    while call.clock.now_ns < lasts_s * NS_PER_S:
        replies += 1
        _hear_a_reply(call, f"item_{replies}", chance, rate_hz)
    assert replies > lasts_s // 15


def _hear_a_reply(
    call: PhoneCall, item_id: str, chance: random.Random, rate_hz: int
) -> None:
    """Hold the bridge's idea of one reply against the exchange's buffer."""
    samples = chance.randrange(rate_hz // 2, rate_hz * 10)
    call.exchange.buffer.empty(call.clock.now_ns)  # counts from here
    for _ in range(3):
        call.say(item_id, samples // 3)
    length_ns = samples * NS_PER_S // rate_hz
    began_ns = call.clock.now_ns
    for part in sorted(chance.uniform(0, 0.95) for _ in range(3)):
        now_ns = began_ns + int(part * length_ns)
        call.pass_time(now_ns)
        played = call.exchange.buffer.played(now_ns)
        known = call.player.evidence(item_id, now_ns).played_samples
        assert played - 1 <= known <= played
    if chance.random() < 0.5:
        call.interrupt()
        call.pass_time(call.clock.now_ns + VOID_NS)
    else:
        call.pass_time(began_ns + 2 * length_ns)
        standing = call.player.standing(item_id, call.clock.now_ns)
        assert standing.played_samples == standing.received_samples == samples // 3 * 3
        assert not call.player.busy


def test_a_twilio_caller_is_as_long_as_the_call_whatever_was_lost() -> None:
    chance = random.Random(7)
    leg = TwilioLeg()
    facts = twilio.StreamFacts(STREAM, "CA1")
    leg.receive(twilio.encode(twilio.Start(stream_sid=STREAM, start=facts)))
    chunks = TWO_HOURS_S * 50
    heard = 0
    for index in range(chunks):
        if 0 < index < chunks - 1 and chance.random() < 0.02:
            continue
        message = twilio.CallerMedia.of(
            STREAM, bytes(160), number=index + 2, chunk=index + 1, at_ms=20 * index
        )
        for event in leg.receive(twilio.encode(message)):
            assert isinstance(event, CallerAudio)
            heard += len(event.data)
    assert heard == TWO_HOURS_S * 8000


@pytest.mark.parametrize("name", ["pcm_24000", "ulaw"])
def test_an_elks_caller_is_as_long_as_the_call(name: str) -> None:
    leg = ElksLeg(lambda: 0, name)
    leg.receive('{"t":"hello","callid":"c1","from":"a","to":"b"}')
    frame = bytes(leg.codec.rate_hz // 50 * leg.codec.bytes_per_sample)
    message = elks.encode(elks.Audio(frame))
    heard = 0
    for _ in range(TWO_HOURS_S * 50):
        [event] = leg.receive(message)
        assert isinstance(event, CallerAudio)
        heard += len(event.data)
    assert heard == TWO_HOURS_S * leg.codec.rate_hz * leg.codec.bytes_per_sample
