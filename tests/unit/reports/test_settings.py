from __future__ import annotations

from typing import Any

from tests.support.results import make_run
from voicelab.reports.settings import MAX_SETTINGS, differing_settings


def settings_of(*scenarios: dict[str, Any] | None) -> Any:
    return differing_settings([make_run(scenario=each) for each in scenarios])


def test_only_what_differs() -> None:
    names, values = settings_of(
        {"seed": 1, "client": {"player": "browser", "truncation": "zero"}},
        {"seed": 1, "client": {"player": "browser", "truncation": "played"}},
    )
    assert names == ("client.truncation",)
    assert values == [("zero",), ("played",)]


def test_what_one_of_them_does_not_have() -> None:
    names, values = settings_of({"seed": 1}, {"seed": 1, "channel": {"codec": "pcmu"}})
    assert names == ("channel.codec",)
    assert values == [("",), ("pcmu",)]


def test_records_of_calls_have_no_scenario() -> None:
    assert settings_of(None, None) == ((), [(), ()])


def test_no_more_columns_than_one_reads() -> None:
    many = [{f"key{n}": value for n in range(9)} for value in (1, 2)]
    names, values = settings_of(*many)
    assert names == tuple(f"key{n}" for n in range(MAX_SETTINGS))
    assert [len(each) for each in values] == [MAX_SETTINGS, MAX_SETTINGS]


def test_different_scenarios_are_told_apart_by_their_names() -> None:
    runs = [
        make_run(name="a", scenario={"x": 1}),
        make_run(name="b", scenario={"x": 2}),
    ]
    assert differing_settings(runs) == ((), [(), ()])
