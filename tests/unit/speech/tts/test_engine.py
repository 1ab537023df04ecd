"""What is made of a model's audio, with a model that says letters of 10 ms each."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pytest

from voicelab.audio.levels import active_power, dbfs
from voicelab.errors import ScenarioError
from voicelab.speech.tts.engine import EngineVoice, Said
from voicelab.speech.tts.model import Synthesised

RATE_HZ = 8000
LETTER = 80  # samples: 10 ms at speed 1
SILENCE = 800  # of the model, before and behind what it says
LEAD_IN = 240
TAIL = 240
SENTENCE_PAUSE = 2400
COMMA_PAUSE = 1200
NO_PAUSE = 240


class Letters:
    """Says a letter as a constant, and everything else as silence of that length."""

    name = "letters"
    identity = "letters 1"
    rate_hz = RATE_HZ
    gain_db = 0.0
    most_symbols = 20

    def __init__(self, loudness: float = 0.25) -> None:
        self.loudness = loudness
        self.said: list[str] = []

    def require(self) -> None:
        pass

    def symbols(self, words: Sequence[str]) -> list[str]:
        return list(words)

    def say(self, symbols: str, speed: float) -> Said:
        self.said.append(symbols)
        size = round(LETTER / speed)
        sound = [self.loudness if s.isalpha() else 0.0 for s in symbols]
        audio = np.repeat(np.array(sound, np.float32), size)
        edges = [SILENCE + size * index for index in range(len(symbols) + 1)]
        return Said(np.pad(audio, SILENCE), edges)


def spans(speech: Synthesised) -> list[tuple[str, int, int]]:
    return [(w.text, w.start_samples, w.end_samples) for w in speech.words]


def test_the_words_lie_where_the_model_says_and_silence_is_cut() -> None:
    speech = EngineVoice(Letters()).synthesise("ab cde.")
    # LEAD_IN, then two letters, a space, three letters.
    assert spans(speech) == [("ab", 240, 400), ("cde.", 480, 720)]
    assert len(speech.samples) == 720 + TAIL + SENTENCE_PAUSE
    assert np.flatnonzero(speech.samples)[[0, -1]].tolist() == [240, 719]


def test_the_pause_behind_depends_on_the_last_sign() -> None:
    voice = EngineVoice(Letters())
    sizes = [len(voice.synthesise(f"ab{sign}").samples) for sign in (".", ",", "")]
    said = LEAD_IN + 2 * LETTER + TAIL
    assert sizes == [said + pause for pause in (SENTENCE_PAUSE, COMMA_PAUSE, NO_PAUSE)]


def test_twice_as_fast_is_half_as_long_pauses_too() -> None:
    speech = EngineVoice(Letters()).synthesise("ab cde.", speed=2.0)
    assert spans(speech) == [("ab", 240, 320), ("cde.", 360, 480)]
    assert len(speech.samples) == 480 + TAIL + SENTENCE_PAUSE // 2


def test_each_sentence_is_a_piece_and_they_follow_each_other() -> None:
    engine = Letters()
    speech = EngineVoice(engine).synthesise("ab. Dr. cd! ef")
    assert engine.said == ["ab.", "doctor cd!", "ef"]
    first = LEAD_IN + 2 * LETTER + TAIL + SENTENCE_PAUSE
    assert spans(speech)[1] == ("Dr.", first + 240, first + 240 + 6 * LETTER)
    assert len(speech.words) == 4


def test_a_long_sentence_is_cut_at_a_pause() -> None:
    engine = Letters()
    EngineVoice(engine).synthesise("one two, three four five six seven")
    assert engine.said == ["one two,", "three four five six", "seven"]


def test_a_word_longer_than_a_piece_is_said_in_parts() -> None:
    engine = Letters()
    speech = EngineVoice(engine).synthesise("a " + 50 * "b" + " c")
    assert engine.said == ["a", 20 * "b", 20 * "b", 10 * "b" + " c"]
    a, long, c = speech.words
    part = LEAD_IN + 20 * LETTER + TAIL + NO_PAUSE
    start = LEAD_IN + LETTER + TAIL + NO_PAUSE
    assert (a.start_samples, a.end_samples) == (240, 320)
    assert long.start_samples == start + LEAD_IN
    assert long.end_samples == start + 2 * part + LEAD_IN + 10 * LETTER
    assert c.start_samples == long.end_samples + LETTER


def test_no_more_than_a_hundred_words_are_read_together() -> None:
    engine = Letters()
    engine.most_symbols = 1000
    speech = EngineVoice(engine).synthesise("a " * 250)
    assert [said.count("a") for said in engine.said] == [100, 100, 50]
    assert len(speech.words) == 250


def test_a_long_number_is_parted_between_its_spoken_words() -> None:
    engine = Letters()
    speech = EngineVoice(engine).synthesise("1234567")
    assert engine.said == ["one two three four", "five six seven"]
    assert len(speech.words) == 1


def test_what_is_not_said_has_its_place_between_the_others() -> None:
    speech = EngineVoice(Letters()).synthesise("😀 ab 😀 cd 😀")
    assert spans(speech) == [
        ("😀", 240, 240),
        ("ab", 240, 400),
        ("😀", 400, 400),
        ("cd", 480, 640),
        ("😀", 640, 640),
    ]
    assert speech.unspoken == ("😀", "😀", "😀")


def test_only_what_cannot_be_said_makes_no_audio() -> None:
    engine = Letters()
    speech = EngineVoice(engine).synthesise("😀 %%%")
    assert (len(speech.samples), engine.said) == (0, [])
    assert spans(speech) == [("😀", 0, 0), ("%%%", 0, 0)]


@pytest.mark.parametrize("text", ["", " \n"])
def test_no_text_makes_no_audio(text: str) -> None:
    speech = EngineVoice(Letters()).synthesise(text)
    assert len(speech.samples) == 0
    assert speech.samples.dtype == np.int16
    assert speech.words == ()


def test_a_number_is_one_word_however_long_it_is_read() -> None:
    engine = Letters()
    speech = EngineVoice(engine).synthesise("at 40 ab")
    assert engine.said == ["at forty ab"]
    assert spans(speech)[1] == ("40", 480, 880)


class Early(Letters):
    """Says where its words are 20 ms too late at the start and too long at the end."""

    def say(self, symbols: str, speed: float) -> Said:
        said = super().say(symbols, speed)
        first, *inner, last = said.edges_samples
        return Said(said.audio, [first + 60, *inner, last + 400])


def test_the_outer_words_start_and_end_with_the_sound() -> None:
    assert spans(EngineVoice(Early()).synthesise("ab cde")) == [
        ("ab", 240, 400),
        ("cde", 480, 720),
    ]


class Drawling(Letters):
    """Pauses 150 ms between words, of which it counts 70 to the word before."""

    def say(self, symbols: str, speed: float) -> Said:
        said = super().say("ab" + 15 * " " + "cd", speed)
        start, _, _, *later = said.edges_samples
        words = [start, start + 80, start + 160 + 560, *later[14:]]
        assert symbols == "ab cd"
        return Said(said.audio, words)


def test_silence_before_a_pause_does_not_count_to_the_word() -> None:
    speech = EngineVoice(Drawling()).synthesise("ab cd")
    assert spans(speech) == [("ab", 240, 400), ("cd", 1600, 1760)]


def test_the_joints_are_free_of_clicks() -> None:
    samples = EngineVoice(Letters()).synthesise("ab. cd.").samples
    noisy = EngineVoice(Noisy()).synthesise("ab. cd.").samples
    assert samples[0] == samples[-1] == 0
    joint = len(noisy) // 2
    assert np.abs(np.diff(noisy[joint - 100 : joint + 100].astype(int))).max() <= 3


class Noisy(Letters):
    """Has a constant of 30 steps of 16 bit, too faint to be speech, all the time."""

    def say(self, symbols: str, speed: float) -> Said:
        said = super().say(symbols, speed)
        return Said(said.audio + np.float32(30 / 32768), said.edges_samples)


def test_a_loud_piece_is_turned_down_and_never_clipped() -> None:
    speech = EngineVoice(Letters(loudness=4.0)).synthesise("ab")
    assert int(speech.samples.max()) == round(0.97 * 32768)


def test_the_gain_is_applied() -> None:
    engine = Letters()
    engine.gain_db = -6.0206  # half
    speech = EngineVoice(engine).synthesise("abcdefghij")
    sound = speech.samples[speech.samples != 0]
    assert dbfs(active_power(sound[100:-100], RATE_HZ)) == pytest.approx(
        20 * math.log10(0.125), abs=0.01
    )


@pytest.mark.parametrize("speed", [0.0, 0.49, 2.01, -1.0, math.nan, math.inf], ids=str)
def test_a_speed_that_no_voice_has_is_refused(speed: float) -> None:
    with pytest.raises(ScenarioError) as error:
        EngineVoice(Letters()).synthesise("ab", speed)
    assert str(error.value) == (
        f"a voice cannot speak at speed {speed:g}; choose from 0.5 (half as fast) "
        "to 2.0 (twice)"
    )
