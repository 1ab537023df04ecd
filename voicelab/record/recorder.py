"""Taps every hand-over of a conversation and keeps the record of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, BinaryIO

import msgspec
import numpy as np

from voicelab.audio.formats import AudioFormat
from voicelab.audio.pcm import Samples
from voicelab.clock import Timebase
from voicelab.playback.playback import PlaybackEvent, PlaybackStart
from voicelab.protocol import client_events as ce
from voicelab.protocol import server_events as ev
from voicelab.record.event_log import EventLog, audio_digest
from voicelab.record.tape import Tape
from voicelab.session.outbox import Note
from voicelab.units import ns_to_samples

_APPEND = "input_audio_buffer.append"
_AUDIO_DELTA = "response.output_audio.delta"
_FRAMES_PER_WRITE = 64
_MAY_HOLD_AUDIO = (ce.ConversationItemCreate, ev.ConversationItemRetrieved)
_LANES = {"player": ("player", "playback"), "ear": ("agent", "heard")}


class Recorder:
    """The record of one conversation while it is being made.

    Args:
        time: the clock of the conversation.
        sink: where events.jsonl goes.
        uplink: the format of the caller's audio on the wire.
        downlink: the format of the agent's audio on the wire.
    """

    def __init__(
        self,
        time: Timebase,
        sink: BinaryIO,
        *,
        uplink: AudioFormat,
        downlink: AudioFormat,
    ) -> None:
        self.log = EventLog(sink)
        self.caller = Tape(uplink.rate_hz)
        self.agent = Tape(downlink.rate_hz)
        self._time = time
        self._uplink = uplink
        self._downlink = downlink
        self._origin_ns = 0
        self._appended = 0
        self._frames: list[bytes] = []
        self._arrived = 0
        self._sent: dict[str, int] = {}
        self._received: dict[str, list[Samples]] = {}
        self._received_samples: dict[str, int] = {}
        self._heard_from: dict[str, int] = {}
        self._heard_samples: dict[str, int] = {}
        self._complete: set[str] = set()
        self._stopped: set[str] = set()

    def set_origin(self, origin_ns: int) -> None:
        """Say at which instant the caller's recording begins."""
        self._origin_ns = origin_ns
        self.log.set_origin(origin_ns)

    # -- the wire, at the client --------------------------------------------

    def client_sent(self, event: ce.ClientEvent) -> None:
        """Record what left the client."""
        self._wire("client", event)

    def client_appended(self, audio: bytes) -> None:
        """Record a microphone frame that left the client."""
        count = len(audio) // self._uplink.bytes_per_sample
        position = self._appended
        self._appended = position + count
        self.log.add_encoded(
            self._time.now_ns(),
            "client",
            _APPEND,
            None,
            f'{{"audio":{{"bytes":{len(audio)},"sha256":"{audio_digest(audio)}",'
            f'"pos_samples":{position}}}}}',
        )
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
            if isinstance(event, ev.ResponseOutputAudioDone):
                self._complete.add(event.item_id)
                self._let_go(event.item_id)

    def _keep_to_hear(self, event: ev.ResponseOutputAudioDelta) -> int:
        """Keep audio for the time it is heard; return its place in its item."""
        item_id = event.item_id
        position = self._received_samples.get(item_id, 0)
        count = len(event.delta) // self._downlink.bytes_per_sample
        self._received_samples[item_id] = position + count
        if item_id not in self._stopped:  # else nobody will hear it
            samples = self._downlink.decode(event.delta)
            self._received.setdefault(item_id, []).append(samples)
        return position

    # -- the wire, at the server --------------------------------------------

    def server_received(self, event: ce.ClientEvent) -> None:
        """Record what reached the server."""
        if isinstance(event, ce.InputAudioBufferAppend):
            size = len(event.audio)
            position = self._arrived
            self._arrived = position + size // self._uplink.bytes_per_sample
            self.log.add_encoded(
                self._time.now_ns(),
                "server",
                _APPEND,
                None,
                f'{{"audio":{{"bytes":{size},"pos_samples":{position}}}}}',
            )
        else:
            self._wire("server", event)

    def server_sent(self, event: ev.ServerEvent) -> None:
        """Record what left the server."""
        if isinstance(event, ev.ResponseOutputAudioDelta):
            position = self._sent.get(event.item_id, 0)
            count = len(event.delta) // self._downlink.bytes_per_sample
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

    def interruption(self, item_id: str, data: Mapping[str, Any]) -> None:
        """Record that the caller's speech stopped an item."""
        self._stopped.add(item_id)
        now_ns = self._time.now_ns()
        self.log.add(now_ns, "client", "interruption", item_id, dict(data))

    def playback(self, event: PlaybackEvent) -> None:
        """Record what left the player, or reached the ear."""
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
        if event.place == "ear":
            self._hear(event)

    def link_lost(self, uplink: int, downlink: int) -> None:
        """Record how many messages had to be sent again."""
        data = {"uplink": uplink, "downlink": downlink}
        self.log.add(self._time.now_ns(), "link", "link.lost", None, data)

    def finish(self) -> None:
        """Complete log and tapes: the conversation is over."""
        self._tape_frames()
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

    def _hear(self, event: PlaybackEvent) -> None:
        """Put what was heard where it was heard."""
        rate_hz = self.agent.rate_hz
        if isinstance(event, PlaybackStart):
            after_ns = event.t_ns - self._origin_ns
            self._heard_from[event.item_id] = ns_to_samples(after_ns, rate_hz)
            return
        position = self._heard_from.pop(event.item_id, 0)
        pieces = self._received.get(event.item_id, [])
        heard = _part(pieces, event.from_samples, event.to_samples)
        self.agent.write(position, heard)
        self._heard_samples[event.item_id] = event.to_samples
        if event.reason == "interrupted":
            self._received.pop(event.item_id, None)
        else:
            self._let_go(event.item_id)

    def _let_go(self, item_id: str) -> None:
        """Forget the audio of an item that is complete and heard to its end."""
        heard = self._heard_samples.get(item_id)
        received = self._received_samples.get(item_id)
        if item_id in self._complete and heard == received:
            self._received.pop(item_id, None)

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
        self.log.add(self._time.now_ns(), lane, kind, item_id, data)


def _part(pieces: list[Samples], start: int, end: int) -> Samples:
    """Return samples [start, end) of what the pieces make together."""
    if not pieces or end <= start:
        return np.empty(0, dtype=np.int16)
    if len(pieces) > 1:
        pieces[:] = [np.concatenate(pieces)]
    return pieces[0][start:end]


def _without_audio(data: Any) -> None:
    """Replace audio payloads, wherever they are, by what stands for them."""
    values = data.items() if isinstance(data, dict) else enumerate(data)
    for key, value in list(values):
        if isinstance(value, bytes):
            data[key] = {"bytes": len(value), "sha256": audio_digest(value)}
        elif isinstance(value, dict | list):
            _without_audio(value)
