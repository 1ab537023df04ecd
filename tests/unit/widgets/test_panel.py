"""The explorer's controls do what a run with the same settings does."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pytest

pytest.importorskip("ipywidgets", reason="needs ipywidgets")

import msgspec
import numpy as np
import soundfile as sf

import voicelab as vl
from tests.support.runs import bundled
from voicelab.errors import MissingPartError, ScenarioError
from voicelab.plot.swimlanes import signed
from voicelab.widgets import explorer
from voicelab.widgets.panel import Explorer


@pytest.fixture(scope="module")
def shared() -> Explorer:
    return explorer("dentist")


@pytest.fixture
def dentist(shared: Explorer) -> Iterator[Explorer]:
    """An explorer whose controls stand as at first."""
    start = msgspec.structs.asdict(shared.controls.knobs)
    yield shared
    for name, value in start.items():
        shared.controls[name].value = value


def shown(widget: Any) -> str:
    """Return all HTML that a widget shows."""
    own = widget.value if type(widget).__name__ == "HTML" else ""
    return own + "".join(shown(child) for child in getattr(widget, "children", ()))


def test_it_begins_with_the_scenario_itself(dentist: Explorer) -> None:
    run = vl.run("dentist")
    assert dentist.run.run_id == run.run_id
    assert dentist.run.truncations.equals(run.truncations)


def test_its_text_form_is_short_and_a_digest_of_the_numbers(dentist: Explorer) -> None:
    text = "<Explorer dentist turns=6 latency_p50=1487 ms truncations=2>"
    assert repr(dentist) == text
    assert dentist._repr_mimebundle_()["text/plain"] == text


@pytest.mark.parametrize(
    ("name", "value", "settings"),
    [
        (
            "silence_duration_ms",
            900,
            {
                "session": {
                    "audio": {"input": {"turn_detection": {"silence_duration_ms": 900}}}
                }
            },
        ),
        (
            "delay_ms",
            150.0,
            {"channel": {"uplink": {"delay_ms": 150}, "downlink": {"delay_ms": 150}}},
        ),
        ("policy", "zero", {"client": {"truncation": "zero"}}),
        ("player", "ideal", {"client": {"player": "ideal"}}),
    ],
)
def test_a_moved_control_shows_the_run_with_that_setting(
    dentist: Explorer, name: str, value: Any, settings: dict[str, Any]
) -> None:
    before = shown(dentist)
    dentist.controls[name].value = value
    run = vl.run("dentist", **settings)
    assert dentist.run.latency.equals(run.latency)
    assert dentist.run.truncations.equals(run.truncations)
    assert np.array_equal(dentist.run.audio, run.audio)
    after = shown(dentist)
    assert after != before
    assert f"<b>{run.summary.cut_ins}</b>" in after
    error_ms = run.summary.truncation_error_max_ms
    assert error_ms is not None
    assert f"<b>{signed(error_ms)} ms</b>" in after


def test_moved_back_it_is_the_scenario_again(dentist: Explorer) -> None:
    text, run_id = repr(dentist), dentist.run.run_id
    dentist.controls["threshold"].value = 0.9
    assert dentist.run.run_id != run_id
    dentist.controls["threshold"].value = 0.5
    assert (repr(dentist), dentist.run.run_id) == (text, run_id)


def test_controls_that_would_do_nothing_are_off(dentist: Explorer) -> None:
    def off() -> set[str]:
        names = ("threshold", "silence_duration_ms", "prefix_padding_ms", "eagerness")
        return {name for name in names if dentist.controls[name].disabled}

    assert off() == {"eagerness"}
    dentist.controls["detection"].value = "semantic_vad"
    assert off() == {"threshold", "silence_duration_ms", "prefix_padding_ms"}
    assert "a model hears whether the turn is over" in shown(dentist)
    dentist.controls["detection"].value = "none"
    assert len(off()) == 4
    assert "a model hears" not in shown(dentist)


def test_a_setting_that_cannot_be_run_is_told_in_a_sentence(
    dentist: Explorer, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id = dentist.run.run_id

    def refuse(*_: object) -> None:
        raise ScenarioError("the <player> has no such thing", path="client.player")

    with monkeypatch.context() as patched:
        patched.setattr("voicelab.widgets.panel.simulate_log", refuse)
        dentist.controls["player"].value = "ideal"
    assert dentist.run.run_id == run_id
    assert "client.player: the &lt;player&gt; has no such thing." in shown(dentist)
    assert "Traceback" not in shown(dentist)
    dentist.controls["player"].value = "browser"
    assert "no such thing" not in shown(dentist)


def test_the_audio_comes_when_it_is_asked_for_and_goes_with_a_change(
    dentist: Explorer,
) -> None:
    box = dentist.children[-1]
    button, audio = box.children
    assert audio.children == ()
    button.click()
    samples, rate_hz = sf.read(BytesIO(audio.children[0].value), dtype="int16")
    assert rate_hz == dentist.run.audio_rate_hz
    assert np.array_equal(samples, dentist.run.audio)
    dentist.controls["policy"].value = "zero"
    assert audio.children == ()


def test_a_scenario_that_begins_with_semantic_vad_says_what_that_is() -> None:
    session = {"audio": {"input": {"turn_detection": {"type": "semantic_vad"}}}}
    assert "a model hears whether the turn is over" in shown(
        explorer(bundled("wifi-help", session=session))
    )


def test_a_setting_beyond_the_sliders_end_moves_the_end() -> None:
    long = {"audio": {"input": {"turn_detection": {"silence_duration_ms": 5000}}}}
    control = explorer(bundled("dentist", session=long)).controls["silence_duration_ms"]
    assert (control.value, control.max) == (5000, 5000)


def test_without_interruptions_the_ledger_says_so() -> None:
    assert "No answer was interrupted." in shown(explorer("wifi-help"))


def test_there_must_be_such_a_scenario() -> None:
    with pytest.raises(ScenarioError, match="dentits"):
        explorer("dentits")


def test_without_ipywidgets_one_sentence_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "ipywidgets", None)
    for name in ("panel", "controls"):
        monkeypatch.delitem(sys.modules, f"voicelab.widgets.{name}")
    with pytest.raises(MissingPartError, match=r"needs ipywidgets.*\[notebooks\]"):
        explorer("dentist")
