"""A pair of connections in memory, on the virtual clock."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from voicelab import clock
from voicelab.clock import sleep_until_ns, timebase
from voicelab.transport import Closing, LinkSettings, Network, memory_pair
from voicelab.units import NS_PER_MS

Story = Callable[[], Coroutine[Any, Any, None]]


def play(story: Story) -> None:
    clock.run(story)


async def until(ms: float) -> None:
    await sleep_until_ns(round(ms * NS_PER_MS))


def test_each_direction_has_its_own_delay() -> None:
    arrived: list[tuple[str, bytes, float]] = []

    async def story() -> None:
        time = timebase()
        client, server = memory_pair(time, Network(LinkSettings(40), LinkSettings(70)))

        def note(where: str) -> Callable[[bytes], None]:
            return lambda m: arrived.append((where, m, time.now_ns() / NS_PER_MS))

        client.set_receiver(note("client"))
        server.set_receiver(note("server"))
        client.send(b"up")
        server.send(b"down")
        await until(200)

    play(story)
    assert arrived == [("server", b"up", 40), ("client", b"down", 70)]


def test_no_delay_is_still_a_later_turn_of_the_loop() -> None:
    order: list[str] = []

    async def story() -> None:
        client, server = memory_pair(timebase())
        server.set_receiver(lambda _: order.append("received"))
        client.send(b"x")
        order.append("sent")
        await until(1)

    play(story)
    assert order == ["sent", "received"]


def test_hanging_up_loses_what_is_under_way_in_both_directions() -> None:
    arrived: list[bytes] = []

    async def story() -> None:
        client, server = memory_pair(
            timebase(), Network(LinkSettings(40), LinkSettings(40))
        )
        client.set_receiver(arrived.append)
        server.set_receiver(arrived.append)
        client.send(b"early")
        await until(30)
        client.send(b"late")
        server.send(b"late")
        await until(50)
        server.close()
        client.send(b"never")
        server.send(b"never")
        client.close()  # hanging up twice is no harm
        await until(500)

    play(story)
    assert arrived == [b"early"]


def test_a_message_without_a_receiver_is_gone() -> None:
    arrived: list[bytes] = []

    async def story() -> None:
        client, server = memory_pair(timebase())
        client.send(b"nobody")
        await until(1)
        server.set_receiver(arrived.append)
        client.send(b"somebody")
        await until(2)

    play(story)
    assert arrived == [b"somebody"]


def test_losses_are_counted_at_the_end_that_sent() -> None:
    lost: list[int] = []

    async def story() -> None:
        network = Network(LinkSettings(loss_rate=0.5), seed=3)
        client, server = memory_pair(timebase(), network)
        server.set_receiver(lambda _: None)
        client.set_receiver(lambda _: None)
        for index in range(50):
            await until(index * 20_000_000)
            client.send(b"x")
            server.send(b"x")
        lost.extend((network.uplink.lost, network.downlink.lost))

    play(story)
    assert lost[0] > 0
    assert lost[1] == 0


def test_directions_draw_apart_and_seeds_differ() -> None:
    def delays_ms(seed: int) -> tuple[list[int], list[int]]:
        up: list[int] = []
        down: list[int] = []

        async def story() -> None:
            time = timebase()
            jitter = LinkSettings(100, 20)
            client, server = memory_pair(time, Network(jitter, jitter, seed=seed))
            server.set_receiver(lambda _: up.append(time.now_ns()))
            client.set_receiver(lambda _: down.append(time.now_ns()))
            for _ in range(5):
                client.send(b"x")
                server.send(b"x")
            await until(1000)

        play(story)
        return up, down

    assert delays_ms(1) == delays_ms(1)
    assert delays_ms(1)[0] != delays_ms(1)[1]
    assert delays_ms(1) != delays_ms(2)


def test_the_other_end_hears_of_a_hang_up_after_what_was_sent_before_it() -> None:
    heard: list[tuple[float, object]] = []

    async def story() -> None:
        time = timebase()
        client, server = memory_pair(time, Network(downlink=LinkSettings(delay_ms=20)))

        def now_ms() -> float:
            return time.now_ns() / 1e6

        client.set_receiver(
            lambda message: heard.append((now_ms(), message)),
            lambda closing: heard.append((now_ms(), closing)),
        )
        server.set_receiver(
            lambda message: heard.append((now_ms(), message)),
            lambda closing: heard.append((now_ms(), closing)),
        )
        server.send(b"last words")
        server.close(Closing(1001, "bye"))
        client.send(b"nobody listens")
        await until(500)
        client.close()
        await until(600)

    play(story)
    assert heard == [(20, b"last words"), (20, Closing(1001, "bye"))]
