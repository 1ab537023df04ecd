"""Function arguments made from any JSON schema, held against `jsonschema`."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from voicelab.responders.assistant_arguments import arguments_for

Schemas = st.SearchStrategy[dict[str, Any]]

NAMES = st.text("abcdef", min_size=1, max_size=4)
NUMBERS = st.integers(-1000, 1000)
FORMATS = [
    "date",
    "date-time",
    "email",
    "hostname",
    "ipv4",
    "ipv6",
    "time",
    "uri",
    "uuid",
]
PATTERNS = ["^[A-Z]{3}$", r"^\d{5}$", "^[a-z]+$", r"^\+\d+$", "[0-9]"]


def between(low: int, more: int, kind: str) -> dict[str, Any]:
    return {"type": kind, "minimum": low, "maximum": low + more}


LEAVES: Schemas = st.one_of(
    st.builds(
        lambda low, more: {"type": "string", "minLength": low, "maxLength": low + more},
        st.integers(0, 30),
        st.integers(0, 30),
    ),
    st.sampled_from(FORMATS).map(lambda name: {"type": "string", "format": name}),
    st.sampled_from(PATTERNS).map(lambda text: {"type": "string", "pattern": text}),
    st.sampled_from(["boolean", "null", "string"]).map(lambda kind: {"type": kind}),
    st.sampled_from([{}, {"type": ["null", "string"]}]),
    st.builds(
        between, NUMBERS, st.integers(0, 50), st.sampled_from(["integer", "number"])
    ),
    st.builds(
        lambda low, more: {
            "type": "number",
            "exclusiveMinimum": low,
            "exclusiveMaximum": low + more,
        },
        st.floats(-1e3, 1e3),
        st.floats(0.01, 100),
    ),
    st.builds(
        lambda low, step: {"type": "integer", "minimum": low, "multipleOf": step},
        NUMBERS,
        st.integers(1, 12),
    ),
    st.builds(
        lambda high, step: {"type": "number", "maximum": high, "multipleOf": step},
        NUMBERS,
        st.sampled_from([0.1, 0.25, 0.5, 1.5, 3]),
    ),
    st.lists(
        st.one_of(st.text(), NUMBERS, st.booleans(), st.none()),
        min_size=1,
        unique_by=repr,
    ).map(lambda values: {"enum": values}),
    st.one_of(st.text(), NUMBERS).map(lambda value: {"const": value}),
    st.text().map(lambda text: {"type": "string", "default": text}),
    st.builds(
        lambda items, least: {"items": items, "minItems": least, "uniqueItems": True},
        st.sampled_from(
            [
                {"type": "string"},
                {"type": "integer", "minimum": 3},
                {"enum": ["a", "b", "c", "d", "e"]},
            ]
        ),
        st.integers(0, 5),
    ).map(lambda schema: {"type": "array", **schema}),
)


def objects(of: Schemas) -> Schemas:
    def some(properties: dict[str, Any]) -> Schemas:
        names = st.sampled_from(sorted(properties)) if properties else st.nothing()
        return st.builds(
            lambda required, more: {
                "type": "object",
                "properties": properties,
                "required": required,
                "additionalProperties": more,
            },
            st.lists(names, unique=True),
            st.booleans(),
        )

    return st.dictionaries(NAMES, of, max_size=4).flatmap(some)


SCHEMAS: Schemas = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        objects(inner),
        st.builds(
            lambda items, least: {"type": "array", "items": items, "minItems": least},
            inner,
            st.integers(0, 4),
        ),
        st.lists(inner, min_size=1, max_size=3).map(lambda options: {"anyOf": options}),
        inner.map(
            lambda schema: {"$defs": {"it": schema}, "allOf": [schema, {"title": "x"}]}
        ),
    ),
    max_leaves=12,
)


@settings(max_examples=400)
@given(objects(SCHEMAS))
def test_arguments_satisfy_their_schema(schema: dict[str, Any]) -> None:
    made = json.loads(json.dumps(arguments_for(schema)))
    checker = Draft202012Validator.FORMAT_CHECKER
    Draft202012Validator(schema, format_checker=checker).validate(made)


@given(objects(SCHEMAS))
def test_references_lead_to_the_same_values(schema: dict[str, Any]) -> None:
    referred = {"$ref": "#/$defs/it", "$defs": {"it": schema}}
    assert arguments_for(referred) == arguments_for(schema)


WORDS = st.sampled_from(
    [
        *("type", "enum", "const", "default", "$ref", "anyOf", "oneOf", "allOf"),
        *("properties", "required", "minProperties", "additionalProperties"),
        *("items", "prefixItems", "minItems", "maxItems", "uniqueItems"),
        *("minLength", "maxLength", "pattern", "format"),
        *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
    ]
)
KINDS = st.sampled_from(["object", "array", "string", "integer", "number", "#", "#/a"])
ANYTHING = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text()),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(WORDS, st.one_of(inner, KINDS), max_size=6),
    ),
    max_leaves=25,
)


@settings(max_examples=400)
@given(ANYTHING)
def test_whatever_stands_for_a_schema_nothing_breaks(schema: Any) -> None:
    assert isinstance(arguments_for(schema), dict)
