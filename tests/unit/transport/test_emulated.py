"""A network in front of a connection does what a link in memory does."""

from __future__ import annotations

from collections.abc import Callable

from voicelab import clock
from voicelab.clock import sleep_until_ns, timebase
from voicelab.transport import (
    BurstSettings,
    Closing,
    EmulatedNetwork,
    LinkSettings,
    Network,
    memory_pair,
)
from voicelab.units import NS_PER_MS

Arrivals = list[tuple[str, bytes | Closing, float]]
UP = LinkSettings(40, 10, 0.1, BurstSettings(every_ms=100, lasts_ms=60))
DOWN = LinkSettings(70, 20)


def converse(*, emulated: bool) -> Arrivals:
    """Send messages both ways over a network: the link's own, or one in front."""
    arrived: Arrivals = []

    async def story() -> None:
        time = timebase()
        network = Network(UP, DOWN, seed=4)
        if emulated:
            inner, server = memory_pair(time)
            client = EmulatedNetwork(inner, time, network)
        else:
            client, server = memory_pair(time, network)  # type: ignore[assignment]

        def note(where: str) -> Callable[[bytes | Closing], None]:
            return lambda m: arrived.append((where, m, time.now_ns() / NS_PER_MS))

        client.set_receiver(note("client"), note("client"))
        server.set_receiver(note("server"), note("server"))
        for step in range(40):
            await sleep_until_ns(step * 7 * NS_PER_MS)
            client.send(b"up %d" % step)
            server.send(b"down %d" % step)
        server.close(Closing(1001, "enough"))
        await sleep_until_ns(3000 * NS_PER_MS)

    clock.run(story)
    return arrived


def test_it_delays_as_a_link_with_these_settings_does() -> None:
    assert converse(emulated=True) == converse(emulated=False)


def test_the_end_arrives_last_and_what_was_sent_to_it_is_gone() -> None:
    arrived = converse(emulated=True)
    assert [m for where, m, _ in arrived if where == "client"][-1] == Closing(
        1001, "enough"
    )


def test_what_the_real_network_takes_is_taken_off() -> None:
    arrived: list[float] = []

    async def story() -> None:
        time = timebase()
        network = Network(LinkSettings(40), LinkSettings(70))
        network.set_real_round_trip(20 * NS_PER_MS)
        inner, server = memory_pair(time, Network(LinkSettings(10), LinkSettings(10)))
        client = EmulatedNetwork(inner, time, network)
        server.set_receiver(lambda _: arrived.append(time.now_ns() / NS_PER_MS))
        client.set_receiver(lambda _: arrived.append(time.now_ns() / NS_PER_MS))
        client.send(b"up")
        server.send(b"down")
        await sleep_until_ns(500 * NS_PER_MS)

    clock.run(story)
    assert arrived == [40, 70]


def test_a_real_network_that_is_slower_adds_nothing_more() -> None:
    network = Network(LinkSettings(5), LinkSettings(5))
    network.set_real_round_trip(100 * NS_PER_MS)
    assert network.uplink.arrival_ns(1000) == 1000


def test_a_network_that_does_nothing_says_so() -> None:
    assert Network().is_transparent
    assert not Network(downlink=LinkSettings(jitter_ms=1)).is_transparent
