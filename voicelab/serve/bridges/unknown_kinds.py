"""Messages of kinds that a leg's protocol did not have when this was written."""

from __future__ import annotations

from typing import Any, get_args

import msgspec


def is_unknown(text: str | bytes, tag_field: str, known: Any) -> bool:
    """Return whether a text is a message of a kind that is not known.

    What is not a message at all, or a broken one of a known kind, is not unknown.

    Args:
        text: the text.
        tag_field: the field that tells the kind.
        known: the union of the messages that are known.
    """
    try:
        document = msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return False
    if not isinstance(document, dict):
        return False
    tags = {kind.__struct_config__.tag for kind in get_args(known)}
    kind = document.get(tag_field)
    return isinstance(kind, str) and kind not in tags
