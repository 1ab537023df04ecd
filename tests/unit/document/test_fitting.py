from __future__ import annotations

from typing import Annotated, Any, Literal

import pytest
from msgspec import UNSET, Meta, Struct, UnsetType

from voicelab.document import EXPECTS, HIDDEN, document_of, fit
from voicelab.errors import ScenarioError


class Cat(Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="cat"):
    lives: Annotated[int, Meta(ge=0, le=9)] = 9


class Dog(Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="dog"):
    tricks: tuple[str, ...] = ()


class Home(Struct, frozen=True, forbid_unknown_fields=True):
    name: str
    pet: Cat | Dog | UnsetType | None = UNSET
    size: Literal["small", "large"] | Annotated[int, Meta(gt=0, lt=10)] = "small"
    rooms: dict[str, Annotated[float, Meta(ge=1)]] = {}
    shelves: Annotated[list[dict[str, Cat]], Meta(max_length=2)] = []
    code: Annotated[str, Meta(pattern="^x", extra={EXPECTS: "a code"})] = "x"
    door: Annotated[str, Meta(pattern="^d", extra={HIDDEN: "it is secret"})] | None = (
        None
    )


@pytest.mark.parametrize(
    ("change", "path", "problem", "fix"),
    [
        ({"nmae": 1}, "nmae", "no such key in the top level", "did you mean name?"),
        ({"zzz": 1}, "zzz", "no such key", "known here: name, pet, size"),
        ({"name": 3}, "name", "3 is a whole number", "give text"),
        ({"name": None}, "name", "null is empty", "give text"),
        ({"pet": {}}, "pet", "kind is missing", "add kind: cat or dog"),
        ({"pet": {"kind": "cta"}}, "pet.kind", "'cta' is not known", "mean cat?"),
        ({"pet": {"kind": "cat", "lives": 10}}, "pet.lives", "out of range", "0 to 9"),
        ({"pet": {"kind": "dog", "lives": 1}}, "pet.lives", "no such key", "tricks"),
        ({"pet": {"kind": "dog", "tricks": [1]}}, "pet.tricks[0]", "1 is", "give text"),
        ({"pet": 3}, "pet", "3 is a whole number", "give a mapping or null"),
        ({"size": "lrge"}, "size", "'lrge' is not known", "did you mean large?"),
        ({"size": 10}, "size", "10 is out of range", "above 0 and below 10"),
        ({"rooms": {"a": 2, "b": 0.5}}, "rooms.b", "0.5 is out of range", "at least 1"),
        ({"rooms": {"a": 2, "b": "c"}}, "rooms.b", "'c' is text", "give a number"),
        ({"shelves": [{}, {"a": {"kind": "cat"}, "b": {"kind": "dog"}}]},
         "shelves[1].b.kind", "'dog' is not known", "give cat"),
        ({"shelves": [{}, {}, {}]}, "shelves", "not allowed", "at most 2"),
        ({"code": "y"}, "code", "'y' is not allowed", "give a code"),
        ({"name": ["x"]}, "name", "this is a list", "give text"),
        ({"name": True}, "name", "true is a truth value", "give text"),
    ],
)  # fmt: skip
def test_a_misfit_is_told_from_the_type_and_the_data(
    change: dict[str, Any], path: str, problem: str, fix: str
) -> None:
    with pytest.raises(ScenarioError) as caught:
        fit(document_of({"name": "x", **change}, ScenarioError), Home)
    assert caught.value.path == path
    assert problem in caught.value.problem
    assert fix in (caught.value.fix or "")


def test_a_missing_key_is_told_at_what_misses_it() -> None:
    with pytest.raises(ScenarioError, match="the key name is missing; add name: text"):
        fit(document_of({}, ScenarioError), Home)


def test_a_long_value_is_shown_in_part() -> None:
    with pytest.raises(ScenarioError) as caught:
        fit(document_of({"name": "x", "size": "y" * 500}, ScenarioError), Home)
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize("door", ["hush", 12345, 1.5, True, ["hush"], {"hush": 1}])
def test_what_a_field_hides_is_never_shown(door: Any) -> None:
    document = document_of({"name": "home", "door": door}, ScenarioError)
    with pytest.raises(ScenarioError) as caught:
        fit(document, Home)
    assert str(caught.value) == (
        "door: the value given is not allowed (it is secret); give text or null"
    )


@pytest.mark.parametrize("door", ["", None, "d"])
def test_nothing_is_no_secret(door: str | None) -> None:
    document = document_of({"name": "home", "door": door}, ScenarioError)
    if door == "":
        with pytest.raises(ScenarioError, match="door: it is empty"):
            fit(document, Home)
    else:
        assert fit(document, Home).door == door


@pytest.mark.parametrize("value", ["sk-hush", "http://me:hush@host"])
def test_what_looks_like_a_key_is_shown_nowhere(value: str) -> None:
    document = document_of({"name": "home", "size": value}, ScenarioError)
    with pytest.raises(ScenarioError) as caught:
        fit(document, Home)
    assert "hush" not in str(caught.value)
    assert "size: the value given (it is not shown, as it may be a key)" in str(
        caught.value
    )
