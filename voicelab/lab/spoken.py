"""What the caller has said so far, and where in the stream.

In the lab's own runs it is known by construction (`SpokenTurns`); a server that plays
a recorded agent to callers it does not see knows it by their sound (`HeardTurns`).
Words and replies follow from it by the same rules.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Sequence
from dataclasses import dataclass

from voicelab.lab.recognition import ClipIndex, Placement
from voicelab.lab.turns import CallerTurn
from voicelab.protocol.items import MessageItem
from voicelab.session.reply import CallerAudio, ReplyRequest
from voicelab.units import samples_to_ms


class SpokenTurns:
    """The turns spoken so far, with their onset in the caller's stream."""

    def __init__(self) -> None:
        self._turns: list[tuple[float, CallerTurn]] = []

    def add(self, turn: CallerTurn, onset_ms: float) -> None:
        """Take note of a turn."""
        insort(self._turns, (onset_ms, turn), key=lambda spoken: spoken[0])

    def words_of(self, audio: CallerAudio) -> str | None:
        """Return the words of committed audio; see `transcribe`."""
        if audio.start_ms is None:
            return None
        return self.transcribe(audio.start_ms, audio.start_ms + audio.duration_ms)

    def transcribe(self, start_ms: int, end_ms: int) -> str | None:
        """Return the words said in [start, end), by their midpoints.

        None if the recording came without words.
        """
        if not any(turn.words for _, turn in self._turns):
            return None
        said = [
            word.text
            for onset_ms, turn in self._turns
            for word in turn.words
            if start_ms <= onset_ms + (word.start_ms + word.end_ms) / 2 < end_ms
        ]
        return " ".join(said)

    def said_by(self, start_ms: float, until_ms: float) -> str | None:
        """Return the words that began at `start_ms` or later and ended by `until_ms`.

        None if the recording came without words.
        """
        if not any(turn.words for _, turn in self._turns):
            return None
        said = [
            word.text
            for onset_ms, turn in self._turns
            for word in turn.words
            if start_ms <= onset_ms + word.start_ms
            and onset_ms + word.end_ms <= until_ms
        ]
        return " ".join(said)

    def turn_at(self, ms: int) -> int | None:
        """Return the index of the last turn that began before `ms`."""
        begun = [turn.index for onset_ms, turn in self._turns if onset_ms < ms]
        return begun[-1] if begun else None


class RecordedOrder:
    """Picks the reply that followed, in the recording, what the caller said last.

    An agent that cuts in halfway and is then asked again gives the same reply
    again, as it would: it goes by the caller's turn, not by a count of responses.

    Args:
        spoken: what the caller has said.
        reply_after: the reply to each caller turn, None where none followed.
    """

    def __init__(self, spoken: SpokenTurns, reply_after: Sequence[int | None]) -> None:
        self._spoken = spoken
        self._reply_after = reply_after

    def __call__(self, request: ReplyRequest) -> int | None:
        """Return the index of the reply; None to say nothing."""
        if request.input_end_ms is None:
            return 0
        turn = self._spoken.turn_at(request.input_end_ms)
        return None if turn is None else self._reply_after[turn]


@dataclass(frozen=True, slots=True)
class Heard:
    """What one stretch of the caller's audio turned out to be.

    Attributes:
        known: whether it was recognised, or silent.
        turn: the last known turn that began before its end, None if there is none.
        words: what is said in it, None if that is not known.
    """

    known: bool
    turn: int | None = None
    words: str | None = None


class HeardTurns:
    """The known turns that one session's caller has been heard to speak.

    Args:
        index: the turns' clips, each under the number of its turn.
        turns: the turns; each one's `index` is its place here.
    """

    def __init__(self, index: ClipIndex, turns: Sequence[CallerTurn]) -> None:
        self._index = index
        self._turns = turns
        self._spoken = SpokenTurns()
        self._placed: list[Placement] = []  # from the stream's first sample
        self._heard: dict[str, Heard] = {}

    def hear(self, audio: CallerAudio) -> Heard:
        """Recognise audio, once for each item; commits come in their order."""
        heard = self._heard.get(audio.item_id)
        if heard is None:
            streamed = audio.start_ms is not None
            heard = self._in_stream(audio) if streamed else self._alone(audio)
            self._heard[audio.item_id] = heard
        return heard

    def newest(self, request: ReplyRequest) -> Heard:
        """Return what the newest thing was that the caller said, if it was speech."""
        for audio in request.caller_audio:
            self.hear(audio)
        for item in reversed(request.items):
            if isinstance(item, MessageItem) and item.role == "user":
                return self._heard.get(str(item.id), _UNKNOWN)
        return _UNKNOWN

    def _in_stream(self, audio: CallerAudio) -> Heard:
        start_ms = audio.start_ms or 0
        end_ms = start_ms + audio.duration_ms
        lately = [
            Placement(placed.clip, placed.start_ms - start_ms)
            for placed in self._placed[-_STILL_GOING_ON:]
        ]
        found = self._index.find(audio.samples, audio.rate_hz, lately)
        for placement in found.placements:
            clip_ms = start_ms + placement.start_ms
            self._placed.append(Placement(placement.clip, clip_ms))
            turn = self._turns[placement.clip]
            self._spoken.add(turn, clip_ms + lead_ms(turn))
        if not found.known:
            return _UNKNOWN
        words = self._spoken.transcribe(start_ms, end_ms)
        return Heard(True, self._spoken.turn_at(end_ms), words)

    def _alone(self, audio: CallerAudio) -> Heard:
        """Recognise audio that is no part of the stream."""
        found = self._index.find(audio.samples, audio.rate_hz)
        spoken = SpokenTurns()
        for placement in found.placements:
            turn = self._turns[placement.clip]
            spoken.add(turn, placement.start_ms + lead_ms(turn))
        if not found.placements:
            return _UNKNOWN
        words = spoken.transcribe(0, audio.duration_ms)
        return Heard(True, spoken.turn_at(audio.duration_ms), words)


_UNKNOWN = Heard(known=False)

_STILL_GOING_ON = 2
"""How many turns may reach from one commit into the next: the last, and one that it
has cut short."""


def lead_ms(turn: CallerTurn) -> float:
    """Return how far into its clip a turn begins."""
    return samples_to_ms(turn.onset_samples, turn.rate_hz)


class HeardOrder:
    """Picks a recorded agent's replies by what the caller is heard to say.

    As `RecordedOrder`, but for audio that is not known, and text: they get the next
    reply in order, since the caller is then no recording.

    Args:
        heard: what the caller has been heard to say.
        reply_after: the reply to each caller turn, None where none followed.
        count: how many replies there are.
    """

    def __init__(
        self, heard: HeardTurns, reply_after: Sequence[int | None], count: int
    ) -> None:
        self._heard = heard
        self._reply_after = reply_after
        self._last = count - 1
        self._next = 0

    def __call__(self, request: ReplyRequest) -> int | None:
        """Return the index of the reply; None to say nothing."""
        newest = self._heard.newest(request)
        if newest.known:
            reply = None if newest.turn is None else self._reply_after[newest.turn]
        else:
            reply = min(self._next, self._last)
        if reply is not None:
            self._next = reply + 1
        return reply
