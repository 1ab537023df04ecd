"""The player against a simulation that knows of every single sample."""

from __future__ import annotations

from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st

from voicelab.playback import Player, PlayerSettings, Standing
from voicelab.playback.playback import PlaybackEvent, PlaybackStart, PlaybackStop

NS_PER_S = 10**9


@dataclass
class Stretch:
    """Samples of one item that follow each other: when each begins and ends."""

    item_id: str
    first: int
    start_ns: int
    begins_ns: list[int] = field(default_factory=list)
    ends_ns: list[int] = field(default_factory=list)
    cut_ns: int | None = None

    @property
    def end_ns(self) -> int:
        return self.ends_ns[-1] if self.ends_ns else self.start_ns


class EverySample:
    """What a player should do, sample by sample, from the definition alone."""

    def __init__(self, settings: PlayerSettings, rate_hz: int) -> None:
        self.settings = settings
        self.rate_hz = rate_hz
        self.stretches: list[Stretch] = []
        self.received: dict[str, int] = {}

    def enqueue(self, item_id: str, samples: int, now_ns: int) -> None:
        first = self.received.get(item_id, 0)
        self.received[item_id] = first + samples
        last = self.stretches[-1] if self.stretches else None
        if last is None or last.end_ns <= now_ns or last.cut_ns is not None:
            start_ns = now_ns + self.settings.lead_ns
            if last is not None:
                start_ns = max(start_ns, last.end_ns)
            self.stretches.append(Stretch(item_id, first, start_ns))
        elif last.item_id != item_id:
            self.stretches.append(Stretch(item_id, first, last.end_ns))
        stretch = self.stretches[-1]
        for _ in range(samples):
            index = len(stretch.ends_ns)
            stretch.begins_ns.append(self._instant(stretch, index))
            stretch.ends_ns.append(self._instant(stretch, index + 1))

    def stop(self, now_ns: int) -> list[Standing]:
        waiting = [s for s in self.stretches if s.end_ns > now_ns and s.cut_ns is None]
        standings = {
            s.item_id: Standing(
                s.item_id,
                self.received[s.item_id],
                self.position(s.item_id, now_ns),
                self.position(s.item_id, now_ns - self.settings.device_latency_ns),
            )
            for s in waiting
        }
        for stretch in waiting:
            if stretch.start_ns > now_ns:
                self.stretches.remove(stretch)
                continue
            begun = sum(begin_ns < now_ns for begin_ns in stretch.begins_ns)
            while begun % self.settings.quantum_samples:
                begun += 1
            del stretch.begins_ns[begun:], stretch.ends_ns[begun:]
            stretch.cut_ns = now_ns
        return list(standings.values())

    def position(self, item_id: str, t_ns: int) -> int:
        """Return one more than the index of the last sample played by `t_ns`."""
        return max(
            (
                stretch.first + index + 1
                for stretch in self.stretches
                if stretch.item_id == item_id
                for index, end_ns in enumerate(stretch.ends_ns)
                if end_ns <= t_ns
            ),
            default=0,
        )

    def events(self) -> list[PlaybackEvent]:
        """Return what the player and the ear tell, the player's first."""
        told: list[PlaybackEvent] = []
        for place, late_ns in (
            ("player", 0),
            ("ear", self.settings.device_latency_ns),
        ):
            for s in self.stretches:
                to = s.first + len(s.ends_ns)
                reason = "drained" if s.cut_ns is None else "interrupted"
                told += [
                    PlaybackStart(s.start_ns + late_ns, place, s.item_id, s.first),  # type: ignore[arg-type]
                    PlaybackStop(
                        s.end_ns + late_ns,
                        place,  # type: ignore[arg-type]
                        s.item_id,
                        s.first,
                        to,
                        reason,  # type: ignore[arg-type]
                    ),
                ]
        return told

    def _instant(self, stretch: Stretch, samples: int) -> int:
        return stretch.start_ns + -(-samples * NS_PER_S // self.rate_hz)


SETTINGS = st.builds(
    PlayerSettings,
    lead_ms=st.sampled_from([0.0, 1.5, 50.0]),
    device_latency_ms=st.sampled_from([0.0, 0.7, 30.0, 200.0]),
    quantum_samples=st.sampled_from([1, 7, 128]),
)
STEPS = st.lists(
    st.tuples(
        # zero, a hair, about a sample, about a chunk, long after everything
        st.sampled_from([0, 1, 41_667, 125_000, 3_333_333, 10_000_000, 900_000_000]),
        st.one_of(
            st.none(),
            st.tuples(st.sampled_from("abc"), st.integers(min_value=0, max_value=300)),
        ),
    ),
    max_size=14,
)


@given(SETTINGS, st.sampled_from([8_000, 24_000]), STEPS)
def test_agrees_with_every_sample(
    settings: PlayerSettings,
    rate_hz: int,
    steps: list[tuple[int, tuple[str, int] | None]],
) -> None:
    player, truth = Player(settings, rate_hz), EverySample(settings, rate_hz)
    told: list[PlaybackEvent] = []
    now_ns = 5_000_000_000
    for wait_ns, step in steps:
        now_ns += wait_ns
        told += player.advance(now_ns)
        if step is None:
            assert player.stop(now_ns) == truth.stop(now_ns)
        else:
            item_id, samples = step
            player.enqueue(item_id, samples, now_ns)
            if samples:
                truth.enqueue(item_id, samples, now_ns)
        for item_id in truth.received:
            standing = player.standing(item_id, now_ns)
            late_ns = now_ns - settings.device_latency_ns
            assert standing.received_samples == truth.received[item_id]
            assert standing.played_samples == truth.position(item_id, now_ns)
            assert standing.heard_samples == truth.position(item_id, late_ns)
    told += player.advance(now_ns + 100 * NS_PER_S)
    assert not player.busy
    assert [e for e in told if e.place == "player"] + [
        e for e in told if e.place == "ear"
    ] == truth.events()


@given(SETTINGS, STEPS)
def test_what_is_told_is_in_order_and_heard_never_runs_ahead(
    settings: PlayerSettings, steps: list[tuple[int, tuple[str, int] | None]]
) -> None:
    player = Player(settings, 24_000)
    now_ns, told_ns = 0, 0
    reached: dict[str, tuple[int, int, int]] = {}
    for wait_ns, step in steps:
        now_ns += wait_ns
        for event in player.advance(now_ns):
            assert told_ns <= event.t_ns <= now_ns
            told_ns = event.t_ns
        if step is None:
            player.stop(now_ns)
            due_ns = player.next_deadline()
            assert due_ns is None or due_ns >= now_ns
        else:
            player.enqueue(*step, now_ns)
        for item_id in "abc":
            at = player.standing(item_id, now_ns)
            assert at.heard_samples <= at.played_samples <= at.received_samples
            now = (at.heard_samples, at.played_samples, at.received_samples)
            before = reached.get(item_id, (0, 0, 0))
            assert all(new >= old for new, old in zip(now, before, strict=True))
            reached[item_id] = now


@given(SETTINGS, STEPS)
def test_telling_little_by_little_tells_the_same(
    settings: PlayerSettings, steps: list[tuple[int, tuple[str, int] | None]]
) -> None:
    lazy, eager = Player(settings, 8_000), Player(settings, 8_000)
    told: tuple[list[PlaybackEvent], list[PlaybackEvent]] = ([], [])
    now_ns = 0
    for wait_ns, step in [*steps, (10**12, None)]:
        now_ns += wait_ns
        told[0].extend(lazy.advance(now_ns))
        while (due_ns := eager.next_deadline()) is not None and due_ns <= now_ns:
            told[1].extend(eager.advance(due_ns))
        for player in (lazy, eager):
            if step is None:
                player.stop(now_ns)
            else:
                player.enqueue(*step, now_ns)
    assert told[0] == told[1]
