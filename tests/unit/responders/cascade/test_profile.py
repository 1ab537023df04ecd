"""Cascade profiles: their files, and what is drawn from them."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import pytest

from tests.support.cascades import cascade_profile
from voicelab.errors import ProfileError
from voicelab.responders.cascade import (
    cascade_profile_names,
    find_cascade_profile,
    load_cascade_profile,
)
from voicelab.responders.cascade.profile import CascadeTiming
from voicelab.responders.profile import Constant, Lognormal

MS = 1_000_000


def test_the_bundled_ones_load() -> None:
    names = cascade_profile_names()
    assert names == ["cascade-instant", "cascade-typical"]
    for name in names:
        profile = load_cascade_profile(name)
        assert profile.name == name
        assert profile.modelled
        assert profile.source


def test_the_typical_one_says_where_it_is_from_and_when() -> None:
    profile = load_cascade_profile("cascade-typical")
    assert profile.date
    assert "assumptions" in profile.source


def test_timing_counts_tokens() -> None:
    """A token is 4 characters, rounded up; 10 a second."""
    timing = CascadeTiming(400 * MS, 10.0, 200 * MS, 4.0)
    assert timing.written_ns(0, "Yes,") == 400 * MS
    assert timing.written_ns(0, "Yes, sir.") == (400 + 2 * 100) * MS
    assert timing.written_ns(1, " sir.") == 200 * MS
    assert timing.written_ns(1, "") == 100 * MS


def test_generating_takes_the_time_of_speech_at_its_usual_pace() -> None:
    timing = CascadeTiming(0, 10.0, 0, 4.0)
    assert timing.generated_ns(24_000, 24_000, 1.0) == 250 * MS
    assert timing.generated_ns(12_000, 24_000, 2.0) == 250 * MS


def test_draws_of_a_stage_do_not_depend_on_the_others() -> None:
    spread = cascade_profile(
        stt_final_ms=Lognormal(300, 0.3), tts_speed=Lognormal(4, 0.3)
    )
    alone, mixed = spread.sampler(7), spread.sampler(7)
    drawn = [alone.draw() for _ in range(3)]
    between = []
    for _ in range(3):
        mixed.stt_final_ns()
        between.append(mixed.draw())
    assert drawn == between
    assert len({timing.tts_speed for timing in drawn}) == 3
    assert spread.sampler(8).draw() != drawn[0]


def test_chunks_repeat_the_last_length() -> None:
    sampler = cascade_profile(chunk_ms=(50, 100)).sampler(1)
    assert list(islice(sampler.chunk_samples(8000), 4)) == [400, 800, 800, 800]


FILE = """\
voicelab_cascade_profile: 1
name: mine
source: made
modelled: true
stt_final_ms: {distribution: constant, value: 300}
chat_first_token_ms: {distribution: constant, value: 300}
chat_tokens_per_s: {distribution: constant, value: 10}
tts_first_audio_ms: {distribution: constant, value: 300}
tts_speed: {distribution: constant, value: 4}
"""


@pytest.mark.parametrize(
    ("wrong", "right", "path"),
    [
        ("value: 10", "value: 0", "chat_tokens_per_s.value"),
        ("value: 4", "value: 0", "tts_speed.value"),
        ("stt_final_ms", "stt_ms", "stt_ms"),
        ("profile: 1", "profile: 2", "voicelab_cascade_profile"),
    ],
)
def test_wrong_profiles_are_told_where(
    tmp_path: Path, wrong: str, right: str, path: str
) -> None:
    (tmp_path / "mine.yaml").write_text(FILE.replace(wrong, right))
    with pytest.raises(ProfileError) as caught:
        load_cascade_profile("mine.yaml", base=tmp_path)
    assert caught.value.path == path
    assert caught.value.file == tmp_path / "mine.yaml"


def test_constants_are_read(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(FILE)
    assert load_cascade_profile("mine.yaml", base=tmp_path).tts_speed == Constant(4)


def test_profiles_that_are_not_there() -> None:
    with pytest.raises(ProfileError, match="did you mean cascade-typical"):
        find_cascade_profile("cascade-tipical")
    with pytest.raises(ProfileError, match="there is no such file"):
        find_cascade_profile("nowhere/mine.yaml")
