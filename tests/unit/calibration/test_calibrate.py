"""A profile fitted to runs does to other runs what the runs' own profile did."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

import voicelab as vl
from tests.support.logs import LogBuilder
from tests.support.results import make_run
from voicelab.calibration import calibrate, profile_yaml, save_profile
from voicelab.errors import InputError
from voicelab.responders.profile import Lognormal, load_profile
from voicelab.result import Run
from voicelab.units import ns_to_ms

RATE_HZ = 24_000
HEAVY: dict[str, Any] = {
    "voicelab_profile": 1,
    "name": "heavy",
    "source": "made for a test",
    "modelled": True,
    "time_to_first_audio_ms": {
        "distribution": "lognormal",
        "median": 500,
        "sigma": 0.9,
    },
    "speed": {"distribution": "lognormal", "median": 12.0, "sigma": 0.3},
    "chunk_ms": [40, 80, 120],
    "detection_delay_ms": {"distribution": "lognormal", "median": 140, "sigma": 0.4},
}
STANDARD_ERRORS = 4


def profile_file(folder: Path, **changes: Any) -> Path:
    file = folder / "profile.yaml"
    file.write_text(yaml.safe_dump(HEAVY | changes))
    return file


def traces(profile: Path | str, seeds: Sequence[int]) -> list[Run]:
    still = {"delay_ms": 40, "jitter_ms": 0}
    # what tells speech from silence is not fitted, and may be the cheapest
    agent = {"profile": str(profile), "vad": "energy"}
    return [
        vl.run(
            "bank-card",
            seed=seed,
            agent=agent,
            channel={"uplink": still, "downlink": still},
        )
        for seed in seeds
    ]


def drawn_log(profile: Path, responses: int, audio_ms: int = 4000) -> LogBuilder:
    """Return a log of answers timed by a profile, as a client receives them."""
    sampler = load_profile(str(profile)).sampler(11)
    log = LogBuilder(server=False)
    for number in range(responses):
        start_ms = 20_000 * number
        timing = sampler.draw()
        first_ms = start_ms + ns_to_ms(timing.first_audio_ns)
        made = {"id": f"resp-{number}", "conversation_id": "conv"}
        log.add(start_ms, "client", "response.created", response=made)
        position = 0
        for size in sampler.chunk_samples(RATE_HZ):
            sent_ms = first_ms + position / RATE_HZ / timing.speed * 1000
            held = {"bytes": 2 * size, "pos_samples": position}
            delta = "response.output_audio.delta"
            place = {"response_id": f"resp-{number}", "output_index": 0}
            log.add(sent_ms, "client", delta, f"item-{number}", **place, audio=held)
            position += size
            if position >= audio_ms * RATE_HZ // 1000:
                break
    return log


def test_many_responses_give_the_profile_back(tmp_path: Path) -> None:
    count = 1500
    truth = load_profile(str(profile_file(tmp_path)))
    log = drawn_log(profile_file(tmp_path), count)
    found = calibrate([make_run(log)]).profile
    assert found.chunk_ms == truth.chunk_ms
    assert found.fitted is not None
    assert found.fitted.chunk_rate == 1
    assert found.fitted.responses == count
    for fitted, expected in (
        (found.time_to_first_audio_ms, truth.time_to_first_audio_ms),
        (found.speed, truth.speed),
    ):
        assert isinstance(fitted, Lognormal)
        assert isinstance(expected, Lognormal)
        error = expected.sigma / math.sqrt(count)
        off = abs(math.log(fitted.median / expected.median))
        assert off < STANDARD_ERRORS * error
        spread = abs(fitted.sigma - expected.sigma)
        assert spread < STANDARD_ERRORS * error / math.sqrt(2)
    for quality in (found.fitted.time_to_first_audio_ms, found.fitted.speed):
        assert quality is not None
        assert quality.ks_distance < 0.04


@pytest.mark.parametrize(
    ("changes", "chunk_ms"),
    [
        ({}, (40, 80, 120)),
        (
            {  # paced like the telephone
                "speed": {"distribution": "constant", "value": 1.0},
                "chunk_ms": [20],
                "detection_delay_ms": {"distribution": "constant", "value": 60},
            },
            (20,),
        ),
        (
            {  # all at once
                "speed": {"distribution": "constant", "value": 1000},
                "chunk_ms": [200],
                "detection_delay_ms": None,
            },
            (200,),
        ),
    ],
    ids=["heavy", "paced", "burst"],
)
def test_runs_with_the_fitted_profile_are_like_the_traces(
    tmp_path: Path, changes: dict[str, Any], chunk_ms: tuple[int, ...]
) -> None:
    """Percentiles agree to within what chance does to samples of this size."""
    runs = 7
    told = {key: value for key, value in changes.items() if value is not None}
    file = profile_file(tmp_path, **told)
    if "detection_delay_ms" in changes and changes["detection_delay_ms"] is None:
        whole = yaml.safe_load(file.read_text())
        del whole["detection_delay_ms"]
        file.write_text(yaml.safe_dump(whole))
    traced = calibrate(traces(file, range(runs)), name="fit")
    save_profile(traced.profile, tmp_path / "fit.yaml")
    again = calibrate(traces(tmp_path / "fit.yaml", range(100, 100 + runs)))
    assert traced.profile.chunk_ms == again.profile.chunk_ms == chunk_ms
    names = [row.quantity for row in traced.quantities]
    assert [row.quantity for row in again.quantities] == names
    assert ("detection_delay_ms" in names) == ("detection_delay_ms" in told or not told)
    for before, after in zip(traced.quantities, again.quantities, strict=True):
        assert before.n >= 40
        for percent in (10, 50, 90):
            p = percent / 100
            one = getattr(before, f"p{percent}_measured")
            two = getattr(after, f"p{percent}_measured")
            # the standard error of a quantile: sqrt(p (1 - p) / n) / density
            z = Lognormal(median=1, sigma=1).at(p)
            density = math.exp(-(math.log(z) ** 2) / 2) / math.sqrt(2 * math.pi)
            n = min(before.n, after.n)
            error = before.sigma * math.sqrt(2 * p * (1 - p) / n) / density
            assert abs(math.log(one / two)) < STANDARD_ERRORS * error + 0.02, (
                before.quantity,
                percent,
            )


def test_a_profile_survives_its_file(tmp_path: Path) -> None:
    found = calibrate([make_run(drawn_log(profile_file(tmp_path), 40))], name="mine")
    save_profile(found.profile, tmp_path / "mine.yaml")
    assert load_profile(str(tmp_path / "mine.yaml")) == found.profile
    assert "detection_delay_ms" not in profile_yaml(found.profile).split("fitted:")[0]


def test_a_profile_says_where_it_comes_from(tmp_path: Path) -> None:
    log = drawn_log(profile_file(tmp_path), 12)
    live: dict[str, Any] = {"clock": "wall", "name": "dentist"}
    runs = [
        make_run(
            log,
            **live,
            started_utc=f"2026-05-0{day}T10:00:00Z",
            live={"url": "wss://example.org/v1/realtime", "ping_ms": ping_ms},
        )
        for day, ping_ms in ((4, 31.0), (5, 40.0), (3, None))
    ]
    profile = calibrate(runs).profile
    assert profile.modelled is False
    assert profile.source == (
        "Fitted to 3 recorded runs of dentist against wss://example.org/v1/realtime."
    )
    assert profile.fitted is not None
    assert profile.fitted.date == "2026-05-05T10:00:00Z"
    assert profile.fitted.round_trip_ms == 35.5
    virtual = calibrate([make_run(log, profile={"name": "slow"}), *runs]).profile
    assert virtual.modelled is True
    assert "the embedded server with the profile slow" in virtual.source


@pytest.mark.parametrize("count", [0, 1, 4])
def test_too_little_is_refused_with_its_number(tmp_path: Path, count: int) -> None:
    log = drawn_log(profile_file(tmp_path), count)
    with pytest.raises(InputError) as caught:
        calibrate([make_run(log)])
    assert f"{count} of {count} responses in 1 recorded run were audible" in str(
        caught.value
    )
    assert "at least 5" in str(caught.value)


def test_few_responses_are_fitted_with_a_warning(tmp_path: Path) -> None:
    few = calibrate([make_run(drawn_log(profile_file(tmp_path), 8))])
    (note,) = [note for note in few.notes if note.startswith("time_to_first_audio")]
    assert "rests on 8 values only: the median lies between" in note
    wait = few.profile.time_to_first_audio_ms
    assert isinstance(wait, Lognormal)
    low, high = (
        wait.median * math.exp(sign * 1.96 * wait.sigma / math.sqrt(8))
        for sign in (-1, 1)
    )
    assert f"between {low:.4g} and {high:.4g} with 95 % confidence" in note
    many = calibrate([make_run(drawn_log(profile_file(tmp_path), 40))])
    assert not [note for note in many.notes if "rests on" in note]


def test_what_is_no_lognormal_is_said_to_be_none() -> None:
    log = LogBuilder(server=False)
    waits_ms = itertools.chain([100, 105] * 30, [4000, 4100] * 30)
    for number, wait_ms in enumerate(waits_ms):
        start_ms = 20_000 * number
        log.response(f"r{number}", None, start_ms, done_ms=start_ms + 9000)
        log.audio(f"i{number}", f"r{number}", start_ms + wait_ms, 100)
    notes = calibrate([make_run(log)]).notes
    assert any(
        note.startswith("time_to_first_audio_ms is no lognorm") for note in notes
    )
    assert any("no reply was long enough to tell the speed" in note for note in notes)


def test_silent_responses_are_counted(tmp_path: Path) -> None:
    log = drawn_log(profile_file(tmp_path), 30)
    for number, status in enumerate(["cancelled", "failed", "completed"]):
        start_ms = 1e6 + 10_000 * number
        log.response(
            f"x{number}", None, start_ms, done_ms=start_ms + 900, status=status
        )
    found = calibrate([make_run(log)])
    assert found.observed.outcomes == {
        "audible": 30,
        "cut_short": 1,
        "failed": 1,
        "without_audio": 1,
    }
    told = [note for note in found.notes if " of 33 responses " in note]
    assert len(told) == 3
    assert found.profile.fitted is not None
    assert found.profile.fitted.time_to_first_audio_ms.cut_short == 1


def test_a_calibration_shows_itself(tmp_path: Path) -> None:
    found = calibrate([make_run(drawn_log(profile_file(tmp_path), 40))], name="<mine>")
    assert repr(found).startswith("<Calibration <mine> n=40 wait=")
    assert "&lt;mine&gt;" in found._repr_html_()
    assert found.table["quantity"].tolist() == ["time_to_first_audio_ms", "speed"]
    assert np.isfinite(found.table["p95_fitted"]).all()
