"""Documents by a bundled name or by a path."""

from __future__ import annotations

from pathlib import Path

import pytest

from voicelab.document import find_document, names_in
from voicelab.errors import ProfileError


def find(name_or_path: str, folder: Path, base: Path | None = None) -> Path:
    return find_document(
        name_or_path, folder, base=base, none="there is no tea", error=ProfileError
    )


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    for name in ("oolong.yaml", "assam.yaml", "water.txt"):
        (tmp_path / name).touch()
    return tmp_path


def test_a_name_stands_for_its_file(shelf: Path) -> None:
    assert names_in(shelf) == ["assam", "oolong"]
    assert find("assam", shelf) == shelf / "assam.yaml"


def test_a_path_is_relative_to_its_base(shelf: Path) -> None:
    elsewhere = shelf / "none"
    assert find("assam.yaml", elsewhere, shelf) == shelf / "assam.yaml"
    assert find(str(shelf / "water.txt"), elsewhere) == shelf / "water.txt"


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("asam", "there is no tea named 'asam'; did you mean assam?"),
        ("mint", "there is no tea named 'mint'; known: assam, oolong"),
        (
            "mint.txt",
            (
                "there is no tea named 'mint.txt'; known: assam, oolong; a file is "
                "named with its folder: ./mint.txt"
            ),
        ),
        ("assam.txt", "there is no tea named 'assam.txt'; did you mean assam?"),
    ],
)
def test_an_unknown_name_is_told_with_the_known_ones(
    name: str, says: str, shelf: Path
) -> None:
    with pytest.raises(ProfileError) as caught:
        find(name, shelf)
    assert str(caught.value) == says


def test_where_nothing_is_known_nothing_is_offered(tmp_path: Path) -> None:
    with pytest.raises(ProfileError, match="named 'mint'; known: none"):
        find("mint", tmp_path)


def test_a_path_that_leads_to_no_file_is_told(shelf: Path) -> None:
    (shelf / "cup.yaml").mkdir()
    for path, says in (
        ("milk.yaml", "there is no such file"),
        ("pot/milk", "there is no such file"),
        ("cup.yaml", "this is a folder"),
    ):
        with pytest.raises(ProfileError) as caught:
            find(path, shelf, shelf)
        assert str(caught.value) == f"{shelf / path}: {says}"
