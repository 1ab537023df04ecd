"""Clauses lose no word, and do not depend on how the text arrives."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from voicelab.speech.tts import ClauseSplitter, clauses

WORDS = st.sampled_from(
    ["yes", "no.", "and", "Dr.", "3.14", "well...", "(so", "said.)", "1.", "—", "it,"]
)
TEXTS = st.one_of(
    st.text(),
    st.lists(st.tuples(WORDS, st.sampled_from([" ", "\n", "  ", " \n"]))).map(
        lambda pairs: "".join(word + space for word, space in pairs)
    ),
)


@given(TEXTS)
def test_the_words_of_all_clauses_are_those_of_the_text(text: str) -> None:
    found = clauses(text)
    assert " ".join(found).split() == text.split()
    assert all(clause == " ".join(clause.split()) and clause for clause in found)


@given(TEXTS, st.lists(st.integers(0, 40)))
def test_pieces_make_the_same_clauses(text: str, cuts: list[int]) -> None:
    splitter = ClauseSplitter()
    found: list[str] = []
    position = 0
    for size in [*cuts, len(text)]:
        found += splitter.feed(text[position : position + size])
        position += size
    assert found + splitter.finish() == clauses(text)
