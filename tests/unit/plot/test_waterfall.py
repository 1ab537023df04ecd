from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from tests.support.figures import latency_table, named, words
from tests.support.results import make_run
from voicelab import plot
from voicelab.errors import InputError
from voicelab.metrics import PARTS
from voicelab.plot.waits import stages_of


def row(*parts: float | None, outcome: str = "answered", turn: int = 0) -> Any:
    """Return a turn with these parts; the latency is their sum."""
    told = dict(zip([f"{part}_ms" for part in PARTS], parts, strict=False))
    known = [part for part in parts if part is not None]
    total = sum(known) if known else None
    cut_in = outcome == "cut_in"
    about = {"turn": turn, "outcome": outcome, "cut_in": cut_in}
    return {**about, "response_latency_ms": total, **told}


def table(*rows: dict[str, Any]) -> pd.DataFrame:
    columns = [*rows[0], *(f"{part}_ms" for part in PARTS)]
    frame = pd.DataFrame(rows, columns=list(dict.fromkeys(columns)))
    numbers = [column for column in frame.columns if column.endswith("_ms")]
    return frame.astype(dict.fromkeys(numbers, "float64"))


THREE = table(
    row(10, 500, 300, 20, 80, turn=0),
    row(20, 600, 700, 30, 80, turn=1),
    row(None, outcome="unanswered", turn=2),
)


def extents(drawn: Any) -> list[tuple[float, float]]:
    boxes = [path.get_extents() for path in drawn.get_paths()]
    return [(round(box.x0, 6), round(box.x1, 6)) for box in boxes]


def test_stages_are_stacked_the_slowest_on_top() -> None:
    picture = plot.waterfall(THREE)
    spans = {part: extents(named(picture, f"part-{part}")[0]) for part in PARTS}
    assert spans == {
        "uplink": [(0, 20), (0, 10)],
        "endpointing_delay": [(20, 620), (10, 510)],
        "server_ttfb": [(620, 1320), (510, 810)],
        "downlink": [(1320, 1350), (810, 830)],
        "playout_delay": [(1350, 1430), (830, 910)],
    }


def test_a_turn_without_an_answer_is_a_hatched_row() -> None:
    (block,) = named(plot.waterfall(THREE), "unanswered")
    assert block.get_hatch()
    assert "unanswered" in words(plot.waterfall(THREE))


def test_quantiles_are_ruled_or_refused() -> None:
    picture = plot.waterfall(THREE)
    (rule,) = named(picture, "p50")
    assert rule.get_segments()[0][:, 0].tolist() == [1170, 1170]
    assert not named(picture, "p95")
    assert "p95 refused: n = 2 < 20" in words(picture)
    assert repr(picture) == (
        "<LatencyWaterfall turns=3 p50=1170 ms p95=refused (n=2 < 20) without_answer=1>"
    )


def test_twenty_turns_have_a_p95() -> None:
    rows = [row(0, 100 * index, 0, 0, 0, turn=index) for index in range(1, 21)]
    assert repr(plot.waterfall(table(*rows))) == (
        "<LatencyWaterfall turns=20 p50=1050 ms p95=1905 ms>"
    )


def test_a_cut_in_goes_back_and_on_in_two_halves() -> None:
    early = table(row(30, -200, 300, 20, 80, outcome="cut_in"))
    picture = plot.waterfall(early)
    (delay,), (ttfb,) = (
        named(picture, f"part-{part}") for part in ("endpointing_delay", "server_ttfb")
    )
    assert extents(delay) == [(-170, 30)]
    assert extents(ttfb) == [(-170, 130)]
    above, below = (each.get_paths()[0].get_extents() for each in (delay, ttfb))
    assert above.y1 <= below.y0  # y counts downward
    assert picture.figure.axes[0].get_xlim()[0] < -170
    assert "(cut in)" in words(picture)


def test_the_parts_of_each_row_add_up() -> None:
    waits = stages_of(latency_table(60))
    assert np.allclose(waits.edges[:, -1], waits.total)
    assert (np.diff(waits.total) <= 0).all()


def test_a_live_run_shows_what_its_client_saw() -> None:
    seen = THREE.drop(columns=["uplink_ms", "server_ttfb_ms", "downlink_ms"]).assign(
        uplink_ms=np.nan,
        server_ttfb_ms=np.nan,
        downlink_ms=np.nan,
        endpointing_delay_observed_ms=[530.0, 650.0, np.nan],
        ttfb_observed_ms=[300.0, 700.0, np.nan],
    )
    picture = plot.waterfall(seen)
    (ttfb,) = named(picture, "part-ttfb_observed")
    assert extents(ttfb) == [(650, 1350), (530, 830)]
    assert "TTFB, observed" in words(picture)


def test_a_run_tells_name_and_seed() -> None:
    picture = plot.waterfall(make_run())
    (footer,) = named(picture, "footer")
    for part in ("n = 3 caller turns", "1 of 3 unanswered", "a <test>", "seed 7"):
        assert part in footer.get_text()


def test_many_turns_keep_their_rows_without_names() -> None:
    many = latency_table(300)
    picture = plot.waterfall(many)
    answered = int(many["response_latency_ms"].notna().sum())
    assert len(named(picture, "part-uplink")[0].get_paths()) == answered
    assert not named(picture, "total")
    assert len(named(picture, "unanswered")) == 1
    assert picture.figure.get_figheight() < 7


def test_thousands_of_turns_are_areas_of_the_same_extent() -> None:
    waits = stages_of(latency_table(3000))
    picture = plot.waterfall(latency_table(3000))
    for index, part in enumerate(PARTS):
        (area,) = named(picture, f"part-{part}")
        box = area.get_paths()[0].get_extents()
        edges = waits.edges[:, index : index + 2]
        assert (box.x0, box.x1) == (edges.min(), edges.max())


def test_axes_of_ones_own() -> None:
    axes = Figure(figsize=(7, 4)).add_subplot()
    assert plot.waterfall(THREE, ax=axes).figure is axes.get_figure()


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (THREE.iloc[:0], "there is no row"),
        (THREE.drop(columns="uplink_ms"), "no column 'uplink_ms'"),
        (THREE.iloc[2:], "none of 1 turn was answered"),
        (THREE.assign(uplink_ms="soon"), "more than numbers"),
        (THREE.assign(uplink_ms=np.inf), "holds infinity"),
        (7, "int cannot be drawn; give a run, or its .latency table"),
        ("dentist", "str cannot be drawn"),
        ([], "there is no row"),
    ],
)
def test_what_cannot_be_drawn_is_told_in_a_sentence(wrong: Any, said: str) -> None:
    with pytest.raises(InputError, match="waterfall: ") as caught:
        plot.waterfall(wrong)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)
