"""What the bridge to 46elks can be told."""

from __future__ import annotations

import pytest

from tests.support.telephone_bridges import calls_to
from voicelab.errors import InputError
from voicelab.legs import elks
from voicelab.serve.bridges.elks.settings import ElksSettings

NOBODY = "ws://127.0.0.1:9/v1/realtime"


@pytest.mark.parametrize("name", list(elks.CODECS))
def test_all_formats_that_can_be_used(name: str) -> None:
    assert ElksSettings(calls=calls_to(NOBODY), format=name).format == name


@pytest.mark.parametrize("name", [*elks.UNSUPPORTED_FORMATS, "pcm_48000", ""])
def test_others_are_refused(name: str) -> None:
    with pytest.raises(InputError, match="use one of pcm_8000, pcm_16000, pcm_24000"):
        ElksSettings(calls=calls_to(NOBODY), format=name)


def test_what_every_bridge_refuses_is_refused() -> None:
    with pytest.raises(InputError, match="without a token"):
        ElksSettings(calls=calls_to(NOBODY), host="0.0.0.0")
