"""A simulated link against what it stands for: TCP over a lossy, jittery path."""

from __future__ import annotations

import statistics
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicelab import clock
from voicelab.clock import timebase
from voicelab.transport import BurstSettings, Link, LinkSettings, Network, memory_pair
from voicelab.units import NS_PER_MS

SETTINGS = st.builds(
    LinkSettings,
    delay_ms=st.floats(0, 500),
    jitter_ms=st.floats(0, 100),
    loss_rate=st.sampled_from([0.0, 0.05, 0.5]),
    bursts=st.sampled_from([None, BurstSettings(200, 150), BurstSettings(5000, 300)]),
)
WAITS_NS = st.lists(st.integers(0, 40 * NS_PER_MS), min_size=1, max_size=60)


def arrivals(link: Link, sent_ns: list[int]) -> list[int]:
    return [link.arrival_ns(at) for at in sent_ns]


def instants(waits_ns: list[int]) -> list[int]:
    return [sum(waits_ns[: index + 1]) for index in range(len(waits_ns))]


@given(SETTINGS, st.text(max_size=5), WAITS_NS)
def test_nothing_arrives_before_it_was_sent_or_out_of_order(
    settings: LinkSettings, seed: str, waits_ns: list[int]
) -> None:
    sent_ns = instants(waits_ns)
    arrived_ns = arrivals(Link(settings, seed), sent_ns)
    assert arrived_ns == sorted(arrived_ns)
    assert all(a >= s for s, a in zip(sent_ns, arrived_ns, strict=True))


@given(SETTINGS, st.text(max_size=5), WAITS_NS)
def test_equal_seeds_give_equal_arrivals(
    settings: LinkSettings, seed: str, waits_ns: list[int]
) -> None:
    sent_ns = instants(waits_ns)
    once, again = Link(settings, seed), Link(settings, seed)
    assert arrivals(once, sent_ns) == arrivals(again, sent_ns)
    assert once.lost == again.lost


@given(WAITS_NS, st.floats(0, 500))
def test_a_steady_link_only_delays(waits_ns: list[int], delay_ms: float) -> None:
    sent_ns = instants(waits_ns)
    arrived_ns = arrivals(Link(LinkSettings(delay_ms), "x"), sent_ns)
    assert {a - s for s, a in zip(sent_ns, arrived_ns, strict=True)} == {
        round(delay_ms * NS_PER_MS)
    }


@given(SETTINGS, WAITS_NS, st.integers(0, 99))
def test_a_message_that_is_held_up_holds_up_only_what_follows(
    settings: LinkSettings, waits_ns: list[int], seed: int
) -> None:
    """Arrivals are the running maximum of what each message alone would take."""
    sent_ns = instants(waits_ns)
    own_ns = [Link(settings, str(seed)).arrival_ns(at) for at in sent_ns]
    expected = [max(own_ns[: index + 1]) for index in range(len(own_ns))]
    assert arrivals(Link(settings, str(seed)), sent_ns) == expected


@given(SETTINGS, WAITS_NS, st.integers(0, 59))
def test_a_message_more_changes_nothing_for_the_others(
    settings: LinkSettings, waits_ns: list[int], extra: int
) -> None:
    sent_ns = instants(waits_ns)
    at_ns = sent_ns[min(extra, len(sent_ns) - 1)]
    with_extra = arrivals(Link(settings, "x"), sorted([*sent_ns, at_ns]))
    assert set(arrivals(Link(settings, "x"), sent_ns)) == set(with_extra)


@given(st.lists(st.tuples(st.integers(0, 30), st.binary(max_size=4)), max_size=40))
def test_a_pair_hands_over_every_message_whole_once_and_in_order(
    sendings: list[tuple[int, bytes]],
) -> None:
    taken: list[bytes] = []

    async def send_all() -> None:
        lossy = LinkSettings(20, 15, 0.2)
        client, server = memory_pair(timebase(), Network(lossy, seed=1))
        server.set_receiver(taken.append)
        for wait_ms, message in sendings:
            await clock.sleep_until_ns(timebase().now_ns() + wait_ms * NS_PER_MS)
            client.send(message)
        await clock.sleep_until_ns(timebase().now_ns() + 10**15)

    clock.run(send_all)
    assert taken == [message for _, message in sendings]


FAR_NS = 10**12
COUNT = 20_000


def draws_ms(settings: LinkSettings) -> tuple[list[float], int]:
    """Return delays of messages too far apart to hold each other up, and losses."""
    link = Link(settings, "statistics")
    sent_ns = [index * FAR_NS for index in range(COUNT)]
    arrived_ns = arrivals(link, sent_ns)
    delays = [(a - s) / NS_PER_MS for s, a in zip(sent_ns, arrived_ns, strict=True)]
    return delays, link.lost


def test_delays_are_normal_around_their_mean() -> None:
    delays_ms, lost = draws_ms(LinkSettings(delay_ms=80, jitter_ms=10))
    assert lost == 0
    # four standard errors of the mean and of the standard deviation
    assert statistics.fmean(delays_ms) == pytest.approx(80, abs=4 * 10 / COUNT**0.5)
    spread_ms = statistics.stdev(delays_ms)
    assert spread_ms == pytest.approx(10, abs=4 * 10 / (2 * COUNT) ** 0.5)
    beyond = sum(abs(delay - 80) > 19.6 for delay in delays_ms) / COUNT
    assert beyond == pytest.approx(0.05, abs=4 * (0.05 * 0.95 / COUNT) ** 0.5)


def test_losses_come_at_their_rate_and_cost_a_timeout_that_doubles() -> None:
    rate = 0.1
    delays_ms, lost = draws_ms(LinkSettings(delay_ms=50, loss_rate=rate))
    first = sum(delay > 50 for delay in delays_ms) / COUNT
    assert first == pytest.approx(rate, abs=4 * (rate * (1 - rate) / COUNT) ** 0.5)
    again = sum(delay > 250 for delay in delays_ms) / COUNT
    assert again == pytest.approx(rate**2, abs=4 * (rate**2 / COUNT) ** 0.5)
    sent_again = {50 + 200 * (2**times - 1): times for times in range(12)}
    assert lost == sum(sent_again[delay] for delay in delays_ms)


def test_on_a_long_path_the_timeout_is_a_round_trip() -> None:
    delays_ms, _ = draws_ms(LinkSettings(delay_ms=300, loss_rate=0.1))
    assert {300, 900} <= set(delays_ms)
    assert not any(300 < delay < 900 for delay in delays_ms)


@given(st.integers(0, 10**12), st.integers(0, 99))
def test_a_message_sent_a_little_later_takes_almost_as_long(
    sent_ns: int, seed: int
) -> None:
    """The delay is continuous: a tenth of a microsecond changes next to nothing."""
    settings = LinkSettings(delay_ms=300, jitter_ms=10)
    now, soon = Link(settings, str(seed)), Link(settings, str(seed))
    change_ns = soon.arrival_ns(sent_ns + 100) - now.arrival_ns(sent_ns)
    assert abs(change_ns - 100) < 0.001 * NS_PER_MS


@given(WAITS_NS, st.integers(-(10**12), 10**12))
def test_the_network_counts_from_the_zero_that_it_is_told(
    waits_ns: list[int], zero_ns: int
) -> None:
    settings = LinkSettings(delay_ms=50, jitter_ms=10, loss_rate=0.2)
    sent_ns = [abs(zero_ns) + at for at in instants(waits_ns)]
    here, there = Link(settings, "x"), Link(settings, "x")
    there.set_zero(zero_ns)
    shifted = [at + zero_ns for at in sent_ns]
    expected = [at + zero_ns for at in arrivals(here, sent_ns)]
    if min(shifted) >= 0:
        assert arrivals(there, shifted) == expected


BURSTS = BurstSettings(every_ms=1000, lasts_ms=250)


def stalls_ns(link: Link, until_ns: int) -> list[tuple[int, int]]:
    """Return when a link stands still, found by asking every millisecond."""
    step_ns = NS_PER_MS
    held_ns = [at for at in range(0, until_ns, step_ns) if link.arrival_ns(at) > at]
    edges = [held_ns[0]]
    for before_ns, at_ns in pairwise(held_ns):
        if at_ns - before_ns > step_ns:
            edges += [before_ns, at_ns]
    edges.append(held_ns[-1])
    return list(zip(edges[::2], edges[1::2], strict=True))


def test_a_link_stands_still_once_in_each_stretch_and_delivers_all_at_once() -> None:
    stalls = stalls_ns(Link(LinkSettings(bursts=BURSTS), "x"), 400 * 10**9)
    in_all_ns = sum(end - start + NS_PER_MS for start, end in stalls)
    # neighbours may meet, and the last may reach beyond
    assert len(stalls) > 300
    assert in_all_ns == pytest.approx(400 * 250 * NS_PER_MS, rel=0.08)
    alone = [(start, end) for start, end in stalls if end - start < 250 * NS_PER_MS]
    assert len(alone) > 200
    for start_ns, end_ns in alone[:20]:
        link = Link(LinkSettings(bursts=BURSTS), "x")
        within = range(start_ns, end_ns, 20 * NS_PER_MS)
        arrived_ns = {link.arrival_ns(at) for at in within}
        (moves_ns,) = arrived_ns
        assert 0 < moves_ns - end_ns <= NS_PER_MS


def test_stalls_begin_anywhere_in_their_stretch() -> None:
    settings = LinkSettings(bursts=BurstSettings(1000, 1))
    starts = stalls_ns(Link(settings, "x"), 300 * 10**9)
    within_ms = [start_ns / NS_PER_MS % 1000 for start_ns, _ in starts]
    assert statistics.fmean(within_ms) == pytest.approx(500, abs=4 * 289 / 300**0.5)
    assert statistics.stdev(within_ms) == pytest.approx(289, abs=40)


def test_a_stall_comes_on_top_of_the_way_there() -> None:
    plain = Link(LinkSettings(40), "x")
    stalling = Link(LinkSettings(40, bursts=BURSTS), "x")
    for at in range(0, 10**10, 7 * NS_PER_MS):
        late_ns = stalling.arrival_ns(at) - plain.arrival_ns(at)
        assert 0 <= late_ns <= 500 * NS_PER_MS


def test_a_link_that_only_stalls_disturbs() -> None:
    assert Link(LinkSettings(bursts=BURSTS), "x").disturbs
    assert not Network(LinkSettings(bursts=BURSTS)).is_transparent
    assert not Link(LinkSettings(), "x").disturbs
