"""Manifests of lhotse: the recording, and what is said in it, word by word.

`recordings.jsonl.gz` and `supervisions.jsonl.gz` are one JSON object a line, as
lhotse's own `to_file` writes them: seconds as numbers, channels from 0, an alignment
item as `[symbol, start, duration, score]`. The recording lies beside them and is named
by its absolute path, because lhotse takes relative ones from the working folder.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from voicelab.audio.wav import write_wav
from voicelab.exporters.files import Writer, stem
from voicelab.exporters.lanes import (
    AGENT,
    AGENT_HEARD,
    CALLER,
    CALLER_BACKCHANNELS,
    CALLER_TURNS,
    Mark,
    end_of,
    one_line,
    run_lanes,
)
from voicelab.result import Run
from voicelab.units import NS_PER_S

_SPEAKERS = {
    CALLER_TURNS: (CALLER, 0, "turn"),
    CALLER_BACKCHANNELS: (CALLER, 0, "backchannel"),
    AGENT_HEARD: (AGENT, 1, "turn"),
}
"""Speaker, channel and kind of the lanes that hold speech."""

_CHANNELS = 2


def lhotse(run: Run, out: Path) -> dict[str, Writer]:
    """Return the two manifests and the recording.

    Args:
        run: the run.
        out: the folder that the files go into; the manifest names the recording there.

    Raises:
        RunFormatError: the run's log or audio is damaged.
    """
    name = stem(run)
    sound = f"{name}.wav"
    recording = _recording(run, name, (out / sound).absolute())
    return {
        sound: lambda file: write_wav(
            file, [run.audio], run.audio_rate_hz, channels=_CHANNELS
        ),
        f"{name}.recordings.jsonl.gz": _jsonl([recording]),
        f"{name}.supervisions.jsonl.gz": _jsonl(_supervisions(run, name)),
    }


def _recording(run: Run, name: str, source: Path) -> dict[str, Any]:
    channels = list(range(_CHANNELS))
    return {
        "id": name,
        "sources": [{"type": "file", "channels": channels, "source": str(source)}],
        "sampling_rate": run.audio_rate_hz,
        "num_samples": len(run.audio),
        "duration": len(run.audio) / run.audio_rate_hz,
        "channel_ids": channels,
    }


def _supervisions(run: Run, name: str) -> Iterator[dict[str, Any]]:
    said = [
        (mark, *_SPEAKERS[lane.name])
        for lane in run_lanes(run)
        if lane.name in _SPEAKERS
        for mark in lane.marks
    ]
    said.sort(key=lambda each: (each[0].start_ns, each[2]))
    end_ns = end_of(run)
    for number, (mark, speaker, channel, kind) in enumerate(said):
        words = [*_alignment(mark, end_ns)]
        yield {
            "id": f"{name}-{number:04d}",
            "recording_id": name,
            "start": _s(mark.start_ns),
            "duration": _s(mark.end_ns - mark.start_ns),
            "channel": channel,
            "text": mark.text,
            "speaker": speaker,
            "custom": {"kind": kind},
            **({"alignment": {"word": words}} if words else {}),
        }


def _alignment(mark: Mark, end_ns: int) -> Iterator[list[Any]]:
    for word in mark.words:
        start_ns, stop_ns = max(word.start_ns, 0), min(word.end_ns, end_ns)
        if stop_ns > start_ns:
            yield [one_line(word.text), _s(start_ns), _s(stop_ns - start_ns), None]


def _s(t_ns: int) -> float:
    return t_ns / NS_PER_S


def _jsonl(rows: Iterable[dict[str, Any]]) -> Writer:
    content = b"".join(msgspec.json.encode(row) + b"\n" for row in rows)
    # without a time of its own, equal runs give equal bytes
    packed = gzip.compress(content, mtime=0)
    return lambda file: file.write_bytes(packed)
