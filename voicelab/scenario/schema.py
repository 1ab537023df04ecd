"""The JSON schema of a scenario file, for editors and for other programs."""

from __future__ import annotations

import inspect
import re
from pathlib import Path
from typing import Any

import msgspec

from voicelab.scenario.model import Reply, ScenarioFile

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_ATTRIBUTE = re.compile(r"^ {4}(\w+): ((?:.|\n {8})+)", re.MULTILINE)


def json_schema() -> dict[str, Any]:
    """Return the JSON schema (2020-12) of a scenario file.

    It describes the shape of the file, the session object included. What needs
    other files, or more than one value at a time, only `load_scenario` can check.
    """
    schema = msgspec.json.schema(ScenarioFile, schema_hook=_path_schema)
    definitions = schema["$defs"]
    for definition in definitions.values():
        _describe(definition)
    # The loader reads a file of words before it looks at the reply.
    words = definitions[Reply.__name__]["properties"]["words"]
    words["anyOf"].append({"type": "string", "minLength": 1})
    return {"$schema": _DIALECT, "title": "voicelab scenario", **schema}


def _describe(definition: dict[str, Any]) -> None:
    """Hand the attributes of a docstring out to the keys that they describe."""
    if "description" not in definition:
        return
    docstring = inspect.cleandoc(definition["description"])
    definition["description"] = docstring.partition("\n\nAttributes:")[0]
    for name, words in _ATTRIBUTE.findall(docstring):
        definition["properties"][name]["description"] = " ".join(words.split())


def _path_schema(kind: type) -> dict[str, Any]:
    if kind is Path:
        return {"type": "string", "minLength": 1}
    raise NotImplementedError(kind)
