"""Which settings and conditions a curve has: defaults, checks and their order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from numbers import Real
from typing import TypeVar, cast

from voicelab.errors import CurveError
from voicelab.lab.materials import CODECS
from voicelab.session.listening import IDLE_KEPT_MS
from voicelab.session.turn_detection import (
    SEMANTIC_WAIT_MS,
    Eagerness,
    TurnSettings,
    semantic_settings,
)
from voicelab.speech.scorers import SCORER_NAMES

THRESHOLDS = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
"""The thresholds of a curve for which none are given."""

SILENCES_MS = (200, 300, 400, 500, 600, 700, 800, 1000, 1200, 1500, 2000)
"""The silence durations of a curve for which none are given."""

PADDINGS_MS = (300,)
"""The prefix paddings of a curve for which none are given: the API's default."""

EAGERNESS: tuple[Eagerness, ...] = ("low", "auto", "high")
"""The eagerness of a curve for which none is given; `medium` is `auto`."""

SEMANTIC = "semantic_vad"
"""The detector that judges pauses; it hears starts as Silero does."""

SEMANTIC_SCORER = "silero"

DETECTORS = (*SCORER_NAMES, SEMANTIC)
"""The detectors that a curve may have."""

MAX_SILENCE_MS = 60_000
"""The longest silence that is tried. The API's limit is far beyond: each recording
is followed by as much of its background as the longest silence takes."""

MAX_PADDING_MS = IDLE_KEPT_MS
"""The longest padding that is tried: the server keeps no more audio between turns."""

_Value = TypeVar("_Value")

DEFAULT = TurnSettings()
"""The API's own settings."""


@dataclass(frozen=True, slots=True)
class Grid:
    """Every combination of these is a setting; of `semantic_vad`, each eagerness.

    Attributes:
        detectors: names of voice-activity scorers, and `semantic_vad`.
        thresholds: scores from 0 to 1.
        silences_ms: of the API's `silence_duration_ms`.
        paddings_ms: of the API's `prefix_padding_ms`.
        eagerness: of `semantic_vad`.
    """

    detectors: tuple[str, ...]
    thresholds: tuple[float, ...]
    silences_ms: tuple[int, ...]
    paddings_ms: tuple[int, ...]
    eagerness: tuple[Eagerness, ...] = EAGERNESS

    @property
    def longest_silence_ms(self) -> int:
        """The longest silence that a turn may have to last."""
        longest_ms = max(self.silences_ms)
        if SEMANTIC in self.detectors:
            waits_ms = [SEMANTIC_WAIT_MS[each] for each in self.eagerness]
            longest_ms = max(longest_ms, *waits_ms)
        return longest_ms

    def settings_of(self, detector: str) -> Iterator[list[TurnSettings]]:
        """Yield a detector's settings, those that differ in padding alone together."""
        if detector == SEMANTIC:
            yield from ([semantic_settings(each)] for each in self.eagerness)
            return
        for threshold, silence_ms in product(self.thresholds, self.silences_ms):
            yield [
                TurnSettings(threshold, padding_ms, silence_ms)
                for padding_ms in self.paddings_ms
            ]


@dataclass(frozen=True, slots=True)
class Condition:
    """What lies between caller and detector; None leaves what the scenario says.

    Attributes:
        codec: `pcm`, `pcmu` or `pcma`.
        noise: a bundled noise, or a recording.
        snr_db: the level of speech over that of the noise. None with a noise: there
            is no noise at all.
    """

    codec: str | None = None
    noise: str | None = None
    snr_db: float | None = None

    @property
    def changes(self) -> dict[str, object]:
        """What differs in `channel` of a scenario."""
        changes: dict[str, object] = {} if self.codec is None else {"codec": self.codec}
        if self.noise is not None:
            noise = {"audio": self.noise, "snr_db": self.snr_db}
            changes["noise"] = None if self.snr_db is None else noise
        return changes


def make_grid(
    detectors: str | Sequence[str],
    thresholds: Iterable[float],
    silences_ms: Iterable[int],
    paddings_ms: Iterable[int],
    eagerness: str | Sequence[str] = EAGERNESS,
) -> Grid:
    """Return the grid of these values, each once and in order.

    Raises:
        CurveError: there is no value of a kind, or one is outside the API's range,
            or a detector or an eagerness is not known.
    """
    names, eager = _texts(detectors), _texts(eagerness)
    _check_known("detector", "detectors", names, DETECTORS)
    _check_known("eagerness", "eagerness", eager, tuple(SEMANTIC_WAIT_MS))
    return Grid(
        _some("detectors", names),
        tuple(_numbers("thresholds", thresholds, 1.0)),
        tuple(map(int, _wholes("silences_ms", silences_ms, MAX_SILENCE_MS))),
        tuple(map(int, _wholes("paddings_ms", paddings_ms, MAX_PADDING_MS))),
        cast("tuple[Eagerness, ...]", _some("eagerness", eager)),
    )


def make_conditions(
    codecs: str | Sequence[str] | None,
    noise: str | Sequence[str] | None,
    snrs_db: Sequence[float | None] | None,
) -> list[Condition]:
    """Return the conditions: every codec with every noise at every level.

    Raises:
        CurveError: a codec is not known, a level is out of range, or a noise lacks its
            levels or levels their noise.
    """
    chosen = [None] if codecs is None else list(_some("codecs", _texts(codecs)))
    named = [codec for codec in chosen if codec is not None]
    _check_known("codec", "codecs", named, tuple(CODECS))
    if (noise is None) != (snrs_db is None):
        raise CurveError(
            "a noise has a level and a level is that of a noise",
            path="snrs_db" if noise is not None else "noise",
            fix='give both, such as noise="cafe" and snrs_db=(20, 10, 0)',
        )
    levels = _levels(noise, snrs_db)
    return [Condition(codec, *level) for codec in chosen for level in levels]


def _levels(
    noise: str | Sequence[str] | None, snrs_db: Sequence[float | None] | None
) -> list[tuple[str | None, float | None]]:
    if noise is None or snrs_db is None:
        return [(None, None)]
    lowest, highest = -60, 100
    wanted = _some("snrs_db", tuple(snrs_db))
    for snr_db in wanted:
        if snr_db is not None and not lowest <= snr_db <= highest:
            raise CurveError(
                f"a level of {snr_db} dB over the noise is out of range",
                path="snrs_db",
                fix=f"give {lowest} to {highest}, or None for no noise",
            )
    names = _some("noise", _texts(noise))
    # without noise, its name makes no difference
    quiet = [(names[0], None)] if None in wanted else []
    noisy = [snr_db for snr_db in wanted if snr_db is not None]
    return [*quiet, *product(names, noisy)]


def _check_known(
    kind: str, path: str, names: Iterable[str], known: Sequence[str]
) -> None:
    for name in names:
        if name not in known:
            raise CurveError(
                f"there is no {kind} {name!r}",
                path=path,
                fix=f"choose of {', '.join(known)}",
            )


def _texts(values: str | Sequence[str]) -> tuple[str, ...]:
    return (values,) if isinstance(values, str) else tuple(values)


def _some(path: str, values: Iterable[_Value]) -> tuple[_Value, ...]:
    each = tuple(dict.fromkeys(values))
    if not each:
        raise CurveError("there is not one value", path=path, fix="give at least one")
    return each


def _numbers(path: str, values: Iterable[float], highest: float) -> list[float]:
    each = _some(path, values)
    for value in each:
        number = isinstance(value, Real) and not isinstance(value, bool)
        if not number or not 0 <= value <= highest:
            raise CurveError(
                f"{value!r} is out of range", path=path, fix=f"give 0 to {highest:g}"
            )
    return sorted(map(float, each))


def _wholes(path: str, values: Iterable[float], highest: int) -> list[float]:
    each = _numbers(path, values, highest)
    for value in each:
        if value != int(value):
            raise CurveError(
                f"{value!r} is no whole number of milliseconds",
                path=path,
                fix="round it: the API takes whole ones",
            )
    return each
