"""Whole curves over bundled conversations: tables, parts, fronts, frames."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

import voicelab as vl
from voicelab.curves import Curve, CurveRow
from voicelab.errors import CurveError, StatisticsError
from voicelab.metrics.statistics import wilson_interval
from voicelab.record.tables import columns
from voicelab.speech.silero import SileroScorer
from voicelab.speech.vad import Frames, Scores

NAMES = ["bank-card", "directions", "wifi-help", "hotel-cafe"]
TURNS = 6 + 3 + 10 + 5


@pytest.fixture(scope="module")
def curve() -> Curve:
    return vl.operating_curve(
        NAMES, thresholds=[0.5, 0.8], silences_ms=[200, 500], paddings_ms=[0, 300]
    )


@pytest.fixture(scope="module")
def conditions() -> Curve:
    """Two detectors, two codecs, with and without noise."""
    return vl.operating_curve(
        ["bank-card", "directions"],
        detectors=["silero", "energy"],
        thresholds=[0.5],
        silences_ms=[500],
        codecs=["pcm", "pcmu"],
        noise="cafe",
        snrs_db=[None, 5],
    )


def test_the_table_has_a_row_a_setting(curve: Curve) -> None:
    table = curve.table
    assert list(table.columns) == list(columns(CurveRow))
    keys = ["threshold", "silence_duration_ms", "prefix_padding_ms"]
    assert table[keys].to_numpy().tolist() == [
        [threshold, silence_ms, padding_ms]
        for threshold in (0.5, 0.8)
        for silence_ms in (200, 500)
        for padding_ms in (0, 300)
    ]
    assert set(table["turns"]) == {TURNS}
    assert table["is_default"].sum() == 1
    assert (
        repr(curve) == f"<Curve conversations=4 turns={TURNS} conditions=1 settings=8>"
    )


@pytest.fixture(scope="module")
def semantic() -> Curve:
    return vl.operating_curve(
        ["dentist", "book-club"],
        detectors=["silero", "semantic_vad"],
        thresholds=[0.5],
        silences_ms=[500],
        eagerness=["high", "auto"],
    )


def test_semantic_vad_has_a_row_for_each_eagerness(semantic: Curve) -> None:
    server, high, auto = semantic.rows
    assert [server.eagerness, high.eagerness, auto.eagerness] == [None, "high", "auto"]
    assert [high.silence_duration_ms, auto.silence_duration_ms] == [2000, 4000]
    assert [row.is_default for row in semantic.rows] == [True, False, False]
    assert semantic.settings == 3
    # who stops to think in the dentist's call is cut off by silence alone
    assert server.cut_ins > auto.cut_ins
    assert high.endpointing_delay_p50_ms is not None
    assert auto.endpointing_delay_p50_ms is not None
    assert high.endpointing_delay_p50_ms < auto.endpointing_delay_p50_ms


def test_words_make_doubtful_turns_wait(semantic: Curve) -> None:
    told = vl.operating_curve(
        ["dentist", "book-club"],
        detectors="semantic_vad",
        eagerness="high",
        transcribed=True,
    )
    (by_words,) = told.rows
    by_melody = semantic.rows[1]
    assert by_words.cut_ins <= by_melody.cut_ins
    assert by_words.turns == by_melody.turns
    assert by_words.endpoints < by_melody.endpoints


def test_frames_are_judged_by_scorers_only(semantic: Curve) -> None:
    assert set(semantic.det([0.5])["detector"]) == {"silero"}


def test_its_intervals_are_those_of_the_statistics(curve: Curve) -> None:
    row = curve.rows[0]
    wilson = wilson_interval(row.cut_ins, TURNS)
    assert (row.cut_in_rate, row.cut_in_low, row.cut_in_high) == (
        wilson.estimate,
        wilson.low,
        wilson.high,
    )
    assert row.cut_ins > 0
    assert row.endpointing_delay_p50_low_ms is not None
    assert row.endpointing_delay_p50_ms is not None
    assert row.endpointing_delay_p50_high_ms is not None
    assert row.endpointing_delay_p50_low_ms <= row.endpointing_delay_p50_ms
    assert row.endpointing_delay_p50_ms <= row.endpointing_delay_p50_high_ms


def test_padding_changes_nothing_but_the_front(curve: Curve) -> None:
    for bare, padded in zip(curve.rows[::2], curve.rows[1::2], strict=True):
        assert bare.endpointing_delay_p50_ms == padded.endpointing_delay_p50_ms
        assert bare.cut_ins == padded.cut_ins
        assert bare.front_clip_ms is not None
        assert padded.front_clip_ms is not None
        assert bare.front_clip_ms > padded.front_clip_ms


def test_a_percentile_of_too_few_turns_is_refused() -> None:
    row = vl.operating_curve("directions", thresholds=[0.5], silences_ms=[500]).rows[0]
    assert row.endpointing_delays == 3
    assert row.endpointing_delay_p50_ms is not None
    assert row.endpointing_delay_p95_ms is None
    # nothing can be drawn from one conversation
    assert row.endpointing_delay_p50_low_ms is None
    assert row.cut_in_cluster_high is None


def test_parts_add_up(curve: Curve) -> None:
    by_call = curve.by("conversation")
    assert by_call.columns[0] == "conversation"
    assert list(dict.fromkeys(by_call["conversation"])) == NAMES
    counts = ["turns", "cut_ins", "endpoints", "false_turns", "merged_turns"]
    first = by_call.groupby(["threshold", "silence_duration_ms", "prefix_padding_ms"])
    assert (first[counts].sum().to_numpy() == curve.table[counts].to_numpy()).all()


def test_by_speaker_joins_what_one_voice_says(curve: Curve) -> None:
    turns = curve.by("speaker").groupby("speaker")["turns"].first().to_dict()
    assert turns == {"am_michael": 6 + 5, "am_fenrir": 3, "af_bella": 10}


def test_there_are_no_other_parts(curve: Curve) -> None:
    with pytest.raises(CurveError, match="choose of speaker, conversation, codec"):
        curve.by("sex")  # type: ignore[arg-type]


def test_conditions_are_rows_of_their_own(conditions: Curve) -> None:
    found = [
        (row.codec, row.noise, row.snr_db, row.detector) for row in conditions.rows
    ]
    assert found == [
        (codec, *noise, detector)
        for codec in ("pcm", "pcmu")
        for noise in ((None, None), ("cafe", 5.0))
        for detector in ("silero", "energy")
    ]
    assert conditions.conditions == 4
    # a front for each condition, over both detectors
    fronts = Counter((row.codec, row.snr_db) for row in conditions.rows if row.is_front)
    assert len(fronts) == 4


def test_by_noise_and_codec(conditions: Curve) -> None:
    assert set(conditions.by("codec")["codec"]) == {"pcm", "pcmu"}
    assert conditions.by("noise").equals(conditions.table)


def test_the_channels_of_the_scenarios_are_told_apart() -> None:
    mixed = vl.operating_curve(
        ["dentist", "dentist-cafe"], thresholds=[0.5], silences_ms=[500]
    )
    (row,) = mixed.rows
    assert (row.noise, row.snr_db) == ("various", None)
    parts = mixed.by("noise")
    assert parts["noise"].isna().tolist() == [True, False]
    assert parts["conversations"].tolist() == [1, 1]


def test_the_front_is_in_order_and_can_be_narrowed(
    curve: Curve, conditions: Curve
) -> None:
    on_front = curve.front()
    assert on_front["endpointing_delay_p50_ms"].is_monotonic_increasing
    assert on_front["cut_in_rate"].is_monotonic_decreasing
    energy = conditions.front(detector="energy", codec="pcm")
    assert set(energy["detector"]) == {"energy"}
    assert len(energy) == 2  # one of each noise


def test_the_best_of_a_curve(curve: Curve) -> None:
    best = curve.best(max_cut_in_rate=1.0)
    assert best.silence_duration_ms == 200
    assert best.is_sure
    with pytest.raises(CurveError, match=r"keeps cut-ins at 0\.0% or below"):
        curve.best(max_cut_in_rate=0.0)


def test_frames_are_held_against_the_labels(conditions: Curve) -> None:
    points = conditions.det([0.0, 0.5, 1.0])
    assert len(points) == 3 * 8
    all_called_speech = points[points["threshold"] == 0]
    assert set(all_called_speech["miss_rate"]) == {0.0}
    assert set(all_called_speech["false_alarm_rate"]) == {1.0}
    quiet = conditions.det([0.5], detector="silero", codec="pcm", snr_db=None)
    assert quiet["miss_rate"].max() < 0.1
    assert quiet["false_alarm_rate"].max() < 0.1
    inside = conditions.det([0.5], collar_ms=100)
    assert inside["speech_frames"].max() < quiet["speech_frames"].min()
    with pytest.raises(StatisticsError, match="collar"):
        conditions.det(collar_ms=-1)


def test_a_condition_is_scored_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VOICELAB_CACHE", str(tmp_path))
    scored: list[int] = []
    score_file = SileroScorer.score_file

    def counted(self: SileroScorer, frames: Frames) -> Scores:
        scored.append(len(frames))
        return score_file(self, frames)

    monkeypatch.setattr(SileroScorer, "score_file", counted)
    first = vl.operating_curve("card-game")
    again = vl.operating_curve("card-game", silences_ms=[700], thresholds=[0.4])
    assert len(scored) == 1
    row = again.rows[0]
    same = [each for each in first.rows if _setting(each) == _setting(row)]
    assert [each.endpoints for each in same] == [row.endpoints]


def _setting(row: CurveRow) -> tuple[float, int]:
    return row.threshold, row.silence_duration_ms


def test_progress_is_told_conversation_by_conversation() -> None:
    told: list[tuple[str, int]] = []
    vl.operating_curve(
        ["directions", "bank-card"],
        thresholds=[0.5],
        silences_ms=[500],
        codecs=["pcm", "pcmu"],
        progress=lambda name, total: told.append((name, total)),
    )
    assert told == [("directions", 4), ("bank-card", 4)] * 2


def test_a_detector_that_hears_nothing_misses_everything() -> None:
    deaf = vl.operating_curve(
        ["directions", "bank-card"], thresholds=[1.0], silences_ms=[500]
    )
    (row,) = deaf.rows
    assert (row.missed_turns, row.missed_rate, row.endpoints) == (9, 1.0, 0)
    assert (row.cut_in_rate, row.endpointing_delays) == (0.0, 0)
    assert row.endpointing_delay_p50_ms is None
    assert row.onset_delay_p50_ms is None
    assert row.front_clip_ms is None
    assert not row.is_front  # nothing is gained by never answering
    assert deaf.by("conversation")["missed_turns"].tolist() == [3, 6]
    with pytest.raises(CurveError, match="no setting has enough turns"):
        deaf.best(max_cut_in_rate=1.0, by="endpointing_delay_p50_ms")


def test_the_longest_silence_is_heard_out() -> None:
    patient = vl.operating_curve("directions", thresholds=[0.5], silences_ms=[9000])
    (row,) = patient.rows
    assert row.missed_turns == 0
    assert row.endpoints >= 1
    assert row.endpointing_delay_p50_ms is not None
    assert 9000 < row.endpointing_delay_p50_ms < 9200
