"""A telephone's leg and a remote player, against exchanges that know what they play."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.phone_calls import PhoneCall, elks_call, twilio_call
from voicelab.serve.bridges.elks.leg import VOID_NS
from voicelab.units import NS_PER_MS

Step = tuple[str, int]

# An exchange that leaves void questions unanswered is talked to again only when an
# answer can no longer be on its way, as in any real call.
CALLS: dict[str, tuple[Callable[..., PhoneCall], int]] = {
    "twilio": (twilio_call, 0),
    "elks": (elks_call, 0),
    "elks, void syncs unanswered": (partial(elks_call, answers_void=False), VOID_NS),
    "elks in ulaw": (partial(elks_call, "ulaw"), 0),
}

REPLY = st.tuples(
    st.lists(
        st.tuples(
            st.sampled_from(["say", "wait"]), st.integers(min_value=1, max_value=700)
        ),
        min_size=1,
        max_size=8,
    ),
    st.booleans(),
)


@pytest.mark.parametrize("name", list(CALLS))
@given(
    replies=st.lists(REPLY, min_size=1, max_size=5),
    delay_ms=st.integers(min_value=0, max_value=120),
)
def test_the_known_position_is_wrong_by_the_round_trip_at_most(
    name: str, replies: list[tuple[list[Step], bool]], delay_ms: int
) -> None:
    make, pause_ns = CALLS[name]
    delay_ns = delay_ms * NS_PER_MS
    call = make(delay_ns=delay_ns)
    call.pass_time(delay_ns)
    for index, (steps, interrupts) in enumerate(replies):
        _reply(call, f"item_{index}", steps, delay_ms)
        if interrupts:
            call.interrupt()
            call.pass_time(call.clock.now_ns + pause_ns)
            continue
        call.pass_time(call.clock.now_ns + 10_000 * NS_PER_MS)
        standing = call.player.standing(f"item_{index}", call.clock.now_ns)
        assert standing.played_samples == standing.received_samples
        assert not call.player.busy


def _reply(call: PhoneCall, item_id: str, steps: list[Step], delay_ms: int) -> None:
    per_ms = call.leg.codec.rate_hz // 1000
    begun_ns = call.clock.now_ns
    before = call.exchange.buffer.played(begun_ns)
    stops = ("clear", "interrupt")
    emptied = any(stop in each.text for each in call.way_there for stop in stops)
    arrives_ns = begun_ns + delay_ms * NS_PER_MS
    for kind, ms in steps:
        if kind == "say":
            call.say(item_id, ms * per_ms)
        else:
            call.pass_time(call.clock.now_ns + ms * NS_PER_MS)
        now_ns = call.clock.now_ns
        played = call.exchange.buffer.played(now_ns) - (0 if emptied else before)
        if now_ns < arrives_ns:
            played = 0
        known = call.player.evidence(item_id, now_ns).played_samples
        assert abs(known - played) <= 2 * delay_ms * per_ms + 1
