"""Walking a msgspec type beside the data, and saying in words what it wants."""

from __future__ import annotations

import difflib
import functools
from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Any, cast

from msgspec import inspect

from voicelab.document.model import FieldPath
from voicelab.document.secrets import HIDDEN

EXPECTS = "expects"
"""The key of `Meta.extra` under which a field says in words what it wants."""


def type_shape(kind: type[Any]) -> inspect.Type:
    """Return what msgspec knows about a type; it never changes, so it is kept."""
    return _type_shape(cast("Hashable", kind))


@functools.cache
def _type_shape(kind: Hashable) -> inspect.Type:
    return inspect.type_info(kind)


def options(shape: inspect.Type) -> list[inspect.Type]:
    """Return the members of a union, or the type itself, without annotations."""
    shape = bare(shape)
    if isinstance(shape, inspect.UnionType):
        return [bare(member) for member in shape.types]
    return [shape]


def bare(shape: inspect.Type) -> inspect.Type:
    """Return the type inside its metadata."""
    while isinstance(shape, inspect.Metadata):
        shape = shape.type
    return shape


def keys(shape: inspect.Type, data: Any) -> dict[str, inspect.Type]:
    """Return the keys that a mapping may have, each with its type.

    In a union of tagged structs the tag in `data` chooses; without a tag that
    fits, every member's keys count. An open mapping has none.
    """
    structs = [s for s in options(shape) if isinstance(s, inspect.StructType)]
    if isinstance(data, Mapping):
        chosen = [s for s in structs if s.tag_field and data.get(s.tag_field) == s.tag]
        structs = chosen or structs
    found: dict[str, inspect.Type] = {}
    for struct in structs:
        if struct.tag_field:
            found[struct.tag_field] = inspect.LiteralType(_tags(shape))
        found.update((field.encode_name, field.type) for field in struct.fields)
    return found


def is_open(shape: inspect.Type) -> bool:
    """Tell whether a mapping of this type may have any key."""
    return any(
        isinstance(s, inspect.DictType | inspect.AnyType) for s in options(shape)
    )


def child(shape: inspect.Type, data: Any, step: str | int) -> inspect.Type | None:
    """Return the type one step further in, or None where the step leads nowhere."""
    if isinstance(step, str) and step in (known := keys(shape, data)):
        return known[step]
    for option in options(shape):
        if isinstance(option, inspect.AnyType):
            return option
        if isinstance(step, str) and isinstance(option, inspect.DictType):
            return option.value_type
        if isinstance(step, int) and isinstance(
            option, inspect.ListType | inspect.VarTupleType
        ):
            return option.item_type
    return None


def locate(shape: inspect.Type, data: Any, path: FieldPath) -> inspect.Type | None:
    """Return the type at a path; the data tells which member of a union it is."""
    for step in path:
        found = child(shape, data, step)
        if found is None:
            return None
        shape = found
        data = value_at(data, (step,))
    return shape


def value_at(data: Any, path: FieldPath) -> Any:
    """Return the value at a path, or None where there is none."""
    for step in path:
        try:
            data = data[step]
        except (KeyError, IndexError, TypeError):
            return None
    return data


def describe(shape: inspect.Type) -> str:
    """Return in words what a type wants, such as `a number from 0 to 1`."""
    if isinstance(shape, inspect.Metadata):
        extra = shape.extra or {}
        return str(extra.get(EXPECTS) or describe(shape.type))
    if isinstance(shape, inspect.UnionType):
        return _describe_union(shape)
    if isinstance(shape, inspect.LiteralType):
        return one_of(shape.values)
    if isinstance(shape, inspect.IntType):
        return "a whole number" + _range(shape)
    if isinstance(shape, inspect.FloatType):
        return "a number" + _range(shape)
    if isinstance(shape, inspect.StrType):
        return "text that is not empty" if shape.min_length else "text"
    if isinstance(shape, inspect.ListType | inspect.VarTupleType):
        return _describe_list(shape)
    return _PLAIN_WORDS.get(type(shape), "a value of another kind")


def why_hidden(shape: inspect.Type) -> str | None:
    """Return why a value of this type is never shown; None if it may be."""
    members = shape.types if isinstance(shape, inspect.UnionType) else (shape,)
    for member in members:
        if isinstance(member, inspect.Metadata) and member.extra:
            found = member.extra.get(HIDDEN) or why_hidden(member.type)
            if found:
                return str(found)
    return None


def choices(shape: inspect.Type) -> list[object]:
    """Return the values that a type lists one by one."""
    return [
        value
        for option in options(shape)
        if isinstance(option, inspect.LiteralType)
        for value in option.values
    ]


def one_of(names: Iterable[object]) -> str:
    """Return a choice in words: `a, b or c`."""
    words = [str(name) for name in names]
    return " or ".join([*([", ".join(words[:-1])] if words[1:] else []), *words[-1:]])


def close_names(name: object, known: Iterable[object]) -> str | None:
    """Return `did you mean x?` for the known name nearest to `name`, or None."""
    by_folded = {str(candidate).casefold(): str(candidate) for candidate in known}
    near = difflib.get_close_matches(str(name).casefold(), by_folded, n=1, cutoff=0.6)
    return f"did you mean {by_folded[near[0]]}?" if near else None


_PLAIN_WORDS: Mapping[type[inspect.Type], str] = {
    inspect.BoolType: "true or false",
    inspect.NoneType: "null",
    inspect.DictType: "a mapping",
    inspect.StructType: "a mapping",
    inspect.CustomType: "a path",
}


def _describe_union(shape: inspect.UnionType) -> str:
    told = dict.fromkeys(describe(member) for member in shape.types)
    # null is always the last resort of an optional value, so it is named last
    return one_of(sorted(told, key=lambda words: words == "null"))


def _describe_list(shape: inspect.ListType | inspect.VarTupleType) -> str:
    item = describe(shape.item_type)
    if shape.min_length == shape.max_length == 1:
        return f"a list of one value ({item})"
    items = {"a mapping": "mappings", "text": "texts"}.get(item, f"values ({item})")
    least = f", at least {shape.min_length}" if shape.min_length else ""
    most = f", at most {shape.max_length}" if shape.max_length else ""
    return f"a list of {items}{least}{most}"


def _range(shape: inspect.IntType | inspect.FloatType) -> str:
    low = _bound("of at least", shape.ge) or _bound("above", shape.gt)
    high = _bound("of at most", shape.le) or _bound("below", shape.lt)
    if shape.ge is not None and shape.le is not None:
        return f" from {shape.ge:.15g} to {shape.le:.15g}"
    return " and".join(part for part in (low, high) if part)


def _bound(words: str, value: float | None) -> str:
    return "" if value is None else f" {words} {value:.15g}"


def _tags(shape: inspect.Type) -> tuple[Any, ...]:
    structs: Sequence[inspect.Type] = options(shape)
    return tuple(
        s.tag for s in structs if isinstance(s, inspect.StructType) and s.tag_field
    )
