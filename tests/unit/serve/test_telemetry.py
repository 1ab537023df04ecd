from __future__ import annotations

import pytest
from prometheus_client.parser import text_string_to_metric_families

from voicelab.serve.telemetry import Telemetry


def samples(telemetry: Telemetry) -> dict[tuple[str, ...], float]:
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(telemetry.exposition().decode())
        for sample in family.samples
    }


def test_what_clients_make_up_is_one_label() -> None:
    telemetry = Telemetry()
    for number in range(4000, 4999):
        telemetry.closed(number, 1.0)
        telemetry.error(f"code_{number}")
    told = samples(telemetry)
    assert told["voicelab_closes_total", "other"] == 999
    assert told["voicelab_errors_total", "other"] == 999
    assert len([key for key in told if key[0] == "voicelab_closes_total"]) == 1


def test_when_a_measure_began_is_not_told() -> None:
    telemetry = Telemetry()
    telemetry.opened()
    telemetry.late(0)
    names = {name for name, *_ in samples(telemetry)}
    assert "voicelab_sessions_total" in names
    assert not [name for name in names if name.endswith("_created")]


def test_lateness_is_counted_in_seconds() -> None:
    telemetry = Telemetry()
    telemetry.late(39_000_000)
    telemetry.late(41_000_000)
    telemetry.lagged(0)
    told = samples(telemetry)
    assert told["voicelab_event_lateness_seconds_bucket", "0.04"] == 1
    assert told["voicelab_event_lateness_seconds_bucket", "0.08"] == 2
    assert told["voicelab_event_lateness_seconds_sum",] == pytest.approx(0.08)
    assert told["voicelab_loop_lag_seconds_count",] == 1


def test_present_numbers_are_asked_for() -> None:
    telemetry = Telemetry()
    now = {"sessions": 3, "bytes": 7}
    telemetry.watch(lambda: now["sessions"], lambda: now["bytes"])
    assert samples(telemetry)["voicelab_sessions_open",] == 3
    now["sessions"] = 4
    assert samples(telemetry)["voicelab_sessions_open",] == 4
    assert samples(telemetry)["voicelab_pending_bytes",] == 7


def test_two_servers_count_apart() -> None:
    one, two = Telemetry(), Telemetry()
    one.opened()
    assert samples(one)["voicelab_sessions_total",] == 1
    assert samples(two)["voicelab_sessions_total",] == 0
