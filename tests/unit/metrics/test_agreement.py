from __future__ import annotations

import numpy as np
import pytest

import voicelab as vl
from tests.support.logs import LogBuilder, one_answer
from voicelab.audio.pcm import Samples
from voicelab.metrics import (
    AGREEMENT_MS,
    TurnAgreement,
    agreement_summary,
    audio_agreement,
)

RATE_HZ = 24_000
PER_MS = RATE_HZ // 1000


def recorded(
    caller: list[tuple[int, int]], agent: list[tuple[int, int]], *, until_ms: int = 6000
) -> Samples:
    """Return a recording with a tone in some spans of milliseconds."""
    tone = 8000 * np.sin(2 * np.pi * 220 * np.arange(until_ms * PER_MS) / RATE_HZ)
    audio = np.zeros((until_ms * PER_MS, 2), np.int16)
    for side, spans in enumerate((caller, agent)):
        for start_ms, end_ms in spans:
            place = slice(start_ms * PER_MS, end_ms * PER_MS)
            audio[place, side] = tone[place]
    return audio


def only(
    log: LogBuilder, caller: list[tuple[int, int]], agent: list[tuple[int, int]]
) -> TurnAgreement:
    audio = recorded(caller, agent)
    (row,) = audio_agreement(log.facts(), audio, RATE_HZ, scorer="energy")
    return row


def test_nothing_happened() -> None:
    assert audio_agreement(LogBuilder().facts(), recorded([], []), RATE_HZ) == []
    summary = agreement_summary([])
    assert (summary.turns, summary.worst_error_ms) == (0, None)


def test_a_recording_of_just_what_happened_agrees() -> None:
    # the turn is 200-1000, the answer is heard from 2090 on
    row = only(one_answer(), [(200, 1000)], [(2090, 5090)])
    assert (row.end_error_ms, row.onset_error_ms) == (0.0, 0.0)
    assert row.audio_latency_ms == row.response_latency_ms == 1090
    assert (row.error_ms, row.agrees) == (0.0, True)
    # whole frames of 32 ms: the caller's until 1024, the agent's from 2080 on
    assert row.vad_latency_ms == 2080 - 1024


def test_an_answer_that_opens_with_silence_is_late_in_the_audio() -> None:
    row = only(one_answer(), [(200, 1000)], [(2290, 5090)])
    assert (row.onset_error_ms, row.error_ms, row.agrees) == (200.0, 200.0, False)


def test_speech_that_goes_on_behind_the_label_is_an_error_of_the_end() -> None:
    row = only(one_answer(), [(200, 1100)], [(2090, 5090)])
    assert (row.end_error_ms, row.error_ms, row.agrees) == (100.0, -100.0, False)


def test_the_last_span_of_a_turn_with_pauses_ends_it() -> None:
    row = only(one_answer(), [(200, 400), (700, 1000)], [(2090, 5090)])
    assert row.end_error_ms == 0.0


def test_what_the_audio_does_not_show_is_not_found() -> None:
    row = only(one_answer(), [(200, 1000)], [])
    assert (row.audio_latency_ms, row.error_ms, row.agrees) == (None, None, None)
    summary = agreement_summary([row])
    assert (summary.compared, summary.not_found, summary.not_heard) == (0, 1, 0)


@pytest.mark.parametrize(("silence_ms", "found"), [(199, False), (200, True)])
def test_an_answer_right_behind_other_audio_has_no_onset_of_its_own(
    silence_ms: int, *, found: bool
) -> None:
    # a first answer is heard until 5090; the next one begins so much later
    log = one_answer()
    log.caller(1, 3000, 3500)
    log.heard_as("user-1", 3000, 3500, sent_ms=4060)
    onset_ms = 5090 + silence_ms
    log.answer("resp-1", "agent-1", "user-1", onset_ms - 530, 600)
    audio = recorded(
        [(200, 1000), (3000, 3500)], [(2090, 5090), (onset_ms, onset_ms + 600)]
    )
    row = audio_agreement(log.facts(), audio, RATE_HZ, scorer="energy")[1]
    assert row.response_latency_ms == onset_ms - 3500
    assert (row.t_audio_onset_ns is not None) == found


def test_turns_are_counted_whatever_came_of_them() -> None:
    log = one_answer()
    log.caller(1, 5300, 5600)
    audio = recorded([(200, 1000), (5300, 5600)], [(2190, 5090)])
    rows = audio_agreement(log.facts(), audio, RATE_HZ, scorer="energy")
    summary = agreement_summary(
        [*rows, only(one_answer(), [(200, 1000)], [(2090, 5090)])]
    )
    assert (summary.turns, summary.compared, summary.not_heard) == (3, 2, 1)
    assert (summary.agreeing, summary.disagreeing) == (1, 1)
    assert summary.worst_error_ms == 100.0


@pytest.mark.parametrize("scenario", ["dentist", "recipe"])
def test_bundled_conversations_agree_within_a_frame(scenario: str) -> None:
    run = vl.run(scenario)
    compared = run.audio_agreement[run.audio_agreement.error_ms.notna()]
    assert len(compared) == run.latency.response_latency_ms.notna().sum() > 0
    assert compared.error_ms.abs().max() <= AGREEMENT_MS
    # a detector stays on behind the speech, so its own edges make the wait short
    assert (compared.vad_latency_ms < compared.response_latency_ms).all()


def test_noise_is_told_to_disagree() -> None:
    run = vl.run("hotel-cafe")
    rows = run.latency_definitions
    assert (rows.audio_agrees == False).any()  # noqa: E712 - a nullable column
    # the agent's channel has no noise in it
    assert run.audio_agreement.onset_error_ms.abs().max() <= AGREEMENT_MS
