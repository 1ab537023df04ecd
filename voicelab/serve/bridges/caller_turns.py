"""What the caller said, found after the call: nobody told when they would speak."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from voicelab.audio.vad_front_end import VAD_RATE_HZ
from voicelab.lab.turns import find_speech
from voicelab.protocol import server_events as ev
from voicelab.record.insertion import LateLine
from voicelab.record.tape import Tape
from voicelab.speech.vad import VadScorer
from voicelab.units import ms_to_ns


@dataclass(slots=True)
class _Heard:
    """What the server took for one turn; positions are of all audio sent to it."""

    start_ms: float
    end_ms: float = float("inf")
    text: str = ""

    def overlap_ms(self, start_ms: float, end_ms: float) -> float:
        return min(self.end_ms, end_ms) - max(self.start_ms, start_ms)


class Transcripts:
    """Collects what the server understood, and where in the audio it was said."""

    def __init__(self) -> None:
        self._heard: dict[str, _Heard] = {}

    def observe(self, event: ev.ServerEvent | ev.UnknownServerEvent) -> None:
        """Take in an event; most tell nothing of the caller's words."""
        match event:
            case ev.InputAudioBufferSpeechStarted():
                self._heard[event.item_id] = _Heard(event.audio_start_ms)
            case ev.InputAudioBufferSpeechStopped(item_id=item_id):
                if item_id in self._heard:
                    self._heard[item_id].end_ms = event.audio_end_ms
            case ev.ConversationItemInputAudioTranscriptionCompleted(item_id=item_id):
                if item_id in self._heard:
                    self._heard[item_id].text = event.transcript.strip()
            case _:
                pass

    def texts(self, turns: list[tuple[float, float]]) -> list[str]:
        """Return what was said in each of some turns, given as start and end in ms.

        What the server took for one turn counts where most of it lies.
        """
        said: list[list[str]] = [[] for _ in turns]
        for heard in self._heard.values():
            overlaps_ms = [heard.overlap_ms(*turn) for turn in turns]
            if heard.text and overlaps_ms and max(overlaps_ms) > 0:
                said[int(np.argmax(overlaps_ms))].append(heard.text)
        return [" ".join(texts) for texts in said]


def turn_lines(
    caller: Tape, scorer: VadScorer, transcripts: Transcripts
) -> list[LateLine]:
    """Return the log lines of the caller's turns, found by voice activity.

    Args:
        caller: what the caller said, complete.
        scorer: tells speech from silence.
        transcripts: what the server understood.
    """
    samples = caller.samples * VAD_RATE_HZ // caller.rate_hz
    blocks = list(caller.blocks(VAD_RATE_HZ, samples))
    if not blocks:
        return []
    found = find_speech(np.concatenate(blocks), VAD_RATE_HZ, scorer)
    turns = [(turn.start_ms, turn.end_ms) for turn in found]
    lines: list[LateLine] = []
    for index, (turn, text) in enumerate(
        zip(turns, transcripts.texts(turns), strict=True)
    ):
        lines += _lines_of(index, *turn, text)
    return lines


def _lines_of(
    index: int, start_ms: float, end_ms: float, text: str
) -> tuple[LateLine, LateLine]:
    start = {
        "turn": index,
        "kind": "turn",
        "text": text,
        "words": [],
        "relation": None,
        "recorded_ms": start_ms,
    }
    return (
        LateLine(ms_to_ns(start_ms), "user", "turn.start", start),
        LateLine(ms_to_ns(end_ms), "user", "turn.end", {"turn": index}),
    )
