from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml

from voicelab.errors import PriceError
from voicelab.lab.prices import PriceTable, load_prices
from voicelab.paths import data_dir
from voicelab.protocol.response_object import Usage
from voicelab.protocol.transcription import TranscriptionDuration, TranscriptionTokens

TOKENS = {"text_input": 4, "text_output": 16, "audio_input": 32, "audio_output": 64}
GOOD: dict[str, Any] = {
    "source": "made for a test",
    "date": "2026-01-31",
    "usd_per_million_tokens": TOKENS,
}
CAPTURED = {
    "total_tokens": 821,
    "input_tokens": 789,
    "output_tokens": 32,
    "input_token_details": {
        "text_tokens": 313,
        "audio_tokens": 476,
        "cached_tokens": 640,
        "cached_tokens_details": {"text_tokens": 256, "audio_tokens": 384},
    },
    "output_token_details": {"text_tokens": 9, "audio_tokens": 23},
}


def usage(told: dict[str, Any]) -> Usage:
    return msgspec.convert(told, Usage)


def table(folder: Path, **models: Any) -> PriceTable:
    named = {name.replace("_", "-"): price for name, price in models.items()}
    return load_prices(written(folder, {"voicelab_prices": 1, "models": named}))


def written(folder: Path, content: Any) -> Path:
    file = folder / "prices.yaml"
    plain = json.loads(json.dumps(content))  # or else YAML writes what is shared once
    file.write_text(yaml.safe_dump(plain, sort_keys=False))
    return file


@pytest.mark.parametrize(
    ("model", "micro_usd"),
    [
        # 57*4 + 256*0.4 + 92*32 + 384*0.4 + 9*16 + 23*64
        ("gpt-realtime", 5044),
        # the same but for 9*24
        ("gpt-realtime-2", 5116),
        # 57*0.6 + 256*0.06 + 92*10 + 384*0.3 + 9*2.4 + 23*20
        ("gpt-realtime-mini", 1566.36),
        # 57*5 + 256*2.5 + 92*40 + 384*2.5 + 9*20 + 23*80
        ("gpt-4o-realtime-preview-2024-12-17", 7585),
    ],
)
def test_a_response_costs_what_was_worked_out_by_hand(
    model: str, micro_usd: float
) -> None:
    cost_usd = load_prices().cost_usd(model, usage(CAPTURED))
    assert cost_usd == pytest.approx(micro_usd / 1e6, rel=1e-15)


def test_sums_are_exact_where_floats_are_not(tmp_path: Path) -> None:
    tokens = {"text_input": 0.1, "audio_input": 0.2}
    prices = table(tmp_path, m=GOOD | {"usd_per_million_tokens": tokens})
    told = {
        "total_tokens": 2,
        "input_tokens": 2,
        "output_tokens": 0,
        "input_token_details": {"text_tokens": 1, "audio_tokens": 1},
    }
    assert prices.cost_usd("m", usage(told)) == 0.3 / 1e6
    assert (0.1 + 0.2) / 1e6 != 0.3 / 1e6


def test_tokens_of_unknown_kind_cost_what_the_dearest_kind_costs() -> None:
    told = {"total_tokens": 11, "input_tokens": 10, "output_tokens": 1}
    cost_usd = load_prices().cost_usd("gpt-realtime", usage(told))
    assert cost_usd == (10 * 32 + 64) / 1e6


def test_transcriptions_by_tokens_and_by_time() -> None:
    prices = load_prices()
    by_time = TranscriptionDuration(seconds=90.0)
    assert prices.cost_usd("whisper-1", by_time) == 0.009
    assert prices.cost_usd("gpt-realtime-whisper", by_time) == 0.0255
    by_tokens = TranscriptionTokens(total_tokens=7, input_tokens=4, output_tokens=3)
    assert prices.cost_usd("gpt-4o-transcribe", by_tokens) == (4 * 6 + 3 * 10) / 1e6


def test_what_has_no_price_has_no_cost(tmp_path: Path) -> None:
    prices = table(tmp_path, spoken=GOOD)
    nothing = {"total_tokens": 0, "input_tokens": 0, "output_tokens": 0}
    image = {
        "total_tokens": 1,
        "input_tokens": 1,
        "output_tokens": 0,
        "input_token_details": {"image_tokens": 1},
    }
    assert prices.cost_usd("spoken", usage(nothing)) == 0
    assert prices.cost_usd("spoken", usage(image)) is None
    assert prices.cost_usd("spoken", TranscriptionDuration(seconds=1)) is None
    assert prices.cost_usd("whisper-1", usage(CAPTURED)) is None
    for unknown in ("spoke", "spoken-2", "Spoken", "", None):
        assert prices.cost_usd(unknown, usage(CAPTURED)) is None


def test_without_a_price_of_its_own_the_cache_saves_nothing(tmp_path: Path) -> None:
    prices = table(tmp_path, m=GOOD)
    whole = 313 * 4 + 476 * 32 + 9 * 16 + 23 * 64
    assert prices.cost_usd("m", usage(CAPTURED)) == whole / 1e6


def test_free_is_a_price(tmp_path: Path) -> None:
    free = GOOD | {"usd_per_million_tokens": dict.fromkeys(TOKENS, 0)}
    assert table(tmp_path, m=free).cost_usd("m", usage(CAPTURED)) == 0


def test_a_file_is_laid_over_the_bundled_prices(tmp_path: Path) -> None:
    own = GOOD | {"aliases": ["gpt-realtime-mini", "deployment-7"]}
    prices = table(tmp_path, gpt_realtime=GOOD, mine=own)
    bundled = load_prices()
    for name in ("gpt-realtime", "mine", "gpt-realtime-mini", "deployment-7"):
        price = prices.find(name)
        assert price is not None
        assert price.source == "made for a test"
    for name in ("whisper-1", "gpt-realtime-2025-08-28"):
        assert prices.find(name) == bundled.find(name) is not None


@pytest.mark.parametrize(
    ("price", "path", "line", "says"),
    [
        ({"source": ""}, "source", 4, "empty"),
        ({"date": "yesterday"}, "date", 5, "a day, such as 2026-11-21"),
        ({"date": "2026-13-01"}, "date", 5, "a day"),
        ({"sauce": "x"}, "sauce", 8, "did you mean source?"),
        (
            {"usd_per_million_tokens": {"audio_inputs": 1}},
            "usd_per_million_tokens.audio_inputs",
            7,
            "did you mean audio_input?",
        ),
        (
            {"usd_per_million_tokens": {"audio_input": -1}},
            "usd_per_million_tokens.audio_input",
            7,
            "out of range",
        ),
        (
            {"usd_per_million_tokens": {"audio_input": "$32"}},
            "usd_per_million_tokens.audio_input",
            7,
            "give a number",
        ),
        (
            {"usd_per_million_tokens": {}},
            "usd_per_million_tokens",
            6,
            "known here: text_input",
        ),
        ({"usd_per_million_tokens": None}, None, 3, "add usd_per_million_tokens"),
        ({"usd_per_minute": "free"}, "usd_per_minute", 8, "give a number"),
    ],
)
def test_what_is_no_price_is_told_with_its_place(
    tmp_path: Path,
    price: dict[str, Any],
    path: str | None,
    line: int,
    says: str,
) -> None:
    tokens = {"text_input": 4}
    model = GOOD | {"usd_per_million_tokens": tokens} | price
    content = {"voicelab_prices": 1, "models": {"my.model-1": model}}
    file = written(tmp_path, content)
    if line == 8:  # the keys of GOOD stand on lines 4 to 7, a further one follows
        assert len(file.read_text().splitlines()) == 8
    with pytest.raises(PriceError) as caught:
        load_prices(file)
    place = "models['my.model-1']"
    assert caught.value.path == (f"{place}.{path}" if path else place)
    assert (caught.value.file, caught.value.line) == (file, line)
    assert says in str(caught.value)


@pytest.mark.parametrize("key", ["source", "date"])
def test_a_price_without_a_source_is_none(tmp_path: Path, key: str) -> None:
    model = {name: value for name, value in GOOD.items() if name != key}
    with pytest.raises(PriceError, match=f"the key {key} is missing"):
        table(tmp_path, m=model)


@pytest.mark.parametrize(
    ("aliases", "says"),
    [
        (["other"], "is a model of this file already"),
        (["m"], "is a model of this file already"),
        (["x", "x"], "is an alias of m already"),
    ],
)
def test_a_name_has_one_price(tmp_path: Path, aliases: list[str], says: str) -> None:
    with pytest.raises(PriceError, match=says) as caught:
        table(tmp_path, m=GOOD | {"aliases": aliases}, other=GOOD)
    assert caught.value.line is not None
    assert str(caught.value.path).startswith("models.m.aliases[")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ({"voicelab_prices": 2, "models": {}}, "give 1"),
        ({"voicelab_prices": 1}, "the key models is missing"),
        ({"voicelab_prices": 1, "models": []}, "give a mapping"),
    ],
)
def test_what_is_no_price_file(tmp_path: Path, content: Any, says: str) -> None:
    with pytest.raises(PriceError, match=says):
        load_prices(written(tmp_path, content))


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(PriceError, match="no such file"):
        load_prices(tmp_path / "none.yaml")


def test_the_bundled_prices_are_plausible() -> None:
    """What holds of every price list seen so far; a slip of a digit breaks it."""
    models = yaml.safe_load((data_dir() / "prices.yaml").read_text())["models"]
    assert "gpt-realtime" in models
    for name, model in models.items():
        tokens = model.get("usd_per_million_tokens", {})
        for kind in ("text", "audio", "image"):
            if f"{kind}_cached_input" in tokens:
                cached, whole = tokens[f"{kind}_cached_input"], tokens[f"{kind}_input"]
                assert 0 < cached < whole, name
            if {f"{kind}_input", f"{kind}_output"} <= set(tokens):
                ratio = tokens[f"{kind}_output"] / tokens[f"{kind}_input"]
                assert 2 <= ratio <= 6, name
        if "audio_input" in tokens:
            assert 1 < tokens["audio_input"] / tokens["text_input"] <= 20, name
