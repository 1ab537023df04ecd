"""Single values made from a schema, case by case."""

from __future__ import annotations

import json
from itertools import islice
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from voicelab.responders.assistant_arguments import MAX_VALUES, arguments_for
from voicelab.responders.assistant_values import (
    FORMATS,
    number_for,
    others_like,
    text_for,
)


@pytest.mark.parametrize(
    ("schema", "number"),
    [
        ({}, 1),
        ({"minimum": 7}, 7),
        ({"maximum": -3}, -3),
        ({"exclusiveMinimum": 4}, 5),
        ({"exclusiveMaximum": 1}, 0),
        ({"minimum": 2.5}, 2.5),
        ({"minimum": 3, "maximum": 3}, 3),
        ({"multipleOf": 5, "minimum": 11}, 15),
        ({"exclusiveMinimum": 0, "exclusiveMaximum": 1}, 0.5),
        ({"multipleOf": 0}, 1),
        ({"minimum": "many"}, 1),
        ({"minimum": float("nan")}, 1),
        ({"minimum": 1e300, "multipleOf": 1e-300}, 1),
    ],
)
def test_numbers_keep_to_their_bounds(schema: dict[str, Any], number: float) -> None:
    assert number_for(schema, whole=False) == number


@pytest.mark.parametrize(
    ("schema", "number"),
    [
        ({"minimum": 2.5}, 3),
        ({"maximum": -2.5}, -3),
        ({"multipleOf": 1.5, "minimum": 1}, 3),
        ({"exclusiveMinimum": 7, "exclusiveMaximum": 9}, 8),
    ],
)
def test_integers_are_whole(schema: dict[str, Any], number: int) -> None:
    made = number_for(schema, whole=True)
    assert made == number
    assert isinstance(made, int)


@pytest.mark.parametrize(
    ("schema", "text"),
    [
        ({}, "city"),
        ({"minLength": 6}, "cityci"),
        ({"maxLength": 2}, "ci"),
        ({"format": "date"}, FORMATS["date"]),
        ({"format": "unheard-of"}, "city"),
        ({"pattern": "^[A-Z]{3}$"}, "ABC"),
        ({"pattern": "^ci"}, "city"),
        ({"pattern": "("}, "city"),
        ({"minLength": -4, "maxLength": "no"}, "city"),
    ],
)
def test_texts_are_named_after_what_they_are_for(
    schema: dict[str, Any], text: str
) -> None:
    assert text_for(schema, "city") == text


def test_a_pattern_made_to_take_for_ever_does_not() -> None:
    assert text_for({"pattern": r"^(\S+)+ $"}, "x" * 60)


def test_others_like_a_value_differ() -> None:
    assert list(islice(others_like("city", {"maxLength": 4}), 3)) == [
        "city",
        "cit2",
        "cit3",
    ]
    near = others_like(3, {"type": "integer", "minimum": 3})
    assert {3, 4, 5} <= set(islice(near, 8))
    assert list(others_like(True, {})) == [True, False]
    assert list(others_like("a", {"enum": ["a", "b"]}))[1:] == ["a", "b"]


WEATHER = {
    "type": "object",
    "properties": {
        "city": {"type": "string"},
        "unit": {"type": "string", "enum": ["celsius", "fahrenheit"]},
        "days": {"type": "integer", "minimum": 1, "default": 3},
        "hours": {"type": "array", "items": {"type": "string", "format": "time"}},
        "where": {"$ref": "#/$defs/place"},
        "note": {"anyOf": [{"type": "null"}, {"type": "string"}]},
        "unasked": {"type": "string"},
    },
    "required": ["city", "unit", "days", "hours", "where", "note"],
    "additionalProperties": False,
    "$defs": {
        "place": {
            "type": "object",
            "properties": {"lat": {"type": "number", "minimum": -90}},
            "required": ["lat"],
        }
    },
}


def test_arguments_hold_what_is_required() -> None:
    made = arguments_for(WEATHER)
    assert made == {
        "city": "city",
        "unit": "celsius",
        "days": 3,
        "hours": ["09:30:00Z"],
        "where": {"lat": -90},
        "note": "note",
    }
    Draft202012Validator(WEATHER).validate(made)


@pytest.mark.parametrize(
    "schema",
    [
        {"allOf": [{"required": ["a"]}, {"properties": {"a": {"const": 4}}}]},
        {"properties": {"a": {"type": ["null", "boolean"]}}, "required": ["a"]},
        {"minProperties": 2, "properties": {"a": {}, "b": {"type": "integer"}}},
        {
            "required": ["a"],
            "properties": {
                "a": {"type": "array", "prefixItems": [{"type": "integer"}, {}]}
            },
        },
        {"required": ["x"], "additionalProperties": {"type": "integer"}},
        {
            "required": ["a"],
            "properties": {"a": {"type": "object", "oneOf": [{"required": ["b"]}]}},
        },
    ],
)
def test_less_usual_schemas_are_satisfied(schema: dict[str, Any]) -> None:
    Draft202012Validator(schema).validate(arguments_for({"type": "object", **schema}))


@pytest.mark.parametrize("schema", [None, 3, "object", [], {"type": "string"}, {}])
def test_what_is_no_schema_gets_no_arguments(schema: object) -> None:
    assert arguments_for(schema) == {}


def test_a_schema_that_requires_itself_comes_to_an_end() -> None:
    made = arguments_for({"required": ["me"], "properties": {"me": {"$ref": "#"}}})
    assert made["me"]["me"]["me"]
    assert arguments_for({"$ref": "#"}) == {}


def test_lists_in_lists_do_not_multiply() -> None:
    shape: dict[str, Any] = {"type": "integer"}
    for _ in range(6):
        shape = {"type": "array", "items": shape, "minItems": 40}
    made = arguments_for({"required": ["a"], "properties": {"a": shape}})
    assert len(json.dumps(made)) < 20 * MAX_VALUES * 40
