"""No text of any figure stands on another, is cut, or is smaller than 8 points."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import numpy as np
import pandas as pd
import pytest

from tests.support.figures import (
    collisions,
    latency_table,
    smallest_font,
    stage_table,
)
from tests.support.results import make_run
from voicelab import plot
from voicelab.plot import Plot, style

LONG = "a-conversation-with-a-name-that-nobody-would-type-twice"
DRAW = np.random.default_rng(3)


def offsets(n: int, scale: float) -> pd.DataFrame:
    party = np.where(np.arange(n) % 2, "agent", "caller")
    wait = np.where(party == "agent", 1300, 250)
    return pd.DataFrame({"party": party, "fto_ms": DRAW.normal(wait, scale)})


def detector(name: str, shift: float, n: int = 19) -> pd.DataFrame:
    thresholds = np.linspace(0.05, 0.95, n).round(2)
    return pd.DataFrame(
        {
            "detector": name,
            "threshold": thresholds,
            "miss_rate": 0.5 * thresholds ** (2 + shift),
            "false_alarm_rate": 0.4 * (1 - thresholds) ** (2 + shift),
        }
    )


def settings(conditions: int) -> pd.DataFrame:
    rows = [
        {
            "detector": LONG if conditions > 1 else "silero",
            "threshold": threshold,
            "silence_duration_ms": silence,
            "prefix_padding_ms": 300,
            "codec": f"codec-{index}",
            "cut_in_rate": 30 / silence * (1 + index),
            "cut_in_low": 20 / silence,
            "cut_in_high": 60 / silence * (1 + index),
            "endpointing_delay_p50_ms": silence + 100 * threshold,
            "is_front": threshold == 0.1,
            "is_default": (threshold, silence) == (0.5, 500),
            "turns": 40,
        }
        for index, threshold, silence in product(
            range(conditions), (0.1, 0.5, 0.9), (100, 200, 300, 500, 520, 540, 1000)
        )
    ]
    return pd.DataFrame(rows)


def ledger(n: int, players: int, scale: float) -> pd.DataFrame:
    heard = DRAW.uniform(100, 9000, n)
    error = DRAW.normal(0, scale, n)
    verdicts = DRAW.choice(["accepted", "refused", "not_sent"], n)
    return pd.DataFrame(
        {
            "player": [f"{LONG}-{index % players}" for index in range(n)],
            "heard_ms": heard,
            "audio_end_ms": heard + error,
            "kept_ms": heard + error,
            "truncation_error_ms": error,
            "verdict": verdicts,
        }
    )


def grid(across: int, down: int, *, names: bool) -> pd.DataFrame:
    places = product(range(across), range(down))
    rows = [
        {
            "x": f"{LONG}-{column}" if names else column * 100,
            "y": f"{LONG}-{row}" if names else row / 10,
            "error_ms": DRAW.normal(0, 5000),
        }
        for column, row in places
        if (column + row) % 5
    ]
    return pd.DataFrame(rows or [{"x": 1, "y": 1, "error_ms": 1.0}])


def channels(n: int) -> pd.DataFrame:
    words = np.array([5.0, 20, 100, 500])
    return pd.concat(
        pd.DataFrame(
            {
                "words": words,
                "channel": f"{LONG} {index}",
                "seconds_p50": 1 + words / (2 + 0.2 * index),
                "seconds_low": 0.8 + words / (2.5 + 0.2 * index),
                "seconds_high": 1.2 + words / (1.5 + 0.2 * index),
            }
        )
        for index in range(n)
    )


def understood(conditions: int) -> pd.DataFrame:
    speed = np.array([0.5, 1.0, 1.5, 2.0])
    rates = [np.minimum(0.02 * (1 + i) * speed**2, 1) for i in range(conditions)]
    return pd.concat(
        pd.DataFrame(
            {
                "speed": speed,
                "line": f"{LONG} {index}",
                "answers": 15,
                "words": 256,
                "word_error_rate": rate,
                "low": rate / 2,
                "high": rate * 2,
                "wpm_gross": 150 * speed,
                "understood_wpm": 150 * speed * (1 - rate),
                "understood_low": 140 * speed * (1 - rate),
                "understood_high": 160 * speed * (1 - rate),
            }
        )
        for index, rate in enumerate(rates)
    )


SPEEDS = pd.DataFrame(
    {
        "speed": DRAW.choice([0.25, 1.0, 1.25, 1.5], 40),
        "heard_words": DRAW.normal(3000, 900, 40),
        "phantom_words": DRAW.poisson(2, 40),
        "call_s": DRAW.normal(60, 5, 40),
    }
)

FIGURES: dict[str, Callable[[], Plot]] = {
    "timeline": lambda: plot.timeline(make_run()),
    "waterfall of a run": lambda: plot.waterfall(make_run()),
    "waterfall of 1": lambda: plot.waterfall(latency_table(1, silent=0)),
    "waterfall of a cut-in": lambda: plot.waterfall(
        latency_table(1, silent=0, cut_ins=1)
    ),
    "waterfall of 24": lambda: plot.waterfall(
        latency_table(24, cut_ins=0.4, silent=0.3, name=LONG)
    ),
    "waterfall with odd names": lambda: plot.waterfall(
        latency_table(9, name="$x^2$ \N{OLD ITALIC LETTER A}\nand a second line")
    ),
    "waterfall of 500": lambda: plot.waterfall(latency_table(500)),
    "stages of a run": lambda: plot.stage_waterfall(make_run()),
    "stages of 1": lambda: plot.stage_waterfall(stage_table(1, silent=0)),
    "stages of 2 kinds": lambda: plot.stage_waterfall(
        {
            LONG: stage_table(6, staged=False, cut_ins=0.4),
            f"{LONG} {LONG}": stage_table(6, silent=0.3, name=LONG),
        }
    ),
    "stages of 8 kinds": lambda: plot.stage_waterfall(
        {f"{seed}": stage_table(30, seed=seed, staged=seed > 5) for seed in range(8)}
    ),
    "fto of a run": lambda: plot.fto_histogram(make_run()),
    "fto of 1": lambda: plot.fto_histogram(offsets(1, 0)),
    "fto of 40": lambda: plot.fto_histogram(offsets(40, 100)),
    "fto of 500": lambda: plot.fto_histogram(offsets(500, 2500)),
    "fto nearby": lambda: plot.fto_histogram(offsets(6, 1).assign(fto_ms=205.0)),
    "ecdf of a run": lambda: plot.ecdf(make_run()),
    "ecdf of 1": lambda: plot.ecdf(latency_table(1, silent=0)),
    "ecdf of 3 alike": lambda: plot.ecdf(
        {
            f"{LONG} {seed}": latency_table(60, seed=seed, silent=0.4)
            for seed in range(3)
        }
    ),
    "ecdf of 8": lambda: plot.ecdf(
        {f"{LONG} {seed}": latency_table(40, seed=seed) for seed in range(8)}
    ),
    "det of 1": lambda: plot.det(detector("silero", 0, 1).assign(threshold=0.5)),
    "det of 3": lambda: plot.det(
        pd.concat([detector(f"{LONG}-{i}", i / 5) for i in range(3)]), chosen=0.35
    ),
    "pareto": lambda: plot.pareto(
        settings(1), max_cut_in_rate=0.06, chosen={"silence_duration_ms": 520}
    ),
    "pareto of 4 codecs": lambda: plot.pareto(settings(4), max_cut_in_rate=0.06),
    "pareto of 1": lambda: plot.pareto(settings(1)[:1]),
    "scatter of a run": lambda: plot.truncation_scatter(make_run()),
    "scatter of 1": lambda: plot.truncation_scatter(ledger(1, 1, 0)),
    "scatter of 4": lambda: plot.truncation_scatter(ledger(60, 4, 20)),
    "scatter of 9": lambda: plot.truncation_scatter(ledger(500, 9, 20_000)),
    "heatmap": lambda: plot.heatmap(grid(5, 4, names=False), "x", "y", "error_ms"),
    "heatmap of 1": lambda: plot.heatmap(grid(1, 1, names=False), "x", "y", "error_ms"),
    "heatmap of names": lambda: plot.heatmap(
        grid(9, 13, names=True), "x", "y", "error_ms", best="zero"
    ),
    "heatmap of 900": lambda: plot.heatmap(
        grid(30, 30, names=False), "x", "y", "error_ms"
    ),
    "trade-off": lambda: plot.rate_trade_off(
        channels(8), break_even={f"{LONG} wins": 30, "the other": 33}
    ),
    "trade-off of 1": lambda: plot.rate_trade_off(channels(1)[:1]),
    "intelligibility": lambda: plot.intelligibility(understood(8)),
    "intelligibility of 1": lambda: plot.intelligibility(understood(1)[:1]),
    "speed": lambda: plot.speed_lever(SPEEDS),
    "speed of 1": lambda: plot.speed_lever(SPEEDS[:1]),
}


@pytest.mark.parametrize("name", FIGURES)
def test_every_text_can_be_read(name: str) -> None:
    picture = FIGURES[name]()
    assert collisions(picture) == []
    assert smallest_font(picture) >= 8
    assert picture.figure.get_figwidth() == style.WIDTH_IN
    assert repr(picture).isascii()


def test_a_collision_is_found() -> None:
    picture = FIGURES["ecdf of 1"]()
    axes = picture.figure.axes[0]
    axes.text(0.5, 0.5, "first", transform=axes.transAxes)
    axes.text(0.5, 0.5, "second", transform=axes.transAxes)
    axes.text(0.99, 0.5, "beyond " * 30, transform=axes.transAxes)
    found = "; ".join(collisions(picture))
    assert "'first' and 'second'" in found
    assert "is cut" in found


def test_every_figure_is_looked_at() -> None:
    drawn = set(plot.__all__) - {"Plot"}
    starts = {"fto": "fto_histogram", "scatter": "truncation_scatter"}
    starts |= {"trade-off": "rate_trade_off", "speed": "speed_lever"}
    starts |= {"stages": "stage_waterfall"}
    seen = {starts.get(name.split()[0], name.split()[0]) for name in FIGURES}
    assert seen == drawn
