"""Numbers in words, for labels and digests; the numbers come from `metrics`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from voicelab.metrics.statistics import FloatArray, Values, enough_for, percentile
from voicelab.units import MS_PER_S

MINUS = "\N{MINUS SIGN}"
ANSWERED = ("answered", "cut_in")


@dataclass(frozen=True, slots=True)
class Quantile:
    """A quantile of some values, or why there is none.

    Attributes:
        name: such as `p95`.
        value: in the unit of the values; None if it was refused.
        n: how many values there are.
        needed: how many it takes.
    """

    name: str
    value: float | None
    n: int
    needed: int

    @property
    def refusal(self) -> str:
        """Why there is no value."""
        return f"{self.name} refused: n = {self.n} < {self.needed}"

    def digest(self, unit: str) -> str:
        """Return it as a part of a digest."""
        if self.value is None:
            return f"{self.name}=refused (n={self.n} < {self.needed})"
        return f"{self.name}={ascii_number(self.value)} {unit}".strip()


def quantile_of(values: Values, q: float) -> Quantile:
    """Return quantile `q` of finite values, refused where they are too few."""
    needed = enough_for(q)
    value = percentile(values, q) if len(values) >= needed else None
    return Quantile(f"p{q * 100:g}", value, len(values), needed)


def known(values: FloatArray) -> FloatArray:
    """Return the values that are there."""
    return values[~np.isnan(values)]


def plain(value: float) -> str:
    """Return a number with three digits at least, and all before the point."""
    if value == 0:
        return "0"
    digits = max(0, 2 - int(np.floor(np.log10(abs(value)))))
    text = f"{value:.{min(digits, 6)}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return text.replace("-", MINUS) if float(value) < 0 else text


def whole(value: float) -> str:
    """Return a number without decimals, such as milliseconds."""
    return f"{value:.0f}".replace("-", MINUS) if round(value) else "0"


def ascii_number(value: float) -> str:
    """Return a number for a digest, which is typed and searched."""
    return plain(value).replace(MINUS, "-")


def signed(value: float) -> str:
    """Return a number with its sign."""
    return f"+{plain(value)}" if value > 0 else plain(value)


def signed_whole(value: float) -> str:
    """Return a number without decimals, with its sign."""
    return f"+{whole(value)}" if round(value) > 0 else whole(value)


def percent(share: float) -> str:
    """Return a share as per cent."""
    return f"{plain(share * 100)} %"


def count(n: int, thing: str) -> str:
    """Return a number of things, one or many."""
    return f"{n} {thing}{'' if n == 1 else 's'}"


def seconds(ms: float) -> str:
    """Return milliseconds as seconds."""
    return f"{plain(ms / MS_PER_S)} s"


def without_value(table: pd.DataFrame, values: FloatArray) -> str:
    """Return how many rows have no value, and why where the table tells.

    A turn that was answered and has none was not observed: nobody saw its answer
    heard.
    """
    missing = np.isnan(values)
    if not missing.any():
        return ""
    total = f"of {len(values)}"
    if "outcome" not in table.columns:
        return f"{missing.sum()} {total} without a value"
    outcomes = table["outcome"].astype("string")[missing].fillna("unknown")
    why = outcomes.where(~outcomes.isin(ANSWERED), "not observed")
    counts = why.value_counts()
    told = [f"{counts[name]} {name}" for name in sorted(counts.index)]
    return _first_of(told, total)


def _first_of(told: Sequence[str], total: str) -> str:
    number, _, reason = told[0].partition(" ")
    rest = "".join(f", {each}" for each in told[1:])
    return f"{number} {total} {reason}{rest}"
