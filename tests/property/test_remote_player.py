"""A player at the end of a leg, held against the simulated one as its far side.

Both get the same audio over the same wire. The simulated one knows the truth; the
remote one knows what comes back of it. They may differ by the delays, and no more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from hypothesis import given
from hypothesis import strategies as st

from voicelab.playback import Player, PlayerSettings
from voicelab.playback.playback import PlaybackEvent, PlaybackStop
from voicelab.playback.remote import RemotePlayer
from voicelab.playback.unacknowledged import UnacknowledgedPlayer
from voicelab.units import NS_PER_MS

RATE_HZ = 8_000
MS = RATE_HZ // 1000
STEP_MS = 2


@dataclass
class FarSide:
    """Plays what is sent, and returns each mark when its audio has been played."""

    far: Player
    now_ns: int = 0
    waiting: list[tuple[str, str, int]] = field(default_factory=list)

    def play(self, item_id: str, audio: bytes) -> None:
        self.far.advance(self.now_ns)
        self.far.enqueue(item_id, len(audio), self.now_ns)

    def mark(self, name: str, item_id: str, position_samples: int) -> None:
        self.waiting.append((name, item_id, position_samples))

    def clear(self) -> None:
        self.far.advance(self.now_ns)
        self.far.stop(self.now_ns)
        self.waiting.clear()

    def returned(self) -> list[str]:
        """Return the marks that come back by now, in order."""
        names = []
        while self.waiting:
            name, item_id, position = self.waiting[0]
            reached = self.far.evidence(item_id, self.now_ns).acknowledged_samples
            if reached is None or reached < position:
                break
            names.append(name)
            self.waiting.pop(0)
        return names


Arrivals = list[tuple[int, int, bool]]

arrivals = st.lists(
    st.tuples(
        st.integers(0, 400),  # ms since the last
        st.integers(1, 350),  # ms of audio
        st.booleans(),  # of the next item
    ),
    min_size=1,
    max_size=8,
)
delays_ms = st.integers(0, 150)


@given(
    arrivals,
    delays_ms,
    delays_ms,
    st.sampled_from([0, 50]),
    st.integers(0, 3000),
)
def test_position_and_truth_differ_by_the_delays_at_most(
    arrivals: Arrivals, command_ms: int, report_ms: int, lead_ms: int, stop_ms: int
) -> None:
    compare(arrivals, command_ms, report_ms, lead_ms, stop_ms)


@given(arrivals, st.integers(0, 3000))
def test_without_delays_marks_tell_the_truth_itself(
    arrivals: Arrivals, stop_ms: int
) -> None:
    compare(arrivals, 0, 0, 0, stop_ms)


def compare(
    arrivals: Arrivals, command_ms: int, report_ms: int, lead_ms: int, stop_ms: int
) -> None:
    """Play to both, stop both, and hold one against the other all the time."""
    settings = PlayerSettings(
        lead_ms=lead_ms, command_delay_ms=command_ms, report_delay_ms=report_ms
    )
    wire = FarSide(Player(settings, RATE_HZ))
    player = RemotePlayer(wire, RATE_HZ)
    bound = (command_ms + report_ms + lead_ms + 2 * STEP_MS) * MS + 2
    due = schedule(arrivals)
    sent: dict[str, int] = {}
    events: list[PlaybackEvent] = []
    stop_ms = stop_ms // STEP_MS * STEP_MS
    for t_ms in range(0, stop_ms + STEP_MS, STEP_MS):
        now_ns = wire.now_ns = t_ms * NS_PER_MS
        wire.far.advance(now_ns)
        for name in wire.returned():
            assert player.acknowledged(name, now_ns)
        while due and due[0][0] <= t_ms:
            _, item_id, samples = due.pop(0)
            player.enqueue(item_id, samples, now_ns, bytes(samples))
            sent[item_id] = sent.get(item_id, 0) + samples
        for item_id, received in sent.items():
            known = player.standing(item_id, now_ns)
            truth = wire.far.standing(item_id, now_ns).played_samples
            assert known.received_samples == received
            acknowledged = player.evidence(item_id, now_ns).acknowledged_samples
            assert (acknowledged or 0) <= known.played_samples <= received
            assert abs(known.played_samples - truth) <= bound
        events += player.advance(now_ns)
    stopped = {at.item_id: at.played_samples for at in player.stop(wire.now_ns)}
    events += player.advance(wire.now_ns)
    for item_id, received in sent.items():
        heard = wire.far.standing(item_id, wire.now_ns + 10**12).played_samples
        claimed = stopped.get(item_id, received)
        assert abs(claimed - heard) <= bound
    check_told(events)


@given(arrivals, st.integers(0, 3000))
def test_without_marks_the_model_is_the_simulated_player(
    arrivals: Arrivals, stop_ms: int
) -> None:
    """What is told, and what a stop finds, is the model's; the audio goes out."""
    settings = PlayerSettings(lead_ms=50)
    wire = FarSide(Player(settings, RATE_HZ))
    unseen = UnacknowledgedPlayer(wire, settings, RATE_HZ)
    for t_ms, item_id, samples in schedule(arrivals):
        wire.now_ns = t_ms * NS_PER_MS
        unseen.advance(wire.now_ns)
        unseen.enqueue(item_id, samples, wire.now_ns, bytes(samples))
        assert unseen.standing(item_id, wire.now_ns) == wire.far.standing(
            item_id, wire.now_ns
        )
    wire.now_ns = max(wire.now_ns, stop_ms * NS_PER_MS)
    unseen.advance(wire.now_ns)
    busy = unseen.busy
    assert bool(unseen.stop(wire.now_ns)) <= busy
    assert not wire.waiting, "it sends no marks"


def schedule(arrivals: Arrivals) -> list[tuple[int, str, int]]:
    """Return when which item gets how many samples."""
    t_ms, item, due = 0, 0, []
    for after_ms, duration_ms, is_next in arrivals:
        t_ms += after_ms
        item += is_next
        due.append((t_ms, f"item_{item}", duration_ms * MS))
    return due


def check_told(events: Sequence[PlaybackEvent]) -> None:
    """Player and ear say the same, starts and stops take turns, time goes on."""
    at_player = [event for event in events if event.place == "player"]
    at_ear = [event for event in events if event.place == "ear"]
    assert [replace(event, place="ear") for event in at_player] == at_ear
    instants = [event.t_ns for event in at_player]
    assert instants == sorted(instants)
    for index, event in enumerate(at_player):
        assert isinstance(event, PlaybackStop) == bool(index % 2)
        if isinstance(event, PlaybackStop):
            start = at_player[index - 1]
            assert (event.item_id, event.from_samples) == (
                start.item_id,
                start.from_samples,
            )
            assert event.to_samples >= event.from_samples
