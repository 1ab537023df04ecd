from __future__ import annotations

from typing import Any

import pytest

from tests.support.logs import PER_MS, LogBuilder, one_answer, resumed
from voicelab.metrics import Facts, Truncation, truncations
from voicelab.record.log_reader import read_log

WORDS = ["one", "two", "three", "four", "five", "six"]  # half a second each


def barge_in(
    *, heard_ms: float = 1152, server: bool = True, **claim: Any
) -> LogBuilder:
    """Return an answer of 3 s, heard from 2.09 s, broken off by a turn at 3.09 s."""
    log = LogBuilder(server=server)
    log.frames(5000)
    log.caller(0, 200, 1000)
    log.heard_as("user-0", 224, 1024, sent_ms=1560)
    log.answer(
        "resp-0", "agent-0", "user-0", 1560, 3000, words=WORDS, heard_ms=heard_ms
    )
    log.caller(1, 3090, 4000)
    log.heard_as("user-1", 3104, 4000, sent_ms=4560)
    settings = {"received_ms": 3000, "played_ms": 1150, "claim_ms": 1150, **claim}
    log.interrupt("agent-0", 3214, trigger="user-1", **settings)
    return log


def only(log: LogBuilder) -> Truncation:
    (row,) = truncations(log.facts())
    return row


def test_an_honest_claim_is_as_wrong_as_its_rounding() -> None:
    row = only(barge_in())
    assert (row.verdict, row.refused, row.audio_end_ms) == ("accepted", None, 1150)
    assert (row.generated_ms, row.received_ms) == (3000, 3000)
    assert (row.played_ms, row.heard_ms, row.kept_ms) == (1152, 1152, 1150)
    assert row.truncation_error_ms == -2
    assert row.buffered_ms == 3000 - 1150
    assert row.kept_samples == 1150 * PER_MS
    assert (row.item_id, row.response_id, row.turn) == ("agent-0", "resp-0", 1)
    assert (row.generated_words, row.heard_words) == (6, 2)
    assert (row.phantom_words, row.forgotten_words) == (0, 0)
    assert (row.phantom_text, row.forgotten_text) == ("", "")


def test_stop_latency_runs_from_true_onset_to_silence_at_the_ear() -> None:
    assert only(barge_in()).stop_latency_ms == 2090 + 1152 - 3090


def test_what_only_a_model_tells_is_no_truth() -> None:
    log = barge_in().log()
    (row,) = truncations(Facts(log, {"ear"}))
    assert (row.played_ms, row.kept_ms, row.verdict) == (1152, 1150, "accepted")
    assert (row.heard_ms, row.truncation_error_ms) == (None, None)
    assert (row.phantom_words, row.stop_latency_ms) == (None, None)
    (row,) = truncations(Facts(log, {"player", "ear"}))
    assert (row.played_ms, row.heard_ms) == (None, None)


def test_an_item_settled_after_its_end_is_in_the_ledger() -> None:
    log = one_answer()
    log.caller(1, 6000, 7000)
    log.interrupt(
        "agent-0", 6100, received_ms=3000, played_ms=3000, claim_ms=4400, refused="no"
    )
    row = only(log)
    assert (row.turn, row.verdict, row.audio_end_ms) == (1, "refused", 4400)
    assert (row.heard_ms, row.kept_ms, row.truncation_error_ms) == (3000, 3000, 0)
    assert (row.buffered_ms, row.stop_latency_ms) == (0, None)


def test_without_a_claim_all_is_kept() -> None:
    row = only(barge_in(claim_ms=None))
    assert (row.verdict, row.audio_end_ms, row.kept_ms) == ("not_sent", None, 3000)
    assert row.truncation_error_ms == 3000 - 1152
    assert (row.phantom_words, row.phantom_text) == (4, "three four five six")


def test_a_refused_claim_keeps_all_and_says_why() -> None:
    message = "Audio content of 3000ms is already shorter than 9100ms"
    row = only(barge_in(claim_ms=9100, refused=message))
    assert (row.verdict, row.refused, row.kept_ms) == ("refused", message, 3000)
    assert row.phantom_words == 4


def test_a_claim_of_nothing_forgets_what_was_heard() -> None:
    row = only(barge_in(claim_ms=0))
    assert (row.kept_ms, row.truncation_error_ms) == (0, -1152)
    assert (row.forgotten_words, row.forgotten_text) == (2, "one two")
    assert row.phantom_words == 0


@pytest.mark.parametrize(
    ("heard_ms", "words"), [(499, 0), (500, 1), (999.9, 1), (1000, 2), (3000, 6)]
)
def test_a_word_is_heard_if_its_end_was(heard_ms: float, words: int) -> None:
    assert only(barge_in(heard_ms=heard_ms)).heard_words == words


def test_a_word_that_was_not_generated_to_its_end_does_not_count() -> None:
    log = one_answer()
    log.audio("agent-1", "resp-0", 5000, 1000)
    words = [["whole", 0, 12_000], ["cut", 12_000, 30_000]]
    kind = "reply.audio"
    log.add(
        5000, "server", kind, "agent-1", rate_hz=24_000, samples=24_000, words=words
    )
    log.interrupt("agent-1", 5100, received_ms=1000, played_ms=0, claim_ms=None)
    row = only(log)
    assert (row.generated_words, row.heard_words, row.phantom_words) == (1, 0, 1)


def test_of_a_claim_beyond_the_end_that_was_accepted_all_there_is_is_kept() -> None:
    row = only(barge_in(claim_ms=9900))
    assert (row.verdict, row.audio_end_ms) == ("accepted", 9900)
    assert (row.kept_samples, row.kept_ms) == (3000 * PER_MS, 3000)
    assert row.truncation_error_ms == 3000 - 1152


def test_a_claim_the_server_never_answered_changes_nothing() -> None:
    lines = barge_in().build().splitlines(keepends=True)
    lines = [line for line in lines if b"item.truncated" not in line]
    (row,) = truncations(Facts(read_log(b"".join(lines))))
    assert (row.verdict, row.kept_ms) == ("unanswered", 3000)


def test_noise_that_stops_the_agent_has_no_turn_behind_it() -> None:
    log = one_answer()
    log.heard_as("noise", 3104, 3300, sent_ms=3860)
    log.interrupt(
        "agent-0",
        3214,
        trigger="noise",
        received_ms=3000,
        played_ms=1150,
        claim_ms=1150,
    )
    row = only(log)
    assert (row.turn, row.stop_latency_ms) == (None, None)


def test_a_client_may_be_silent_at_once() -> None:
    log = LogBuilder()
    log.answer("resp-0", "agent-0", None, 0, 3000, heard_ms=1000)
    log.caller(0, 1530, 2000)
    log.interrupt("agent-0", 1530, received_ms=3000, played_ms=1000, claim_ms=1000)
    assert only(log).stop_latency_ms == 0


def test_speech_before_the_item_was_heard_does_not_count_as_its_barge_in() -> None:
    log = resumed()
    log.interrupt(
        "agent-0",
        3214,
        trigger="user-1",
        received_ms=3000,
        played_ms=1150,
        claim_ms=1150,
    )
    # heard from 2.09 s to 3.242 s; the second word begins at 3.1 s
    assert only(log).stop_latency_ms == 142


def test_an_item_that_arrived_after_the_stop_was_never_heard() -> None:
    log = barge_in()
    log.audio("late", "resp-0", 3250, 1000)
    log.interrupt("late", 3310, received_ms=1000, played_ms=0, claim_ms=0)
    row = truncations(log.facts())[1]
    assert (row.heard_ms, row.kept_ms, row.stop_latency_ms) == (0, 0, None)


def test_an_item_of_which_nothing_arrived_is_empty() -> None:
    log = one_answer()
    log.interrupt("nothing", 2500, received_ms=0, played_ms=0, claim_ms=None)
    row = only(log)
    assert (row.item_id, row.generated_ms, row.heard_ms) == ("nothing", 0, 0)


def test_without_a_server_lane_words_are_unknown() -> None:
    row = only(barge_in(server=False))
    assert (row.verdict, row.kept_ms, row.heard_ms) == ("accepted", 1150, 1152)
    assert row.turn == 1
    assert row.stop_latency_ms == 152
    assert (row.heard_words, row.phantom_words, row.phantom_text) == (None, None, None)


def test_positions_stand_in_order() -> None:
    row = only(barge_in())
    assert row.heard_samples is not None
    assert row.played_samples is not None
    positions = (
        row.heard_samples,
        row.played_samples,
        row.received_samples,
        row.generated_samples,
    )
    assert list(positions) == sorted(positions)


def test_what_was_lost_is_a_share_of_the_reply() -> None:
    row = only(barge_in(claim_ms=None))
    assert (row.phantom_rate, row.forgotten_rate) == (4 / 6, 0)
    row = only(barge_in(claim_ms=0))
    assert (row.phantom_rate, row.forgotten_rate) == (0, 2 / 6)
    row = only(barge_in(server=False))
    assert (row.phantom_rate, row.forgotten_rate) == (None, None)


def test_a_reply_without_words_has_no_share() -> None:
    log = one_answer()
    log.add(1960, "server", "reply.audio", "agent-0", rate_hz=24_000, words=[])
    log.interrupt("agent-0", 3214, received_ms=3000, played_ms=1150, claim_ms=None)
    row = only(log)
    assert (row.generated_words, row.phantom_words, row.phantom_rate) == (0, 0, None)


def real_call() -> LogBuilder:
    """Return the record of a call between people: no truth, and no ear."""
    log = LogBuilder()
    log.audio("agent-0", "resp-0", 1000, 3000, words=WORDS)
    return log


def test_what_nobody_observed_is_missing() -> None:
    log = real_call()
    log.add(2000, "client", "interruption", "agent-0", evidence={"marks": [1]})
    row = only(log)
    assert (row.generated_ms, row.received_ms, row.kept_ms) == (3000, 3000, 3000)
    assert (row.played_ms, row.heard_ms, row.buffered_ms) == (None, None, None)
    assert (row.truncation_error_ms, row.turn, row.policy) == (None, None, None)
    assert row.generated_words == 6
    assert (row.heard_words, row.phantom_words, row.phantom_text) == (None, None, None)
    assert row.phantom_rate is None


def test_what_the_client_knows_of_its_player_is_played() -> None:
    log = real_call()
    log.add(1200, "player", "playback.start", "agent-0", from_samples=0)
    stopped = {"from_samples": 0, "to_samples": 800 * PER_MS, "reason": "interrupted"}
    log.add(2000, "player", "playback.stop", "agent-0", **stopped)
    told = {"played_samples": 700 * PER_MS, "received_samples": None}
    log.add(2000, "client", "interruption", "agent-0", **told)
    row = only(log)
    assert (row.played_ms, row.buffered_ms) == (800, 2300)
    assert (row.heard_ms, row.truncation_error_ms) == (None, None)


def test_what_had_not_arrived_was_not_received() -> None:
    log = real_call()  # its audio arrives at 1.05 s
    log.add(1040, "client", "interruption", "agent-0")
    assert only(log).received_ms == 0
