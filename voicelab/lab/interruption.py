"""What a client does when the caller interrupts: what it stops, and what it claims."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from voicelab.audio.formats import AudioFormat
from voicelab.clock import Timebase
from voicelab.playback.evidence import Evidence
from voicelab.playback.playback import Playback, Standing
from voicelab.playback.policies import TruncationPolicy
from voicelab.protocol.client_events import ClientEvent
from voicelab.record.client_record import ClientRecord
from voicelab.session.client import AgentItem, ClientSession
from voicelab.units import samples_to_ns

Truncates: TypeAlias = Literal["sounding", "last_item"]
"""Of which items something is claimed: those that were stopped, or were to come; or the
last that was announced, whatever became of it."""

OnInterruption: TypeAlias = Literal["clear", "play_on"]
"""Whether what is queued is dropped, or played to its end."""


@dataclass(frozen=True, slots=True)
class Reaction:
    """How a client reacts to an interruption.

    Attributes:
        policy: decides how much it claims was heard.
        truncates: of which items.
        on_interruption: what becomes of the audio that is queued.
    """

    policy: TruncationPolicy
    truncates: Truncates = "sounding"
    on_interruption: OnInterruption = "clear"


class Interruptions:
    """Stops the player and settles, once for each item, what is claimed of it.

    Args:
        session: the client session.
        player: plays the agent.
        reaction: what to do.
        time: the clock of the conversation.
        recorder: is told of each item that is settled.
        send: sends an event.
        uplink: the caller's audio on the wire.
        rate_hz: the rate of the agent's audio.
    """

    def __init__(
        self,
        session: ClientSession,
        player: Playback,
        reaction: Reaction,
        *,
        time: Timebase,
        recorder: ClientRecord,
        send: Callable[[ClientEvent], None],
        uplink: AudioFormat,
        rate_hz: int,
    ) -> None:
        self._session = session
        self._player = player
        self._reaction = reaction
        self._time = time
        self._recorder = recorder
        self._send = send
        self._uplink = uplink
        self._rate_hz = rate_hz
        self._trigger: str | None = None  # the caller's item that interrupted last
        self._media_samples = 0  # of the caller, sent so far
        self._first_media: dict[str, int] = {}  # when an item's first audio arrived

    # -- the caller's media clock ---------------------------------------------

    def microphone_sent(self, audio: bytes) -> None:
        """Count a microphone frame."""
        self._media_samples += self._uplink.sample_count(len(audio))

    def audio_arrived(self, item_id: str) -> None:
        """Note where the caller's media stood when an item's first audio arrived."""
        self._first_media.setdefault(item_id, self._media_samples)

    # -- the interruption -----------------------------------------------------

    def interrupt(self, trigger: str | None, now_ns: int) -> bool:
        """Stop what is to be stopped and claim what is to be claimed.

        Advance the player to `now_ns` first.

        Args:
            trigger: the caller's item whose speech it is; None if the client itself
                broke off.
            now_ns: the instant.

        Returns:
            Whether something was stopped that was not heard to its end.
        """
        self._trigger = trigger
        clears = self._reaction.on_interruption == "clear"
        sounding = self._sounding(now_ns, clears=clears)
        if clears:
            self._session.interrupt()
        if self._reaction.truncates == "sounding":
            for standing in sounding:
                self._settle(self._session.items[standing.item_id], standing)
        elif self._session.last_item is not None:
            last = self._session.last_item
            self._settle(last, self._player.standing(last.item_id, now_ns))
        return clears and bool(sounding)

    def dropped(self, item: AgentItem) -> None:
        """Settle an item whose audio came too late to be played at all."""
        self._settle(item, Standing(item.item_id, item.received_samples, 0, 0))

    def _sounding(self, now_ns: int, *, clears: bool) -> list[Standing]:
        """Return how far each item is that sounds, waits, or is still to come whole."""
        waiting = self._player.stop(now_ns) if clears else self._waiting(now_ns)
        standings = {standing.item_id: standing for standing in waiting}
        if self._session.active_response_id is not None:
            for item in self._session.unfinished_items():
                standing = self._player.standing(item.item_id, now_ns)
                standings.setdefault(item.item_id, standing)
        return list(standings.values())

    def _waiting(self, now_ns: int) -> Iterable[Standing]:
        """Yield what a player would say that it stopped, without stopping it."""
        for item_id in self._session.items:
            standing = self._player.standing(item_id, now_ns)
            if standing.played_samples < standing.received_samples:
                yield standing

    # -- the claim ------------------------------------------------------------

    def _settle(self, item: AgentItem, standing: Standing) -> None:
        """Claim, or not, what was heard of an item, unless that is settled."""
        if item.claimed:
            return
        item.claimed = True
        policy = self._reaction.policy
        audio_end_ms = policy.audio_end_ms(self._evidence(standing))
        claim = None
        if audio_end_ms is not None:
            claim = self._session.truncate(item.item_id, audio_end_ms)
        self._recorder.interruption(
            item.item_id,
            {
                "rate_hz": self._rate_hz,
                "policy": policy.name,
                "trigger": self._trigger,
                "received_samples": standing.received_samples,
                "played_samples": standing.played_samples,
                "heard_samples": standing.heard_samples,
                "audio_end_ms": audio_end_ms,
                "truncate_event_id": None if claim is None else claim.event_id,
            },
            plays_on=self._reaction.on_interruption == "play_on",
        )
        if claim is not None:
            self._send(claim)

    def _evidence(self, standing: Standing) -> Evidence:
        """Return what is known of an item: what the player does not know, too."""
        item_id = standing.item_id
        evidence = self._player.evidence(item_id, self._time.now_ns())
        first = self._first_media.get(item_id, self._media_samples)
        media_ns = samples_to_ns(self._media_samples - first, self._uplink.rate_hz)
        return replace(
            evidence,
            received_samples=standing.received_samples,
            media_since_first_delta_ns=media_ns,
        )
