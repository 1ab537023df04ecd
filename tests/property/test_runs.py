"""Whatever the settings, a run keeps what every run must keep."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.runs import RunLog, bundled, check_all
from voicelab.metrics import PARTS
from voicelab.playback import PLAYERS, POLICIES
from voicelab.result import load_run

LINKS = st.fixed_dictionaries(
    {
        "delay_ms": st.sampled_from([0, 0.3, 40, 150]),
        "jitter_ms": st.sampled_from([0, 10, 80]),
        "loss_rate": st.sampled_from([0, 0.02, 0.2]),
    },
    optional={"bursts": st.just({"every_s": 4, "lasts_ms": 400})},
)
NOISE = st.fixed_dictionaries(
    {
        "audio": st.sampled_from(["cafe", "cough", "keyboard", "street"]),
        "snr_db": st.sampled_from([0, 10, 25]),
    }
)
ECHO = st.fixed_dictionaries(
    {
        "delay_ms": st.sampled_from([0, 33.3, 500]),
        "gain_db": st.sampled_from([-60, -30, 0]),
        "room": st.sampled_from(["none", "small"]),
    }
)
DETECTION = st.fixed_dictionaries(
    {
        "type": st.just("server_vad"),
        "threshold": st.sampled_from([0.2, 0.5, 0.9]),
        "silence_duration_ms": st.sampled_from([100, 200, 500, 1200]),
        "interrupt_response": st.booleans(),
    }
)
SETTINGS = st.fixed_dictionaries(
    {
        "seed": st.integers(0, 2**32),
        "channel": st.fixed_dictionaries(
            {
                "codec": st.sampled_from(["pcm", "pcm", "pcmu", "pcma"]),
                "uplink": LINKS,
                "downlink": LINKS,
            },
            optional={"noise": NOISE, "echo": ECHO},
        ),
        "caller": st.fixed_dictionaries(
            {
                "drive": st.sampled_from(["reactive", "fixed"]),
                "patience_ms": st.sampled_from([0, 400, 5000]),
            }
        ),
        "agent": st.fixed_dictionaries(
            {
                "profile": st.sampled_from(
                    ["instant", "measured-median", "realtime-paced", "slow"]
                )
            }
        ),
        "client": st.fixed_dictionaries(
            {
                "frame_ms": st.sampled_from([10, 20, 37, 100]),
                "player": st.sampled_from(sorted(PLAYERS)),
                "player_options": st.fixed_dictionaries(
                    {
                        "lead_ms": st.sampled_from([None, 0, 200]),
                        "device_latency_ms": st.sampled_from([None, 0, 700]),
                        "command_delay_ms": st.sampled_from([None, 0, 300]),
                        "report_delay_ms": st.sampled_from([None, 0, 300]),
                        "stop_delay_ms": st.sampled_from([None, 0, 90]),
                    }
                ),
                "truncation": st.sampled_from(sorted(POLICIES)),
                "truncates": st.sampled_from(["sounding", "last_item"]),
                "on_interruption": st.sampled_from(["clear", "play_on"]),
            },
        ),
        "session": DETECTION.map(
            lambda detection: {"audio": {"input": {"turn_detection": detection}}}
        ),
    }
)


@pytest.mark.parametrize("name", ["phone-plan", "recipe"])
@settings(max_examples=15, suppress_health_check=[HealthCheck.differing_executors])
@given(chosen=SETTINGS)
def test_every_run_is_consistent(name: str, chosen: dict[str, Any]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        run = RunLog.of(bundled(name, **chosen), Path(folder))
        check_all(run)
        for row in load_run(run.folder).latency.to_dict("records"):
            if row["outcome"] in ("answered", "cut_in"):
                parts_ns = [row[f"{part}_ns"] for part in PARTS]
                if None in parts_ns:  # the answer came before the turn had arrived
                    continue
                assert sum(parts_ns) == row["response_latency_ns"]
