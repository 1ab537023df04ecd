"""The client's side of a Realtime session, without clock, socket or file.

It decodes what the server sends, keeps what a client must know (the session's
settings, which agent items exist and how much audio of each has arrived, which
response was interrupted), and makes the events that a client sends.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from msgspec import UNSET

from voicelab.protocol import client_events as ce
from voicelab.protocol import server_events as ev
from voicelab.protocol.codec import decode_server
from voicelab.protocol.ids import IdSource
from voicelab.protocol.items import FunctionCallOutputItem, MessageItem


@dataclass(slots=True)
class AgentItem:
    """What the client knows of one agent item with audio.

    Attributes:
        received_samples: how much audio has arrived.
        complete: whether the server said that no more will come.
        claimed: whether its truncation was settled, by a claim or by silence.
    """

    item_id: str
    response_id: str
    received_samples: int = 0
    complete: bool = False
    claimed: bool = False


class ClientSession:
    """One client's view of its session."""

    def __init__(self, ids: IdSource) -> None:
        self._ids = ids
        self.session: dict[str, Any] | None = None
        self.items: dict[str, AgentItem] = {}  # of which audio arrived
        self.last_item: AgentItem | None = None  # the message announced last
        self.active_response_id: str | None = None
        self._interrupted: set[str] = set()

    # -- what arrives -------------------------------------------------------

    def receive(self, message: bytes | str) -> ev.ServerEvent | ev.UnknownServerEvent:
        """Decode a message and take note of it.

        Raises:
            RemoteProtocolError: the message is no Realtime event.
        """
        event = decode_server(message)
        if isinstance(event, ev.ResponseOutputAudioDone):
            item = self.items.get(event.item_id)
            if item is not None:
                item.complete = True
        elif isinstance(event, ev.ResponseOutputItemAdded):
            if isinstance(event.item, MessageItem):
                self.last_item = AgentItem(str(event.item.id), event.response_id)
        elif isinstance(event, ev.ResponseCreated):
            if event.response.conversation_id is not None:
                self.active_response_id = event.response.id
        elif isinstance(event, ev.ResponseDone):
            self._response_done(event)
        elif isinstance(event, ev.SessionCreated | ev.SessionUpdated):
            self.session = event.session
        return event

    def audio_received(
        self, event: ev.ResponseOutputAudioDelta, samples: int
    ) -> AgentItem:
        """Count arrived audio; return the item it belongs to."""
        item = self.items.get(event.item_id)
        if item is None:
            item = self._first_audio_of(event)
            self.items[event.item_id] = item
        item.received_samples += samples
        return item

    def _first_audio_of(self, event: ev.ResponseOutputAudioDelta) -> AgentItem:
        """Return the item, as it was announced, if it was."""
        last = self.last_item
        if last is None or last.item_id != event.item_id:
            last = self.last_item = AgentItem(event.item_id, event.response_id)
        return last

    def _response_done(self, event: ev.ResponseDone) -> None:
        if event.response.id == self.active_response_id:
            self.active_response_id = None
        for item in self.items.values():
            if item.response_id == event.response.id:
                item.complete = True

    # -- what the client knows ----------------------------------------------

    @property
    def interrupts_response(self) -> bool:
        """Whether the caller's speech is meant to interrupt the agent."""
        detection = self._turn_detection
        if self.session is None or not isinstance(detection, dict):
            return False
        return bool(detection.get("interrupt_response", True))

    @property
    def turns_are_manual(self) -> bool:
        """Whether the client must say itself when a turn of the caller is over."""
        return self._turn_detection is None

    @property
    def _turn_detection(self) -> Any:
        """What the server said of it; nothing means the protocol's default.

        It stands at the top of the session object where a server follows the beta
        protocol in this, and some servers leave it or its parents out.
        """
        told = self.session or {}
        audio = told.get("audio")
        for holder in (audio.get("input") if isinstance(audio, dict) else None, told):
            if isinstance(holder, dict) and "turn_detection" in holder:
                return holder["turn_detection"]
        return {}

    def interrupt(self) -> None:
        """Treat what still arrives of the running response as stale."""
        if self.active_response_id is not None:
            self._interrupted.add(self.active_response_id)

    def is_stale(self, response_id: str) -> bool:
        """Whether audio of this response is no longer to be played."""
        return response_id in self._interrupted

    def unfinished_items(self) -> list[AgentItem]:
        """Return items of which more audio may come, oldest first."""
        return [item for item in self.items.values() if not item.complete]

    # -- what the client sends ----------------------------------------------

    def update(self, session: dict[str, Any]) -> ce.SessionUpdate:
        """Make a `session.update`."""
        return ce.SessionUpdate(event_id=self._ids.event(), session=session)

    def append(self, audio: bytes) -> ce.InputAudioBufferAppend:
        """Make an append; it carries no id, nothing ever answers it."""
        return ce.InputAudioBufferAppend(audio=audio)

    def commit(self) -> ce.InputAudioBufferCommit:
        """Make a manual commit."""
        return ce.InputAudioBufferCommit(event_id=self._ids.event())

    def clear(self) -> ce.InputAudioBufferClear:
        """Make a request to drop what was appended and not committed."""
        return ce.InputAudioBufferClear(event_id=self._ids.event())

    def cancel(self) -> ce.ResponseCancel:
        """Make a request to break off the conversation's response."""
        return ce.ResponseCancel(event_id=self._ids.event())

    def create_response(
        self, params: ce.ResponseCreateParams | None = None
    ) -> ce.ResponseCreate:
        """Make a request for a response."""
        return ce.ResponseCreate(
            event_id=self._ids.event(), response=UNSET if params is None else params
        )

    def return_output(self, call_id: str, output: str) -> ce.ConversationItemCreate:
        """Make the item that gives a function's output back."""
        item = FunctionCallOutputItem(call_id=call_id, output=output)
        return ce.ConversationItemCreate(event_id=self._ids.event(), item=item)

    def truncate(self, item_id: str, audio_end_ms: int) -> ce.ConversationItemTruncate:
        """Make a claim of what was heard of an item."""
        return ce.ConversationItemTruncate(
            event_id=self._ids.event(),
            item_id=item_id,
            content_index=0,
            audio_end_ms=audio_end_ms,
        )
