"""The parts of the renderer that need no speech synthesis."""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np
import pytest

from data.build import edges, labels, timeline
from data.build.script import Line, Script, Voice, load_script
from data.build.utterance import RATE_HZ, Utterance, Word, ms_to_samples

SCRIPTS = sorted((Path(__file__).parents[3] / "data/build/scripts").glob("*.yaml"))
WORD_MS = 200
GAP_MS = 100


def _utterance(count: int, *, slack_ms: float = 0.0) -> Utterance:
    """Return words of tone parted by silence; `slack_ms` blurs their times."""
    tone = 0.3 * np.sin(np.arange(ms_to_samples(WORD_MS)) * 2 * np.pi * 220 / RATE_HZ)
    silence = np.zeros(ms_to_samples(GAP_MS))
    blocks = [silence, *([tone, silence] * count)]
    words = []
    for index in range(count):
        start_ms = GAP_MS + index * (WORD_MS + GAP_MS)
        words.append(
            Word(
                f"w{index}",
                ms_to_samples(start_ms + slack_ms),
                ms_to_samples(start_ms + WORD_MS + slack_ms),
            )
        )
    return Utterance(np.concatenate(blocks).astype(np.float32), tuple(words))


def _caller(text: str = "a b c", **relation: float) -> Line:
    return msgspec.convert({"caller": text, **relation}, Line)


def _agent(text: str = "a b c", **relation: float) -> Line:
    return msgspec.convert({"agent": text, **relation}, Line)


def _ms(samples: int) -> float:
    return samples * 1000 / RATE_HZ


# --- scripts ---------------------------------------------------------------


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.stem)
def test_script_is_valid(path: Path) -> None:
    script = load_script(path)
    assert script.turns
    assert script.description.count(".") >= 1


def test_pauses_belong_to_the_word_before() -> None:
    line = _caller("So, um, <900> maybe <700> Friday.", gap_ms=0)
    assert line.text == "So, um, maybe Friday."
    assert line.pauses_ms == {1: 900.0, 2: 700.0}


@pytest.mark.parametrize(
    "turn",
    [
        {"caller": "hi"},
        {"gap_ms": 0},
        {"caller": "hi", "agent": "hi", "gap_ms": 0},
        {"caller": "hi", "gap_ms": 0, "barge_in_ms": 10},
        {"caller": "hi", "gap_ms": 0, "volume": 3},
    ],
)
def test_unclear_turns_are_refused(turn: dict[str, object]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(turn, Line)


# --- edges -----------------------------------------------------------------


@pytest.mark.parametrize("slack_ms", [-40.0, 0.0, 40.0])
def test_blurred_words_get_the_edges_of_their_sound(slack_ms: float) -> None:
    refined = edges.refine(_utterance(4, slack_ms=slack_ms), edges.SYNTHETIC)
    for found, true in zip(refined.words, _utterance(4).words, strict=True):
        assert _ms(found.start_samples) == pytest.approx(
            _ms(true.start_samples), abs=6.0
        )
        assert _ms(found.end_samples) == pytest.approx(_ms(true.end_samples), abs=6.0)


def test_a_closure_inside_a_word_does_not_part_it() -> None:
    said = _utterance(2)
    whole = Word("closed", said.words[0].start_samples, said.words[1].end_samples)
    refined = edges.refine(Utterance(said.samples, (whole,)), edges.SYNTHETIC)
    assert len(refined.words) == 1
    assert _ms(refined.speech_samples) == pytest.approx(500, abs=12)


def test_a_word_without_sound_is_an_error() -> None:
    said = _utterance(2)
    ghost = Word("ghost", said.words[0].end_samples, said.words[0].end_samples)
    words = (said.words[0], ghost, said.words[1])
    with pytest.raises(edges.EdgeError, match="ghost"):
        edges.refine(Utterance(said.samples, words), edges.SYNTHETIC)


# --- timeline --------------------------------------------------------------


def test_gaps_lie_between_last_and_first_words() -> None:
    lines = [_agent(gap_ms=0), _caller(gap_ms=300), _agent(gap_ms=-100)]
    placed = timeline.place(lines, [_utterance(3)] * 3, lead_in_ms=700)
    assert [_ms(turn.start_samples) for turn in placed] == [700, 1800, 2500]
    assert [turn.tags for turn in placed] == [(), (), ("overlap",)]


def test_a_barge_in_stops_the_other_inside_a_word() -> None:
    lines = [_agent(gap_ms=0), _caller(barge_in_ms=400, stops_after_ms=300)]
    agent, caller = timeline.place(lines, [_utterance(3)] * 2, lead_in_ms=0)
    assert _ms(caller.start_samples) == 400
    assert _ms(agent.end_samples) == 700
    assert [word.text for word in agent.heard.words] == ["w0", "w1", "w2"]
    assert len(agent.meant.words) == 3
    assert agent.cut_short
    assert "cut_short" in agent.tags
    assert caller.tags == ("barge_in",)
    assert np.abs(agent.heard.samples[-3:]).max() < 0.01


def test_hardly_begun_words_are_not_heard() -> None:
    lines = [_agent(gap_ms=0), _caller(barge_in_ms=340, stops_after_ms=300)]
    agent, _ = timeline.place(lines, [_utterance(3)] * 2, lead_in_ms=0)
    assert [word.text for word in agent.heard.words] == ["w0", "w1"]


def test_a_backchannel_leaves_the_floor_where_it_is() -> None:
    lines = [_agent(gap_ms=0), _caller(backchannel_ms=100), _caller(gap_ms=500)]
    said = [_utterance(5), _utterance(1), _utterance(1)]
    agent, token, caller = timeline.place(lines, said, lead_in_ms=0)
    assert not agent.cut_short
    assert token.kind == "backchannel"
    assert _ms(caller.start_samples - agent.end_samples) == 500


@pytest.mark.parametrize(
    "lines",
    [
        [_caller(barge_in_ms=100)],
        [_caller(gap_ms=0), _caller(barge_in_ms=100)],
        [_agent(gap_ms=0), _caller(barge_in_ms=5000)],
        [_agent(gap_ms=0), _caller(barge_in_ms=700, stops_after_ms=500)],
        [_caller(gap_ms=0), _caller(gap_ms=-200)],
    ],
    ids=["nobody", "oneself", "too late", "ends by itself", "twice at once"],
)
def test_impossible_relations_are_refused(lines: list[Line]) -> None:
    with pytest.raises(timeline.TimelineError):
        timeline.place(lines, [_utterance(3)] * len(lines), lead_in_ms=0)


# --- labels ----------------------------------------------------------------


def test_labels_hold_what_was_heard_and_what_was_meant() -> None:
    lines = [_agent(gap_ms=0), _caller(barge_in_ms=340, stops_after_ms=300)]
    script = Script(
        description="d",
        caller=Voice("x", "female"),
        agent=Voice("y", "male"),
        turns=tuple(lines),
        seed=1,
    )
    placed = timeline.place(lines, [_utterance(3)] * 2, lead_in_ms=50)
    agent, caller = labels.label_document("name", script, placed)["turns"]
    assert agent["text"] == "w0 w1"
    assert (agent["start_ms"], agent["end_ms"]) == (50, 550)
    assert agent["reply"]["audio"] == "name.reply-0.wav"
    assert agent["reply"]["text"] == "w0 w1 w2"
    assert agent["reply"]["words"][2] == {
        "text": "w2",
        "start_ms": 600,
        "end_ms": 800,
    }
    assert "reply" not in caller
    assert caller["start_ms"] == 390


@pytest.mark.parametrize(
    ("words", "tag"),
    [
        ("It's four five, nine.", "digits"),
        ("K, seven, R, please, now", "digits"),
        ("Well, um, let me see now", "filler"),
        ("Yes, please.", "short_answer"),
    ],
)
def test_tags_follow_from_the_words(words: str, tag: str) -> None:
    count = len(words.split())
    said = _utterance(count)
    named = tuple(
        Word(text, word.start_samples, word.end_samples)
        for text, word in zip(words.split(), said.words, strict=True)
    )
    line = _caller(words, gap_ms=0)
    script = Script(
        description="d",
        caller=Voice("x", "female"),
        agent=Voice("y", "male"),
        turns=(line,),
        seed=1,
    )
    placed = timeline.place([line], [Utterance(said.samples, named)], lead_in_ms=0)
    (turn,) = labels.label_document("name", script, placed)["turns"]
    assert turn["tags"] == [tag]
