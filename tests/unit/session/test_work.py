"""Work without threads: results count when what they are charged is over."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from voicelab.session.work import INLINE


def test_a_result_counts_when_it_is_charged_for() -> None:
    job = INLINE.begin(lambda: "done", now_ns=100, charged_ns=50)
    assert job.due_ns() == 150
    assert job.result() == "done"


def test_a_task_is_done_once_however_often_it_is_asked_for() -> None:
    done: list[int] = []
    job = INLINE.begin(lambda: done.append(1), 0)
    job.result()
    job.result()
    assert done == [1]


def test_what_is_cancelled_before_it_is_due_is_never_done() -> None:
    done: list[int] = []
    INLINE.begin(lambda: done.append(1), 0, 10).cancel()
    assert done == []


def test_an_error_comes_back_each_time() -> None:
    done: list[int] = []

    def fail() -> None:
        done.append(1)
        raise ValueError("no")

    job = INLINE.begin(fail, 0)
    for _ in range(2):
        with pytest.raises(ValueError, match="no"):
            job.result()
    assert done == [1]


def test_things_count_one_after_the_other() -> None:
    charges = {(0, "a"): 10, (1, "b"): 5, (2, "c"): 0}
    flow = INLINE.each(lambda: iter("abc"), 100, lambda at, thing: charges[at, thing])
    assert flow.next_due_ns() == 110
    assert list(flow.take(109)) == []
    assert list(flow.take(112)) == [(110, "a")]
    assert not flow.finished
    assert list(flow.take(115)) == [(115, "b"), (115, "c")]
    assert flow.finished
    assert flow.next_due_ns() is None


def broken() -> Iterator[str]:
    yield "a"
    raise ValueError("no more")


def test_an_error_comes_after_all_that_came_before_it() -> None:
    flow = INLINE.each(broken, 0, lambda _place, _thing: 10)
    assert list(flow.take(10)) == [(10, "a")]
    assert not flow.finished
    assert flow.next_due_ns() == 10
    with pytest.raises(ValueError, match="no more"):
        flow.take(10)
    assert flow.finished


def test_nothing_at_all_is_finished_at_once() -> None:
    flow = INLINE.each(lambda: iter(()), 0, lambda _place, _thing: 10)
    assert flow.finished
    assert flow.next_due_ns() is None
    assert list(flow.take(10)) == []


def test_a_cancelled_flow_gives_nothing() -> None:
    flow = INLINE.each(broken, 0, lambda _place, _thing: 10)
    flow.cancel()
    assert flow.finished
    assert list(flow.take(100)) == []
