"""Echo and noise in a live run: on a real socket, by the wall clock."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import voicelab as vl
from tests.support import clips
from tests.support.runs import RunLog, check_left_channel, check_right_channel
from tests.support.server_process import ServerProcess

RATE_HZ = 24_000
FRAME = 480
DELAY_MS = 60
SCENARIO = """
voicelab: 1
name: speakerphone
caller: {audio: caller.wav, patience_ms: 1000}
agent:
  responder: scripted
  profile: instant
  replies:
    - {text: "You're welcome. See you Thursday!", audio: reply.wav}
session: {type: realtime, audio: {input: {turn_detection: %s}}}
channel: {echo: {delay_ms: 60, gain_db: %s}}
seed: 3
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A caller who says a name, and an agent who says a sentence."""
    clips.write_name_and_thanks(tmp_path)
    return tmp_path


def live(folder: Path, turn_detection: str, gain_db: float) -> RunLog:
    scenario = folder / "speakerphone.yaml"
    scenario.write_text(SCENARIO % (turn_detection, gain_db), "utf-8")
    with ServerProcess("--scenario", str(scenario)) as server:
        run = vl.run(scenario, out=folder / "live", live=server.url)
    return RunLog.read(folder / "live" / run.run_id)


def test_the_microphone_hears_the_ear_sample_by_sample(folder: Path) -> None:
    """However late the timers are: the right channel is in the left one.

    Before and after the caller speaks there is nothing else: without labels the
    caller's background is digital silence, as their recording's is.
    """
    run = live(folder, "null", -12)
    check_left_channel(run)
    check_right_channel(run)
    sent = len(list(run.on("client", "input_audio_buffer.append"))) * FRAME
    late = DELAY_MS * RATE_HZ // 1000
    heard = np.concatenate([np.zeros(late), run.audio[:, 1]])[:sent]
    expected = np.rint(heard * 10 ** (-12 / 20))
    (end,) = run.on("user", "turn.end")
    silent_from = round((end["t_ns"] / 10**9 + 0.3) * RATE_HZ)
    assert (run.audio[silent_from:sent, 0] == expected[silent_from:]).all()
    assert np.abs(expected[silent_from:]).max() > 1000
    told = [
        level
        for line in run.on("user", "microphone.levels")
        for level in line["data"]["echo_dbfs"]
    ]
    assert len(told) == sent // FRAME


def test_an_agent_can_interrupt_itself(folder: Path) -> None:
    run = live(folder, "{type: server_vad}", 0)
    (end,) = run.on("user", "turn.end")
    heard_from_ns = run.spans("agent")[0].start_ns
    starts = [
        line["t_ns"]
        for line in run.on("client", "input_audio_buffer.speech_started")
        if line["t_ns"] > max(end["t_ns"] + 10**9, heard_from_ns)
    ]
    assert starts
    assert any(span.reason == "interrupted" for span in run.spans("agent"))
