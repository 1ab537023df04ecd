"""A player at the end of a leg: what it sends there, and what it knows from marks."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from voicelab.playback.playback import PlaybackStart, PlaybackStop, Standing
from voicelab.playback.remote import PIECE_MS, RemotePlayer
from voicelab.units import NS_PER_MS

RATE_HZ = 8_000
MS = RATE_HZ // 1000
A, B = "item_a", "item_b"


@dataclass
class Wire:
    """What was sent to the far side."""

    sent: list[tuple[str, ...]] = field(default_factory=list)
    audio: dict[str, bytes] = field(default_factory=dict)
    pieces: list[int] = field(default_factory=list)
    marks: list[tuple[str, str, int]] = field(default_factory=list)

    def play(self, item_id: str, audio: bytes) -> None:
        self.sent.append(("play", item_id))
        self.audio[item_id] = self.audio.get(item_id, b"") + audio
        self.pieces.append(len(audio))

    def mark(self, name: str, item_id: str, position_samples: int) -> None:
        self.sent.append(("mark", item_id))
        self.marks.append((name, item_id, position_samples))

    def clear(self) -> None:
        self.sent.append(("clear",))

    def name_of(self, item_id: str, position_ms: int) -> str:
        """Return the last mark at a position of an item."""
        at = (item_id, position_ms * MS)
        return next(name for name, *place in self.marks[::-1] if tuple(place) == at)


class Rig:
    """A remote player whose far side is the test; times are milliseconds."""

    def __init__(self) -> None:
        self.wire = Wire()
        self.player = RemotePlayer(self.wire, RATE_HZ)

    def enqueue(self, t_ms: int, duration_ms: int, item_id: str = A) -> None:
        audio = bytes(2 * duration_ms * MS)
        self.player.enqueue(item_id, duration_ms * MS, t_ms * NS_PER_MS, audio)

    def reached(self, t_ms: int, position_ms: int, item_id: str = A) -> bool:
        name = self.wire.name_of(item_id, position_ms)
        return self.player.acknowledged(name, t_ms * NS_PER_MS)

    def played_ms(self, t_ms: int, item_id: str = A) -> float:
        evidence = self.player.evidence(item_id, t_ms * NS_PER_MS)
        return evidence.played_samples / MS

    def told(self, t_ms: int) -> list[tuple[float, str, str, int]]:
        """Return what the player lane says: when, what, of which item, where."""
        found = []
        for event in self.player.advance(t_ms * NS_PER_MS):
            if event.place == "ear":
                continue
            if isinstance(event, PlaybackStart):
                what, at = "start", event.from_samples
            else:
                what, at = event.reason, event.to_samples
            found.append((event.t_ns / NS_PER_MS, what, event.item_id, at // MS))
        return found


@pytest.fixture
def rig() -> Rig:
    return Rig()


# -- what is sent -------------------------------------------------------------------


def test_a_mark_stands_before_an_item_and_after_each_piece(rig: Rig) -> None:
    rig.enqueue(0, 250)
    places = [position // MS for _, _, position in rig.wire.marks]
    assert [what for what, *_ in rig.wire.sent] == ["mark", *["play", "mark"] * 3]
    assert places[0] == 0
    assert places[-1] == 250


def test_no_piece_is_longer_than_allowed_and_no_byte_is_lost(rig: Rig) -> None:
    audio = bytes(i % 251 for i in range(2 * 1234))
    rig.player.enqueue(A, 1234, 0, audio)
    assert rig.wire.audio[A] == audio
    assert max(rig.wire.pieces) <= 2 * PIECE_MS * MS
    assert max(rig.wire.pieces) - min(rig.wire.pieces) <= 2


def test_g711_is_cut_at_whole_samples_too(rig: Rig) -> None:
    rig.player.enqueue(A, 1000, 0, bytes(range(250)) * 4)
    assert rig.wire.audio[A] == bytes(range(250)) * 4
    assert sum(rig.wire.pieces) == 1000


def test_marks_have_names_of_their_own(rig: Rig) -> None:
    for t_ms in (0, 10, 20):
        rig.enqueue(t_ms, 150)
        rig.player.stop(t_ms * NS_PER_MS)
    names = [name for name, *_ in rig.wire.marks]
    assert len(set(names)) == len(names)


def test_each_item_and_each_new_beginning_is_led_by_a_mark(rig: Rig) -> None:
    rig.enqueue(0, 50)
    rig.enqueue(0, 50)  # goes on
    rig.enqueue(0, 50, B)
    rig.reached(300, 50, B)
    rig.enqueue(400, 50, B)  # all was played: begins anew
    places = [(item_id, position // MS) for _, item_id, position in rig.wire.marks]
    assert places == [
        *[(A, 0), (A, 50), (A, 100)],
        *[(B, 0), (B, 50)],
        *[(B, 50), (B, 100)],
    ]


def test_nothing_is_sent_for_nothing(rig: Rig) -> None:
    rig.player.enqueue(A, 0, 0, b"")
    assert rig.wire.sent == []
    assert not rig.player.busy


# -- what is known ------------------------------------------------------------------


def test_nothing_is_known_to_be_played_before_the_first_mark(rig: Rig) -> None:
    rig.enqueue(0, 1000)
    evidence = rig.player.evidence(A, 500 * NS_PER_MS)
    assert evidence.acknowledged_samples is None
    assert evidence.played_samples == 0
    assert evidence.received_samples == 1000 * MS
    assert evidence.since_first_delta_ns == 500 * NS_PER_MS
    assert evidence.since_acknowledged_ns == 0


def test_between_marks_the_position_goes_on_with_time(rig: Rig) -> None:
    rig.enqueue(0, 1000)
    rig.reached(60, 0)
    rig.reached(160, 100)
    assert rig.played_ms(160) == 100
    assert rig.played_ms(195) == 135
    evidence = rig.player.evidence(A, 195 * NS_PER_MS)
    assert evidence.acknowledged_samples == 100 * MS
    assert evidence.since_acknowledged_ns == 35 * NS_PER_MS


def test_the_position_never_exceeds_what_was_sent(rig: Rig) -> None:
    rig.enqueue(0, 100)
    rig.reached(10, 0)
    assert rig.played_ms(5000) == 100


def test_a_mark_tells_of_those_before_it(rig: Rig) -> None:
    rig.enqueue(0, 300)
    rig.enqueue(0, 300, B)
    assert rig.reached(450, 100, B)
    assert rig.played_ms(450) == 300
    assert rig.played_ms(450, B) == 100
    assert not rig.reached(460, 200), "it was taken for reached"
    assert rig.told(450) == [
        (450, "start", A, 0),
        (450, "drained", A, 300),
        (450, "start", B, 0),
    ]


def test_a_mark_that_was_never_sent_counts_for_nothing(rig: Rig) -> None:
    rig.enqueue(0, 100)
    assert not rig.player.acknowledged("m99", 0)
    assert not rig.player.acknowledged("", 0)
    assert rig.played_ms(50) == 0


def test_an_item_that_waits_behind_another_has_not_begun(rig: Rig) -> None:
    rig.enqueue(0, 100)
    rig.enqueue(0, 100, B)
    rig.reached(10, 0)
    assert rig.played_ms(500, B) == 0
    assert rig.player.standing(B, 500 * NS_PER_MS) == Standing(B, 100 * MS, 0, 0)


def test_an_item_nobody_heard_of_is_nowhere(rig: Rig) -> None:
    assert rig.player.standing("other", 0) == Standing("other", 0, 0, 0)
    assert rig.player.evidence("other", 0).received_samples == 0


# -- what is told -------------------------------------------------------------------


def test_player_and_ear_begin_and_end_with_their_marks(rig: Rig) -> None:
    rig.enqueue(0, 200)
    for t_ms, position_ms in ((70, 0), (170, 100), (270, 200)):
        assert rig.reached(t_ms, position_ms)
    assert rig.player.next_deadline() == 70 * NS_PER_MS
    events = rig.player.advance(270 * NS_PER_MS)
    assert [(event.place, type(event)) for event in events] == [
        ("player", PlaybackStart),
        ("ear", PlaybackStart),
        ("player", PlaybackStop),
        ("ear", PlaybackStop),
    ]
    assert {event.t_ns // NS_PER_MS for event in events[:2]} == {70}
    assert {event.t_ns // NS_PER_MS for event in events[2:]} == {270}
    assert rig.player.next_deadline() is None
    assert not rig.player.busy


def test_nothing_is_told_before_its_time(rig: Rig) -> None:
    rig.enqueue(0, 100)
    rig.reached(50, 0)
    assert rig.told(49) == []
    assert rig.told(50) == [(50, "start", A, 0)]


def test_a_mark_far_too_late_tells_of_a_gap(rig: Rig) -> None:
    rig.enqueue(0, 300)
    rig.reached(50, 0)
    rig.reached(150, 100)
    rig.reached(550, 200)  # 300 ms late
    rig.reached(650, 300)
    assert rig.told(650) == [
        (50, "start", A, 0),
        (150, "drained", A, 100),
        (450, "start", A, 100),
        (650, "drained", A, 300),
    ]


def test_ordinary_jitter_is_no_gap(rig: Rig) -> None:
    rig.enqueue(0, 300)
    for t_ms, position_ms in ((50, 0), (190, 100), (250, 200), (350, 300)):
        rig.reached(t_ms, position_ms)
    assert rig.told(350) == [(50, "start", A, 0), (350, "drained", A, 300)]


def test_it_is_silent_when_all_would_be_played(rig: Rig) -> None:
    assert rig.player.silent_at_ear_ns() is None
    rig.enqueue(0, 100)
    rig.enqueue(40, 100)
    assert rig.player.silent_at_ear_ns() == 200 * NS_PER_MS
    rig.reached(80, 0)
    assert rig.player.silent_at_ear_ns() == 280 * NS_PER_MS
    rig.reached(280, 200)
    assert rig.player.silent_at_ear_ns() is None


# -- the interruption ---------------------------------------------------------------


def test_a_stop_clears_and_says_how_far_each_item_was(rig: Rig) -> None:
    rig.enqueue(0, 300)
    rig.enqueue(0, 300, B)
    rig.reached(50, 0)
    rig.reached(150, 100)
    standings = rig.player.stop(180 * NS_PER_MS)
    assert standings == [
        Standing(A, 300 * MS, 130 * MS, 130 * MS),
        Standing(B, 300 * MS, 0, 0),
    ]
    assert rig.wire.sent[-1] == ("clear",)
    assert rig.told(180) == [(50, "start", A, 0), (180, "interrupted", A, 130)]
    assert not rig.player.busy


def test_what_was_known_at_a_stop_stays_known(rig: Rig) -> None:
    rig.enqueue(0, 300)
    rig.reached(50, 0)
    rig.reached(150, 100)
    rig.player.stop(180 * NS_PER_MS)
    assert rig.played_ms(180) == 130
    assert rig.played_ms(9000) == 130


def test_marks_returned_after_a_clear_are_not_counted(rig: Rig) -> None:
    """Twilio returns all marks that wait at a clear, played or not."""
    rig.enqueue(0, 1000)
    rig.reached(50, 0)
    rig.player.stop(100 * NS_PER_MS)
    assert not any(rig.reached(120, position_ms) for position_ms in (100, 500, 1000))
    assert rig.played_ms(120) == 50
    assert rig.player.evidence(A, 120 * NS_PER_MS).acknowledged_samples == 0


def test_a_player_with_nothing_to_play_is_not_stopped(rig: Rig) -> None:
    assert rig.player.stop(0) == []
    rig.enqueue(0, 100)
    rig.reached(100, 100)
    assert rig.player.stop(200 * NS_PER_MS) == []
    assert ("clear",) not in rig.wire.sent


def test_a_second_stop_finds_nothing(rig: Rig) -> None:
    rig.enqueue(0, 100)
    assert len(rig.player.stop(10 * NS_PER_MS)) == 1
    assert rig.player.stop(20 * NS_PER_MS) == []


def test_what_comes_after_a_stop_begins_anew(rig: Rig) -> None:
    rig.enqueue(0, 300)
    rig.reached(50, 0)
    rig.player.stop(100 * NS_PER_MS)
    rig.enqueue(200, 100, B)
    assert rig.reached(250, 0, B)
    assert rig.reached(350, 100, B)
    assert rig.told(350)[-2:] == [(250, "start", B, 0), (350, "drained", B, 100)]


# -- long calls ---------------------------------------------------------------------


def test_two_hours_leave_no_drift(rig: Rig) -> None:
    """Pieces of an odd length, each acknowledged when it ends: exact to the sample."""
    count, samples = 72_000, 801
    t_ns = 0
    rig.player.enqueue(A, samples, 0, bytes(2 * samples))
    rig.player.acknowledged(rig.wire.marks[0][0], 0)
    for _ in range(count - 1):
        rig.player.enqueue(A, samples, t_ns, bytes(2 * samples))
        t_ns += samples * 1_000_000_000 // RATE_HZ
        name, _, position = rig.wire.marks[-2]
        rig.wire.marks = rig.wire.marks[-1:]
        rig.wire.sent.clear()
        rig.wire.audio.clear()
        assert rig.player.acknowledged(name, t_ns)
        assert rig.player.evidence(A, t_ns).played_samples >= position
    standing = rig.player.standing(A, t_ns)
    assert standing.received_samples == count * samples
    assert standing.received_samples - standing.played_samples in range(2 * samples)
    starts = [event for event in rig.player.advance(t_ns) if event.place == "ear"]
    assert len(starts) == 1
    assert not isinstance(starts[0], PlaybackStop)
