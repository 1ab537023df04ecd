from __future__ import annotations

import struct
from pathlib import Path

import matplotlib as mpl
import pytest
from matplotlib.figure import Figure

from tests.support.results import make_run
from voicelab.errors import InputError
from voicelab.plot import Plot, style, timeline


def size_of(png: bytes) -> tuple[int, int]:
    width, height = struct.unpack(">II", png[16:24])
    return width, height


def test_a_notebook_gets_a_picture_at_screen_size() -> None:
    picture = Plot(Figure(figsize=(7, 2)), "Nothing n=0")
    assert size_of(picture._repr_png_()) == (7 * 96, 2 * 96)
    assert repr(picture) == "<Nothing n=0>"


def test_equal_runs_give_equal_pictures() -> None:
    first, second = (timeline(make_run())._repr_png_() for _ in range(2))
    assert first == second


@pytest.mark.parametrize("ending", ["png", "svg", "pdf"])
def test_the_ending_says_the_format(tmp_path: Path, ending: str) -> None:
    file = Plot(Figure(), "x").save(tmp_path / f"figure.{ending}")
    assert file.read_bytes()[:5] in {b"\x89PNG\r", b"<?xml", b"%PDF-"}


@pytest.mark.parametrize("name", ["figure.what", "missing/figure.png"])
def test_what_cannot_be_saved_is_told(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match="cannot be saved"):
        Plot(Figure(), "x").save(tmp_path / name)


def test_the_surroundings_keep_their_settings() -> None:
    with mpl.rc_context({"font.size": 23.0}):
        before = dict(mpl.rcParams)
        timeline(make_run())._repr_png_()
        assert dict(mpl.rcParams) == before


def test_the_surroundings_do_not_change_the_look() -> None:
    plain = timeline(make_run())._repr_png_()
    with mpl.rc_context({"font.size": 23.0, "axes.facecolor": "black"}):
        assert timeline(make_run())._repr_png_() == plain


def test_axes_made_elsewhere_get_the_look() -> None:
    axes = Figure().add_axes((0.3, 0.3, 0.5, 0.5))
    picture = timeline(make_run(), ax=axes)
    assert picture.figure is axes.get_figure(root=True)
    assert not axes.spines["top"].get_visible()
    assert axes.xaxis.label.get_fontsize() == style.FONT_PT


def test_colours_differ() -> None:
    colors = [style.USER, style.AGENT_SENT, style.AGENT_HEARD, style.SERVER]
    colors += [style.OVERLAP, style.THRESHOLD, style.CONTEXT]
    assert len(set(colors)) == len(colors)
