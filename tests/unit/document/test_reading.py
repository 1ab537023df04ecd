from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from voicelab.document import Document, parse_document, read_document
from voicelab.errors import ProfileError, ScenarioError


def parsed(text: str) -> Any:
    return parse_document(text, ScenarioError).data


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("no", "no"),
        ("on", "on"),
        ("Yes", "Yes"),
        ("true", True),
        ("False", False),
        ("~", None),
        ("null", None),
        ("1:30", "1:30"),
        ("2024-01-02", "2024-01-02"),
        ("1_000", "1_000"),
        ("007", 7),
        ("-12", -12),
        ("0x1F", 31),
        ("0o17", 15),
        ("1e3", 1000.0),
        ("-.5E-2", -0.005),
        ("3.", 3.0),
        ("'5'", "5"),
        ("!!str 5", "5"),
        ("9223372036854775807", 2**63 - 1),
        ('"\\ud83d\\ude00"', "\U0001f600"),
        ("<<: x", {"<<": "x"}),
        ("=", "="),
        ("{a: [1, {b: c}]}", {"a": [1, {"b": "c"}]}),
    ],
)
def test_a_value_means_what_it_looks_like(text: str, value: Any) -> None:
    found = parsed(text)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("text", "line", "path", "says"),
    [
        ("a: 1\nb: {c: 2,\n c: 3}", 3, "b.c", "first on line 2"),
        ("a: &x 1\nb: *x", 2, "b", "alias"),
        ("a: &x [*x]", 1, "a[0]", "alias"),
        ("a: .inf", 1, "a", "inf is not a finite number"),
        ("a:\n - 1\n - 9223372036854775808", 3, "a[1]", "64 bits"),
        ("a: 1e999", 1, "a", "inf is not a finite number"),
        ("a: " + "9" * 5000, 1, "a", "64 bits"),
        ("? [a]\n: b", 1, None, "this key is a key but not text"),
        ("a:\n  1.5: b", 2, "a", "1.5 is a key but not text"),
        ("a: !!binary aGk=", 1, "a", "the tag"),
        ("a: !!python/object/apply:os.getcwd []", 1, "a", "the tag"),
        ("a: !!int x", 1, "a", "does not fit the tag"),
        ("a: !!map x", 1, "a", "does not fit the tag"),
        ("a: [1", 1, None, "not YAML"),
        ("a: 1\n b: 2", 2, None, "not YAML"),
    ],
)
def test_what_is_refused(text: str, line: int, path: str | None, says: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        parsed(text)
    assert (caught.value.line, caught.value.path) == (line, path)
    assert says in str(caught.value)


def test_every_value_has_its_line() -> None:
    document = parse_document("a:\n  b: 1\n  c:\n  - x\n  - y: 2\n", ScenarioError)
    assert [
        document.line(path)
        for path in ((), ("a",), ("a", "b"), ("a", "c", 0), ("a", "c", 1, "y"))
    ] == [1, 1, 2, 4, 5]


def test_what_has_no_line_takes_that_of_what_holds_it() -> None:
    document = parse_document("a:\n  b: 1\n", ScenarioError)
    assert document.line(("a", "zzz", 3)) == 1
    assert Document(None, ScenarioError).line(("a",)) is None


def test_json_may_be_indented_with_tabs_and_begin_with_a_mark(tmp_path: Path) -> None:
    file = tmp_path / "a.json"
    file.write_bytes('\ufeff{\n\t"a": ["\u00e9", 1e3]\n}'.encode())
    document = read_document(file, ProfileError)
    assert document.data == {"a": ["\u00e9", 1000.0]}
    assert document.line(("a",)) == 2
    assert isinstance(document.fault((), "x"), ProfileError)


def test_a_file_that_cannot_be_opened(tmp_path: Path) -> None:
    with pytest.raises(ProfileError, match="cannot be read"):
        read_document(tmp_path / "a\0b", ProfileError)
    (tmp_path / "file").touch()
    with pytest.raises(ProfileError, match="cannot be read"):
        read_document(tmp_path / "file" / "x", ProfileError)
