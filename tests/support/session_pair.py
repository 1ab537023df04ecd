"""A server session and a client session joined in memory, on a clock of their own.

Every event of the server that crosses is encoded, held against the strictest
client's models, decoded by the client session and kept. The caller's audio is a
constant level, from which `LevelScorer` reads its score back, so that a test
says outright what voice activity the server sees.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from tests.support.sdk import assert_valid_client_event, assert_valid_server_event
from voicelab.audio import AudioFormat, Samples
from voicelab.protocol.client_events import ClientEvent
from voicelab.protocol.codec import encode
from voicelab.protocol.ids import IdSource
from voicelab.protocol.limits import MAX_EVENT_BYTES
from voicelab.responders.scripted import TimedReply
from voicelab.session.client import ClientSession
from voicelab.session.delayed_turns import DelayDraw, no_delay
from voicelab.session.outbox import HangUp, Note
from voicelab.session.reply import (
    CallerAudio,
    EarlyHearing,
    Piece,
    ReplyRequest,
    Responder,
    SpeechPiece,
    Transcriber,
)
from voicelab.session.semantic import EndOfTurn
from voicelab.session.server import ServerOptions, ServerSession
from voicelab.session.transcription import DEFAULT_DELAY_MS, AfterDelay
from voicelab.speech.vad import Frames, Scores, VadScorer, check_frame, score_in_turn
from voicelab.units import NS_PER_MS, ms_to_samples

Event = dict[str, Any]
Reply = Sequence[tuple[int, Piece]]
"""Pieces and when each is due, in milliseconds from the start of the response."""

FRAME_MS = 32
LOUD = 20_000
"""The level that scores 1."""

MANUAL: Event = {"audio": {"input": {"turn_detection": None}}}


class LevelScorer:
    """Scores a frame by its mean level: `LOUD` is 1, silence 0."""

    name = "level"
    identity = "level"
    frame_samples = 512

    def score(self, frame: Samples) -> float:
        check_frame(frame)
        return min(float(np.abs(frame.astype(np.float64)).mean()) / LOUD, 1.0)

    def score_file(self, frames: Frames) -> Scores:
        return score_in_turn(self, frames)

    def reset(self) -> None:
        """Nothing is remembered."""


class FixedReplies:
    """Gives the n-th request the n-th reply, then nothing; remembers them."""

    def __init__(self, replies: Iterable[Reply]) -> None:
        self._replies = iter(replies)
        self.requests: list[ReplyRequest] = []
        self.streams: list[TimedReply] = []

    def respond(self, request: ReplyRequest, now_ns: int) -> TimedReply:
        self.requests.append(request)
        pieces = next(self._replies, ())
        timed = ((now_ns + ms * NS_PER_MS, piece) for ms, piece in pieces)
        self.streams.append(TimedReply(timed))
        return self.streams[-1]


def level(duration_ms: int, score: float = 1.0, *, rate_hz: int = 24_000) -> Samples:
    """Return audio whose frames `LevelScorer` gives (almost) this score."""
    count = ms_to_samples(duration_ms, rate_hz)
    return np.full(count, round(score * LOUD), np.int16)


def spoken(
    duration_ms: int, text: str = "", *, rate_hz: int = 24_000, value: int = 1000
) -> SpeechPiece:
    """Return a piece of agent speech."""
    samples = np.full(ms_to_samples(duration_ms, rate_hz), value, np.int16)
    return SpeechPiece(samples, text=text)


class SessionPair:
    """Both ends of a session; time moves only when a test says so.

    Args:
        replies: what `FixedReplies` says, unless another responder is given.
        session: the first `session.update`; none is sent without it.

    Attributes:
        events: all that the server sent, decoded JSON, oldest first.
        sent_at_ns: when each of them was sent.
        notes: what the server noted for the record.
    """

    def __init__(
        self,
        replies: Iterable[Reply] = (),
        *,
        responder: Responder | None = None,
        scorer: VadScorer | None = None,
        transcriber: Transcriber | None = None,
        detection_delay: DelayDraw = no_delay,
        end_of_turn: EndOfTurn | None = None,
        early: EarlyHearing | None = None,
        options: ServerOptions | None = None,
        **session: Any,
    ) -> None:
        self.responder = FixedReplies(replies)
        server = ServerSession(
            scorer=scorer or LevelScorer(),
            responder=responder or self.responder,
            ids=IdSource(7, "server"),
            transcriber=transcriber,
            detection_delay=detection_delay,
            end_of_turn=end_of_turn,
            early=early,
            options=options,
        )
        self._config = server.config
        self.server = self._prepared(server)
        self.client = ClientSession(IdSource(7, "client"))
        self.events: list[Event] = []
        self.sent_at_ns: list[int] = []
        self.notes: list[Note] = []
        self.hang_ups: list[HangUp] = []
        self.now_ns = 0
        self.server.open(0)
        self.collect()
        if session:
            self.update(**session)

    def _prepared(self, server: ServerSession) -> ServerSession:
        """Return what the client talks to; tests may put something around it."""
        return server

    # -- what the server says -------------------------------------------------

    def collect(self) -> list[Event]:
        """Take what the server has to say; return it."""
        fresh: list[Event] = []
        for entry in self.server.take_outbox():
            if isinstance(entry, Note):
                self.notes.append(entry)
                continue
            if isinstance(entry, HangUp):
                self.hang_ups.append(entry)
                continue
            raw = encode(entry)
            assert_valid_server_event(raw)
            assert len(raw) <= MAX_EVENT_BYTES
            self.client.receive(raw)
            fresh.append(json.loads(raw))
        self.events += fresh
        self.sent_at_ns += [self.now_ns] * len(fresh)
        return fresh

    def of(self, kind: str) -> list[Event]:
        """Return all events of one type."""
        return [event for event in self.events if event["type"] == kind]

    def last(self, kind: str) -> Event:
        """Return the newest event of one type."""
        return self.of(kind)[-1]

    def noted(self, kind: str) -> list[Note]:
        """Return all notes of one type."""
        return [note for note in self.notes if note.type == kind]

    # -- time -------------------------------------------------------------------

    def run(self, for_ms: int) -> list[Event]:
        """Let time pass, stopping at each of the server's deadlines."""
        return self._run_until(self.now_ns + for_ms * NS_PER_MS)

    def _run_until(self, end_ns: int) -> list[Event]:
        fresh: list[Event] = []
        due_ns = self.server.next_deadline()
        while due_ns is not None and due_ns <= end_ns:
            self.now_ns = max(self.now_ns, due_ns)
            self.server.advance(self.now_ns)
            fresh += self.collect()
            due_ns = self.server.next_deadline()
        self.now_ns = end_ns
        return fresh

    # -- what the client says -----------------------------------------------------

    def send(self, event: Event | ClientEvent) -> list[Event]:
        """Send an event, valid or not; return what the server says at once."""
        raw = json.dumps(event).encode() if isinstance(event, dict) else encode(event)
        self.server.receive(raw, self.now_ns)
        fresh = self.collect()
        fresh += self._run_until(self.now_ns)  # what is due at once, as by its host
        return fresh

    def update(self, **session: Any) -> list[Event]:
        """Send a `session.update`."""
        return self._valid(self.client.update({"type": "realtime", **session}))

    def append(self, samples: Samples, *, step_ms: int = 20) -> list[Event]:
        """Append audio at the input format's rate in steps, each at its time."""
        audio_format = self._input_format()
        step = ms_to_samples(step_ms, audio_format.rate_hz)
        fresh: list[Event] = []
        for start in range(0, len(samples), step):
            piece = samples[start : start + step]
            passed_ms = len(piece) * 1000 // audio_format.rate_hz
            fresh += self.run(passed_ms)
            fresh += self.send(self.client.append(audio_format.encode(piece)))
        return fresh

    def speak(self, duration_ms: int, score: float = 1.0) -> list[Event]:
        """Append caller audio that the server gives this score."""
        rate_hz = self._input_format().rate_hz
        return self.append(level(duration_ms, score, rate_hz=rate_hz))

    def hush(self, duration_ms: int) -> list[Event]:
        """Append silence."""
        return self.speak(duration_ms, 0.0)

    def commit(self) -> list[Event]:
        """Commit the input buffer."""
        return self._valid(self.client.commit())

    def respond(self, **params: Any) -> list[Event]:
        """Ask for a response."""
        event: Event = {"type": "response.create", "event_id": "ask"}
        return self.send(event | ({"response": params} if params else {}))

    def cancel(self, response_id: str | None = None) -> list[Event]:
        """Cancel a response."""
        event = {"type": "response.cancel", "event_id": "stop"}
        return self.send(
            event if response_id is None else event | {"response_id": response_id}
        )

    def say(self, text: str, **fields: Any) -> list[Event]:
        """Create a user message of text."""
        return self.create(user_text(text), **fields)

    def create(self, item: Event, **fields: Any) -> list[Event]:
        """Create an item."""
        return self.send(
            {"type": "conversation.item.create", "event_id": "new", "item": item}
            | fields
        )

    def retrieve(self, item_id: str) -> Event:
        """Return an item as the server retrieves it."""
        (event,) = self.send({"type": "conversation.item.retrieve", "item_id": item_id})
        assert event["type"] == "conversation.item.retrieved", event
        item: Event = event["item"]
        return item

    def delete(self, item_id: str) -> list[Event]:
        """Delete an item."""
        return self.send(
            {"type": "conversation.item.delete", "event_id": "gone", "item_id": item_id}
        )

    def truncate(self, item_id: str, ms: int, content_index: int = 0) -> list[Event]:
        """Claim that `ms` of an item were heard."""
        return self.send(
            {
                "type": "conversation.item.truncate",
                "event_id": "cut",
                "item_id": item_id,
                "content_index": content_index,
                "audio_end_ms": ms,
            }
        )

    def _valid(self, event: ClientEvent) -> list[Event]:
        assert_valid_client_event(encode(event))
        return self.send(event)

    def _input_format(self) -> AudioFormat:
        return self._config.input_format


def user_text(text: str, **fields: Any) -> Event:
    """Return a user message of text."""
    content = [{"type": "input_text", "text": text}]
    return {"type": "message", "role": "user", "content": content, **fields}


def types(events: Iterable[Event], *, leaving_out: str = "rate_limits") -> list[str]:
    """Return the types of events, without those that begin with `leaving_out`."""
    return [e["type"] for e in events if not e["type"].startswith(leaving_out)]


def collapsed(names: Iterable[str]) -> list[str]:
    """Return names with runs of the same one written once."""
    kept: list[str] = []
    for name in names:
        if not kept or kept[-1] != name:
            kept.append(name)
    return kept


def audio_of(item: Event, index: int = 0) -> bytes:
    """Return the audio in a retrieved item."""
    return base64.b64decode(item["content"][index]["audio"])


def refusal(events: list[Event]) -> Event:
    """Return the detail of the one error that was sent."""
    (event,) = events
    assert event["type"] == "error", event
    detail: Event = event["error"]
    return detail


Words = Callable[[int, int], str | None]


def hearing(words: Words, delay_ms: int = DEFAULT_DELAY_MS) -> Transcriber:
    """Return a transcriber that says what a function of the span says."""

    def hear(audio: CallerAudio) -> str | None:
        assert audio.start_ms is not None
        return words(audio.start_ms, audio.start_ms + audio.duration_ms)

    return AfterDelay(hear, delay_ms)
