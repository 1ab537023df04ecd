"""The first exchange on a connection is timed, and nothing else changes."""

from __future__ import annotations

from voicelab import clock
from voicelab.clock import sleep_until_ns, timebase
from voicelab.transport import Closing, LinkSettings, Network, memory_pair
from voicelab.transport.first_answer import FirstAnswer
from voicelab.units import NS_PER_MS


def test_the_first_message_and_its_answer_are_timed_once() -> None:
    took_ns: list[int] = []
    arrived: list[bytes | Closing] = []

    async def story() -> None:
        time = timebase()
        inner, server = memory_pair(time, Network(LinkSettings(30), LinkSettings(12)))
        client = FirstAnswer(inner, time, lambda m: m == b"yes", took_ns.append)
        client.set_receiver(arrived.append, arrived.append)
        server.set_receiver(lambda m: server.send(b"yes" if m == b"?" else b"what"))
        server.send(b"yes")  # answers nothing: nothing has been asked
        await sleep_until_ns(20 * NS_PER_MS)
        client.send(b"?")
        client.send(b"!")
        client.send(b"?")
        await sleep_until_ns(200 * NS_PER_MS)
        server.close(Closing(1001, "bye"))
        await sleep_until_ns(300 * NS_PER_MS)
        client.close()

    clock.run(story)
    assert took_ns == [42 * NS_PER_MS]
    assert arrived == [b"yes", b"yes", b"what", b"yes", Closing(1001, "bye")]
