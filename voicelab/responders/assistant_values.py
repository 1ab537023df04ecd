"""Single values that a JSON schema allows: texts and numbers, and others like them."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import count, islice
from typing import Any, TypeAlias

Schema: TypeAlias = Mapping[str, Any]

MAX_LENGTH = 1_000
"""No text is made longer, whatever a schema demands."""

MAX_MATCHED_LENGTH = 16
"""A pattern is tried on no longer text: one made to take for ever (nested repeats)
doubles its time with each character."""

FORMATS = {
    "date": "2026-01-15",
    "date-time": "2026-01-15T09:30:00Z",
    "time": "09:30:00Z",
    "duration": "PT30M",
    "email": "caller@example.com",
    "hostname": "example.com",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "uri": "https://example.com/",
    "uri-reference": "/",
    "uuid": "123e4567-e89b-42d3-a456-426614174000",
}
"""A text of each format; names and addresses are those reserved for examples."""

COMMON_TEXTS = (
    *("a", "A", "1", "abc", "ABC", "Abc", "A1", "a1", "en", "EN", "en-US", "USD"),
    *("12", "123", "1234", "12345", "123456", "09:30", "+15550100", "+15550100100"),
    *("2026-01-15", "09:30:00Z", "192.0.2.1", "example.com", "a@example.com"),
    *("#ffffff", "1.0.0", "a-b", "a_b", "AB-123", "ABC123", "caller", "Hello there"),
)
"""Texts that are tried where a pattern is demanded."""

_TRIED_MULTIPLES = 100
_DECIMALS = 10  # a multiple of 0.1 in floating point has more


def size(schema: Schema, word: str, default: int) -> int:
    """Return a length that a schema states, between 0 and `MAX_LENGTH`."""
    stated = schema.get(word)
    if not isinstance(stated, int | float) or not math.isfinite(stated):
        return default
    return min(max(int(stated), 0), MAX_LENGTH)


def text_for(schema: Schema, name: str) -> str:
    """Return a text that a schema allows: by default, the name of what it is for."""
    least = size(schema, "minLength", 0)
    most = size(schema, "maxLength", MAX_LENGTH)
    known = FORMATS.get(str(schema.get("format")))
    if known is not None and "pattern" not in schema:
        return known
    text = name
    if len(text) < least:
        text = ((text or "a") * least)[:least]
    text = text[:most]
    pattern = schema.get("pattern")
    if not isinstance(pattern, str):
        return text
    tried = [text] if known is None else [known]
    return _fitting(pattern, [*tried, *COMMON_TEXTS], range(least, most + 1))


def number_for(schema: Schema, *, whole: bool) -> float:
    """Return a number that a schema allows: the least one, or one near 1."""
    candidates = _candidates(schema, whole=whole)
    found = next((n for n in candidates if _allows(schema, n, whole=whole)), 1)
    return int(found) if whole or float(found).is_integer() else found


def others_like(value: object, schema: Schema) -> Iterator[Any]:
    """Yield values like one that a schema allows: that one, then different ones."""
    yield value
    options = schema.get("enum")
    if isinstance(options, list):
        yield from options
    elif isinstance(value, bool):
        yield not value
    elif isinstance(value, int | float):
        whole = schema.get("type") == "integer"
        near = _candidates(schema, whole=whole)
        yield from (n for n in near if _allows(schema, n, whole=whole))
    elif isinstance(value, str):
        most = size(schema, "maxLength", MAX_LENGTH)
        for number in range(2, MAX_LENGTH):
            mark = str(number)[-most:]
            yield value[: most - len(mark)] + mark


def _fitting(pattern: str, texts: Sequence[str], lengths: range) -> str:
    """Return the first text that fits a pattern, else the first text."""
    try:
        fits = re.compile(pattern).search
    except re.error:
        return texts[0]
    short = (text for text in texts if len(text) <= MAX_MATCHED_LENGTH)
    return next((t for t in short if len(t) in lengths and fits(t)), texts[0])


def _bound(schema: Schema, word: str) -> float | None:
    stated = schema.get(word)
    if isinstance(stated, bool) or not isinstance(stated, int | float):
        return None
    return stated if math.isfinite(stated) else None


def _candidates(schema: Schema, *, whole: bool) -> Iterator[float]:
    """Yield numbers that may be allowed, the least ones first."""
    low = _greatest(schema, "minimum", "exclusiveMinimum")
    high = _least(schema, "maximum", "exclusiveMaximum")
    start = low if low is not None else 1 if high is None else min(1, high)
    yield start
    if low is not None and high is not None:
        yield (low + high) / 2
    step = _bound(schema, "multipleOf") or 1
    first = start / step
    if not math.isfinite(first):
        return
    downward = low is None and high is not None
    multiples = count(math.floor(first), -1) if downward else count(math.ceil(first))
    for number in islice(multiples, _TRIED_MULTIPLES):
        yield number * step
        yield round(number * step, _DECIMALS)
    if whole:
        yield from (math.ceil(start) + k for k in range(_TRIED_MULTIPLES))


def _greatest(schema: Schema, *words: str) -> float | None:
    stated = [_bound(schema, word) for word in words]
    return max((bound for bound in stated if bound is not None), default=None)


def _least(schema: Schema, *words: str) -> float | None:
    stated = [_bound(schema, word) for word in words]
    return min((bound for bound in stated if bound is not None), default=None)


def _allows(schema: Schema, number: float, *, whole: bool) -> bool:
    """Tell whether a number keeps to a schema's bounds."""
    low, above = _bound(schema, "minimum"), _bound(schema, "exclusiveMinimum")
    high, below = _bound(schema, "maximum"), _bound(schema, "exclusiveMaximum")
    step = _bound(schema, "multipleOf")
    return (
        (not whole or float(number).is_integer())
        and (low is None or number >= low)
        and (above is None or number > above)
        and (high is None or number <= high)
        and (below is None or number < below)
        and (not step or (number / step).is_integer())
    )
