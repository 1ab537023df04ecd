"""What recognisers are given to hear, and what is counted of it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.support.recordings import noise, tone
from voicelab.audio import Samples, write_wav
from voicelab.audio.levels import active_power, dbfs
from voicelab.audio.wav import read_audio
from voicelab.errors import AudioError, ModalityError, VoicelabError
from voicelab.modality import Listened, answer_texts, bundled_listening, listen
from voicelab.modality.listening import Lever, Line, with_noise
from voicelab.record.tables import columns
from voicelab.speech.stt import Transcript
from voicelab.speech.tts import Synthesised, SynthesisedWord

RATE_HZ = 24_000
WORD_S = 0.4
TEXT = "one moment please then"
"""Four words: 1.6 s of the voice below, in which nothing is a number but the first."""


def _hum(frequency_hz: float, count: int) -> Samples:
    return tone(frequency_hz, RATE_HZ, count / RATE_HZ)


class Hum:
    """A voice that hums each word for 0.4 s, after a silence of 0.1 s."""

    name, identity, rate_hz = "hum", "hum-1", RATE_HZ

    def __init__(self) -> None:
        self.asked: list[float] = []

    def synthesise(self, text: str, speed: float = 1.0) -> Synthesised:
        self.asked.append(speed)
        lead, length = round(0.1 * RATE_HZ), round(WORD_S * RATE_HZ / speed)
        names = text.split()
        samples = np.zeros(2 * lead + length * len(names), np.int16)
        samples[lead:-lead] = _hum(1_000, length * len(names))
        words = tuple(
            SynthesisedWord(name, lead + index * length, lead + (index + 1) * length)
            for index, name in enumerate(names)
        )
        return Synthesised(samples, RATE_HZ, words)


class Ear:
    """A recogniser that always hears the same, and keeps what it was given."""

    name, identity, has_word_times = "ear", "ear-1", False

    def __init__(self, hears: str) -> None:
        self._hears = hears
        self.given: list[Samples] = []

    def recognise(self, samples: Samples) -> Transcript:
        self.given.append(samples)
        return Transcript(self._hears)


def heard(
    ear: Ear, speeds: Sequence[float] = (1.0,), voice: Hum | None = None, **how: object
) -> pd.DataFrame:
    settings = {"levers": ["stretch"], "lines": ["wide"], "snrs_db": [None], **how}
    return listen(
        {"a/1": TEXT},
        speeds,
        voices=[voice or Hum()],
        recognisers=[ear],
        **settings,  # type: ignore[arg-type]
    )


def test_a_row_says_what_was_heard() -> None:
    row = heard(Ear("one moment police")).iloc[0]
    assert list(row.index) == list(columns(Listened))
    told = ("lever", "voice", "line", "recogniser", "answer")
    assert [row[name] for name in told] == ["stretch", "hum", "wide", "ear", "a/1"]
    assert np.isnan(row["snr_db"])
    assert (row["spoken_words"], row["words"]) == (4, 4)
    assert (row["errors"], row["dropped"]) == (2, 1)
    assert row["spoken_s"] == pytest.approx(4 * WORD_S)


def test_every_combination_is_a_row_in_order() -> None:
    table = heard(
        Ear(""),
        [1.0, 2.0],
        levers=["voice", "stretch"],
        lines=["wide", "telephone"],
        snrs_db=[None, 5],
    )
    assert len(table) == 16
    assert list(table["lever"]) == ["voice"] * 8 + ["stretch"] * 8
    assert list(table["speed"]) == ([1.0] * 4 + [2.0] * 4) * 2
    assert list(table["line"][:4]) == ["wide", "wide", "telephone", "telephone"]
    assert (table["errors"] == 4).all()


@pytest.mark.parametrize("lever", ["voice", "stretch"])
def test_speech_is_made_faster_by_the_voice_or_behind_it(lever: str) -> None:
    voice, ear = Hum(), Ear("")
    (spoken_s,) = heard(ear, [2.0], voice, levers=[lever])["spoken_s"]
    assert voice.asked == [2.0 if lever == "voice" else 1.0]
    assert spoken_s == pytest.approx(2 * WORD_S)
    silences_s = 0.2 if lever == "voice" else 0.1  # the stretch takes those as well
    around_s = 1.0
    assert len(ear.given[0]) / 16_000 == pytest.approx(0.8 + silences_s + around_s)


def test_a_telephone_lets_nothing_low_through() -> None:
    class Deep(Hum):
        def synthesise(self, text: str, speed: float = 1.0) -> Synthesised:
            made = super().synthesise(text, speed)
            low = _hum(80, len(made.samples))
            return Synthesised(low, RATE_HZ, made.words)

    ear = Ear("")
    heard(ear, voice=Deep(), lines=["wide", "telephone"])
    wide, narrow = (active_power(sound, 16_000) for sound in ear.given)
    assert dbfs(wide) - dbfs(narrow) > 30


def test_noise_lies_so_far_below_the_speech() -> None:
    ear = Ear("")
    heard(ear, snrs_db=[None, 10.0, 0.0])
    quiet, some, much = (each.astype(np.float64) for each in ear.given)
    speech_db = dbfs(active_power(ear.given[0], 16_000))
    for loud, snr_db in ((some, 10), (much, 0)):
        added = np.rint(loud - quiet).astype(np.int16)
        noise_db = dbfs(active_power(added, 16_000))
        assert speech_db - noise_db == pytest.approx(snr_db, abs=1.5)  # it is a café


def test_an_answer_keeps_its_place_in_the_noise(tmp_path: Path) -> None:
    file = tmp_path / "noise.wav"
    write_wav(file, [noise(40_000)], 16_000, 1)
    recording = read_audio(file, rate_hz=16_000)
    sound = tone(1_000, 16_000)
    here = with_noise(sound, recording, 10, "0/a")
    assert np.array_equal(here, with_noise(sound, recording, 10, "0/a"))
    assert not np.array_equal(here, with_noise(sound, recording, 10, "0/b"))


def test_an_answer_without_a_word_is_refused() -> None:
    with pytest.raises(ModalityError, match="nothing of the answer 'a' can be said"):
        listen({"a": "..."}, [1.0], voices=[Hum()], recognisers=[Ear("")])


def test_an_answer_that_a_voice_cannot_say_is_refused() -> None:
    class Silent(Hum):
        def synthesise(self, text: str, speed: float = 1.0) -> Synthesised:
            made = super().synthesise(text, speed)
            words = tuple(SynthesisedWord(word.text, 0, 0) for word in made.words)
            return Synthesised(np.zeros(0, np.int16), RATE_HZ, words)

    with pytest.raises(ModalityError, match="'a/1' can be said; give English text"):
        heard(Ear(""), voice=Silent())


def test_the_answers_are_enough_words() -> None:
    texts = answer_texts()
    counts = [len(text.split()) for text in texts.values()]
    assert sum(counts) >= 200
    assert (min(counts), max(counts)) == (13, 23)
    assert texts["dentist/9"].startswith("Great, you're booked for Thursday")


@pytest.mark.parametrize(
    ("how", "kind", "said"),
    [
        ({"speeds": [2.5]}, ModalityError, "2.5 is not between 0.5 and 2"),
        ({"speeds": [float("nan")]}, ModalityError, "nan is not between"),
        ({"levers": ["tape"]}, ModalityError, "no lever 'tape'; give voice or stretch"),
        ({"lines": ["fax"]}, ModalityError, "no line 'fax'; give wide or telephone"),
        ({"noise": "pub"}, AudioError, "no noise named 'pub'"),
        ({"voices": ["hart"]}, VoicelabError, "no voice named 'hart'"),
        ({"recognisers": ["ears"]}, VoicelabError, "no recogniser named 'ears'"),
    ],
)
def test_what_cannot_be_heard_is_refused(
    how: dict[str, object], kind: type[VoicelabError], said: str
) -> None:
    settings = {"voices": [Hum()], "recognisers": [Ear("")], **how}
    with pytest.raises(kind) as caught:
        listen({"a/1": TEXT}, **settings)  # type: ignore[arg-type]
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("lever", "line"), [("stretch", "telephone"), ("voice", "wide")]
)
def test_the_bundled_table_is_what_is_measured(lever: Lever, line: Line) -> None:
    """Every fifth answer, by the fast voice and the fast recogniser, at speed 2."""
    for package in ("piper", "moonshine_voice"):
        pytest.importorskip(package, reason="the extras for speech are not installed")
    again = listen(
        dict(list(answer_texts().items())[::5]),
        [2.0],
        voices=["joe"],
        levers=[lever],
        lines=[line],
        snrs_db=[None],
        recognisers=["moonshine"],
    )
    same = ["speed", "lever", "voice", "line", "snr_db", "recogniser", "answer"]
    both = again.merge(bundled_listening(), on=same, suffixes=("", "_kept"))
    assert len(both) == len(again) == 3
    assert (both["words"] == both["words_kept"]).all()
    np.testing.assert_allclose(both["spoken_s"], both["spoken_s_kept"], atol=0.05)
    # another processor rounds otherwise, and a word in doubt may tip over
    off_by = (both["errors"] - both["errors_kept"]).abs()
    assert off_by.sum() <= 0.05 * both["words"].sum()
