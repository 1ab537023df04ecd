"""The player against a simulation that knows of every single sample."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from voicelab.playback import (
    PLAYERS,
    Evidence,
    Player,
    PlayerSettings,
    Standing,
    player_settings,
    policy_named,
)
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
    closed: bool = False
    cut: bool = False

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
        self.first_ns: dict[str, int] = {}
        self.marks: dict[str, list[int]] = {}

    def enqueue(self, item_id: str, samples: int, now_ns: int) -> None:
        first = self.received.get(item_id, 0)
        self.received[item_id] = first + samples
        self.first_ns.setdefault(item_id, now_ns)
        self.marks.setdefault(item_id, [0]).append(first + samples)
        arrival_ns = now_ns + self.settings.command_delay_ns
        last = self.stretches[-1] if self.stretches else None
        if last is None or last.end_ns <= arrival_ns or last.closed:
            start_ns = arrival_ns + self.settings.lead_ns
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
        settings = self.settings
        silent_ns = now_ns + settings.command_delay_ns + settings.stop_delay_ns
        waiting = [s for s in self.stretches if s.end_ns > now_ns and not s.closed]
        standings = {s.item_id: self.standing(s.item_id, now_ns) for s in waiting}
        for stretch in waiting:
            if stretch.start_ns > now_ns and stretch.start_ns >= silent_ns:
                self.stretches.remove(stretch)
                continue
            stretch.closed = True
            if stretch.end_ns > silent_ns:
                self._cut(stretch, silent_ns)
        return list(standings.values())

    def _cut(self, stretch: Stretch, silent_ns: int) -> None:
        """Let samples go on to play until a quantum is whole, if it is not yet."""
        rate_hz = self.settings.quantum_rate_hz or self.rate_hz
        quantum = Fraction(self.settings.quantum_samples * self.rate_hz, rate_hz)
        begun = sum(begin_ns < silent_ns for begin_ns in stretch.begins_ns)
        end = Fraction(0)
        while end < begun:
            end += quantum
        whole = math.ceil(end)
        del stretch.begins_ns[whole:], stretch.ends_ns[whole:]
        stretch.cut = True

    def standing(self, item_id: str, now_ns: int) -> Standing:
        return Standing(
            item_id,
            self.received[item_id],
            self.position(item_id, now_ns),
            self.position(item_id, now_ns - self.settings.device_latency_ns),
        )

    def position(self, item_id: str, t_ns: int) -> int:
        """Return one more than the index of the last sample played by `t_ns`."""
        played = (n for n, end_ns in self._played(item_id) if end_ns <= t_ns)
        return max(played, default=0)

    def evidence(self, item_id: str, now_ns: int) -> Evidence:
        """Return what a client knows: a report is late, a mark stands at each joint."""
        reported_ns = now_ns - self.settings.report_delay_ns
        played = self.position(item_id, reported_ns)
        starts = [s.start_ns for s in self.stretches if s.item_id == item_id]
        mark, since_ns = None, 0
        if starts and starts[0] <= reported_ns:
            mark = max(at for at in self.marks[item_id] if at <= played)
            left = [end_ns for n, end_ns in self._played(item_id) if n <= mark]
            since_ns = reported_ns - max(left, default=starts[0])
        return Evidence(
            self.rate_hz,
            received_samples=self.received[item_id],
            played_samples=played,
            acknowledged_samples=mark,
            since_acknowledged_ns=since_ns,
            since_first_delta_ns=now_ns - self.first_ns[item_id],
        )

    def _played(self, item_id: str) -> Iterator[tuple[int, int]]:
        """Yield (position after it, instant of its end) of each sample."""
        for stretch in self.stretches:
            if stretch.item_id == item_id:
                for index, end_ns in enumerate(stretch.ends_ns):
                    yield stretch.first + index + 1, end_ns

    def events(self) -> list[PlaybackEvent]:
        """Return what the player and the ear tell, the player's first."""
        told: list[PlaybackEvent] = []
        for place, late_ns in (
            ("player", 0),
            ("ear", self.settings.device_latency_ns),
        ):
            for s in self.stretches:
                to = s.first + len(s.ends_ns)
                reason = "interrupted" if s.cut else "drained"
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
    command_delay_ms=st.sampled_from([0.0, 0.3, 25.0]),
    report_delay_ms=st.sampled_from([0.0, 0.3, 25.0]),
    stop_delay_ms=st.sampled_from([0.0, 0.1, 10.0]),
    quantum_samples=st.sampled_from([1, 7, 128]),
    quantum_rate_hz=st.sampled_from([None, 8_000, 44_100]),
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


@settings(max_examples=400)
@given(SETTINGS, st.sampled_from([8_000, 24_000]), STEPS)
def test_agrees_with_every_sample(
    kind: PlayerSettings,
    rate_hz: int,
    steps: list[tuple[int, tuple[str, int] | None]],
) -> None:
    player, truth = Player(kind, rate_hz), EverySample(kind, rate_hz)
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
            assert player.standing(item_id, now_ns) == truth.standing(item_id, now_ns)
            assert player.evidence(item_id, now_ns) == truth.evidence(item_id, now_ns)
    told += player.advance(now_ns + 100 * NS_PER_S)
    assert not player.busy
    assert [e for e in told if e.place == "player"] + [
        e for e in told if e.place == "ear"
    ] == truth.events()


@given(SETTINGS, STEPS)
def test_what_is_told_is_in_order_and_heard_never_runs_ahead(
    kind: PlayerSettings, steps: list[tuple[int, tuple[str, int] | None]]
) -> None:
    player = Player(kind, 24_000)
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
    kind: PlayerSettings, steps: list[tuple[int, tuple[str, int] | None]]
) -> None:
    lazy, eager = Player(kind, 8_000), Player(kind, 8_000)
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


@given(
    st.sampled_from(list(PLAYERS)),
    st.sampled_from([8_000, 24_000]),
    st.tuples(*[st.sampled_from([0.0, 0.3, 25.0, 150.0])] * 3),
    STEPS,
)
def test_a_claim_of_what_was_played_is_never_too_long_and_bounded_by_the_delays(
    name: str,
    rate_hz: int,
    delays_ms: tuple[float, float, float],
    steps: list[tuple[int, tuple[str, int] | None]],
) -> None:
    """Underruns and all: nothing but the way there and back, and one quantum."""
    command_ms, report_ms, stop_ms = delays_ms
    kind = player_settings(
        name,
        command_delay_ms=command_ms,
        report_delay_ms=report_ms,
        stop_delay_ms=stop_ms,
    )
    player = Player(kind, rate_hz)
    played = policy_named("played")
    quantum_ms = kind.whole_quanta(1, rate_hz) * 1000 / rate_hz
    most_ms = sum(delays_ms) + quantum_ms + 1 + 2000 / rate_hz
    claims: dict[str, int | None] = {}
    now_ns = 0
    for wait_ns, step in steps:
        now_ns += wait_ns
        player.advance(now_ns)
        if step is not None:
            if step[0] not in claims:
                player.enqueue(*step, now_ns)
            continue
        for standing in player.stop(now_ns):
            known = player.evidence(standing.item_id, now_ns)
            claims.setdefault(standing.item_id, played.audio_end_ms(known))
    for item_id, claim in claims.items():
        heard = player.standing(item_id, now_ns + 100 * NS_PER_S).heard_samples
        error_ms = (claim or 0) - heard * 1000 / rate_hz
        assert -most_ms <= error_ms <= 0
