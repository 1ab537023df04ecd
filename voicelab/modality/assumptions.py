"""What is assumed of people: how fast they listen, read, speak and type.

Every number of the model stands here, as a range with its unit and its source. None
is a law: replace what you know better, `assume(reading_wpm=(175, 238, 300))`, or take
from recorded runs what they can tell (`voicelab.modality.measured`).

A range is read as a triangular distribution: nothing below `low` or above `high`,
`likely` the most probable.

Sources
    * M. Brysbaert: *How many words do we read per minute? A review and meta-analysis
      of reading rate*. Journal of Memory and Language 109, 2019.
    * V. Dhakal et al.: *Observations on typing from 136 million keystrokes*. CHI 2018.
    * K. Palin et al.: *How do people type on mobile devices?* MobileHCI 2019.
    * D. Bragg et al.: *A large inclusive study of human listening rates*. CHI 2018.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeAlias

import msgspec

from voicelab.document.shapes import close_names, one_of
from voicelab.errors import ModalityError

if TYPE_CHECKING:
    import pandas as pd

SLOWEST, FASTEST = 0.25, 1.5
"""What the Realtime API takes for `audio.output.speed` (its reference)."""

_CHOSEN = "chosen for this model; put in your own"


class Quantity(msgspec.Struct, frozen=True, kw_only=True):
    """A number that is known as a range.

    Attributes:
        low: nothing lies below.
        likely: the most probable value.
        high: nothing lies above.
        unit: of all three.
        source: where the range comes from.

    Raises:
        ModalityError: the three are not finite, not in order, or negative.
    """

    low: float
    likely: float
    high: float
    unit: str
    source: str

    def __post_init__(self) -> None:
        values = (self.low, self.likely, self.high)
        if not all(math.isfinite(value) and value >= 0 for value in values):
            raise ModalityError(
                f"{_told(values)} {self.unit} is no range of amounts",
                fix="give finite numbers, 0 or more",
            )
        if not self.low <= self.likely <= self.high:
            raise ModalityError(
                f"{_told(values)} {self.unit} is not in order",
                fix="give low, likely, high, the smallest first",
            )


class Assumptions(msgspec.Struct, frozen=True, kw_only=True):
    """All numbers of the model; `assume` changes some.

    Attributes:
        listening_wpm: how fast the agent speaks at speed 1, pauses included.
        speed: `audio.output.speed`, how many times as fast it is made to speak.
        reading_wpm: how fast people read an answer.
        skimming_wpm: how fast they look one through.
        speaking_wpm: how fast people speak to the agent.
        typing_wpm: how fast they type on a keyboard.
        mobile_typing_wpm: how fast they type on a telephone.
        question_words: how long what they ask is.
        voice_latency_s: their last word to the first that they hear.
        text_latency_s: their last key to the first word that they can read. After
            that text is taken to appear faster than it is read.
        barge_ins_per_100_words: how often the agent is interrupted in so many words.
        stop_latency_s: from a barge-in to silence.
        barge_in_words: what people say when they interrupt.
        repeated_words: what is then said again, because it was missed or the thread
            is taken up.

    Raises:
        ModalityError: a rate is 0, or the speed is none that the API takes.
    """

    listening_wpm: Quantity = Quantity(
        low=150,
        likely=165,
        high=180,
        unit="words/min",
        source="150-180: usual rates of synthesised and read speech; people speak at "
        "120-180 (Bragg et al. 2018)",
    )
    speed: Quantity = Quantity(
        low=1, likely=1, high=1, unit="times", source="the Realtime API's default"
    )
    reading_wpm: Quantity = Quantity(
        low=250,
        likely=275,
        high=300,
        unit="words/min",
        source="250-300: commonly assumed; measured over 190 studies it is 238, most "
        "adults 175-300 (Brysbaert 2019)",
    )
    skimming_wpm: Quantity = Quantity(
        low=500,
        likely=600,
        high=800,
        unit="words/min",
        source="500 and more: beyond reading every word (recalled, not checked)",
    )
    speaking_wpm: Quantity = Quantity(
        low=120,
        likely=150,
        high=180,
        unit="words/min",
        source="120-180 (Bragg et al. 2018), 150 the usual figure",
    )
    typing_wpm: Quantity = Quantity(
        low=32,
        likely=52,
        high=72,
        unit="words/min",
        source="mean 52 of 168,000 people (Dhakal et al. 2018); the range is a "
        "standard deviation of 20 to each side (recalled, not checked)",
    )
    mobile_typing_wpm: Quantity = Quantity(
        low=23,
        likely=36.2,
        high=49,
        unit="words/min",
        source="mean 36.2 of 37,370 people (Palin et al. 2019); the range is a "
        "standard deviation of 13 to each side (recalled, not checked)",
    )
    question_words: Quantity = Quantity(
        low=5, likely=12, high=25, unit="words", source=_CHOSEN
    )
    voice_latency_s: Quantity = Quantity(
        low=1.0,
        likely=1.45,
        high=2.75,
        unit="s",
        source="42 answers of the bundled scenarios with the profile measured-median "
        "and 500 ms of silence: smallest, median and largest",
    )
    text_latency_s: Quantity = Quantity(
        low=0.5, likely=1.0, high=2.5, unit="s", source=_CHOSEN
    )
    barge_ins_per_100_words: Quantity = Quantity(
        low=0, likely=0.3, high=2, unit="per 100 words", source=_CHOSEN
    )
    stop_latency_s: Quantity = Quantity(
        low=0.1,
        likely=0.2,
        high=0.8,
        unit="s",
        source="0.11-0.27 in the bundled scenarios, with a browser 40 ms away; "
        "more on telephones",
    )
    barge_in_words: Quantity = Quantity(
        low=1, likely=5, high=15, unit="words", source=_CHOSEN
    )
    repeated_words: Quantity = Quantity(
        low=0, likely=5, high=20, unit="words", source=_CHOSEN
    )

    def __post_init__(self) -> None:
        for name in NAMES:
            if name.endswith("_wpm") and getattr(self, name).low <= 0:
                raise ModalityError(
                    f"{name}: a rate is above 0", fix="give a larger number"
                )
        if not SLOWEST <= self.speed.low <= self.speed.high <= FASTEST:
            raise ModalityError(
                f"speed: {_told((self.speed.low, self.speed.high))} is not between "
                f"{SLOWEST:g} and {FASTEST:g}",
                fix="give what the Realtime API takes",
            )

    @property
    def table(self) -> pd.DataFrame:
        """One row per assumption: name, low, likely, high, unit, source."""
        import pandas as pd  # noqa: PLC0415 -- takes 0.3 s

        rows = [
            {"name": name, **msgspec.structs.asdict(getattr(self, name))}
            for name in NAMES
        ]
        return pd.DataFrame(rows)


NAMES = tuple(field.name for field in msgspec.structs.fields(Assumptions))

Given: TypeAlias = Quantity | float | Sequence[float]
"""A range with its source, a number, (low, high), or (low, likely, high)."""

YOURS = "given by the user"
_LOW_HIGH = 2
_LOW_LIKELY_HIGH = 3


def assume(base: Assumptions | None = None, /, **changes: Given) -> Assumptions:
    """Return assumptions with some of them changed.

    Args:
        base: what to start from; by default the numbers of this module.
        changes: new values by name; of `(low, high)` the middle is the likely one.

    Raises:
        ModalityError: there is no such assumption, or a value that it cannot have.
    """
    base = Assumptions() if base is None else base
    for name in changes:
        if name not in NAMES:
            raise ModalityError(
                f"there is no assumption {name!r}",
                fix=close_names(name, NAMES) or f"change {one_of(NAMES)}",
            )
    new = {
        name: _quantity(name, given, getattr(base, name).unit)
        for name, given in changes.items()
    }
    return msgspec.structs.replace(base, **new)


def _quantity(name: str, given: Given, unit: str) -> Quantity:
    if isinstance(given, Quantity):
        return given
    values = [given] if isinstance(given, int | float) else list(given)
    if len(values) == 1:
        values *= _LOW_LIKELY_HIGH
    elif len(values) == _LOW_HIGH:
        values.insert(1, (values[0] + values[1]) / 2)
    if len(values) != _LOW_LIKELY_HIGH:
        raise ModalityError(
            f"{name}: {len(values)} numbers are no range",
            fix="give one number, (low, high), or (low, likely, high)",
        )
    low, likely, high = values
    try:
        return Quantity(low=low, likely=likely, high=high, unit=unit, source=YOURS)
    except ModalityError as error:
        raise ModalityError(error.problem, path=name, fix=error.fix) from None


def _told(values: Sequence[float]) -> str:
    return ", ".join(f"{value:g}" for value in values)
