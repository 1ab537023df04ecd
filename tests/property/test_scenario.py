"""Scenarios against independent readers: `json`, PyYAML's writer, `jsonschema`."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import jsonschema
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from voicelab.document import document_of, fit, parse_document, paths_from
from voicelab.document.shapes import value_at
from voicelab.errors import InputError, ScenarioError
from voicelab.scenario import apply_settings, json_schema, scenario_from
from voicelab.scenario.model import ScenarioFile

repeatable = settings(derandomize=True, deadline=None, max_examples=300)

TEXT = st.text(
    st.characters(exclude_categories=["Cc", "Cs"], exclude_characters="\ufeff"),
    max_size=12,
)
WHOLE = st.integers(-(2**63) + 1, 2**63 - 1)
FRACTION = st.floats(allow_nan=False, allow_infinity=False)
LEAF = st.none() | st.booleans() | WHOLE | FRACTION | TEXT
DATA = st.recursive(
    LEAF,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4)
    ),
    max_leaves=12,
)

FULL: dict[str, Any] = {
    "voicelab": 1,
    "name": "booking",
    "caller": {"audio": "call.wav", "channel": 0, "drive": "fixed"},
    "agent": {
        "responder": "scripted",
        "replies": [
            {
                "text": "Yes.",
                "audio": "reply.wav",
                "words": [{"text": "Yes.", "start_ms": 1.5, "end_ms": 9.5}],
            }
        ],
    },
    "session": {
        "type": "realtime",
        "output_modalities": ["audio"],
        "audio": {
            "input": {"turn_detection": {"type": "server_vad", "threshold": 0.25}},
            "output": {"format": {"type": "audio/pcmu"}, "speed": 1.25},
        },
        "max_output_tokens": 100,
        "tools": [{"type": "function", "name": "f"}],
    },
    "channel": {"uplink": {"delay_ms": 40.5, "loss_rate": 0.5}},
    "client": {"frame_ms": 20, "player_options": {"lead_ms": None}},
    "seed": 7,
    "expect": {"cut_ins": {"max": 0.5}},
}


def names_words(data: Any) -> bool:
    """Tell whether a file of words is named, which is read before the shape counts."""
    words = value_at(data, ("agent", "replies", 0, "words"))
    return isinstance(words, str) and bool(words)


def places(data: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner: Iterable[tuple[Any, Any]] = ()
    if isinstance(data, dict):
        inner = data.items()
    elif isinstance(data, list):
        inner = enumerate(data)
    return [path, *(p for key, value in inner for p in places(value, (*path, key)))]


@st.composite
def mutated(draw: st.DrawFn) -> Any:
    """The full scenario with one value replaced, one key dropped or one added."""
    data = copy.deepcopy(FULL)
    path = draw(st.sampled_from(places(data)[1:]))
    holder: Any = data
    for step in path[:-1]:
        holder = holder[step]
    change = draw(st.sampled_from(["replace", "nudge", "drop", "add"]))
    if change == "drop":
        del holder[path[-1]]
    elif change == "add" and isinstance(holder, dict):
        holder[draw(TEXT)] = draw(LEAF)
    elif change == "nudge" and isinstance(holder[path[-1]], float):
        holder[path[-1]] = draw(st.floats(-2, 2).filter(lambda x: x != int(x)))
    else:
        # A whole number with a point is an integer to JSON Schema, not to us.
        holder[path[-1]] = draw(DATA.filter(lambda v: not isinstance(v, float)))
    return data


def fault_of(action: Callable[[], object]) -> InputError | None:
    try:
        action()
    except InputError as fault:
        return fault
    return None


@repeatable
@given(DATA)
def test_json_is_read_as_json_reads_it(data: Any) -> None:
    found = parse_document(json.dumps(data), ScenarioError).data
    assert found == data
    assert json.dumps(found) == json.dumps(data)


@repeatable
@given(DATA)
def test_yaml_is_read_as_it_was_written(data: Any) -> None:
    # Quoted, since its writer leaves `1e3` plain, which YAML 1.1 takes for text.
    text = yaml.safe_dump(data, allow_unicode=True, default_style='"')
    assert parse_document(text, ScenarioError).data == data


@repeatable
@given(mutated().filter(lambda data: not names_words(data)))
def test_the_loader_and_the_schema_agree_on_the_shape(data: Any) -> None:
    hook = paths_from(Path("/base"))
    document = document_of(data, ScenarioError)
    fault = fault_of(lambda: fit(document, ScenarioFile, hook=hook))
    assert VALIDATOR.is_valid(data) == (fault is None), fault
    assert fault is None or fault.path or fault.problem.startswith("the key")


VALIDATOR = jsonschema.Draft202012Validator(json_schema())


@repeatable
@given(mutated() | DATA)
def test_whatever_is_wrong_is_told_in_one_sentence(data: Any) -> None:
    # The recordings do not exist, so that something is always wrong.
    fault = fault_of(lambda: scenario_from(data, Path("/nowhere")))
    assert fault is not None
    assert len(str(fault).splitlines()) == 1


SETTABLE = [p for p in places(FULL) if p and not isinstance(p[-1], int)]


@repeatable
@given(st.sampled_from(SETTABLE), DATA)
def test_a_setting_sets_what_it_names_and_nothing_else(path: Any, value: Any) -> None:
    name = "".join(f"[{s}]" if isinstance(s, int) else f".{s}" for s in path)[1:]
    changed = apply_settings(FULL, [f"{name}={json.dumps(value)}"])

    expected = copy.deepcopy(FULL)
    holder: Any = expected
    for step in path[:-1]:
        holder = holder[step]
    holder[path[-1]] = value
    assert changed == expected
