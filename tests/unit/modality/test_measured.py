"""What runs tell of the assumptions, from logs worked out by hand."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.logs import LogBuilder
from tests.support.results import barge_in, make_run
from voicelab.modality import measured
from voicelab.modality.assumptions import Assumptions
from voicelab.result import Run


def stopped_by(kind: str) -> LogBuilder:
    """Return an answer that two words of the caller broke off, after one of its own."""
    log = LogBuilder()
    log.frames(6000)
    log.caller(0, 200, 1000, words=[("Hello", 0, 800)])
    log.heard_as("user-0", 224, 1024, sent_ms=1560)
    words = ["one", "two", "three"]
    log.answer("resp-0", "agent-0", "user-0", 1560, 3000, words=words, heard_ms=1152)
    log.caller(1, 2300, 2700, kind=kind, words=[("mm", 0, 200), ("hmm", 200, 400)])
    log.heard_as("user-1", 2304, 2700, sent_ms=3260)
    log.interrupt(
        "agent-0", 2712, trigger="user-1", received_ms=3000, played_ms=1150, claim_ms=0
    )
    return log


@pytest.mark.parametrize(
    ("kind", "words"), [("turn", (2, 2, 2)), ("backchannel", (1, 5, 15))]
)
def test_only_turns_interrupt(kind: str, words: tuple[float, ...]) -> None:
    """What a backchannel says is not what people say when they interrupt."""
    told = measured([make_run(stopped_by(kind))]).barge_in_words
    assert (told.low, told.likely, told.high) == words  # of the latter as assumed


def test_runs_are_read_one_by_one() -> None:
    def runs() -> Iterator[Run]:
        yield make_run(stopped_by("turn"))
        yield make_run(barge_in())

    told = measured(runs())
    assert told == measured(list(runs()))
    assert told.speaking_wpm.source.startswith("measured in 2 runs")
    assert told.reading_wpm == Assumptions().reading_wpm
