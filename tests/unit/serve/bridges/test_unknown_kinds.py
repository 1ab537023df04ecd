"""Which texts are messages of a kind that nobody knew when this was written."""

from __future__ import annotations

import pytest

from voicelab.legs import elks
from voicelab.serve.bridges.unknown_kinds import is_unknown


@pytest.mark.parametrize("text", ['{"t":"dtmf"}', '{"t":"x","data":1}', b'{"t":""}'])
def test_a_message_with_another_kind_is_unknown(text: str | bytes) -> None:
    assert is_unknown(text, "t", elks.ProviderMessage)


@pytest.mark.parametrize(
    "text",
    [
        '{"t":"audio"}',
        '{"t":"hello"}',
        '{"t":7}',
        '{"t":null}',
        '{"event":"audio"}',
        '["t"]',
        '"t"',
        "",
        "{",
        b"\xff",
        "[" * 10_000,
    ],
)
def test_a_broken_one_is_not(text: str | bytes) -> None:
    assert not is_unknown(text, "t", elks.ProviderMessage)
