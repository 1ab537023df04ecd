from __future__ import annotations

import pytest

from tests.support.logs import LogBuilder
from voicelab.errors import StatisticsError
from voicelab.metrics import (
    Facts,
    PooledRate,
    SpeechRate,
    pooled_speech_rates,
    speech_rates,
)

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
        assert (rate.articulation_wpm, rate.call_wpm) == (None, None)


def test_the_rates_of_other_tools_stand_beside() -> None:
    log = LogBuilder()
    log.caller(0, 200, 1800, words=WORDS)
    words = ["one", "two", "three", "four"]
    log.answer("resp", "agent-0", None, 2000, 2000, words=words, heard_ms=1200)
    log.add(6000, "link", "link.lost", uplink=0, downlink=0)  # so long is the call
    caller, agent = rates(log)
    # 400 + 400 + 500 ms of words; two words of 500 ms were heard to their end
    assert caller.word_s == pytest.approx(1.3)
    assert agent.word_s == 1.0
    assert caller.articulation_wpm == pytest.approx(3 / 1.3 * 60)
    assert (caller.call_s, agent.call_s) == (6, 6)
    assert (caller.call_wpm, agent.call_wpm) == (30, 20)


def test_what_nobody_told_is_counted() -> None:
    log = LogBuilder()
    log.caller(0, 200, 1800, words=WORDS)
    log.caller(1, 2000, 2500)
    log.answer("resp-0", "agent-0", None, 3000, 1000, words=["one", "two"])
    log.answer("resp-1", "agent-1", None, 5000, 1000)
    for rate in rates(log):
        assert (rate.turns, rate.unknown_turns) == (1, 1)
        assert rate.wpm is not None


def test_what_was_heard_is_unknown_where_a_model_stands_in_for_the_player() -> None:
    log = LogBuilder()
    log.answer("resp", "agent-0", None, 0, 1000, words=["one", "two"])
    modelled = Facts(log.facts().log, ["ear", "player"])
    _, agent = speech_rates(modelled)
    assert (agent.words, agent.turns, agent.unknown_turns) == (0, 0, 1)


def rate(party: str, words: int, seconds: float, unknown_turns: int = 0) -> SpeechRate:
    return SpeechRate(
        party=party,
        words=words,
        voiced_s=seconds,
        speaking_s=2 * seconds,
        word_s=seconds / 2,
        call_s=60,
        turns=1,
        unknown_turns=unknown_turns,
    )


def pooled(
    runs: list[tuple[str, list[SpeechRate]]], party: str = "agent"
) -> dict[str, PooledRate]:
    rows = pooled_speech_rates(runs, resamples=200)
    return {row.measure: row for row in rows if row.party == party}


def test_many_runs_are_pooled_as_sums() -> None:
    # 30 words in 10 s and 10 in 10 s: 40 in 20 s, which is not what any mean of the
    # rates by turns of different length would be
    runs = [
        ("a", [rate("agent", 30, 10)]),
        ("b", [rate("agent", 10, 10, unknown_turns=2)]),
    ]
    rows = pooled(runs)
    assert {name: row.rate_wpm for name, row in rows.items()} == {
        "wpm": 120,
        "wpm_gross": 60,
        "articulation_wpm": 240,
        "call_wpm": 20,
    }
    row = rows["wpm"]
    assert (row.conversations, row.words, row.unknown_turns) == (2, 40, 2)
    # two conversations drawn twice: 60, 120 or 180 words a minute
    assert (row.low_wpm, row.high_wpm) == (60, 180)


def test_runs_of_one_conversation_are_drawn_together() -> None:
    runs = [("a", [rate("agent", 30, 10)]), ("a", [rate("agent", 10, 10)])]
    row = pooled(runs)["wpm"]
    assert (row.conversations, row.rate_wpm) == (1, 120)
    assert (row.low_wpm, row.high_wpm) == (None, None)


def test_a_conversation_without_words_is_counted_and_not_pooled() -> None:
    runs = [
        ("a", [rate("agent", 30, 10)]),
        ("b", [rate("agent", 0, 0, unknown_turns=3)]),
    ]
    row = pooled(runs)["wpm"]
    assert (row.conversations, row.unknown_conversations) == (1, 1)
    assert (row.rate_wpm, row.unknown_turns) == (180, 3)
    nothing = pooled(runs, "caller")["wpm"]
    assert (nothing.conversations, nothing.rate_wpm) == (0, None)


def test_a_confidence_out_of_range_is_refused() -> None:
    runs = [("a", [rate("agent", 30, 10)]), ("b", [rate("agent", 10, 10)])]
    with pytest.raises(StatisticsError, match="between 0 and 1"):
        pooled_speech_rates(runs, confidence=1.5)
