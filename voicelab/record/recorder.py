"""Taps every hand-over of a conversation and keeps the record of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, BinaryIO

import msgspec

from voicelab.audio.formats import AudioFormat
from voicelab.audio.stage import Chain
from voicelab.clock import Timebase
from voicelab.playback.playback import PlaybackEvent, PlaybackStart
from voicelab.protocol import client_events as ce
from voicelab.protocol import server_events as ev
from voicelab.record.ear import Ear
from voicelab.record.event_log import EventLog, audio_digest
from voicelab.record.memory_log import MemoryLog
from voicelab.record.redaction import redact_tools
from voicelab.record.tape import Tape
from voicelab.session.outbox import Note

_AUDIO_DELTA = "response.output_audio.delta"
_FRAMES_PER_WRITE = 64
_MAY_HOLD_AUDIO = (ce.ConversationItemCreate, ev.ConversationItemRetrieved)
_LANES = {"player": ("player", "playback"), "ear": ("agent", "heard")}


class Recorder:
    """The record of one conversation while it is being made.

    Args:
        time: the clock of the conversation.
        sink: where events.jsonl goes, or a log that stays in memory.
        uplink: the format of the caller's audio on the wire.
        downlink: the format of the agent's audio on the wire.
        ear_stages: what the agent's audio passes on its way to the ear.
        ear_is_followed: whether what is heard is asked for as time goes on.

    Attributes:
        log: the events.
        caller: the caller as sent.
        agent: the agent as heard.
        ear: what is heard of the agent.
    """

    def __init__(
        self,
        time: Timebase,
        sink: BinaryIO | MemoryLog,
        *,
        uplink: AudioFormat,
        downlink: AudioFormat,
        ear_stages: Chain | None = None,
        ear_is_followed: bool = False,
    ) -> None:
        in_memory = isinstance(sink, MemoryLog)
        self.log = sink if isinstance(sink, MemoryLog) else EventLog(sink)
        self.caller = Tape(uplink.rate_hz, in_memory=in_memory)
        self.agent = Tape(downlink.rate_hz, in_memory=in_memory)
        self.ear = Ear(self.agent, ear_stages, is_followed=ear_is_followed)
        self._time = time
        self._uplink = uplink
        self._downlink = downlink
        self._wire_uplink = uplink
        self._wire_downlink = downlink
        self._appended = 0
        self._frames: list[bytes] = []
        self._arrived = 0
        self._sent: dict[str, int] = {}
        self._received: dict[str, int] = {}

    def set_origin(self, origin_ns: int) -> None:
        """Say at which instant the caller's recording begins."""
        self.ear.set_origin(origin_ns)
        self.log.set_origin(origin_ns)

    def set_wire(self, uplink: AudioFormat, downlink: AudioFormat) -> None:
        """Say in which formats audio crosses the server's wire, if in others.

        Between the caller and the server there may be a bridge that sets them. All
        positions in the log count samples of these formats.
        """
        self._wire_uplink, self._wire_downlink = uplink, downlink

    # -- the wire, at the client --------------------------------------------

    def client_sent(self, event: ce.ClientEvent) -> None:
        """Record what left the client."""
        self._wire("client", event)

    def client_appended(self, audio: bytes) -> None:
        """Record a microphone frame that left the client."""
        wire, rate_hz = self._wire_uplink, self._uplink.rate_hz
        position = self._appended * wire.rate_hz // rate_hz
        self._appended += len(audio) // self._uplink.bytes_per_sample
        count = self._appended * wire.rate_hz // rate_hz - position
        size = count * wire.bytes_per_sample
        self.log.add_frame(self._time.now_ns(), "client", size, position, audio)
        self._frames.append(audio)
        if len(self._frames) >= _FRAMES_PER_WRITE:
            self._tape_frames()

    def client_received(self, event: ev.ServerEvent | ev.UnknownServerEvent) -> None:
        """Record what reached the client."""
        if isinstance(event, ev.ResponseOutputAudioDelta):
            self._delta("client", event, self._keep_to_hear(event))
        elif isinstance(event, ev.UnknownServerEvent):
            data = {key: value for key, value in event.raw.items() if key != "type"}
            if event.problem is not None:
                data["unreadable"] = event.problem
            self.log.add(self._time.now_ns(), "client", event.type, None, data)
        else:
            self._wire("client", event)

    def _keep_to_hear(self, event: ev.ResponseOutputAudioDelta) -> int:
        """Keep audio for the time it is heard; return its place in its item."""
        item_id = event.item_id
        position = self._received.get(item_id, 0)
        count = len(event.delta) // self._downlink.bytes_per_sample
        self._received[item_id] = position + count
        if self.ear.wants(item_id):
            self.ear.receive(item_id, self._downlink.decode(event.delta))
        return position

    # -- the wire, at the server --------------------------------------------

    def server_received(self, event: ce.ClientEvent) -> None:
        """Record what reached the server."""
        if isinstance(event, ce.InputAudioBufferAppend):
            size = len(event.audio)
            position = self._arrived
            self._arrived = position + size // self._wire_uplink.bytes_per_sample
            self.log.add_frame(self._time.now_ns(), "server", size, position)
        else:
            self._wire("server", event)

    def server_sent(self, event: ev.ServerEvent) -> None:
        """Record what left the server."""
        if isinstance(event, ev.ResponseOutputAudioDelta):
            position = self._sent.get(event.item_id, 0)
            count = len(event.delta) // self._wire_downlink.bytes_per_sample
            self._sent[event.item_id] = position + count
            self._delta("server", event, position)
        else:
            self._wire("server", event)

    def server_noted(self, note: Note) -> None:
        """Record a truth that only the server knows."""
        self.log.add(self._time.now_ns(), "server", note.type, note.item_id, note.data)

    # -- the caller, the player, the ear ------------------------------------

    def user(self, kind: str, data: Mapping[str, Any]) -> None:
        """Record what the caller really did."""
        self.log.add(self._time.now_ns(), "user", kind, None, dict(data))

    def interruption(
        self, item_id: str, data: Mapping[str, Any], *, plays_on: bool = False
    ) -> None:
        """Record that an item was settled because the caller spoke.

        Args:
            item_id: the item.
            data: what the log says of it.
            plays_on: whether more of it may be heard all the same.
        """
        if not plays_on:
            self.ear.stopped(item_id)
        now_ns = self._time.now_ns()
        self.log.add(now_ns, "client", "interruption", item_id, dict(data))

    def playback(self, event: PlaybackEvent) -> None:
        """Record what left the player, or reached the ear."""
        self.log_playback(event)
        if event.place == "ear":
            self.ear.hear(event)

    def log_playback(self, event: PlaybackEvent) -> None:
        """Log it only: what is heard is told to the ear by somebody else."""
        lane, stem = _LANES[event.place]
        if isinstance(event, PlaybackStart):
            data: dict[str, Any] = {"from_samples": event.from_samples}
            kind = f"{stem}.start"
        else:
            data = {
                "from_samples": event.from_samples,
                "to_samples": event.to_samples,
                "reason": event.reason,
            }
            kind = f"{stem}.stop"
        self.log.add(event.t_ns, lane, kind, event.item_id, data)

    def link_lost(self, uplink: int, downlink: int) -> None:
        """Record how many messages had to be sent again."""
        data = {"uplink": uplink, "downlink": downlink}
        self.log.add(self._time.now_ns(), "link", "link.lost", None, data)

    def packets_lost(self, counts: Mapping[str, Any]) -> None:
        """Record how many audio packets of each direction were lost, if any could."""
        if counts:
            self.log.add(
                self._time.now_ns(), "link", "packets.lost", None, dict(counts)
            )

    def finish(self) -> None:
        """Complete log and tapes: the conversation is over."""
        self._tape_frames()
        self.ear.finish(self._time.now_ns())
        self.log.finish()

    def discard(self) -> None:
        """Let go of the tapes: the conversation failed."""
        self.caller.close()
        self.agent.close()

    # -- inside -------------------------------------------------------------

    def _tape_frames(self) -> None:
        samples = self._uplink.decode(b"".join(self._frames))
        self._frames.clear()
        self.caller.write(self.caller.samples, samples)

    def _delta(
        self, lane: str, event: ev.ResponseOutputAudioDelta, position: int
    ) -> None:
        data = {
            "event_id": event.event_id,
            "response_id": event.response_id,
            "output_index": event.output_index,
            "content_index": event.content_index,
            "audio": {
                "bytes": len(event.delta),
                "sha256": audio_digest(event.delta),
                "pos_samples": position,
            },
        }
        now_ns = self._time.now_ns()
        self.log.add(now_ns, lane, _AUDIO_DELTA, event.item_id, data)

    def _wire(self, lane: str, event: ce.ClientEvent | ev.ServerEvent) -> None:
        data = msgspec.to_builtins(event, builtin_types=(bytes,))
        kind = data.pop("type")
        item_id = data.pop("item_id", None)
        if item_id is None and isinstance(data.get("item"), dict):
            item_id = data["item"].get("id")
        if isinstance(event, _MAY_HOLD_AUDIO):
            _without_audio(data)
        for holder in ("session", "response"):
            redact_tools(data.get(holder))
        self.log.add(self._time.now_ns(), lane, kind, item_id, data)


def _without_audio(data: Any) -> None:
    """Replace audio payloads, wherever they are, by what stands for them."""
    values = data.items() if isinstance(data, dict) else enumerate(data)
    for key, value in list(values):
        if isinstance(value, bytes):
            data[key] = {"bytes": len(value), "sha256": audio_digest(value)}
        elif isinstance(value, dict | list):
            _without_audio(value)
