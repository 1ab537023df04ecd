"""Faster and slower agents, run and compared."""

from __future__ import annotations

import pandas as pd
import pytest

from voicelab.errors import ModalityError
from voicelab.facade import load_scenario, run
from voicelab.modality import SpeedRow, measured, speed_effects, speed_lever
from voicelab.modality.assumptions import Assumptions
from voicelab.record.tables import table
from voicelab.scenario import override

INTERRUPTED = "dictation"
"""Its caller breaks one long answer off."""


@pytest.fixture(scope="module")
def lever() -> pd.DataFrame:
    return speed_lever([INTERRUPTED], (0.5, 1.0, 1.5))


def test_faster_speech_is_more_words_in_a_shorter_call(lever: pd.DataFrame) -> None:
    assert list(lever["speed"]) == [0.5, 1.0, 1.5]
    assert set(lever["scenario"]) == {INTERRUPTED}
    assert list(lever["interruptions"]) == [1, 1, 1]
    for column in ("agent_wpm", "agent_wpm_gross", "words_before_barge_in"):
        assert lever[column].is_monotonic_increasing, column
    assert lever["call_s"].is_monotonic_decreasing


def test_speed_one_is_the_run_as_it_always_was(lever: pd.DataFrame) -> None:
    plain = run(INTERRUPTED)
    row = lever[lever["speed"] == 1.0].iloc[0]
    assert row["call_s"] == plain.manifest["conversation_s"]
    assert row["agent_wpm"] == plain.speech_rate["wpm"].iloc[1]
    assert row["words_before_barge_in"] == plain.truncations["heard_words"].sum()
    assert row["stop_latency_p50_ms"] == plain.truncations["stop_latency_ms"].median()
    summary = plain.summary
    assert row["response_latency_p50_ms"] == summary.response_latency_p50_ms
    assert row["underruns"] == 0


def test_a_model_at_real_time_cannot_keep_up_with_fast_speech() -> None:
    paced = override(load_scenario(INTERRUPTED), agent={"profile": "realtime-paced"})
    plain, fast = speed_lever([paced], [1.0, 1.5]).to_dict("records")
    assert plain["underruns"] < 5
    assert fast["underruns"] > 50
    # what is spoken faster waits for what is not there yet: nothing is gained
    assert fast["agent_wpm_gross"] < 1.1 * plain["agent_wpm_gross"]


def test_neither_order_nor_company_changes_a_run(lever: pd.DataFrame) -> None:
    alone = speed_lever([load_scenario(INTERRUPTED)], [1.5])
    wanted = lever[lever["speed"] == 1.5].reset_index(drop=True)
    pd.testing.assert_frame_equal(alone, wanted)


def test_an_agent_at_half_speed_says_half_as_much_in_the_time(
    lever: pd.DataFrame,
) -> None:
    # pauses are stretched as well, so the rate with pauses scales as the speed does;
    # the words that are heard are not quite the same ones
    slow, _, fast = lever["agent_wpm_gross"]
    assert fast / slow == pytest.approx(3, rel=0.1)


def test_word_times_match_the_sound_at_any_speed() -> None:
    # what the ledger counts as heard is what the ear got: positions, not words, decide
    made = run(INTERRUPTED, session={"audio": {"output": {"speed": 1.5}}})
    items = made.facts.agent_items.values()
    for item in items:
        assert item.words
        assert item.words[-1].end_samples <= item.generated_samples
    (row,) = made.truncations.to_dict("records")
    assert row["heard_ms"] < row["generated_ms"]


def test_replies_without_word_times_have_unknown_words() -> None:
    scenario = load_scenario("recipe")
    replies = [
        {"text": reply.text, "audio": str(reply.audio)}
        for reply in scenario.agent.replies
    ]
    silent = override(scenario, agent={"replies": replies})
    row = speed_lever([silent], [1.25]).iloc[0]
    assert pd.isna(row["heard_words"])
    assert pd.isna(row["agent_wpm"])
    assert row["call_s"] > 0


def test_seeds_are_runs_of_their_own() -> None:
    rows = speed_lever([INTERRUPTED], [1.0], seeds=[1, 2])
    assert list(rows["seed"]) == [1, 2]


@pytest.mark.parametrize("speed", [0.2, 1.6, float("nan")])
def test_a_speed_that_the_api_refuses_is_refused(speed: float) -> None:
    with pytest.raises(ModalityError, match=r"between 0\.25 and 1\.5"):
        speed_lever([INTERRUPTED], [1.0, speed])


def row(scenario: str, speed: float, call_s: float, words: int | None) -> SpeedRow:
    return SpeedRow(
        speed=speed,
        scenario=scenario,
        seed=1,
        agent_wpm=200.0 * speed,
        agent_wpm_gross=180.0 * speed,
        heard_words=50,
        interruptions=0 if words is None else 1,
        words_before_barge_in=words,
        phantom_words=0,
        forgotten_words=0,
        stop_latency_p50_ms=None,
        response_latency_p50_ms=None,
        underruns=0,
        call_s=call_s,
    )


def test_effects_are_paired_by_conversation() -> None:
    rows = [
        row("a", 1.0, 60, 10),
        row("a", 1.5, 50, 14),
        row("b", 1.0, 40, 20),
        row("b", 1.5, 34, None),
    ]
    effects = speed_effects(table(rows, SpeedRow)).set_index("measure")
    call = effects.loc["call_s"]
    assert (call["pairs"], call["unpaired"]) == (2, 0)
    assert (call["baseline_mean"], call["difference"]) == (50, -8)
    assert (call["low"], call["high"]) == (-10, -6)
    assert call["p_value"] == 0.5  # both fell: one of two ways to sign them
    words = effects.loc["words_before_barge_in"]
    assert (words["pairs"], words["unpaired"], words["difference"]) == (1, 1, 4)
    assert pd.isna(words["low"])
    stops = effects.loc["stop_latency_p50_ms"]
    assert (stops["pairs"], stops["unpaired"]) == (0, 2)
    assert pd.isna(stops["difference"])


def test_effects_need_their_baseline() -> None:
    with pytest.raises(ModalityError, match=r"nothing was run at speed 0\.9"):
        speed_effects(table([row("a", 1.0, 60, 10)], SpeedRow), baseline_speed=0.9)


def test_rows_that_nobody_could_pair_are_refused(lever: pd.DataFrame) -> None:
    twice = pd.concat([lever, lever])
    with pytest.raises(ModalityError, match="same scenario, seed and speed"):
        speed_effects(twice)


def test_runs_tell_what_they_can() -> None:
    made = run(INTERRUPTED)
    known = measured([made])
    base = Assumptions()
    assert known.reading_wpm == base.reading_wpm
    rate = known.listening_wpm
    gross = made.speech_rate["wpm_gross"].iloc[1]
    assert rate.low == rate.likely == rate.high == pytest.approx(gross)
    assert rate.source == "measured in 1 run: smallest, middle and largest of 1"
    waits_s = made.latency["response_latency_ms"].dropna() / 1000
    assert known.voice_latency_s.high == pytest.approx(waits_s.max())
    heard = made.playback["heard_ms"].notna().sum()
    assert heard
    per_100 = known.barge_ins_per_100_words.likely
    words = made.speech_rate["words"].iloc[1]
    assert per_100 == pytest.approx(100 / words)


def test_a_faster_run_is_measured_as_the_same_voice() -> None:
    plain = run("bank-card")
    fast = run("bank-card", session={"audio": {"output": {"speed": 1.25}}})
    slow_wpm, fast_wpm = (
        measured([made]).listening_wpm.likely for made in (plain, fast)
    )
    assert fast_wpm == pytest.approx(slow_wpm, rel=0.01)
    assert measured([]) == Assumptions()
