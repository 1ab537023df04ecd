"""From a script to the recording, its label file and its uncut replies."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from .edges import active_rms
from .kokoro import Kokoro
from .labels import CHANNELS, label_document, reply_name, write_labels, write_words
from .noise import cafe, room_tone
from .script import Line, Script, Voice, load_script
from .speech import level_gain, speak
from .timeline import Placed, place
from .utterance import RATE_HZ, Samples, Utterance, faded, ms_to_samples

SPEECH_LEVEL_DB = -23.0  # dBFS RMS while speaking


def render(script_path: Path, out: Path, kokoro: Kokoro) -> Path:
    """Render one script into `out` and return the path of the stereo recording.

    Writes `<name>.wav`, `<name>.json` and, per turn that was cut short or is wanted
    apart, `<name>.reply-<turn>.wav`, where the name is the script's.
    """
    name = script_path.stem
    script = load_script(script_path)
    out.mkdir(parents=True, exist_ok=True)
    utterances = _levelled(script, kokoro)
    placed = place(script.turns, utterances, script.lead_in_ms)
    placed.sort(key=lambda turn: turn.start_samples)
    write_labels(out / f"{name}.json", label_document(name, script, placed))
    for index, turn in enumerate(placed):
        reply = out / reply_name(name, index)
        if turn.cut_short or turn.line.apart:
            _write(reply, _speech_only(turn.meant))
        if turn.line.apart:
            write_words(reply.with_suffix(".json"), turn.meant)
    path = out / f"{name}.wav"
    _write(path, _mixed(script, placed, kokoro))
    return path


def _levelled(script: Script, kokoro: Kokoro) -> list[Utterance]:
    """Return every line spoken, both parties at the same speech level."""
    spoken = [speak(line, _voice(script, line), kokoro) for line in script.turns]
    gains = {
        speaker: level_gain(
            (
                said
                for line, said in zip(script.turns, spoken, strict=True)
                if line.speaker == speaker
            ),
            SPEECH_LEVEL_DB,
        )
        for speaker in CHANNELS
    }
    return [
        said.scaled(gains[line.speaker])
        for line, said in zip(script.turns, spoken, strict=True)
    ]


def _voice(script: Script, line: Line) -> Voice:
    return script.caller if line.speaker == "caller" else script.agent


def _mixed(script: Script, placed: Sequence[Placed], kokoro: Kokoro) -> Samples:
    """Return the two channels, shape (samples, 2)."""
    end = max(turn.end_samples for turn in placed) + ms_to_samples(script.tail_ms)
    channels = np.zeros((end, len(CHANNELS)), np.float32)
    for turn in placed:
        start = turn.origin_samples
        stop = min(end, start + len(turn.heard.samples))
        channel = channels[:, CHANNELS[turn.speaker]]
        channel[start:stop] += turn.heard.samples[: stop - start]
    caller = channels[:, CHANNELS["caller"]]
    speech_rms = active_rms(caller)
    caller += room_tone(end, script.seed)
    if script.noise is not None:
        gain = speech_rms * 10 ** (-script.noise.snr_db / 20)
        caller += gain * cafe(end, script.seed, kokoro)
    return channels


def _speech_only(said: Utterance) -> Samples:
    """Return the samples from the first word's start to the last word's end."""
    return faded(said.samples[said.onset_samples : said.end_samples], 2.0)


def _write(path: Path, samples: Samples) -> None:
    """Write 16-bit samples, rounded and clipped."""
    scaled = np.clip(np.rint(samples * 32768), -32768, 32767)
    pcm: NDArray[np.int16] = scaled.astype(np.int16)
    soundfile.write(path, pcm, RATE_HZ, subtype="PCM_16")
