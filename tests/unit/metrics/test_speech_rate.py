from __future__ import annotations

import pytest

from tests.support.logs import LogBuilder
from voicelab.metrics import SpeechRate, speech_rates

# 0.2 s of silence after the first word, 0.1 s after the second
WORDS = [("Well,", 0, 400), ("hello", 600, 1000), ("there", 1100, 1600)]


def rates(log: LogBuilder, **options: float) -> tuple[SpeechRate, SpeechRate]:
    caller, agent = speech_rates(log.facts(), **options)
    assert (caller.party, agent.party) == ("caller", "agent")
    return caller, agent


@pytest.mark.parametrize(
    ("ipu_silence_ms", "voiced_s"), [(200, 1.4), (201, 1.6), (100, 1.3), (50, 1.3)]
)
def test_long_silences_are_not_voiced(ipu_silence_ms: float, voiced_s: float) -> None:
    log = LogBuilder()
    log.caller(0, 200, 1800, words=WORDS)
    caller, _ = rates(log, ipu_silence_ms=ipu_silence_ms)
    assert (caller.words, caller.speaking_s) == (3, 1.6)
    assert caller.voiced_s == pytest.approx(voiced_s)
    assert caller.wpm == pytest.approx(3 / voiced_s * 60)
    assert caller.wpm_gross == pytest.approx(3 / 1.6 * 60)


def test_only_heard_words_count_for_the_agent() -> None:
    log = LogBuilder()
    words = ["one", "two", "three", "four"]
    log.answer("resp", "agent-0", None, 0, 2000, words=words, heard_ms=1200)
    _, agent = rates(log)
    assert (agent.words, agent.voiced_s, agent.wpm) == (2, 1.0, 120)


def test_a_break_in_playback_is_heard_as_a_pause() -> None:
    log = LogBuilder()
    log.audio("agent-0", "resp", 0, 2000, words=["one", "two", "three", "four"])
    log.play("agent-0", 100, 1000)
    log.play("agent-0", 2100, 1000, from_ms=1000)
    _, agent = rates(log)
    assert (agent.words, agent.voiced_s) == (4, 2.0)
    assert agent.speaking_s == pytest.approx(3.0)
    assert agent.wpm_gross == pytest.approx(80)


def test_without_words_nothing_is_known() -> None:
    log = LogBuilder()
    log.caller(0, 200, 1000)
    for rate in rates(log):
        assert (rate.words, rate.wpm, rate.wpm_gross) == (0, None, None)
