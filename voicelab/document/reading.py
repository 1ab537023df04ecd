"""Files in YAML or JSON as plain data, each value with the line it came from.

The reading is narrower than YAML at large, so that a file means what it looks
like it means:

* scalars follow the core schema of YAML 1.2 (https://yaml.org/spec/1.2.2/, 10.3):
  `no` and `on` are text, `1:30` is text, `1e3` is a number, as in JSON;
* a key is text and stands once in its mapping;
* numbers are finite and whole ones fit in 64 bits;
* there are no anchors, aliases and tags, hence no data that is shared or built.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from voicelab.document.model import Document, FieldPath
from voicelab.document.plain import LARGEST_INT, number_problem
from voicelab.errors import InputError

_MOST_DIGITS = 19


def read_document(file: Path, error: type[InputError]) -> Document:
    """Read a YAML or JSON file.

    Raises:
        InputError: as `error`, when the file is missing, a folder, unreadable,
            not text, empty, not YAML, or breaks a rule of this module.
    """
    text = _read_text(file, error)
    if file.suffix.lower() == ".json":
        # JSON may be indented with tabs, YAML may not; no string holds a raw one.
        text = text.replace("\t", " ")
    return parse_document(text, error, file=file)


def parse_document(
    text: str, error: type[InputError], *, file: Path | None = None
) -> Document:
    """Read YAML or JSON that is at hand as text; see `read_document`."""
    reader = _Reader(error, file)
    loader: _CoreLoader | None = None
    try:
        loader = _CoreLoader(text)
        node = loader.get_single_node()
        if node is None:
            raise error("the file is empty", file=file)
        data = reader.build(node, ())
    except yaml.YAMLError as fault:
        raise _not_yaml(fault, error, file) from None
    except RecursionError:
        raise error("the file is nested too deeply", file=file) from None
    finally:
        if loader is not None:
            loader.dispose()
    return Document(data, error, file, reader.lines)


def _read_text(file: Path, error: type[InputError]) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise error("there is no such file", file=file) from None
    except IsADirectoryError:
        raise error("this is a folder, not a file", file=file) from None
    except UnicodeDecodeError:
        raise error("this is not a text file (UTF-8)", file=file) from None
    except (OSError, ValueError) as fault:
        raise error(f"the file cannot be read ({fault})", file=file) from None


def _not_yaml(
    fault: yaml.YAMLError, error: type[InputError], file: Path | None
) -> InputError:
    if isinstance(fault, yaml.reader.ReaderError):
        return error("this is not a text file: it has control characters", file=file)
    mark = getattr(fault, "problem_mark", None)
    said = getattr(fault, "problem", None) or "it cannot be parsed"
    return error(
        f"this is not YAML: {said}", file=file, line=mark.line + 1 if mark else None
    )


class _CoreLoader(yaml.SafeLoader):
    """The composer of PyYAML with the scalars of YAML 1.2's core schema."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 -- as PyYAML has it


_TAG = "tag:yaml.org,2002:"
_NUMBER_STARTS = list("-+.0123456789")
_FLOAT = (
    r"^(?:[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?"
    r"|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$"
)
_SCALARS = (
    ("null", r"^(?:~|null|Null|NULL|)$", ["~", "n", "N", ""]),
    ("bool", r"^(?:true|True|TRUE|false|False|FALSE)$", list("tTfF")),
    ("int", r"^(?:[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+)$", _NUMBER_STARTS),
    ("float", _FLOAT, _NUMBER_STARTS),
)
for _name, _pattern, _starts in _SCALARS:
    _CoreLoader.add_implicit_resolver(_TAG + _name, re.compile(_pattern), _starts)


class _Reader:
    """Builds plain data from composed nodes and notes the lines as it goes."""

    def __init__(self, error: type[InputError], file: Path | None) -> None:
        self.lines: dict[FieldPath, int] = {}
        self._error = error
        self._file = file
        self._seen: set[int] = set()

    def build(self, node: yaml.Node, path: FieldPath) -> Any:
        self.lines.setdefault(path, node.start_mark.line + 1)
        if id(node) in self._seen:
            raise self._fault(path, "this is an alias", "write the value out")
        self._seen.add(id(node))
        if node.tag not in _TAGS:
            raise self._fault(
                path, f"the tag {node.tag} is not allowed", "leave it out"
            )
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [
                self.build(item, (*path, index))
                for index, item in enumerate(node.value)
            ]
        return self._scalar(node, path)

    def _mapping(self, node: yaml.MappingNode, path: FieldPath) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = self._key(key_node, path)
            place = (*path, key)
            if key in result:
                first = self.lines[place]
                self.lines[place] = key_node.start_mark.line + 1
                raise self._fault(
                    place,
                    f"this key stands here twice (first on line {first})",
                    "keep one of the two",
                )
            self.lines[place] = key_node.start_mark.line + 1
            result[key] = self.build(value_node, place)
        return result

    def _key(self, node: yaml.Node, path: FieldPath) -> str:
        if isinstance(node, yaml.ScalarNode) and node.tag == _TAG + "str":
            return _joined(node.value)
        self.lines[path] = node.start_mark.line + 1
        shown = node.value if isinstance(node, yaml.ScalarNode) else "this key"
        raise self._fault(path, f"{shown} is a key but not text", "put it in quotes")

    def _scalar(self, node: yaml.Node, path: FieldPath) -> Any:
        try:
            value = _CONVERT[node.tag](node.value)
        except (ValueError, KeyError):  # an explicit tag on a scalar that is not such
            problem = f"{node.value[:40]!r} does not fit the tag {node.tag}"
            raise self._fault(path, problem) from None
        if wrong := number_problem(value):
            raise self._fault(path, wrong)
        return value

    def _fault(
        self, path: FieldPath, problem: str, fix: str | None = None
    ) -> InputError:
        place = Document(None, self._error, self._file, self.lines)
        return place.fault(path, problem, fix)


def _joined(text: str) -> str:
    # JSON writes characters beyond U+FFFF as two escapes; YAML keeps them apart.
    if text.isascii():
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _int(text: str) -> int:
    if len(text) > _MOST_DIGITS + 2:
        return LARGEST_INT + 1
    for prefix, base in (("0x", 16), ("0o", 8)):
        if text.startswith(prefix):
            return int(text[2:], base)
    return int(text)


def _float(text: str) -> float:
    return float(text.lower().replace(".inf", "inf").replace(".nan", "nan"))


def _bool(text: str) -> bool:
    return {"true": True, "false": False}[text.lower()]


def _none(_: str) -> None:
    return None


_CONVERT: dict[str, Callable[[str], Any]] = {
    _TAG + "str": _joined,
    _TAG + "int": _int,
    _TAG + "float": _float,
    _TAG + "bool": _bool,
    _TAG + "null": _none,
}
_TAGS = frozenset({*_CONVERT, _TAG + "map", _TAG + "seq"})
