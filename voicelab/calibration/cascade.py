"""Measures the stages of a cascade on this machine, and fits a cascade profile.

Each stage is given what it gets in a conversation, one thing at a time, with nothing
kept from before: whole turns of bundled callers to the recogniser and to a chat
endpoint, clauses of bundled agents to the voice. Runs use the profile afterwards; what
the machine took in one of them never enters its record.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from msgspec import Struct

from voicelab.audio.resample import resample
from voicelab.calibration.chat_stage import (
    DEFAULT_REQUESTS,
    asking,
    measure_chat,
)
from voicelab.calibration.profile_file import check_profile_target, write_profile
from voicelab.calibration.sample import Sample, fit_distribution, goodness
from voicelab.clock import Stopwatch, utc_now
from voicelab.errors import InputError
from voicelab.lab.materials import gather
from voicelab.record.tables import table
from voicelab.responders.cascade import (
    CascadeProfile,
    load_cascade_profile,
)
from voicelab.responders.cascade.hearing import RECOGNISED_HZ
from voicelab.responders.cascade.rules import DEFAULT_RULES, RuleChat, load_rules
from voicelab.responders.chat.options import ChatEndpoint
from voicelab.responders.profile import Constant, Goodness
from voicelab.scenario.library import find_scenario
from voicelab.scenario.load import load_scenario
from voicelab.speech.stt import Recogniser, make_recogniser
from voicelab.speech.tts import Voice, clauses, make_voice
from voicelab.units import MS_PER_S

if TYPE_CHECKING:
    import pandas as pd

CONVERSATIONS = ("dentist", "pizza-order", "wifi-help")
"""Bundled conversations: long turns, digits, quick fire."""

TRAILING_S = 0.5
"""Silence after a turn, as the detector of a server leaves it there."""

AT_ONCE = 1000.0
"""The speed of a voice that has a clause whole when it has any of it."""

AT_ONCE_TOKENS_PER_S = Constant(value=1e6)
"""And of a chat that has its answer whole when it has any of it."""

TINY_MS = 1.0
"""Times that differ by less are the same."""

_TINY = {
    "stt_final_ms": TINY_MS,
    "chat_first_token_ms": TINY_MS,
    "chat_tokens_per_s": 0.0,
    "tts_first_audio_ms": TINY_MS,
}

T = TypeVar("T")


class StageQuantity(Struct, frozen=True, kw_only=True):
    """One quantity of a cascade profile, measured.

    Attributes:
        quantity: its field in the profile.
        n: how often it was measured.
        p50: the median, in the quantity's own unit.
        p90: the 90th percentile.
        p95: the 95th percentile.
        distribution: the kind that was fitted.
        ks_distance: the Kolmogorov-Smirnov distance between the two.
    """

    quantity: str
    n: int
    p50: float | None
    p90: float | None
    p95: float | None
    distribution: str
    ks_distance: float


@dataclass(frozen=True)
class CascadeCalibration:
    """A cascade profile that was measured here.

    Attributes:
        profile: the profile.
        notes: what to know before using it.
    """

    profile: CascadeProfile
    notes: tuple[str, ...] = ()

    @cached_property
    def quantities(self) -> list[StageQuantity]:
        """What was measured, a row for each quantity."""
        fitted = self.profile.fitted or {}
        return [self._quantity(name, held) for name, held in fitted.items()]

    @property
    def table(self) -> pd.DataFrame:
        """What was measured, as a table."""
        return table(self.quantities, StageQuantity)

    def _quantity(self, name: str, held: Goodness) -> StageQuantity:
        kind = type(getattr(self.profile, name)).__name__.lower()
        return StageQuantity(
            quantity=name,
            n=held.n,
            p50=held.p50,
            p90=held.p90,
            p95=held.p95,
            distribution=kind,
            ks_distance=held.ks_distance,
        )


def calibrate_cascade(
    *,
    stt: str = "moonshine",
    tts: str = "heart",
    name: str,
    endpoint: ChatEndpoint | None = None,
    requests: int = DEFAULT_REQUESTS,
) -> CascadeCalibration:
    """Measure a recogniser, a chat and a voice on this machine.

    Args:
        stt: the recogniser.
        tts: the voice.
        name: what the profile is called.
        endpoint: the chat endpoint; None measures the bundled rules.
        requests: how often it is asked, the first time uncounted. They may cost money.

    Raises:
        MissingPartError: a package that is needed is not installed.
        InputError: there is no such recogniser or voice, or no key for the endpoint.
        EndpointError: the endpoint answers nothing, or too seldom.
    """
    recogniser = make_recogniser(stt, cached=False)
    voice = make_voice(tts, cached=False)
    turns, said, texts = _materials()
    # first what can fail, and is not on this machine
    chat = _measured_chat(endpoint, said, requests, texts)
    measured = {
        "stt_final_ms": Sample(_recognising_ms(recogniser, turns)),
        **chat.samples,
        "tts_first_audio_ms": Sample(_speaking_ms(voice, texts)),
    }
    fitted = {
        key: fit_distribution(each, tiny=_TINY[key]) for key, each in measured.items()
    }
    profile = CascadeProfile(
        voicelab_cascade_profile=1,
        name=name,
        source=(
            f"measured on one machine, one thing at a time: {stt}, {chat.source}, the "
            f"voice {tts}, which has a clause whole at once"
        ),
        modelled=False,
        date=utc_now()[:10],
        stt_final_ms=fitted["stt_final_ms"],
        chat_first_token_ms=fitted["chat_first_token_ms"],
        chat_tokens_per_s=fitted.get("chat_tokens_per_s", AT_ONCE_TOKENS_PER_S),
        tts_first_audio_ms=fitted["tts_first_audio_ms"],
        tts_speed=Constant(value=AT_ONCE),
        fitted={
            key: goodness(each, fitted[key], tiny=_TINY[key])
            for key, each in measured.items()
        },
    )
    return CascadeCalibration(profile, chat.notes)


def save_cascade_profile(profile: CascadeProfile, file: Path) -> None:
    """Write a profile to a file; a measured profile that is there is replaced.

    Raises:
        InputError: the file cannot be written, or holds something else.
    """
    write_profile(profile, file, is_ours=_is_measured)


def check_replaceable(file: Path) -> None:
    """Check that a measured profile may be written to a file.

    Raises:
        InputError: it may not: it is a folder, or holds something else.
    """
    check_profile_target(file, is_ours=_is_measured)


def _is_measured(file: Path) -> bool:
    try:
        return load_cascade_profile(file.name, base=file.parent).fitted is not None
    except InputError:
        return False


@dataclass(frozen=True)
class _Chat:
    """What was measured of a chat, by its field in the profile."""

    samples: dict[str, Sample]
    source: str
    notes: tuple[str, ...] = ()


def _measured_chat(
    endpoint: ChatEndpoint | None,
    said: Sequence[str],
    requests: int,
    texts: Sequence[str],
) -> _Chat:
    """Return what the endpoint takes, or, without one, the bundled rules."""
    if endpoint is None:
        samples = {"chat_first_token_ms": Sample(_answering_ms(texts))}
        return _Chat(samples, f"the rules {DEFAULT_RULES}")
    times = measure_chat(endpoint, said, requests)
    samples = {"chat_first_token_ms": times.first_token_ms}
    notes = []
    if len(times.tokens_per_s):
        samples["chat_tokens_per_s"] = times.tokens_per_s
    else:
        notes.append("every answer came in one piece, which tells no chat_tokens_per_s")
    if times.failures:
        notes.append(
            f"requests without an answer, left out: {len(times.failures)} of "
            f"{requests} ({times.failures[-1]})"
        )
    answers = f"{len(times.first_token_ms)} answers of {endpoint.model}"
    return _Chat(samples, f"{answers} at {endpoint.host}", tuple(notes))


def _materials() -> tuple[list[np.ndarray], list[str], list[str]]:
    """Return turns of callers at 16 kHz, what is said in them, and agents' clauses."""
    turns, said, texts = [], [], []
    quiet = np.zeros(round(TRAILING_S * RECOGNISED_HZ), np.int16)
    for conversation in CONVERSATIONS:
        made_of = gather(load_scenario(find_scenario(conversation)))
        for turn in made_of.turns:
            clip = resample(turn.clip, turn.rate_hz, RECOGNISED_HZ)
            turns.append(np.concatenate([clip, quiet]))
            said.append(turn.text)
        for reply in made_of.replies:
            texts += clauses(reply.text)
    return turns, said, list(dict.fromkeys(texts))


def _recognising_ms(recogniser: Recogniser, turns: Sequence[np.ndarray]) -> list[float]:
    recogniser.recognise(turns[0])  # loads the model, and is remembered for a while
    return list(_timed_ms(recogniser.recognise, turns[1:]))


def _answering_ms(texts: Sequence[str]) -> list[float]:
    chat = RuleChat(load_rules(DEFAULT_RULES))
    return list(_timed_ms(lambda text: list(chat.answer(asking(text))), texts))


def _speaking_ms(voice: Voice, texts: Sequence[str]) -> list[float]:
    voice.synthesise(texts[0])  # loads the model
    return list(_timed_ms(voice.synthesise, texts))


def _timed_ms(do: Callable[[T], object], things: Iterable[T]) -> Iterator[float]:
    """Yield how long each takes."""
    for thing in things:
        stopwatch = Stopwatch()
        do(thing)
        yield stopwatch.elapsed_s() * MS_PER_S
