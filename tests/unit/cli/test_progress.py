"""The bar on a terminal."""

from __future__ import annotations

from rich.progress import Progress

from voicelab.cli.progress import Bar, _Rate


def test_a_rate_is_shown_once_it_is_known() -> None:
    now_s = 0.0
    bar = Progress(get_time=lambda: now_s)
    task = bar.add_task("", total=100, completed=50)
    assert _Rate().render(bar.tasks[0]).plain == ""
    for _ in range(4):
        now_s += 0.5
        bar.advance(task)
    assert _Rate().render(bar.tasks[0]).plain == "2.0/s"


def test_what_was_done_before_counts_and_is_no_speed() -> None:
    with Bar(10, done=4, rated=True) as bar:
        bar.begin("cells")
        bar.advance()
        (task,) = bar._bar.tasks
        assert (task.completed, task.total, task.description) == (5, 10, "cells")
        assert len(bar._bar.columns) == 5


def test_a_bar_shows_no_rate_unless_asked() -> None:
    with Bar(3) as bar:
        assert len(bar._bar.columns) == 3


def test_how_much_there_is_may_be_found_out_late() -> None:
    with Bar(1) as bar:
        bar.show(3, 12)
        (task,) = bar._bar.tasks
        assert (task.completed, task.total) == (3, 12)
