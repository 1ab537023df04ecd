"""The label file beside a recording: who said what, when, and what it shows."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from .script import Script, Speaker, Voice
from .timeline import Placed
from .utterance import Utterance, Word, ms_to_samples, samples_to_ms

CHANNELS: dict[Speaker, int] = {"caller": 0, "agent": 1}
FILLERS = frozenset({"um", "uh", "erm", "hmm"})
DIGITS = frozenset(
    {"oh", "zero", "one", "two", "three", "four", "five", "six", "seven"}
    | {"eight", "nine", "double", "triple"}
)
MIN_DIGITS = 3
SHORT_WORDS = 3
LONG_MS = 25_000.0
SLOW_SPEED = 0.7


def reply_name(name: str, index: int) -> str:
    """Return the file name of the uncut reply of turn `index`."""
    return f"{name}.reply-{index}.wav"


def write_words(path: Path, said: Utterance) -> None:
    """Write the words of an uncut reply, timed from its first, as a file of its own."""
    document = {"text": _text(said), "words": _words(said, 0)}
    path.write_text(json.dumps(document, ensure_ascii=False) + "\n", "utf-8")


def label_document(name: str, script: Script, placed: Sequence[Placed]) -> Any:
    """Return the label file as JSON-able data; `placed` in order of start."""
    return {
        "voicelab_labels": 1,
        "audio": f"{name}.wav",
        "description": script.description,
        "speakers": {
            "caller": _speaker("caller", script.caller, script),
            "agent": _speaker("agent", script.agent, script),
        },
        "turns": [
            _turn(name, index, turn, _scene(turn, script))
            for index, turn in enumerate(placed)
        ],
    }


def write_labels(path: Path, document: Any) -> None:
    """Write the label file, one turn a line."""
    head = {key: value for key, value in document.items() if key != "turns"}
    turns = ",\n  ".join(
        json.dumps(turn, ensure_ascii=False) for turn in document["turns"]
    )
    opening = json.dumps(head, ensure_ascii=False, indent=1).removesuffix("\n}")
    path.write_text(f'{opening},\n "turns": [\n  {turns}\n ]\n}}\n', "utf-8")


def _speaker(speaker: Speaker, voice: Voice, script: Script) -> dict[str, Any]:
    human = voice.voice == "human"
    entry: dict[str, Any] = {
        "channel": CHANNELS[speaker],
        "voice": voice.voice,
        "sex": voice.sex,
        "source": "pocketsphinx-testdata" if human else "Kokoro-82M",
    }
    if speaker == "caller" and script.noise is not None:
        entry["noise"] = script.noise.kind
        entry["snr_db"] = script.noise.snr_db
    return entry


def _scene(turn: Placed, script: Script) -> tuple[str, ...]:
    """Return what every turn of a party shows."""
    noisy = turn.speaker == "caller" and script.noise is not None
    voice = script.caller if turn.speaker == "caller" else script.agent
    slow = voice.speed <= SLOW_SPEED
    return ("noise",) * noisy + ("slow_speaker",) * slow + script.tags


def _turn(
    name: str, index: int, turn: Placed, scene: tuple[str, ...]
) -> dict[str, Any]:
    words = _words(turn.heard, turn.start_samples)
    entry: dict[str, Any] = {
        "speaker": turn.speaker,
        "start_ms": words[0]["start_ms"],
        "end_ms": words[-1]["end_ms"],
        "kind": turn.kind,
        "text": _text(turn.heard),
        "words": words,
        "pauses": _pauses(turn),
        "tags": sorted({*turn.line.tags, *scene, *turn.tags, *_tags(turn)}),
    }
    if turn.cut_short:
        entry["reply"] = {
            "audio": reply_name(name, index),
            "text": _text(turn.meant),
            "words": _words(turn.meant, 0),
        }
    return entry


def _words(said: Utterance, start_samples: int) -> list[dict[str, Any]]:
    """Return the words, the first of them starting at `start_samples`."""
    shift = start_samples - said.onset_samples
    return [_word(word.moved(shift)) for word in said.words]


def _word(word: Word) -> dict[str, Any]:
    return {
        "text": word.text,
        "start_ms": samples_to_ms(word.start_samples),
        "end_ms": samples_to_ms(word.end_samples),
    }


def _pauses(turn: Placed) -> list[dict[str, Any]]:
    shift = turn.origin_samples
    return [
        {
            "start_ms": samples_to_ms(start + shift),
            "end_ms": samples_to_ms(end + shift),
            "kind": "thinking",
        }
        for start, end in turn.heard.pauses
    ]


def _text(said: Utterance) -> str:
    return " ".join(word.text for word in said.words)


def _tags(turn: Placed) -> list[str]:
    """Return what the words and pauses of a turn show."""
    plain = [re.sub(r"[^a-z-]", "", word.text.lower()) for word in turn.heard.words]
    shown = {
        "filler": not FILLERS.isdisjoint(plain),
        "digits": _longest_spelling(plain) >= MIN_DIGITS,
        "thinking_pause": bool(turn.heard.pauses),
        "backchannel": turn.kind == "backchannel",
        "short_answer": turn.kind == "turn" and len(plain) <= SHORT_WORDS,
        "long_answer": turn.heard.speech_samples >= ms_to_samples(LONG_MS),
    }
    return [tag for tag, is_shown in shown.items() if is_shown]


def _longest_spelling(plain: Sequence[str]) -> int:
    """Return the length of the longest run of digits and single letters."""
    spelled = [word in DIGITS or len(word) == 1 for word in plain]
    return max(len(list(run)) if is_run else 0 for is_run, run in groupby(spelled))
