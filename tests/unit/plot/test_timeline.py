from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.collections import Collection
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from tests.support.logs import LogBuilder
from tests.support.results import make_run
from voicelab.plot import style, timeline
from voicelab.plot.swimlanes import API_EVENTS, NO_ANSWER
from voicelab.result import Run


def axes_of(run: Run) -> Axes:
    return timeline(run).figure.axes[0]


def named(axes: Axes, name: str) -> list[Any]:
    return [child for child in axes.get_children() if child.get_gid() == name]


def spans(axes: Axes, name: str) -> list[tuple[float, float]]:
    """Return from and to, in seconds, of the bars of a name."""
    (drawn,) = named(axes, name)
    assert isinstance(drawn, Collection)
    extents = [path.get_extents() for path in drawn.get_paths()]
    return [(round(box.x0, 6), round(box.x1, 6)) for box in extents]


@pytest.fixture(scope="module")
def axes() -> Axes:
    return axes_of(make_run())


def test_bars_stand_where_things_happened(axes: Axes) -> None:
    assert spans(axes, "caller-turns") == [(0.2, 1.0), (3.09, 4.0), (6.8, 7.0)]
    assert spans(axes, "backchannels") == [(2.3, 2.5)]
    assert spans(axes, "detected-turns") == [(0.224, 1.524), (3.104, 4.5)]
    assert spans(axes, "heard-turns") == [(2.09, 3.242), (5.09, 6.59)]


@pytest.mark.parametrize(
    ("name", "color"),
    [
        ("caller-turns", style.USER),
        ("detected-turns", style.SERVER),
        ("sent", style.AGENT_SENT),
        ("heard-turns", style.AGENT_HEARD),
    ],
)
def test_colours_go_by_meaning(axes: Axes, name: str, color: str) -> None:
    (drawn,) = named(axes, name)
    assert to_hex(drawn.get_facecolor()[0]).upper() == color


def test_what_was_never_heard_is_hatched(axes: Axes) -> None:
    (drawn,) = named(axes, "never-heard")
    assert drawn.get_hatch()
    assert len(drawn.get_paths()) == 1


def test_each_truncation_is_a_rule_with_its_error(axes: Axes) -> None:
    (rule,) = named(axes, "truncation")
    ((low, high),) = (segment[:, 1] for segment in rule.get_segments())
    assert rule.get_segments()[0][0][0] == pytest.approx(3.214)
    assert abs(high - low) > 3  # inches: through all lanes
    assert "+48" in texts(axes)


def texts(axes: Axes) -> set[str]:
    return {text.get_text() for text in axes.texts}


def test_each_wait_is_a_span_with_its_length(axes: Axes) -> None:
    waits = [line.get_segments()[0][:, 0].tolist() for line in named(axes, "wait")]
    assert waits == [[1.0, 2.09], [4.0, 5.09]]
    assert {"1090", "\N{MULTIPLICATION SIGN}"} <= texts(axes)


def test_an_answer_that_nobody_saw_heard_is_not_shown_as_none() -> None:
    axes = axes_of(make_run(unobserved=["ear", "player"]))
    assert not named(axes, "wait")
    assert "1090" not in texts(axes)
    crosses = [text for text in axes.texts if text.get_text() == NO_ANSWER]
    assert len(crosses) == 1  # of the third turn, which got none


@pytest.mark.parametrize(("label", "times_s"), [("speech_stopped", [1.56, 4.56])])
def test_events_are_marked_where_they_were_made(
    axes: Axes, label: str, times_s: list[float]
) -> None:
    (line,) = named(axes, label)
    assert isinstance(line, Line2D)
    assert np.asarray(line.get_xdata()).tolist() == times_s
    assert label in API_EVENTS


def test_the_greatest_buffer_is_told(axes: Axes) -> None:
    assert "3.0 s " in texts(axes)


def test_every_lane_is_named_and_time_has_a_unit(axes: Axes) -> None:
    labels = {label.get_text() for label in axes.get_yticklabels()}
    assert {"caller, as spoken", "agent, as heard", *API_EVENTS} <= labels
    assert axes.get_xlabel().endswith(", s")
    assert axes.get_xlim() == (0, 8)


def test_lanes_say_what_can_be_seen_from_outside() -> None:
    log = LogBuilder()
    log.caller(0, 200, 1000)
    labels = [label.get_text() for label in axes_of(make_run(log)).get_yticklabels()]
    assert "agent, as received\n(hatched: not heard)" in labels
    assert "server VAD\n(turns detected)" in labels
    seen_inside = make_run()
    inside = [label.get_text() for label in axes_of(seen_inside).get_yticklabels()]
    assert "agent, as sent\n(hatched: not heard)" in inside


def test_the_footer_tells_n_seed_and_run(axes: Axes) -> None:
    (footer,) = named(axes, "footer")
    for part in ("n = 3 caller turns", "seed 7", "virtual clock", "0123456789ab"):
        assert part in footer.get_text()


def test_the_digest_tells_the_numbers() -> None:
    assert repr(timeline(make_run())) == (
        "<Timeline turns=3 truncations=1 error=+48 ms>"
    )


def test_without_truncations_there_is_no_lane_for_them() -> None:
    axes = axes_of(make_run(LogBuilder()))
    labels = " ".join(label.get_text() for label in axes.get_yticklabels())
    assert "truncation" not in labels
    assert not named(axes, "truncation")


def test_an_empty_run_can_be_drawn() -> None:
    run = Run({"schema_version": 1, "run_id": "x"}, b"", np.zeros((0, 2), np.int16))
    picture = timeline(run)
    assert repr(picture) == "<Timeline turns=0 truncations=0>"
    assert picture._repr_png_().startswith(b"\x89PNG")


def test_without_a_server_lane_the_client_s_view_is_drawn() -> None:
    log = LogBuilder(server=False)
    log.caller(0, 200, 1000)
    log.heard_as("user-0", 224, 1024, sent_ms=1560)
    log.answer("resp-0", "agent-0", "user-0", 1560, 3000)
    (line,) = named(axes_of(make_run(log)), "response.created")
    assert np.asarray(line.get_xdata()).tolist() == [1.61]


def test_it_draws_into_given_axes() -> None:
    figure = Figure()
    axes = figure.add_subplot()
    assert timeline(make_run(), ax=axes).figure is figure
    assert named(axes, "caller-turns")
