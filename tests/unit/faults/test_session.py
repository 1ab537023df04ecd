"""The session with its faults, as a host sees it."""

from __future__ import annotations

import pytest

from tests.support.faulty import AUDIO, FaultyPair, speech
from tests.support.session_pair import MANUAL, SessionPair, refusal
from voicelab.protocol import wire_errors


def test_without_faults_nothing_is_different() -> None:
    plain, faulty = SessionPair([speech()]), FaultyPair([], [speech()])
    for pair in (plain, faulty):
        pair.speak(1000)
        pair.hush(1500)
        pair.speak(600)
    assert faulty.events == plain.events
    assert faulty.sent_at_ns == plain.sent_at_ns
    assert faulty.notes == plain.notes


def struck(*faults: str, seed: int = 3) -> list[str]:
    """Return the events that the first fault struck in three replies."""
    pair = FaultyPair(faults, [speech()] * 3, seed=seed, **MANUAL)
    for _ in range(3):
        pair.respond()
        pair.run(5000)
    kind = faults[0].partition(":")[0]
    return [n.data["event_id"] for n in pair.strikes if n.data["kind"] == kind]


@pytest.mark.parametrize("first", ["late:rate=0.3", "drop:rate=0.4", "stall:rate=0.5"])
@pytest.mark.parametrize(
    "other", ["duplicate:rate=0.5", "drop:rate=0", "late:rate=0", "stray_error"]
)
def test_one_fault_more_changes_nothing_for_the_others(first: str, other: str) -> None:
    if first.partition(":")[0] != other.partition(":")[0]:
        hits = struck(first)
        assert hits
        assert list(dict.fromkeys(struck(first, other))) == hits


def test_the_seed_decides() -> None:
    assert struck("drop:rate=0.4") == struck("drop:rate=0.4")
    assert struck("drop:rate=0.4") != struck("drop:rate=0.4", seed=4)


def test_two_of_a_kind_are_drawn_apart() -> None:
    pair = FaultyPair([f"duplicate:on={AUDIO},rate=0.5"] * 2, [speech(40)], **MANUAL)
    pair.respond()
    pair.run(5000)
    times = {pair.audio().count(piece) for piece in range(40)}
    assert times == {1, 2, 4}


def test_faults_act_in_their_order() -> None:
    late, double = (
        f"late:on={AUDIO},rate=1,delay_ms=100",
        f"duplicate:on={AUDIO},rate=1",
    )
    for faults in ([late, double], [double, late]):
        pair = FaultyPair(faults, [speech(2)], **MANUAL)
        pair.respond()
        pair.run(5000)
        assert pair.audio() == [0, 0, 1, 1]
        assert pair.at_ms(AUDIO) == [200, 200, 250, 250]


def test_what_the_host_refuses_passes_through() -> None:
    pair = FaultyPair(["duplicate:on=error,rate=1"])
    pair.server.refuse(wire_errors.binary_frame(), 0)
    first, second = pair.collect()
    assert first == second
    assert refusal([first])["code"] == "invalid_event"


def test_what_is_no_event_is_refused_as_ever() -> None:
    pair = FaultyPair(["commit_error"])
    assert pair.server.receive("input_audio_buffer.commit", 0) is None
    assert refusal(pair.collect())["code"] == "invalid_json"
