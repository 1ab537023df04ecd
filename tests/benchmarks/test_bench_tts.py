"""How long the voices take to speak, on one thread.

Each benchmark speaks the same sentence; `extra_info` tells its length, and the share of
real time that speaking took. The fast voice shall need 0.2 at most.
"""

from __future__ import annotations

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from voicelab.errors import MissingPartError
from voicelab.speech.tts import Voice, clauses, make_voice

pytestmark = pytest.mark.benchmark

TEXT = (
    "I have a table for two at half past seven on Friday, by the window, and one in "
    "the garden at eight."
)
FAST_LIMIT = 0.2


def ready(name: str) -> Voice:
    """Return a voice, not cached, whose model is loaded."""
    try:
        voice = make_voice(name, cached=False)
    except MissingPartError as error:
        pytest.skip(str(error))
    voice.synthesise("Hello.")
    return voice


@pytest.mark.parametrize("name", ["joe", "heart"])
def test_share_of_real_time(benchmark: BenchmarkFixture, name: str) -> None:
    voice = ready(name)
    speech = benchmark.pedantic(  # type: ignore[no-untyped-call]
        voice.synthesise, (TEXT,), rounds=5
    )
    speech_s = len(speech.samples) / speech.rate_hz
    assert benchmark.stats is not None
    share = benchmark.stats.stats.median / speech_s
    benchmark.extra_info.update(speech_s=speech_s, share_of_real_time=share)
    assert name != "joe" or share <= FAST_LIMIT


@pytest.mark.parametrize("name", ["joe", "heart"])
def test_until_the_first_clause_is_spoken(
    benchmark: BenchmarkFixture, name: str
) -> None:
    voice = ready(name)
    first = clauses("Sure, I can do that. " + TEXT)[0]
    speech = benchmark.pedantic(  # type: ignore[no-untyped-call]
        voice.synthesise, (first,), rounds=5
    )
    assert len(speech.samples)


def test_from_the_cache(benchmark: BenchmarkFixture) -> None:
    ready("joe")
    voice = make_voice("joe")
    voice.synthesise(TEXT)
    assert len(benchmark(voice.synthesise, TEXT).samples)


def test_cutting_ten_thousand_words(benchmark: BenchmarkFixture) -> None:
    text = f"{TEXT} " * 500
    assert sum(len(clause.split()) for clause in benchmark(clauses, text)) == 11_000
