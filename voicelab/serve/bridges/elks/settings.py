"""What the bridge to 46elks is told when it starts."""

from __future__ import annotations

from dataclasses import dataclass

from voicelab.errors import InputError
from voicelab.legs import elks
from voicelab.serve.bridges.elks.leg import DEFAULT_FORMAT
from voicelab.serve.bridges.settings import BridgeSettings


@dataclass(frozen=True, kw_only=True)
class ElksSettings(BridgeSettings):
    """Where the bridge listens, whom it lets in, and with what it holds calls.

    Attributes:
        format: of the audio in both directions; see `voicelab.legs.elks.CODECS`.

    Raises:
        InputError: the format cannot be used, or what `BridgeSettings` refuses.
    """

    format: str = DEFAULT_FORMAT

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.format not in elks.CODECS:
            raise InputError(
                f"calls of 46elks cannot be held in the format {self.format!r}",
                fix=f"use one of {', '.join(elks.CODECS)}",
            )
