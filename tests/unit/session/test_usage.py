from __future__ import annotations

import pytest

from voicelab.session.usage import (
    Tokens,
    input_audio_tokens,
    output_audio_tokens,
    text_tokens,
    usage_of,
)


@pytest.mark.parametrize(
    ("ms", "heard", "said"),
    [(0, 0, 0), (49, 0, 0), (50, 0, 1), (99, 0, 1), (100, 1, 2), (2796, 27, 55)],
)
def test_audio_is_billed_by_whole_tokens(ms: int, heard: int, said: int) -> None:
    assert input_audio_tokens(ms) == Tokens(audio=heard)
    assert output_audio_tokens(ms) == Tokens(audio=said)


@pytest.mark.parametrize(
    ("text", "count"), [("", 0), ("a", 1), ("four", 1), ("fives", 2)]
)
def test_text_is_billed_by_begun_tokens(text: str, count: int) -> None:
    assert text_tokens(text) == Tokens(text=count)


def test_a_usage_adds_up() -> None:
    usage = usage_of([Tokens(3, 10), Tokens(text=4)], [Tokens(1, 20)])
    assert (usage.input_tokens, usage.output_tokens, usage.total_tokens) == (17, 21, 38)
    assert usage.input_token_details is not None
    assert usage_of([], []).total_tokens == 0
