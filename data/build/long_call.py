"""Assembles a long conversation from the bundled ones, for benchmarks.

Needs numpy and soundfile only. The conversations follow each other in order of their
names, again and again; each brings its own quiet beginning and end, so turns never
meet across a join.
"""

from __future__ import annotations

import argparse
import itertools
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import soundfile

CONVERSATIONS = Path(__file__).resolve().parent.parent / "conversations"
RATE_HZ = 16_000
CHANNELS = 2
SECONDS_PER_MINUTE = 60
MS_PER_S = 1000


def build_long(minutes: float, out: Path) -> Path:
    """Write a conversation of at least `minutes` and return its path.

    It is longer by less than one of the bundled conversations. The label file is put
    beside it as `<stem>.json`, and copies of the uncut replies with their own names.

    Args:
        minutes: the shortest length wanted.
        out: path of the WAV file (two channels, 16 kHz, 16 bit); its folder is made.

    Raises:
        FileNotFoundError: the bundled conversations are not there.
        ValueError: `minutes` is not above 0.
    """
    if minutes <= 0:
        raise ValueError(f"a conversation of {minutes} minutes cannot be built")
    out.parent.mkdir(parents=True, exist_ok=True)
    wanted_samples = round(minutes * SECONDS_PER_MINUTE * RATE_HZ)
    turns: list[dict[str, Any]] = []
    written_samples = 0
    with soundfile.SoundFile(out, "w", RATE_HZ, CHANNELS, "PCM_16") as target:
        for label_file in _names_again_and_again():
            if written_samples >= wanted_samples:
                break
            labels = json.loads(label_file.read_text("utf-8"))
            pcm, _ = soundfile.read(label_file.with_suffix(".wav"), dtype="int16")
            target.write(pcm)
            shift_ms = written_samples * MS_PER_S / RATE_HZ
            turns += [_moved(turn, shift_ms) for turn in labels["turns"]]
            _copy_replies(labels["turns"], out.parent)
            written_samples += len(pcm)
    out.with_suffix(".json").write_text(json.dumps(_document(out, turns)), "utf-8")
    return out


def _names_again_and_again() -> Iterator[Path]:
    files = sorted(
        file
        for file in CONVERSATIONS.glob("*.json")
        if file.with_suffix(".wav").is_file() and ".reply-" not in file.name
    )
    if not files:
        raise FileNotFoundError(f"there is no conversation in {CONVERSATIONS}")
    return itertools.cycle(files)


def _document(out: Path, turns: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "voicelab_labels": 1,
        "audio": out.name,
        "description": "The bundled conversations, one after the other.",
        "speakers": {"caller": {"channel": 0}, "agent": {"channel": 1}},
        "turns": turns,
    }


def _moved(turn: dict[str, Any], shift_ms: float) -> dict[str, Any]:
    """Return a turn so much later; times within its uncut reply stay."""
    return {
        **turn,
        **_moved_span(turn, shift_ms),
        "words": [{**word, **_moved_span(word, shift_ms)} for word in turn["words"]],
        "pauses": [{**gap, **_moved_span(gap, shift_ms)} for gap in turn["pauses"]],
    }


def _moved_span(span: dict[str, Any], shift_ms: float) -> dict[str, float]:
    return {key: span[key] + shift_ms for key in ("start_ms", "end_ms")}


def _copy_replies(turns: list[dict[str, Any]], folder: Path) -> None:
    for turn in turns:
        if "reply" in turn:
            name = turn["reply"]["audio"]
            if not (folder / name).exists():
                shutil.copyfile(CONVERSATIONS / name, folder / name)


def main() -> None:
    """Build a long conversation from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument(
        "--out", type=Path, default=CONVERSATIONS / "_generated" / "long.wav"
    )
    options = parser.parse_args()
    print(build_long(options.minutes, options.out))


if __name__ == "__main__":
    main()
