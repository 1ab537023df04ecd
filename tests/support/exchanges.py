"""What telephone exchanges do with what a bridge sends them, from their documentation.

Nothing here is shared with the package but the wire's messages: audio plays from a
buffer at its own speed, and what the bridge asked for comes back when it is reached.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor
from typing import Protocol

from voicelab.legs import elks, twilio

NS_PER_S = 10**9


@dataclass
class Reply:
    """What an exchange sends: a message, at an instant."""

    t_ns: int
    text: str


class Buffer:
    """Plays samples one after the other; knows when each place in it is reached."""

    def __init__(self, rate_hz: int) -> None:
        self._period_ns = Fraction(NS_PER_S, rate_hz)
        self._begun_ns = 0  # of what plays without a gap
        self._samples = 0
        self._before = 0  # played before that, of the same epoch

    @property
    def end_ns(self) -> int:
        return self._begun_ns + ceil(self._samples * self._period_ns)

    def add(self, samples: int, now_ns: int) -> None:
        if self.end_ns <= now_ns:
            self._before += self._samples
            self._begun_ns, self._samples = now_ns, 0
        self._samples += samples

    def played(self, now_ns: int) -> int:
        """How many samples have been played since it was emptied last."""
        elapsed = floor((now_ns - self._begun_ns) / self._period_ns)
        return self._before + max(0, min(elapsed, self._samples))

    def empty(self, now_ns: int) -> None:
        self._begun_ns, self._samples, self._before = now_ns, 0, 0


class Exchange(Protocol):
    """One call's exchange."""

    buffer: Buffer

    heard_samples: list[int]
    """How much had been played each time that the bridge broke off."""

    def take(self, text: str, now_ns: int) -> None:
        """Take a message of the bridge."""
        ...

    def replies(self, now_ns: int) -> list[Reply]:
        """Return what it has sent since it was asked last."""
        ...

    def next_ns(self) -> int | None:
        """Return when it will send something unless it is told more."""
        ...


class ElksExchange:
    """46elks; it answers void questions, or leaves them unanswered."""

    def __init__(self, name: str, *, answers_void: bool) -> None:
        self._codec = elks.CODECS[name]
        self.buffer = Buffer(self._codec.rate_hz)
        self.ignored = 0
        self.heard_samples: list[int] = []
        self._answers_void = answers_void
        self._takes_audio = False
        self._asked: deque[int] = deque()
        self._replies: list[Reply] = []

    def take(self, text: str, now_ns: int) -> None:
        message = elks.from_bridge(text)
        if isinstance(message, elks.Sending):
            self._takes_audio = True
        elif isinstance(message, elks.Audio):
            if self._takes_audio:
                samples = len(message.data) // self._codec.bytes_per_sample
                self.buffer.add(samples, now_ns)
            else:
                self.ignored += 1
        elif isinstance(message, elks.Sync):
            self._asked.append(max(self.buffer.end_ns, now_ns))
        elif isinstance(message, elks.Interrupt):
            self._interrupted(now_ns)

    def _interrupted(self, now_ns: int) -> None:
        self._takes_audio = False
        self._replies += self._reached(now_ns)
        if self._answers_void:
            self._replies += [self._sync(now_ns)] * len(self._asked)
        self._asked.clear()
        self.heard_samples.append(self.buffer.played(now_ns))
        self.buffer.empty(now_ns)

    def replies(self, now_ns: int) -> list[Reply]:
        told = self._replies + self._reached(now_ns)
        self._replies = []
        return told

    def next_ns(self) -> int | None:
        return self._asked[0] if self._asked else None

    def _reached(self, now_ns: int) -> list[Reply]:
        told = []
        while self._asked and self._asked[0] <= now_ns:
            told.append(self._sync(self._asked.popleft()))
        return told

    def _sync(self, t_ns: int) -> Reply:
        return Reply(t_ns, elks.encode(elks.Sync()))


class TwilioExchange:
    """Twilio: what waits comes back all at once at a `clear`."""

    def __init__(self, stream_sid: str) -> None:
        self.buffer = Buffer(8000)
        self.heard_samples: list[int] = []
        self._sid = stream_sid
        self._marks: deque[tuple[int, str]] = deque()
        self._replies: list[Reply] = []

    def take(self, text: str, now_ns: int) -> None:
        message = twilio.from_bridge(text)
        assert message.stream_sid == self._sid
        if isinstance(message, twilio.AgentMedia):
            self.buffer.add(len(message.payload), now_ns)
        elif isinstance(message, twilio.Mark):
            self._marks.append((max(self.buffer.end_ns, now_ns), message.name))
        else:
            self._replies += self._reached(now_ns)
            self._replies += [self._mark(now_ns, name) for _, name in self._marks]
            self._marks.clear()
            self.heard_samples.append(self.buffer.played(now_ns))
            self.buffer.empty(now_ns)

    def replies(self, now_ns: int) -> list[Reply]:
        told = self._replies + self._reached(now_ns)
        self._replies = []
        return told

    def next_ns(self) -> int | None:
        return self._marks[0][0] if self._marks else None

    def _reached(self, now_ns: int) -> list[Reply]:
        told = []
        while self._marks and self._marks[0][0] <= now_ns:
            told.append(self._mark(*self._marks.popleft()))
        return told

    def _mark(self, t_ns: int, name: str) -> Reply:
        mark = twilio.MarkName(name)
        message = twilio.MarkReached(stream_sid=self._sid, mark=mark)
        return Reply(t_ns, twilio.encode(message))
