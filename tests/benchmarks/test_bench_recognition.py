"""Speed of recognising a caller by their sound, as a server does at each commit."""

from __future__ import annotations

import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from tests.support import turns as bundled
from tests.support.recordings import speech_like
from voicelab.audio import AudioFormat, Samples, resample
from voicelab.lab.agents import AssistantAgents
from voicelab.lab.recognition import ClipIndex
from voicelab.responders.profile import load_profile

pytestmark = pytest.mark.benchmark

QUERY_S = 3
RECORDING_S = 120


@pytest.fixture(scope="module")
def two_minutes() -> ClipIndex:
    """Return an index of two minutes of callers' speech."""
    turns, seconds = [], 0.0
    for _, turn in bundled.every_turn():
        if seconds < RECORDING_S:
            turns.append(turn)
            seconds += len(turn.clip) / turn.rate_hz
    return bundled.index_of(turns)


@pytest.fixture(scope="module")
def query() -> Samples:
    """Return three seconds of the dentist's caller."""
    turn = bundled.materials("dentist").turns[0]
    return bundled.commit("dentist", turn, AudioFormat.PCM)[: QUERY_S * 24_000]


def test_a_known_turn(
    benchmark: BenchmarkFixture, two_minutes: ClipIndex, query: Samples
) -> None:
    found = benchmark(two_minutes.find, query, 24_000)
    assert len(found.placements) == 1


def test_an_unknown_turn(benchmark: BenchmarkFixture, two_minutes: ClipIndex) -> None:
    """Nothing is found, at any length: the longest search there is."""
    stranger = resample(speech_like(QUERY_S), 16_000, 24_000)
    found = benchmark(two_minutes.find, stranger, 24_000)
    assert not found.known


def test_an_index_is_made(benchmark: BenchmarkFixture) -> None:
    """Once for a server."""
    turns = [turn for _, turn in bundled.every_turn()]
    benchmark(bundled.index_of, turns)


def test_the_assistant_is_made(benchmark: BenchmarkFixture) -> None:
    """Once for a server: all bundled conversations are read."""
    profile = load_profile("measured-median")
    assistant = benchmark(AssistantAgents, profile)
    assert assistant.agent_for(1).transcriber is not None


def test_a_minute_is_searched_to_its_end(
    benchmark: BenchmarkFixture, two_minutes: ClipIndex
) -> None:
    """A commit by hand after a long time: many turns at once."""
    clips = [turn.at_rate(24_000).clip for turn in bundled.materials("dentist").turns]
    benchmark(two_minutes.find, np.concatenate(clips * 3), 24_000)
