"""The agent's side of a call: what the server sent, what arrived, what became of it.

It follows the server's session and the audio that arrives, plays it, and works out
which items were interrupted. It knows no socket and no leg.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from msgspec import UNSET

from voicelab.audio.formats import AudioFormat
from voicelab.audio.pcm import Samples
from voicelab.audio.stream_rate import StreamRate
from voicelab.clock import Timebase
from voicelab.lab.drive.agent_turns import AgentTurns
from voicelab.lab.drive.findings import Findings
from voicelab.lab.drive.ledger import Ledger, Positions
from voicelab.lab.drive.leg_record import LegRecord
from voicelab.lab.drive.playing import LegPlayback
from voicelab.lab.drive.reference import Reference
from voicelab.lab.hearing import Hearer
from voicelab.playback.player import Player
from voicelab.playback.settings import PlayerSettings
from voicelab.protocol.client_events import ConversationItemTruncate
from voicelab.protocol.response_object import Response
from voicelab.units import MS_PER_S

_TAIL_MS = 60
"""As much of an item's end may stay in a bridge's resampler for good."""


class AgentSide:
    """Plays and follows the agent.

    Args:
        time: the clock.
        record: takes the rows.
        hearer: listens to the agent.
        settings: how the provider plays.
        leg_hz: tells the rate at which audio arrives, once it is known.
        findings: takes what the bridge did wrong.
    """

    def __init__(
        self,
        time: Timebase,
        record: LegRecord,
        hearer: Hearer,
        settings: PlayerSettings,
        leg_hz: Callable[[], int],
        findings: Findings,
    ) -> None:
        self._time = time
        self._record = record
        self._settings = settings
        self._leg_hz = leg_hz
        self._findings = findings
        self._formats = (AudioFormat.PCM, AudioFormat.PCM)
        self._reference: Reference | None = None
        self._playback: LegPlayback | None = None
        self._rates: dict[int, StreamRate] = {}
        self._checkpoints: deque[tuple[int, str]] = deque()
        self._first_sent_ns: dict[str, int] = {}
        self._response_of: dict[str, str] = {}
        self._speech: tuple[str, int] | None = None
        self._ledger = Ledger(record.interruption, lambda: self._formats[1].rate_hz)
        self._turns = AgentTurns(
            hearer, on_its_way=self._is_on_its_way, ends_ns=self._ends_ns
        )

    # -- the server's session ---------------------------------------------------

    def session_configured(self, uplink: AudioFormat, downlink: AudioFormat) -> None:
        """The bridge has set its session."""
        if self._reference is not None and downlink is not self._formats[1]:
            self._findings.add("changed the agent's audio format in mid-session")
            return
        self._formats = (uplink, downlink)
        self._record.set_wire(uplink, downlink)

    def speech_started(self, item_id: str) -> None:
        """The server hears the caller."""
        self._speech = (item_id, self._time.now_ns())

    def audio_sent(self, item_id: str, response_id: str, audio: bytes) -> None:
        """Audio of the agent left for the bridge."""
        self._first_sent_ns.setdefault(item_id, self._time.now_ns())
        self._response_of[item_id] = response_id
        samples = self._formats[1].decode(audio)
        self._playing.reference.sent(item_id, response_id, samples)
        self._turns.audio_sent()

    def response_created(self, response: Response) -> None:
        """The agent will speak."""
        self._turns.response_created(response.id)

    def response_done(self, response: Response) -> None:
        """It has said, or was told not to say, the rest."""
        now_ns = self._time.now_ns()
        cancelled = response.status == "cancelled"
        if cancelled and response.reason == "turn_detected":
            for item_id, its_response in self._response_of.items():
                at = self._positions(item_id, now_ns)
                unheard = at.played_samples < self._sent(item_id) - self._tail
                if its_response == response.id and unheard:
                    self._ledger.cancelled(item_id, now_ns, self._trigger(item_id), at)
        self._turns.response_done(response.id, now_ns, cancelled=cancelled)

    def truncated(self, claim: ConversationItemTruncate) -> None:
        """The bridge claims what was heard of an item."""
        now_ns = self._time.now_ns()
        item_id = claim.item_id
        event_id = None if claim.event_id is UNSET else str(claim.event_id)
        is_first = self._ledger.claimed(
            item_id,
            now_ns,
            self._trigger(item_id),
            self._positions(item_id, now_ns),
            (claim.audio_end_ms, event_id),
        )
        if not is_first:
            self._findings.add("truncated an item again, or later than 700 ms after")

    # -- the leg ----------------------------------------------------------------

    def play(self, samples: Samples, rate_hz: int) -> None:
        """Audio arrived."""
        now_ns = self._time.now_ns()
        leg_hz = self._playing.reference.leg_hz
        rate = self._rates.get(rate_hz)
        if rate is None:
            rate = self._rates[rate_hz] = StreamRate(rate_hz, leg_hz)
        samples = rate.process(samples)
        self.advance(now_ns)
        self._record.arrived(samples, leg_hz)
        self._playing.take(samples, now_ns)
        self.advance(now_ns)

    def checkpoint(self, name: str, *, leads: bool = False) -> None:
        """Something is to be told when all that has arrived was played.

        Args:
            name: what.
            leads: whether the first sample of what comes next has to be played, too.
        """
        self._checkpoints.append((self._playing.alignment.arrived + leads, name))

    def clear(self) -> list[str]:
        """Drop what is queued; return the checkpoints that were not reached."""
        now_ns = self._time.now_ns()
        self.advance(now_ns)
        playing = self._playing
        playing.settle()
        for item_id in self._unplayed(now_ns):
            at = self._positions(item_id, now_ns)
            self._ledger.cleared(item_id, now_ns, self._trigger(item_id), at)
        playing.stop(now_ns)
        self._turns.cleared()
        names = [name for _, name in self._checkpoints]
        self._checkpoints.clear()
        return names

    # -- time -------------------------------------------------------------------

    def next_deadline(self) -> int | None:
        """Return when `advance` is next needed."""
        deadlines = [self._ledger.next_deadline()]
        if self._playback is not None:
            deadlines.append(self._playback.next_deadline())
            if self._checkpoints:
                arrived = self._checkpoints[0][0]
                deadlines.append(self._playback.left_at_ns(arrived))
        return min((due for due in deadlines if due is not None), default=None)

    def advance(self, now_ns: int) -> None:
        """Tell of what was played and heard by `now_ns`."""
        self._ledger.advance(now_ns)
        if self._playback is None:
            return
        events = self._playback.advance(now_ns)
        self._record.delivered(self._playback.take_delivered())
        self._record.played(events)
        self._record.heard(self._playback.take_heard(), self._playing.reference.leg_hz)
        self._turns.heard([e for e in events if e.place == "ear"], now_ns)

    def take_reached(self, now_ns: int) -> list[str]:
        """Return the checkpoints that were reached by `now_ns`, once each."""
        reached = []
        while self._checkpoints and self._checkpoints[0][0] <= self._playing.passed(
            now_ns
        ):
            reached.append(self._checkpoints.popleft()[1])
        return reached

    def finish(self) -> None:
        """The call is over."""
        if self._playback is not None:
            self._playback.settle()
            self.advance(self._time.now_ns())
        self._ledger.finish()

    # -- where things stand -------------------------------------------------------

    @property
    def strange_ms(self) -> float:
        """How much arrived that the server has not sent, silence apart."""
        return 0.0 if self._playback is None else self._playback.strange_ms

    @property
    def _playing(self) -> LegPlayback:
        """What plays; from here on the rates cannot change any more."""
        if self._playback is None:
            reference = Reference(self._formats[1].rate_hz, self._leg_hz())
            player = Player(self._settings, reference.leg_hz)
            self._reference = reference
            self._playback = LegPlayback(player, reference)
        return self._playback

    @property
    def _tail(self) -> int:
        return self._formats[1].rate_hz * _TAIL_MS // MS_PER_S

    def _sent(self, item_id: str) -> int:
        return self._playing.reference.item_samples(item_id)

    def _trigger(self, item_id: str) -> str | None:
        """Return the caller's speech that can have interrupted an item."""
        if self._speech is None:
            return None
        speech, t_ns = self._speech
        return speech if t_ns >= self._first_sent_ns.get(item_id, t_ns + 1) else None

    def _positions(self, item_id: str, now_ns: int) -> Positions:
        playing = self._playing
        received, played, heard = (
            playing.positions(arrived).get(item_id, 0)
            for arrived in (
                playing.alignment.arrived,
                playing.played(now_ns),
                playing.heard(now_ns),
            )
        )
        return Positions(received, played, heard)

    def _unplayed(self, now_ns: int) -> list[str]:
        """Return the items that are queued, or on their way."""
        playing = self._playing
        played = playing.played(now_ns)
        items = dict.fromkeys(playing.items_after(played))
        arrived = playing.positions(playing.alignment.arrived)
        if arrived and not items:
            last = list(arrived)[-1]
            speaks = self._response_of.get(last) in self._turns.speaking
            if speaks or arrived[last] < self._sent(last) - self._tail:
                items[last] = None
        return list(items)

    def _is_on_its_way(self) -> bool:
        if self._playback is None:
            return False
        reference, alignment = self._playing.reference, self._playback.alignment
        missing = reference.samples - alignment.expected
        return missing > reference.leg_hz * _TAIL_MS // MS_PER_S

    def _ends_ns(self) -> int | None:
        return None if self._playback is None else self._playback.silent_at_ear_ns()
