"""The server behind the bridge, and what is seen of it.

The server itself belongs to a layer above; here is what a drive asks of it, and the tap
that stands around the session it gives the bridge.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from voicelab.audio.formats import AudioFormat
from voicelab.lab.agents import AgentSource
from voicelab.protocol import server_events as ev
from voicelab.protocol.client_events import (
    ClientEvent,
    ConversationItemTruncate,
)
from voicelab.protocol.response_object import Response
from voicelab.protocol.wire_errors import WireError
from voicelab.record.recorder import Recorder
from voicelab.session.config import SessionConfig
from voicelab.session.hosted import HostedSession
from voicelab.session.outbox import HangUp, Note, OutboxEntry

Wrap = Callable[[HostedSession, SessionConfig], HostedSession]
"""Puts something around each session that the server makes."""


class Upstream(Protocol):
    """A Realtime server of the lab's own, on a port."""

    @property
    def url(self) -> str:
        """Where clients open sessions."""
        ...

    @property
    def http_url(self) -> str:
        """The base URL that clients make the other from."""
        ...

    async def start(self, agents: AgentSource, wrap: Wrap) -> None:
        """Listen.

        Args:
            agents: who speaks in the sessions.
            wrap: is called with each session, in the order in which they are made.

        Raises:
            InputError: the address cannot be listened on.
        """
        ...

    async def stop(self) -> None:
        """End all sessions, and listen no more."""
        ...


class Watcher(Protocol):
    """Whoever follows the session that the bridge has with the server."""

    def session_opened(self) -> None:
        """The bridge has a session."""
        ...

    def session_configured(self, uplink: AudioFormat, downlink: AudioFormat) -> None:
        """The bridge has set the session; these are its formats now."""
        ...

    def speech_started(self, item_id: str) -> None:
        """The server hears the caller."""
        ...

    def audio_sent(self, item_id: str, response_id: str, audio: bytes) -> None:
        """Audio of the agent left for the bridge."""
        ...

    def response_created(self, response: Response) -> None:
        """The agent will speak."""
        ...

    def response_done(self, response: Response) -> None:
        """It has said, or was told not to say, the rest."""
        ...

    def truncated(self, claim: ConversationItemTruncate) -> None:
        """The bridge claims what was heard of an item."""
        ...

    def session_closed(self) -> None:
        """The bridge has no session any more."""
        ...


class TappedSession:
    """A session that is recorded and followed as it goes.

    Args:
        inner: the session.
        config: its configuration, which follows what the bridge sets.
        recorder: sees everything.
        watcher: follows it.
        on_defect: takes what either of them raises.
    """

    def __init__(
        self,
        inner: HostedSession,
        config: SessionConfig,
        recorder: Recorder,
        watcher: Watcher,
        on_defect: Callable[[BaseException], None],
    ) -> None:
        self._inner = inner
        self._config = config
        self._recorder = recorder
        self._watcher = watcher
        self._on_defect = on_defect

    def open(self, now_ns: int) -> None:
        """Greet the client."""
        self._inner.open(now_ns)
        self._guarded(self._watcher.session_opened)

    def receive(self, message: bytes | str, now_ns: int) -> ClientEvent | None:
        """Act on one text message."""
        event = self._inner.receive(message, now_ns)
        if event is not None:
            self._guarded(lambda: self._received(event))
        return event

    def refuse(self, error: WireError, now_ns: int) -> None:
        """Report what the host could not even pass on."""
        self._inner.refuse(error, now_ns)

    def advance(self, now_ns: int) -> None:
        """Do what has become due."""
        self._inner.advance(now_ns)

    def next_deadline(self) -> int | None:
        """Return when `advance` is next needed."""
        return self._inner.next_deadline()

    def take_outbox(self) -> Sequence[OutboxEntry]:
        """Return what to send, having taken note of it."""
        entries = self._inner.take_outbox()
        for entry in entries:
            self._guarded(lambda entry=entry: self._left(entry))  # type: ignore[misc]
        return entries

    def close(self, now_ns: int) -> None:
        """The client is gone."""
        self._inner.close(now_ns)
        self._guarded(self._watcher.session_closed)

    def _guarded(self, work: Callable[[], None]) -> None:
        """A defect in the lab is not the server's: it ends the run, and says what."""
        try:
            work()
        except Exception as error:  # noqa: BLE001 -- raised where the run ends
            self._on_defect(error)

    # -- taking note ----------------------------------------------------------

    def _received(self, event: ClientEvent) -> None:
        if isinstance(event, ConversationItemTruncate):
            self._watcher.truncated(event)
        self._recorder.server_received(event)

    def _left(self, entry: OutboxEntry) -> None:
        if isinstance(entry, HangUp):
            return
        if isinstance(entry, Note):
            self._recorder.server_noted(entry)
            return
        if isinstance(entry, ev.SessionUpdated):
            config = self._config
            self._watcher.session_configured(config.input_format, config.output_format)
        self._recorder.server_sent(entry)
        self._follow(entry)

    def _follow(self, event: ev.ServerEvent) -> None:
        watcher = self._watcher
        match event:
            case ev.ResponseOutputAudioDelta():
                watcher.audio_sent(event.item_id, event.response_id, event.delta)
            case ev.InputAudioBufferSpeechStarted():
                watcher.speech_started(event.item_id)
            case ev.ResponseCreated():
                watcher.response_created(event.response)
            case ev.ResponseDone():
                watcher.response_done(event.response)


class Sessions:
    """Taps the first session that a bridge opens; counts the others.

    Args:
        recorder: sees the session.
        watcher: follows it.
        on_defect: takes what either of them raises.
    """

    def __init__(
        self,
        recorder: Recorder,
        watcher: Watcher,
        on_defect: Callable[[BaseException], None],
    ) -> None:
        self.count = 0
        self._recorder = recorder
        self._watcher = watcher
        self._on_defect = on_defect

    def __call__(self, session: HostedSession, config: SessionConfig) -> HostedSession:
        """Return a session, tapped if it is the first."""
        self.count += 1
        if self.count > 1:
            return session
        return TappedSession(
            session, config, self._recorder, self._watcher, self._on_defect
        )
