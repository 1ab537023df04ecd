from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from matplotlib.figure import Figure

from tests.support.figures import named, stage_table, words
from tests.support.results import make_run
from voicelab import plot
from voicelab.errors import InputError
from voicelab.metrics import STAGE_PARTS
from voicelab.plot import style
from voicelab.plot.stage_waterfall import staged


def row(*parts: float | None, turn: int = 0, outcome: str = "answered") -> Any:
    """Return a turn with the parts of `STAGE_PARTS`; the latency is their sum."""
    told = dict(zip([f"{part}_ms" for part in STAGE_PARTS], parts, strict=True))
    known = [part for part in parts if part is not None]
    about = {"turn": turn, "outcome": outcome, "cut_in": False}
    return {**about, "response_latency_ms": sum(known) if known else None, **told}


def table(*rows: dict[str, Any]) -> pd.DataFrame:
    frame = pd.DataFrame(rows)
    numbers = [column for column in frame.columns if column.endswith("_ms")]
    return frame.astype(dict.fromkeys(numbers, "float64"))


# uplink, endpointing, rest, speech to text, chat, text to speech, downlink, playout
CASCADE = table(
    row(10, 500, 0, 300, 400, 200, 20, 80, turn=0),
    row(20, 600, 0, 100, 200, 200, 30, 80, turn=1),
)
MODEL = table(
    row(10, 500, 700, None, None, None, 20, 80, turn=0),
    row(*[None] * 8, turn=1, outcome="unanswered"),
)


def extents(drawn: Any) -> list[tuple[float, float]]:
    boxes = [path.get_extents() for path in drawn.get_paths()]
    return [(round(box.x0, 6), round(box.x1, 6)) for box in boxes]


def test_the_stages_of_a_pipeline_stand_where_they_were_at_work() -> None:
    picture = plot.stage_waterfall(CASCADE)
    spans = {
        part: extents(drawn[0])
        for part in STAGE_PARTS
        if (drawn := named(picture, f"part-{part}"))
    }
    assert spans == {
        "uplink": [(0, 10), (0, 20)],
        "endpointing_delay": [(10, 510), (20, 620)],
        "stt": [(510, 810), (620, 720)],
        "chat": [(810, 1210), (720, 920)],
        "tts": [(1210, 1410), (920, 1120)],
        "downlink": [(1410, 1430), (1120, 1150)],
        "playout_delay": [(1430, 1510), (1150, 1230)],
    }


def test_a_model_has_the_parts_that_the_waterfall_has() -> None:
    picture = plot.stage_waterfall(MODEL)
    (ttfb,) = named(picture, "part-server_ttfb")
    assert extents(ttfb) == [(510, 1210)]
    assert not named(picture, "part-stt")
    assert "server TTFB" in words(picture)
    assert "unanswered" in words(picture)


def test_architectures_stand_one_below_the_other_on_one_scale() -> None:
    picture = plot.stage_waterfall({"one model": MODEL, "three services": CASCADE})
    assert [each.get_text() for each in named(picture, "panel")] == [
        "one model",
        "three services",
    ]
    host = picture.figure.axes[0]
    above, below = host.child_axes
    assert above.get_xlim() == below.get_xlim()
    assert above.get_position().y0 > below.get_position().y1
    assert above.get_xlabel() == ""
    assert "end of the caller's turn" in below.get_xlabel()
    assert named(picture, "part-server_ttfb")
    assert named(picture, "part-tts")


def test_the_digest_tells_each_architecture() -> None:
    picture = plot.stage_waterfall({"one": MODEL, "three": CASCADE})
    assert repr(picture) == (
        "<StageWaterfall one: turns=2 p50=1310 ms p95=refused (n=1 < 20) "
        "server_ttfb=700 ms; three: turns=2 p50=1370 ms p95=refused (n=2 < 20) "
        "stt=200 ms chat=300 ms tts=200 ms>"
    )


def test_what_is_in_no_stage_is_drawn_if_there_is_any() -> None:
    late = CASCADE.assign(server_rest_ms=[50.0, 0.0])
    late["response_latency_ms"] += late["server_rest_ms"]
    assert "rest of the server" in words(plot.stage_waterfall(late))
    assert "rest of the server" not in words(plot.stage_waterfall(CASCADE))


def test_a_turn_answered_without_stages_among_others_keeps_its_length() -> None:
    mixed = table(
        row(10, 500, 0, 300, 400, 200, 20, 80, turn=0),
        row(10, 500, 950, None, None, None, 20, 80, turn=1),
    )
    waits = staged(mixed)
    assert waits.edges[:, -1].tolist() == waits.total.tolist() == [1560, 1510]


def test_a_run_without_stages_can_be_drawn() -> None:
    picture = plot.stage_waterfall(make_run())
    (footer,) = named(picture, "footer")
    assert "seed 7" in footer.get_text()
    assert "StageWaterfall turns=3" in repr(picture)


def test_it_can_be_drawn_into_axes_that_are_there() -> None:
    axes = Figure(figsize=(7, 6)).add_subplot()
    picture = plot.stage_waterfall({"a": MODEL, "b": CASCADE}, ax=axes)
    assert picture.figure is axes.figure


def test_the_stages_differ_from_each_other_in_grey_as_well() -> None:
    looks = [style.PARTS[stage][1:] for stage in ("stt", "chat", "tts", "server_rest")]
    assert len({hatch for _, hatch in looks}) == len(looks)


def test_more_architectures_than_fit_are_refused() -> None:
    many = {str(number): CASCADE for number in range(9)}
    with pytest.raises(InputError, match="9 values of 'condition'"):
        plot.stage_waterfall(many)


def test_a_table_of_something_else_is_refused() -> None:
    with pytest.raises(InputError, match="no column 'server_rest_ms'"):
        plot.stage_waterfall(stage_table(3).drop(columns="server_rest_ms"))


def test_where_nothing_was_answered_there_is_nothing_to_draw() -> None:
    with pytest.raises(InputError, match="none of 1 turn was answered"):
        plot.stage_waterfall(MODEL[1:])
