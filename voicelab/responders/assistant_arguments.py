"""Arguments for a function nobody told us about, made from its JSON schema.

The values mean nothing, but a caller that validates them finds nothing wrong. What
is understood is what function schemas use: types, required properties, `enum`,
`const`, `default`, bounds of numbers, lengths of texts and lists, `multipleOf`,
`uniqueItems`, common formats, `anyOf`, `oneOf`, `allOf`, `$ref` into the schema
itself. Where a schema says more (`not`, `if`, `dependentSchemas`, a `pattern` that
none of a few common texts fits), the value may not satisfy it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Any

from voicelab.responders.assistant_values import (
    Schema,
    number_for,
    others_like,
    size,
    text_for,
)

MAX_DEPTH = 24
"""A schema that requires itself has no finite value; here the attempt ends."""


MAX_ITEMS = 50
"""No list is made longer, whatever a schema demands."""

MAX_VALUES = 2_000
"""No more values are made: lists in lists multiply."""


def arguments_for(parameters: object) -> dict[str, Any]:
    """Return arguments that a function's `parameters` allow; never raises.

    Args:
        parameters: the JSON schema of the arguments, or whatever stands there.
    """
    made = _Maker(parameters).value(parameters, "value", 0)
    return made if isinstance(made, dict) else {}


class _Maker:
    def __init__(self, root: object) -> None:
        self._root = root
        self._made = 0

    def value(self, schema: object, name: str, depth: int) -> Any:
        """Return a value for a schema; `name` is what it is the value of."""
        plain = self._flattened(schema)
        if "const" in plain:
            return plain["const"]
        options = plain.get("enum")
        if isinstance(options, list) and options:
            return options[0]
        if "default" in plain:
            return plain["default"]
        self._made += 1
        if depth > MAX_DEPTH or self._made > MAX_VALUES:
            return None
        kind = _kind(plain)
        if kind == "object":
            return self._object(plain, depth)
        if kind == "array":
            return self._array(plain, name, depth)
        return _scalar(kind, plain, name)

    def _flattened(self, schema: object) -> Schema:
        """Return a schema without references, alternatives and conjunctions."""
        plain = dict(schema) if isinstance(schema, Mapping) else {}
        for _ in range(MAX_DEPTH):
            part = self._next_part(plain)
            if part is None:
                break
            plain = _both(plain, part)
        return plain

    def _next_part(self, plain: dict[str, Any]) -> Schema | None:
        """Take a reference, an alternative or a conjunction out of a schema."""
        reference = plain.pop("$ref", None)
        if isinstance(reference, str):
            return self._referred(reference)
        for word in ("anyOf", "oneOf"):
            options = plain.pop(word, None)
            if isinstance(options, list) and options:
                return _schema(_preferred(options))
        parts = plain.pop("allOf", None)
        if isinstance(parts, list) and parts:
            plain["allOf"] = parts[1:]
            return _schema(parts[0])
        return None

    def _referred(self, reference: str) -> Schema:
        found: Any = self._root
        for key in reference.removeprefix("#").strip("/").split("/"):
            if key and isinstance(found, Mapping):
                found = found.get(key.replace("~1", "/").replace("~0", "~"))
        return _schema(found)

    def _object(self, schema: Schema, depth: int) -> dict[str, Any]:
        known = _schema(schema.get("properties"))
        required = schema.get("required")
        names = required if isinstance(required, list) else []
        names = list(dict.fromkeys(map(str, names)))
        spare = (name for name in known if name not in names)
        wanted = size(schema, "minProperties", 0)
        names += islice(spare, max(wanted - len(names), 0))
        rest = schema.get("additionalProperties")
        return {
            name: self.value(known.get(name, rest), name, depth + 1) for name in names
        }

    def _array(self, schema: Schema, name: str, depth: int) -> list[Any]:
        first = schema.get("prefixItems")
        first = first if isinstance(first, list) else []
        least = size(schema, "minItems", 0)
        most = size(schema, "maxItems", MAX_ITEMS)
        length = min(max(least, len(first) or 1), most, MAX_ITEMS)
        if "items" not in schema and not first and not least:
            return []
        shapes = [*first, *[schema.get("items")] * length][:length]
        made = [self.value(shape, name, depth + 1) for shape in shapes]
        return self._distinct(made, shapes) if schema.get("uniqueItems") else made

    def _distinct(self, made: list[Any], shapes: Sequence[object]) -> list[Any]:
        """Return values that differ from one another, as far as can be."""
        kept: list[Any] = []
        for value, shape in zip(made, shapes, strict=True):
            others = others_like(value, self._flattened(shape))
            kept.append(next((v for v in others if v not in kept), value))
        return kept


def _both(schema: Schema, part: Schema) -> dict[str, Any]:
    """Return what both schemas say; the part's own word counts where they differ."""
    merged = {**schema, **part}
    for word in ("properties", "$defs"):
        if word in schema and word in part:
            merged[word] = {**_schema(schema[word]), **_schema(part[word])}
    if isinstance(schema.get("required"), list) and isinstance(
        part.get("required"), list
    ):
        merged["required"] = [*schema["required"], *part["required"]]
    return merged


def _preferred(options: list[object]) -> object:
    """Return the first alternative that is more than null."""
    said = (option for option in options if _schema(option).get("type") != "null")
    return next(said, options[0])


def _schema(value: object) -> Schema:
    return value if isinstance(value, Mapping) else {}


def _kind(schema: Schema) -> str:
    """Return the type a value shall have; of several, the first but null."""
    kind = schema.get("type")
    if isinstance(kind, list):
        kind = next((name for name in kind if name != "null"), "null")
    if isinstance(kind, str):
        return kind
    if "properties" in schema or "required" in schema:
        return "object"
    if "items" in schema or "prefixItems" in schema:
        return "array"
    bounded = {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"}
    return "number" if bounded & set(schema) else "string"


def _scalar(kind: str, schema: Schema, name: str) -> Any:
    if kind == "string":
        return text_for(schema, name)
    if kind in {"integer", "number"}:
        return number_for(schema, whole=kind == "integer")
    return True if kind == "boolean" else None
