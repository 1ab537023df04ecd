"""Counts what passes through one session."""

from __future__ import annotations

import logging

from voicelab.audio.formats import AudioFormat
from voicelab.faults.stage import NOTE_TYPE
from voicelab.protocol.client_events import ClientEvent, InputAudioBufferAppend
from voicelab.protocol.items import tag_of
from voicelab.protocol.server_events import (
    ErrorEvent,
    ResponseDone,
    ResponseOutputAudioDelta,
    ServerEvent,
)
from voicelab.serve.logs import log
from voicelab.serve.long_appends import LongAppends
from voicelab.serve.telemetry import Telemetry
from voicelab.session.config import SessionConfig
from voicelab.session.outbox import Note

STAGE_NOTE = "response.stage"
"""What a session notes of a stage of its agent."""

PAUSES_NOTE = "turn.semantic_unavailable"
"""What a session notes if it takes every turn for unfinished."""


class CountingTap:
    """Tells the server's telemetry of a session's events.

    Args:
        telemetry: the server's.
        config: the session's, for the length of its audio.
        appends: knows which appends are pieces of one.
    """

    def __init__(
        self, telemetry: Telemetry, config: SessionConfig, appends: LongAppends
    ) -> None:
        self._telemetry = telemetry
        self._config = config
        self._appends = appends

    def server_received(self, event: ClientEvent) -> None:
        """A client event arrived and was acted on."""
        if not self._appends.repeating:
            self._telemetry.count_in(tag_of(event))
        if isinstance(event, InputAudioBufferAppend):
            audio_format = self._config.input_format
            self._telemetry.heard(_seconds(len(event.audio), audio_format))

    def server_sent(self, event: ServerEvent) -> None:
        """An event left for the client."""
        telemetry = self._telemetry
        telemetry.count_out(tag_of(event))
        if isinstance(event, ResponseOutputAudioDelta):
            audio_format = self._config.output_format
            telemetry.spoke(_seconds(len(event.delta), audio_format))
        elif isinstance(event, ResponseDone):
            telemetry.response(event.response.status)
        elif isinstance(event, ErrorEvent):
            telemetry.error(event.error.code)

    def server_noted(self, note: Note) -> None:
        """The session noted a truth: what was done on purpose, or what went wrong."""
        if note.type == NOTE_TYPE:
            self._telemetry.fault(str(note.data.get("kind")))
        elif note.type == STAGE_NOTE and "problem" in note.data:
            told = {key: note.data[key] for key in ("response_id", "stage", "problem")}
            log(logging.WARNING, "stage failed", **told)
        elif note.type == PAUSES_NOTE:
            log(logging.WARNING, "pauses are not judged", reason=note.data["reason"])


def _seconds(size_bytes: int, audio_format: AudioFormat) -> float:
    bytes_per_s = audio_format.bytes_per_sample * audio_format.rate_hz
    return float(size_bytes / bytes_per_s)
