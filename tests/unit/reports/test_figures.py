from __future__ import annotations

import base64
import re
import xml.etree.ElementTree as ET

import pytest
from matplotlib.figure import Figure

from tests.support.results import make_run
from voicelab.errors import InputError, RunFormatError
from voicelab.plot import Plot, timeline
from voicelab.reports import figures
from voicelab.reports.figures import image, plain_figure, time_axis

SVG = "{http://www.w3.org/2000/svg}"


def drawing(*texts: str) -> Plot:
    figure = Figure(figsize=(4, 2))
    axes = figure.add_axes((0.25, 0.1, 0.5, 0.8))
    axes.set_xlim(0, 8)
    for text in texts:
        axes.text(1, 0.5, text)
    return Plot(figure, 'Drawing n=1 "<b>"')


def content(markup: str, mime: str) -> bytes:
    found = re.search(rf'src="data:{re.escape(mime)};base64,([^"]+)"', markup)
    assert found is not None
    return base64.b64decode(found[1], validate=True)


def texts_in(markup: str) -> list[str]:
    tree = ET.fromstring(content(markup, "image/svg+xml"))
    return ["".join(each.itertext()) for each in tree.iter(f"{SVG}text")]


def test_the_digest_stands_for_the_image() -> None:
    made = image(drawing())
    assert 'alt="Drawing n=1 &quot;&lt;b&gt;&quot;"' in made
    assert 'width="384" height="192"' in made


def test_where_the_time_axis_lies() -> None:
    axis = time_axis(drawing())
    assert (axis.left, axis.right) == (0.25, 0.75)
    assert (axis.start_s, axis.end_s) == (0, 8)


def test_the_timeline_spans_the_recording() -> None:
    axis = time_axis(timeline(make_run()))
    assert (axis.start_s, axis.end_s) == (0, 8)
    assert 0 < axis.left < axis.right < 1


@pytest.mark.parametrize(
    "text",
    [
        "it costs $5, or $6",
        r"$\frac{",
        "</svg><script>alert(1)</script>",
        "--> <b>",
        "\N{CJK UNIFIED IDEOGRAPH-6F22}\N{CJK UNIFIED IDEOGRAPH-5B57}",
    ],
)
def test_texts_are_texts_whatever_they_say(text: str) -> None:
    assert text in texts_in(image(drawing(text)))


def test_the_same_figure_gives_the_same_bytes() -> None:
    assert image(timeline(make_run())) == image(timeline(make_run()))


def test_no_date_and_no_comment() -> None:
    drawn = content(image(timeline(make_run())), "image/svg+xml")
    assert drawn.startswith(b"<svg")
    assert b"<dc:date>" not in drawn
    assert b"<!--" not in drawn


def test_a_figure_of_too_many_points_becomes_pixels(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(figures, "MAX_SVG_BYTES", 100)
    assert content(image(drawing()), "image/png").startswith(b"\x89PNG")


def test_a_figure_without_anything_to_draw_is_left_out() -> None:
    def nothing(_: object) -> Plot:
        raise InputError("there is nothing to draw")

    assert plain_figure(nothing, make_run()) is None


def test_a_damaged_run_is_no_empty_figure() -> None:
    def damaged(_: object) -> Plot:
        raise RunFormatError("line 3 is broken")

    with pytest.raises(RunFormatError, match="line 3"):
        plain_figure(damaged, make_run())
