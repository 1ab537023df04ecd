"""What is listened to, and for how long."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pytest

from voicelab.errors import EndpointError
from voicelab.responders.chat import patience
from voicelab.responders.chat.patience import SilenceError, ending, saying


class Seconds:
    """A clock that goes on by hand; every stopwatch goes by it."""

    def __init__(self) -> None:
        self.now_s = 0

    def stopwatch(self) -> Stopwatch:
        return Stopwatch(self)

    def each(self, texts: Iterable[str]) -> Iterator[str]:
        """Yield each text a second after the one before it."""
        for text in texts:
            self.now_s += 1
            yield text


class Stopwatch:
    def __init__(self, clock: Seconds) -> None:
        self._clock = clock
        self._start_s = clock.now_s

    def elapsed_s(self) -> float:
        return self._clock.now_s - self._start_s


@pytest.fixture
def seconds(monkeypatch: pytest.MonkeyPatch) -> Seconds:
    clock = Seconds()
    monkeypatch.setattr(patience, "Stopwatch", clock.stopwatch)
    return clock


def test_what_ends_in_time_is_whole(seconds: Seconds) -> None:
    assert list(ending(seconds.each("ab"), 2)) == ["a", "b"]


def test_what_does_not_end_is_left(seconds: Seconds) -> None:
    taken: list[str] = []
    with pytest.raises(EndpointError, match="does not end in 2 s"):
        taken.extend(ending(seconds.each("abc"), 2))
    assert taken == ["a", "b"]


def test_each_event_begins_a_new_wait(seconds: Seconds) -> None:
    lines = ["data: 1", ""] * 5
    assert list(saying(seconds.each(lines), 2)) == lines


def test_comments_and_blanks_are_borne_only_for_so_long(seconds: Seconds) -> None:
    taken: list[str] = []
    with pytest.raises(SilenceError):
        taken.extend(saying(seconds.each(["data: 1", "", ":", ":", ":"]), 2))
    assert taken == ["data: 1", "", ":"]


def test_an_event_that_comes_late_still_counts(seconds: Seconds) -> None:
    assert list(saying(seconds.each([":", "data: 1"]), 1)) == [":", "data: 1"]


def test_who_is_slow_to_take_is_not_taken_for_silence(seconds: Seconds) -> None:
    lines = saying(seconds.each(["data: 1", ":", "data: 2"]), 2)
    assert next(lines) == "data: 1"
    seconds.now_s += 10
    assert list(lines) == [":", "data: 2"]
