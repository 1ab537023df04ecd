"""Calls through a telephone's leg and a remote player, without sockets or waiting."""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.support.exchanges import ElksExchange, Exchange, Reply, TwilioExchange
from voicelab.legs import twilio
from voicelab.playback.remote import RemotePlayer
from voicelab.serve.bridges.elks.leg import ElksLeg
from voicelab.serve.bridges.leg import Leg, MarkReached
from voicelab.serve.bridges.twilio.leg import TwilioLeg

ELKS_HELLO = '{"t":"hello","callid":"c1","from":"+4670","to":"+4676"}'
STREAM = "MZ1"


@dataclass
class Clock:
    now_ns: int = 0

    def __call__(self) -> int:
        return self.now_ns


class Speaker:
    """Hands what the player says on to the leg."""

    def __init__(self, leg: Leg) -> None:
        self._leg = leg

    def play(self, item_id: str, audio: bytes) -> None:
        self._leg.play(item_id, audio)

    def mark(self, name: str, item_id: str, position_samples: int) -> None:
        self._leg.mark(name, item_id, position_samples)

    def clear(self) -> None:
        self._leg.clear()


@dataclass
class PhoneCall:
    """A bridge's side of a call, and the exchange at the other end.

    What travels takes `delay_ns` each way.
    """

    leg: Leg
    exchange: Exchange
    clock: Clock
    delay_ns: int = 0
    way_there: list[Reply] = field(default_factory=list)
    way_back: list[Reply] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.player = RemotePlayer(Speaker(self.leg), self.leg.codec.rate_hz)
        self.leg.ready()
        self._send()

    def say(self, item_id: str, samples: int) -> None:
        audio = bytes(samples * self.leg.codec.bytes_per_sample)
        self.player.enqueue(item_id, samples, self.clock.now_ns, audio)
        self._send()

    def interrupt(self) -> None:
        self.player.stop(self.clock.now_ns)
        self._send()

    def pass_time(self, to_ns: int) -> None:
        """Let everything happen that happens until then, in its order."""
        while True:
            self._exchange_speaks(to_ns)
            due = [*self.way_there, *self.way_back]
            next_ns = min((reply.t_ns for reply in due), default=to_ns + 1)
            if next_ns > to_ns:
                break
            self._step(next_ns)
        self.clock.now_ns = to_ns
        self.player.advance(to_ns)

    def _step(self, now_ns: int) -> None:
        self.clock.now_ns = now_ns
        if self.way_there and self.way_there[0].t_ns == now_ns:
            message = self.way_there.pop(0)
            self.exchange.take(message.text, now_ns)
            self._exchange_speaks(now_ns)
            return
        for event in self.leg.receive(self.way_back.pop(0).text):
            assert isinstance(event, MarkReached)
            self.player.acknowledged(event.name, now_ns)

    def _exchange_speaks(self, until_ns: int) -> None:
        """Take what the exchange says by then; what it is still to be told waits."""
        if self.way_there:
            until_ns = min(until_ns, self.way_there[0].t_ns)
        for reply in self.exchange.replies(until_ns):
            self.way_back.append(Reply(reply.t_ns + self.delay_ns, reply.text))

    def _send(self) -> None:
        for text in self.leg.outgoing():
            at_ns = self.clock.now_ns + self.delay_ns
            self.way_there.append(Reply(at_ns, text))


def elks_call(
    name: str = "pcm_24000", *, answers_void: bool = True, delay_ns: int = 0
) -> PhoneCall:
    clock = Clock()
    leg = ElksLeg(clock, name)
    leg.receive(ELKS_HELLO)
    exchange = ElksExchange(name, answers_void=answers_void)
    return PhoneCall(leg, exchange, clock, delay_ns)


def twilio_call(*, delay_ns: int = 0) -> PhoneCall:
    leg = TwilioLeg()
    facts = twilio.StreamFacts(STREAM, "CA1")
    leg.receive(twilio.encode(twilio.Start(stream_sid=STREAM, start=facts)))
    return PhoneCall(leg, TwilioExchange(STREAM), Clock(), delay_ns)
