"""Whole runs through channels: what is sent, heard and counted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.support.runs import (
    RunLog,
    bundled,
    check_interruptions,
    check_left_channel,
    check_lines,
    check_positions,
    check_right_channel,
    check_spans,
)
from voicelab.audio.band import TelephoneBand
from voicelab.audio.fir import TAP_STEPS
from voicelab.audio.levels import dbfs, mean_power
from voicelab.audio.packets import PacketSettings, PacketStage
from voicelab.audio.room import room_response
from voicelab.lab.microphone import SILENCE_DBFS

RATE_HZ = 24_000
FRAME = 480
ECHO = {"delay_ms": 120, "gain_db": 0, "room": "none"}


MANUAL = {"audio": {"input": {"turn_detection": None}}}
"""Without turn detection, what the microphone picks up changes nothing else."""


def run(parent: Path, *, session: Any = None, **channel: Any) -> RunLog:
    settings = {"channel": channel, "session": session or {"type": "realtime"}}
    ran = RunLog.of(bundled("dentist", **settings), parent)
    check_lines(ran)
    check_positions(ran)
    check_spans(ran)
    check_interruptions(ran)
    check_left_channel(ran)
    return ran


def levels(ran: RunLog) -> dict[str, list[float | None]]:
    """Return all levels that were told, and check that they cover every frame."""
    told: dict[str, list[float | None]] = {"speech": [], "noise": [], "echo": []}
    for line in ran.on("user", "microphone.levels"):
        data = line["data"]
        assert data["frame_ms"] == 20
        for part, values in told.items():
            assert data["first_frame"] == len(values)
            values.extend(data[f"{part}_dbfs"])
    appended = len(list(ran.on("client", "input_audio_buffer.append")))
    assert {len(values) for values in told.values()} == {appended}
    return told


def stated(samples: np.ndarray) -> list[float | None]:
    """Return the levels of a signal, frame by frame, as the log states them."""
    frames = samples[: len(samples) // FRAME * FRAME].reshape(-1, FRAME)
    exact = [dbfs(mean_power(frame)) for frame in frames]
    return [None if level < SILENCE_DBFS else round(level, 1) for level in exact]


def test_an_agent_that_hears_itself_interrupts_itself(tmp_path: Path) -> None:
    """The server hears speech while nobody but the agent speaks."""
    loud = run(tmp_path, echo=ECHO)
    turns = [
        (start["t_ns"], end["t_ns"] + 10**9)
        for start, end in zip(
            loud.on("user", "turn.start"), loud.on("user", "turn.end"), strict=True
        )
    ]
    by_itself = [
        line
        for line in loud.on("client", "input_audio_buffer.speech_started")
        if not any(start <= line["t_ns"] <= end for start, end in turns)
    ]
    assert len(by_itself) >= 3
    stopped = [span for span in loud.spans("agent") if span.reason == "interrupted"]
    assert len(stopped) >= 3


def test_a_faint_echo_changes_nothing_but_the_sound(tmp_path: Path) -> None:
    faint = run(tmp_path, echo={**ECHO, "gain_db": -60})
    plain = run(tmp_path)
    assert plain.end_ns == faint.end_ns
    for lane in ("player", "agent"):
        assert plain.spans(lane) == faint.spans(lane)
    assert (plain.audio[:, 0] != faint.audio[:, 0]).any()


@pytest.mark.parametrize("room", ["none", "small"])
@pytest.mark.parametrize("delay_ms", [0, 50])
def test_the_microphone_hears_what_the_ear_heard(
    tmp_path: Path, room: Any, delay_ms: float
) -> None:
    """The right channel, convolved and delayed, is in the left one, sample by sample.

    What is left when it is taken away is what the caller said, which a run without
    echo tells.
    """
    echo = {"delay_ms": delay_ms, "gain_db": -6, "room": room}
    ran = run(tmp_path, session=MANUAL, echo=echo)
    plain = run(tmp_path, session=MANUAL)
    check_right_channel(ran)
    assert ran.spans("agent") == plain.spans("agent")
    taps = room_response(room, RATE_HZ, str(bundled("dentist").seed))
    heard = ran.audio[:, 1].astype(np.float64)
    sound = np.convolve(heard, np.rint(taps * TAP_STEPS) / TAP_STEPS)
    late = max(int(delay_ms * RATE_HZ / 1000), 1)
    expected = np.concatenate([np.zeros(late), sound])[: len(heard)] * 10 ** (-6 / 20)
    sent = len(levels(ran)["echo"]) * FRAME
    mixed = np.rint(plain.audio[:sent, 0] + expected[:sent])
    assert np.abs(ran.audio[:sent, 0] - mixed).max() <= 1  # ties of rounding
    told = [-99.0 if level is None else level for level in levels(ran)["echo"]]
    near = [-99.0 if level is None else level for level in stated(expected[:sent])]
    assert np.allclose(told, near, atol=0.11)


def test_levels_are_those_of_the_parts(tmp_path: Path) -> None:
    """Taking the caller of a quiet run away from the mix leaves the noise."""
    ran = run(tmp_path, session=MANUAL, noise={"audio": "street", "snr_db": 20})
    plain = run(tmp_path, session=MANUAL)
    assert ran.spans("agent") == plain.spans("agent")
    told = levels(ran)
    count = len(told["speech"]) * FRAME
    assert told["speech"] == stated(plain.audio[:count, 0])
    left = ran.audio[:count, 0].astype(np.float64) - plain.audio[:count, 0]
    noise = [-99.0 if level is None else level for level in told["noise"]]
    assert np.allclose(noise, [x or -99.0 for x in stated(left)], atol=0.3)
    assert set(told["echo"]) == {None}


def test_equal_runs_are_equal_and_seeds_differ(tmp_path: Path) -> None:
    channel: dict[str, Any] = {
        "noise": {"audio": "cafe", "snr_db": 10},
        "echo": {"delay_ms": 80, "gain_db": -40, "room": "small"},
        "band": "narrow",
        "uplink": {
            "packets": {"loss_rate": 0.1, "concealment": "repeat"},
            "bursts": {"every_s": 4, "lasts_ms": 300},
        },
        "downlink": {"packets": {"loss_rate": 0.1, "burst_ms": 60}},
    }
    folders = [tmp_path / name for name in "ab"]
    one, same = (
        RunLog.of(bundled("book-club", channel=channel), folder).folder
        for folder in folders
    )
    for name in ("events.jsonl", "audio.wav"):
        assert (one / name).read_bytes() == (same / name).read_bytes()
    assert one.name == same.name
    other = RunLog.of(bundled("book-club", channel=channel, seed=77), tmp_path)
    assert (other.audio[:RATE_HZ] != RunLog.read(one).audio[:RATE_HZ]).any()


def test_the_band_shapes_both_ways_and_moves_nothing(tmp_path: Path) -> None:
    ran, plain = run(tmp_path, band="narrow"), run(tmp_path)
    assert list(ran.on("user", "microphone.levels")) == []
    # up to the first answer both take the same course
    sent = plain.audio[:, 0]
    first_ns = plain.spans("agent")[0].start_ns
    count = first_ns * RATE_HZ // 10**9 // FRAME * FRAME
    assert (TelephoneBand(RATE_HZ).process(sent)[:count] == ran.audio[:count, 0]).all()
    span = ran.spans("agent")[0]
    at = span.start_ns * RATE_HZ // 10**9
    samples = ran.audio[at : at + span.end - span.first, 1].astype(np.float64)
    spectrum = np.abs(np.fft.rfft(samples)) ** 2
    hz = np.fft.rfftfreq(len(samples), 1 / RATE_HZ)
    assert spectrum[(hz < 80) | (hz > 4000)].sum() < 1e-4 * spectrum.sum()


def test_lost_packets_are_counted_and_their_sound_is_gone(tmp_path: Path) -> None:
    packets = {"loss_rate": 0.2, "burst_ms": 60}
    ran = run(tmp_path, uplink={"packets": packets})
    plain = run(tmp_path)
    (line,) = ran.on("link", "packets.lost")
    counted = line["data"]["uplink"]
    sent = len(list(ran.on("client", "input_audio_buffer.append")))
    assert list(line["data"]) == ["uplink"]
    assert counted["packets"] == sent
    first_ns = min(ran.spans("agent")[0].start_ns, plain.spans("agent")[0].start_ns)
    count = first_ns * RATE_HZ // 10**9 // FRAME * FRAME
    stage = PacketStage(
        PacketSettings(0.2, 60), RATE_HZ, f"{bundled('dentist').seed}/uplink"
    )
    expected = stage.process(plain.audio[:count, 0])
    assert (ran.audio[:count, 0] == expected).all()
    silent = ~ran.audio[: sent * FRAME, 0].reshape(-1, FRAME).any(axis=1)
    assert silent.sum() == counted["lost"] > 0


def test_on_the_way_to_the_ear_packets_change_the_sound_and_no_position(
    tmp_path: Path,
) -> None:
    packets = {"loss_rate": 0.2, "concealment": "repeat"}
    ran, plain = run(tmp_path, downlink={"packets": packets}), run(tmp_path)
    assert ran.spans("agent") == plain.spans("agent")
    assert ran.spans("player") == plain.spans("player")
    (line,) = ran.on("link", "packets.lost")
    heard, sent = ran.audio[:, 1], plain.audio[:, 1]
    changed = (heard != sent)[: len(heard) // FRAME * FRAME].reshape(-1, FRAME)
    lost = line["data"]["downlink"]["lost"]
    assert line["data"]["downlink"]["packets"] == -(-len(heard) // FRAME)
    # a gap, and the packet behind it; where both were silent nothing shows
    assert 0 < changed.any(axis=1).sum() <= 2 * lost


def test_the_echo_is_of_what_the_ear_heard_behind_the_band(tmp_path: Path) -> None:
    ran = run(tmp_path, band="narrow", echo={**ECHO, "gain_db": -40, "delay_ms": 0})
    told = levels(ran)["echo"]
    late = np.concatenate([[0], ran.audio[:, 1]])[: len(told) * FRAME]
    expected = stated(late * 10 ** (-40 / 20))
    pairs = zip(told, expected, strict=True)
    assert all(abs((a or -99) - (b or -99)) < 0.11 for a, b in pairs)


def test_with_different_rates_the_echo_is_picked_up_too(tmp_path: Path) -> None:
    session = {"audio": {"input": {"format": {"type": "audio/pcmu"}}}}
    scenario = bundled("dentist", channel={"echo": ECHO}, session=session)
    ran = RunLog.of(scenario, tmp_path)
    echo = [x for x in levels_of(ran) if x is not None]
    assert max(echo) > -35
    assert len(list(ran.on("client", "interruption"))) >= 3


def levels_of(ran: RunLog) -> list[float | None]:
    return [
        level
        for line in ran.on("user", "microphone.levels")
        for level in line["data"]["echo_dbfs"]
    ]


@pytest.mark.parametrize("name", ["dentist-cafe", "dentist-echo", "dentist-telephone"])
def test_the_bundled_channels_run_to_their_end(tmp_path: Path, name: str) -> None:
    ran = RunLog.of(bundled(name), tmp_path)
    check_lines(ran)
    check_positions(ran)
    check_spans(ran)
    check_interruptions(ran)
    turns = list(ran.on("user", "turn.start"))
    assert len(turns) == len(
        list(RunLog.of(bundled("dentist"), tmp_path).on("user", "turn.start"))
    )
    stops = len(list(ran.on("client", "interruption")))
    assert stops >= {"dentist-cafe": 3, "dentist-echo": 6}.get(name, 0)
