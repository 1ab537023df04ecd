"""What the agent said, and how much of it left, arrived, played and was heard."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from voicelab.audio.formats import AudioFormat
from voicelab.metrics.caller import HeldWord
from voicelab.record.log_reader import Event, Log
from voicelab.units import ns_to_samples, samples_to_ns

AUDIO_DELTA = "response.output_audio.delta"


@dataclass(frozen=True, slots=True)
class Stretch:
    """Audio of an item that passed a place without a break.

    Attributes:
        start_ns: when its first sample passed.
        end_ns: when its last sample had passed.
        from_samples: its first sample, counted in the item.
        to_samples: the one after its last.
        reason: `drained`, `interrupted`, or `unfinished` at the end of the log.
    """

    start_ns: int
    end_ns: int
    from_samples: int
    to_samples: int
    reason: str


@dataclass(frozen=True, slots=True)
class Delta:
    """Audio of an item that crossed the link in one message."""

    t_ns: int
    pos_samples: int
    samples: int

    @property
    def end_samples(self) -> int:
        """How much of the item has crossed with it."""
        return self.pos_samples + self.samples


@dataclass(frozen=True, slots=True)
class SaidWord:
    """A word of an item and the samples that it covers."""

    text: str
    start_samples: int
    end_samples: int


@dataclass(slots=True)
class AgentItem:
    """One item of agent audio.

    Attributes:
        item_id: its id.
        response_id: the response that it belongs to.
        rate_hz: the rate of its audio; all positions count its samples.
        sent: what left the server; empty if the server was not observed.
        received: what reached the client.
        played: what left the player.
        heard: what reached the ear.
        words: what it says; None if nobody told.
        transcript: what it says, without times.
        generated_samples: how much audio was made: all that was sent, or without
            a server lane all that arrived.
    """

    item_id: str
    response_id: str
    rate_hz: int
    sent: list[Delta] = field(default_factory=list)
    received: list[Delta] = field(default_factory=list)
    played: list[Stretch] = field(default_factory=list)
    heard: list[Stretch] = field(default_factory=list)
    words: list[SaidWord] | None = None
    transcript: str = ""
    generated_samples: int = 0

    @property
    def played_samples(self) -> int:
        """How much left the player in the end."""
        return max((part.to_samples for part in self.played), default=0)

    @property
    def heard_samples(self) -> int:
        """How much was heard in the end."""
        return max((part.to_samples for part in self.heard), default=0)

    def words_until(self, samples: int) -> list[SaidWord]:
        """Return the words whose end lies within the first `samples`."""
        return [word for word in self.words or () if word.end_samples <= samples]

    def heard_words(self) -> list[HeldWord]:
        """Return the words that were heard to their end, and when."""
        return [
            HeldWord(
                word.text,
                self._heard_at(word.start_samples, word.start_samples),
                self._heard_at(word.end_samples - 1, word.end_samples),
            )
            for word in self.words_until(self.heard_samples)
        ]

    def _heard_at(self, sample: int, position: int) -> int:
        """Return when `position`, an edge of `sample`, reached the ear."""
        within = [part for part in self.heard if part.from_samples <= sample]
        part = within[-1] if within else self.heard[0]
        ahead = max(position - part.from_samples, 0)
        return part.start_ns + samples_to_ns(ahead, self.rate_hz)


def agent_items(log: Log, audio_format: AudioFormat) -> dict[str, AgentItem]:
    """Return the agent's audio items by id, in the order of their first audio."""
    sent = _by_item(log.of("server", AUDIO_DELTA))
    received = _by_item(log.of("client", AUDIO_DELTA))
    made = {event.item_id: event.data for event in log.of("server", "reply.audio")}
    transcripts = {
        event.item_id: str(event.data.get("transcript", ""))
        for lane in ("server", "client")
        for event in log.of(lane, "response.output_audio_transcript.done")
    }
    items = {}
    for item_id in dict.fromkeys([*sent, *received]):
        left = _deltas(sent.get(item_id, []), audio_format)
        arrived = _deltas(received.get(item_id, []), audio_format)
        first = (sent.get(item_id) or received[item_id])[0]
        words = made.get(item_id, {}).get("words")
        items[item_id] = AgentItem(
            item_id=item_id,
            response_id=first.data["response_id"],
            rate_hz=audio_format.rate_hz,
            sent=left,
            received=arrived,
            words=None if words is None else [SaidWord(*word) for word in words],
            transcript=transcripts.get(item_id, ""),
            generated_samples=(left or arrived)[-1].end_samples,
        )
    _add_stretches(log, items)
    return items


def _by_item(events: Iterable[Event]) -> dict[str, list[Event]]:
    found: dict[str, list[Event]] = {}
    for event in events:
        if event.item_id is not None:
            found.setdefault(event.item_id, []).append(event)
    return found


def _deltas(events: Iterable[Event], audio_format: AudioFormat) -> list[Delta]:
    audio = ((event.t_ns, event.data["audio"]) for event in events)
    return [
        Delta(t_ns, held["pos_samples"], audio_format.sample_count(held["bytes"]))
        for t_ns, held in audio
    ]


def _add_stretches(log: Log, items: dict[str, AgentItem]) -> None:
    """Add what was played and heard of each item."""
    for lane, stem in (("player", "playback"), ("agent", "heard")):
        starts = _by_item(log.of(lane, f"{stem}.start"))
        stops = _by_item(log.of(lane, f"{stem}.stop"))
        for item_id in starts.keys() & items.keys():
            item = items[item_id]
            stretches = item.played if lane == "player" else item.heard
            pairs = zip(starts[item_id], stops.get(item_id, []), strict=False)
            ended = [_ended(*pair) for pair in pairs]
            stretches.extend(ended)
            if len(ended) < len(starts[item_id]):
                stretches.append(_unended(starts[item_id][-1], item, log.end_ns))


def _ended(start: Event, stop: Event) -> Stretch:
    data = stop.data
    return Stretch(
        start.t_ns,
        stop.t_ns,
        data["from_samples"],
        data["to_samples"],
        data["reason"],
    )


def _unended(start: Event, item: AgentItem, end_ns: int) -> Stretch:
    """Return what passed until the line was hung up."""
    begin = start.data["from_samples"]
    passed = ns_to_samples(end_ns - start.t_ns, item.rate_hz)
    held = item.received[-1].end_samples if item.received else begin
    return Stretch(
        start.t_ns, end_ns, begin, max(begin, min(begin + passed, held)), "unfinished"
    )
