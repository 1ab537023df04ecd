"""Cascade profiles: how long each stage of a stitched pipeline takes.

A profile is a YAML file of its own, as a latency profile is:

```yaml
voicelab_cascade_profile: 1
name: cascade-typical
source: publications, dates
date: "2026-11-21"
modelled: true
stt_final_ms: {distribution: lognormal, median: 300, sigma: 0.3}
chat_first_token_ms: {distribution: lognormal, median: 400, sigma: 0.4}
chat_tokens_per_s: {distribution: lognormal, median: 60, sigma: 0.25}
tts_first_audio_ms: {distribution: lognormal, median: 200, sigma: 0.3}
tts_speed: {distribution: lognormal, median: 5.0, sigma: 0.2}
chunk_ms: [100]
```
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from msgspec import Meta, Struct

from voicelab.document import (
    Document,
    find_document,
    fit,
    names_in,
    read_document,
)
from voicelab.errors import ProfileError
from voicelab.paths import data_dir
from voicelab.responders.profile import (
    Constant,
    Distribution,
    Goodness,
    chunk_lengths,
    uniforms,
)
from voicelab.session.usage import text_tokens
from voicelab.units import NS_PER_S, ms_to_ns

DEFAULT_CASCADE_PROFILE = "cascade-typical"
"""The profile of a cascade for which none is named."""


class CascadeProfile(
    Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True
):
    """How long each stage takes, as a profile file says it.

    Attributes:
        voicelab_cascade_profile: the version of the file's format.
        name: what the profile is called.
        source: where its numbers come from.
        modelled: whether they are modelled rather than measured.
        stt_final_ms: from the commit of a turn to its final transcript, whatever was
            recognised before.
        chat_first_token_ms: from the request to the first token of the answer.
        chat_tokens_per_s: how fast the tokens after the first come.
        tts_first_audio_ms: from a clause's text to its first audio.
        tts_speed: generation speed as a multiple of real time.
        chunk_ms: the lengths of the audio chunks of a clause; the last repeats.
        fitted: how well each distribution holds what it was fitted to, by its name;
            None if it was not fitted.
        date: when the numbers were published or measured, as an ISO 8601 date.
        description: what the profile stands for.
    """

    voicelab_cascade_profile: Literal[1]
    name: Annotated[str, Meta(min_length=1)]
    source: Annotated[str, Meta(min_length=1)]
    modelled: bool
    stt_final_ms: Distribution
    chat_first_token_ms: Distribution
    chat_tokens_per_s: Distribution
    tts_first_audio_ms: Distribution
    tts_speed: Distribution
    chunk_ms: Annotated[
        tuple[Annotated[int, Meta(ge=1, le=10_000)], ...], Meta(min_length=1)
    ] = (100,)
    date: str = ""
    description: str = ""
    fitted: dict[str, Goodness] | None = None

    def sampler(self, seed: int) -> CascadeSampler:
        """Return what draws the timings of one conversation.

        Each stage has a stream of its own: profiles drawn with one seed stay at the
        same quantiles, so that comparing two compares only them.
        """
        return CascadeSampler(self, seed)


@dataclass(frozen=True, slots=True)
class CascadeTiming:
    """How long the stages of one reply take.

    Attributes:
        chat_first_token_ns: from the request to the first token.
        chat_tokens_per_s: how fast the others come.
        tts_first_audio_ns: from a clause's text to its first audio.
        tts_speed: how much audio is generated in a second, in seconds.
    """

    chat_first_token_ns: int
    chat_tokens_per_s: float
    tts_first_audio_ns: int
    tts_speed: float

    def written_ns(self, place: int, text: str) -> int:
        """Return how long after the one before it a piece of text is there.

        Args:
            place: which piece it is, from 0.
            text: what it says.
        """
        tokens = max(text_tokens(text).text, 1)
        if place > 0:
            return round(tokens * NS_PER_S / self.chat_tokens_per_s)
        rest_ns = round((tokens - 1) * NS_PER_S / self.chat_tokens_per_s)
        return self.chat_first_token_ns + rest_ns

    def generated_ns(self, samples: int, rate_hz: int, speed: float) -> int:
        """Return how long it takes to generate so much audio.

        Args:
            samples: how much there is of it.
            rate_hz: their rate.
            speed: how much faster than usual it is spoken.
        """
        return round(samples * speed * NS_PER_S / (rate_hz * self.tts_speed))


class CascadeSampler:
    """Draws reply after reply from a profile."""

    def __init__(self, profile: CascadeProfile, seed: int) -> None:
        self._profile = profile
        self._stt = uniforms(seed, "stt_final")
        self._first_token = uniforms(seed, "chat_first_token")
        self._tokens = uniforms(seed, "chat_tokens_per_s")
        self._first_audio = uniforms(seed, "tts_first_audio")
        self._speed = uniforms(seed, "tts_speed")

    def stt_final_ns(self) -> int:
        """Return how long after its commit the next turn's transcript is final."""
        return ms_to_ns(self._profile.stt_final_ms.at(next(self._stt)))

    def draw(self) -> CascadeTiming:
        """Return the timing of the next reply."""
        profile = self._profile
        return CascadeTiming(
            ms_to_ns(profile.chat_first_token_ms.at(next(self._first_token))),
            profile.chat_tokens_per_s.at(next(self._tokens)),
            ms_to_ns(profile.tts_first_audio_ms.at(next(self._first_audio))),
            profile.tts_speed.at(next(self._speed)),
        )

    def chunk_samples(self, rate_hz: int) -> Iterator[int]:
        """Return the chunk lengths of one clause in samples, without end."""
        return chunk_lengths(self._profile.chunk_ms, rate_hz)


def cascade_profile_names() -> list[str]:
    """Return the names of the cascade profiles that come with voicelab, sorted.

    Raises:
        InputError: the bundled data is missing.
    """
    return names_in(_folder())


def find_cascade_profile(name_or_path: str, *, base: Path | None = None) -> Path:
    """Return the file of a cascade profile.

    Args:
        name_or_path: a bundled name, or a path (it has a folder or a suffix).
        base: the folder that a relative path is relative to.

    Raises:
        ProfileError: there is none of that name, or no such file.
        InputError: the bundled data is missing.
    """
    return find_document(
        name_or_path,
        _folder(),
        base=base,
        none="there is no cascade profile",
        error=ProfileError,
    )


def load_cascade_profile(
    name_or_path: str, *, base: Path | None = None
) -> CascadeProfile:
    """Read a cascade profile by name or path; see `find_cascade_profile`.

    Raises:
        ProfileError: it is not there, cannot be read, or is no cascade profile; the
            error names file, line and key.
        InputError: the bundled data is missing.
    """
    file = find_cascade_profile(name_or_path, base=base)
    document = read_document(file, ProfileError)
    profile = fit(document, CascadeProfile)
    for key in ("chat_tokens_per_s", "tts_speed"):
        _check_moves(document, key, getattr(profile, key))
    return profile


def _folder() -> Path:
    return data_dir() / "profiles" / "cascade"


def _check_moves(document: Document, key: str, rate: Distribution) -> None:
    if isinstance(rate, Constant) and rate.value == 0:
        raise document.fault(
            (key, "value"), "at speed 0 no reply ends", "give a number above 0"
        )
