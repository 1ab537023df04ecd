"""Event logs to test with, written one instant after another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from voicelab.metrics import Facts
from voicelab.record.log_reader import Log, read_log
from voicelab.units import ms_to_ns

RATE_HZ = 24_000
PER_MS = RATE_HZ // 1000
FRAME_MS = 20

SESSION = {
    "type": "realtime",
    "audio": {
        "input": {
            "format": {"type": "audio/pcm", "rate": RATE_HZ},
            "turn_detection": {
                "type": "server_vad",
                "prefix_padding_ms": 300,
                "silence_duration_ms": 500,
            },
        },
        "output": {"format": {"type": "audio/pcm", "rate": RATE_HZ}},
    },
}


class LogBuilder:
    """Collects events in any order; times are milliseconds.

    Each `answer` leaves the server 400 ms after it is created, takes 50 ms down the
    link, and is heard 80 ms after it arrives.
    """

    def __init__(self, *, server: bool = True) -> None:
        self._server = server
        self._lines: list[tuple[float, str, str, str | None, dict[str, Any]]] = []
        self.add(-50, "client", "session.created", session=SESSION)

    def add(
        self,
        t_ms: float,
        lane: str,
        kind: str,
        item_id: str | None = None,
        /,
        **data: Any,
    ) -> None:
        """Add one event; those of the server are dropped if it was not observed."""
        if lane != "server" or self._server:
            self._lines.append((t_ms, lane, kind, item_id, data))

    def wire(
        self, t_ms: float, kind: str, item_id: str | None = None, /, **data: Any
    ) -> None:
        """Add an event of the server and its arrival 50 ms later."""
        self.add(t_ms, "server", kind, item_id, **data)
        self.add(t_ms + 50, "client", kind, item_id, **data)

    def frames(self, until_ms: int, *, uplink_ms: float = 40) -> None:
        """Add microphone frames from 0 on."""
        size = FRAME_MS * PER_MS
        for number in range(until_ms // FRAME_MS):
            audio = {"bytes": 2 * size, "pos_samples": number * size}
            sent_ms = (number + 1) * FRAME_MS
            kind = "input_audio_buffer.append"
            self.add(sent_ms, "client", kind, audio={**audio, "sha256": "0" * 16})
            self.add(sent_ms + uplink_ms, "server", kind, audio=audio)

    def caller(
        self,
        turn: int,
        start_ms: float,
        end_ms: float,
        *,
        kind: str = "turn",
        words: Sequence[tuple[str, float, float]] = (),
    ) -> None:
        """Add a turn of the caller; word times count from its start."""
        text = " ".join(word for word, _, _ in words)
        self.add(
            start_ms, "user", "turn.start", turn=turn, kind=kind, text=text, words=words
        )
        self.add(end_ms, "user", "turn.end", turn=turn)

    def heard_as(
        self, item_id: str, onset_ms: int, voiced_end_ms: int, *, sent_ms: float
    ) -> None:
        """Add what the server took for a turn; it says so at `sent_ms`."""
        audio_end_ms = voiced_end_ms + 500
        self.add(onset_ms + 60, "server", "turn.onset", item_id, onset_ms=onset_ms)
        started = "input_audio_buffer.speech_started"
        self.wire(onset_ms + 60, started, item_id, audio_start_ms=onset_ms - 300)
        self.add(
            sent_ms,
            "server",
            "turn.endpoint",
            item_id,
            last_voiced_ms=voiced_end_ms,
            audio_end_ms=audio_end_ms,
        )
        stopped = "input_audio_buffer.speech_stopped"
        self.wire(sent_ms, stopped, item_id, audio_end_ms=audio_end_ms)
        self.wire(sent_ms, "input_audio_buffer.committed", item_id)

    def response(
        self,
        response_id: str,
        user_item_id: str | None,
        created_ms: float,
        *,
        done_ms: float,
        status: str = "completed",
    ) -> None:
        """Add a response's beginning and end."""
        made = {"id": response_id, "status": "in_progress", "conversation_id": "conv"}
        self.wire(created_ms, "response.created", response=made)
        if user_item_id is not None:
            kind = "response.trigger"
            self.add(created_ms, "server", kind, user_item_id, response_id=response_id)
        self.wire(done_ms, "response.done", response={**made, "status": status})

    def audio(
        self,
        item_id: str,
        response_id: str,
        sent_ms: float,
        duration_ms: int,
        *,
        words: Sequence[str] | None = None,
    ) -> None:
        """Add an item's audio in one delta, its words of equal length."""
        samples = duration_ms * PER_MS
        held = {"bytes": 2 * samples, "pos_samples": 0}
        kind = "response.output_audio.delta"
        self.wire(sent_ms, kind, item_id, response_id=response_id, audio=held)
        if words is not None:
            size = samples // len(words)
            ends = [(index + 1) * size for index in range(len(words))]
            told = [
                [word, end - size, end] for word, end in zip(words, ends, strict=True)
            ]
            self.add(
                sent_ms,
                "server",
                "reply.audio",
                item_id,
                rate_hz=RATE_HZ,
                samples=samples,
                words=told,
            )

    def play(
        self,
        item_id: str,
        start_ms: float,
        heard_ms: float,
        *,
        reason: str = "drained",
        from_ms: float = 0,
    ) -> None:
        """Add that an item left the player for so long; the ear is 30 ms later."""
        begin, end = round(from_ms * PER_MS), round((from_ms + heard_ms) * PER_MS)
        for lane, stem, late_ms in (("player", "playback", 0), ("agent", "heard", 30)):
            first_ms = start_ms + late_ms
            self.add(first_ms, lane, f"{stem}.start", item_id, from_samples=begin)
            self.add(
                first_ms + heard_ms,
                lane,
                f"{stem}.stop",
                item_id,
                from_samples=begin,
                to_samples=end,
                reason=reason,
            )

    def answer(
        self,
        response_id: str,
        item_id: str,
        user_item_id: str | None,
        created_ms: float,
        duration_ms: int,
        *,
        words: Sequence[str] | None = None,
        heard_ms: float | None = None,
    ) -> None:
        """Add a response that is heard, whole or up to an interruption."""
        sent_ms = created_ms + 400
        self.response(response_id, user_item_id, created_ms, done_ms=sent_ms + 10)
        self.audio(item_id, response_id, sent_ms, duration_ms, words=words)
        reason = "drained" if heard_ms is None else "interrupted"
        heard_ms = duration_ms if heard_ms is None else heard_ms
        self.play(item_id, sent_ms + 100, heard_ms, reason=reason)

    def interrupt(
        self,
        item_id: str,
        t_ms: float,
        *,
        received_ms: float,
        played_ms: float,
        claim_ms: int | None,
        trigger: str | None = None,
        refused: str | None = None,
        policy: str = "played",
    ) -> None:
        """Add an interruption, and what the server made of the claim."""
        event_id = None if claim_ms is None else f"event_{item_id}"
        self.add(
            t_ms,
            "client",
            "interruption",
            item_id,
            rate_hz=RATE_HZ,
            policy=policy,
            trigger=trigger,
            received_samples=round(received_ms * PER_MS),
            played_samples=round(played_ms * PER_MS),
            heard_samples=round(played_ms * PER_MS),
            audio_end_ms=claim_ms,
            truncate_event_id=event_id,
        )
        if refused is not None:
            error = {"message": refused, "event_id": event_id}
            self.wire(t_ms + 40, "error", error=error)
        elif claim_ms is not None:
            kind = "conversation.item.truncated"
            self.wire(t_ms + 40, kind, item_id, audio_end_ms=claim_ms)

    def levels(
        self,
        until_ms: int,
        *,
        speech: tuple[float, float] | None = None,
        noise: tuple[float, float] | None = None,
        echo: tuple[float, float] | None = None,
        dbfs: float = -20.0,
    ) -> None:
        """Add microphone levels: each component is heard in one span of time, if any.

        As a recorder does: one event for each second of frames.
        """
        spans = {"speech": speech, "noise": noise, "echo": echo}
        frames = [number * FRAME_MS for number in range(until_ms // FRAME_MS)]
        for first in range(0, len(frames), 1000 // FRAME_MS):
            part = frames[first : first + 1000 // FRAME_MS]
            told = {
                f"{name}_dbfs": [
                    dbfs if span and span[0] <= start_ms < span[1] else None
                    for start_ms in part
                ]
                for name, span in spans.items()
            }
            self.add(
                part[-1] + FRAME_MS,
                "user",
                "microphone.levels",
                first_frame=first,
                frame_ms=FRAME_MS,
                **told,
            )

    def build(self) -> bytes:
        """Return the log's bytes."""
        ordered = sorted(self._lines, key=lambda line: line[0])
        lines = [
            {
                "seq": seq,
                "t_ns": ms_to_ns(t_ms),
                "lane": lane,
                "type": kind,
                "item_id": item_id,
                "data": data,
            }
            for seq, (t_ms, lane, kind, item_id, data) in enumerate(ordered)
        ]
        return b"".join(msgspec.json.encode(line) + b"\n" for line in lines)

    def log(self) -> Log:
        """Return the log, read."""
        return read_log(self.build())

    def facts(self) -> Facts:
        """Return the log's facts."""
        return Facts(self.log())


def one_answer(*, server: bool = True) -> LogBuilder:
    """Return a caller's turn of 0.2 to 1.0 s, its answer heard from 2.09 s on."""
    log = LogBuilder(server=server)
    log.frames(1600)
    log.caller(0, 200, 1000)
    log.heard_as("user-0", 224, 1024, sent_ms=1560)
    log.answer("resp-0", "agent-0", "user-0", 1560, 3000)
    return log


def staged_answer(late_ms: float = 0) -> LogBuilder:
    """Return `one_answer` of a cascade: stages of 100, 150 and 150 ms.

    The words, and the first clause after them, may be there so much later.
    """
    log = one_answer()
    ends = {"stt": 100 + late_ms, "chat": 250 + late_ms, "tts": 400.0}
    began_ms = 0.0
    for stage, ended_ms in ends.items():
        clause = None if stage == "stt" else 0
        note_stage(log, stage, began_ms, ended_ms, clause)
        began_ms = ended_ms
    return log


def note_stage(
    log: LogBuilder,
    stage: str,
    began_ms: float,
    ended_ms: float,
    clause: int | None = None,
    *,
    response_id: str = "resp-0",
    created_ms: float = 1560,
    **more: Any,
) -> None:
    """Add what a server notes of a stage; unless told otherwise, of `one_answer`.

    Args:
        log: what it is added to.
        stage: `stt`, `chat` or `tts`.
        began_ms: since the response was created.
        ended_ms: likewise.
        clause: which clause it was for.
        response_id: the response.
        created_ms: when that was created.
        more: what else is noted.
    """
    log.add(
        created_ms + ended_ms,
        "server",
        "response.stage",
        response_id=response_id,
        stage=stage,
        began_ms=began_ms,
        ended_ms=ended_ms,
        clause=clause,
        **more,
    )


def resumed() -> LogBuilder:
    """Return a turn with a pause, and an answer that begins in it, at 2.09 s.

    The caller goes on at 3.1 s, and the server hears it; the client does nothing yet.
    """
    log = LogBuilder()
    log.frames(6000)
    log.caller(0, 200, 3700, words=[("I", 0, 800), ("mean", 2900, 3500)])
    log.heard_as("user-0", 224, 1024, sent_ms=1560)
    log.answer("resp-0", "agent-0", "user-0", 1560, 3000, heard_ms=1152)
    log.heard_as("user-1", 3120, 3700, sent_ms=4260)
    return log
