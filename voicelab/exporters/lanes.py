"""What of a run can be put beside its audio: who said what when, lane by lane.

Instants are nanoseconds on the run's clock, which is that of its recording: 0 is the
first sample of audio.wav. What lies outside the recording is cut off.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from voicelab.metrics import Facts, cut_ins
from voicelab.metrics.agent import AgentItem, Stretch
from voicelab.metrics.caller import CallerTurn, HeldWord
from voicelab.metrics.overlap import heard_spans, speech_spans
from voicelab.metrics.spans import common, joined
from voicelab.metrics.stops import INTERRUPTION
from voicelab.result import Run
from voicelab.units import samples_to_ns

CALLER, AGENT = "caller", "agent"

CALLER_TURNS = "caller turns"
CALLER_BACKCHANNELS = "caller backchannels"
CALLER_WORDS = "caller words"
SERVER_TURNS = "caller as the server heard"
AGENT_HEARD = "agent heard"
AGENT_WORDS = "agent words"
OVERLAP = "overlap"
EVENTS = "events"


@dataclass(frozen=True, slots=True)
class Mark:
    """A stretch of time, or an instant, and what it holds.

    Attributes:
        start_ns: when it begins.
        end_ns: when it ends; the same for an instant.
        text: what it holds, on one line.
        words: the words in it, where their times are known.
    """

    start_ns: int
    end_ns: int
    text: str
    words: tuple[HeldWord, ...] = ()


@dataclass(frozen=True, slots=True)
class Lane:
    """Marks of one kind, in order.

    Attributes:
        name: what they are.
        marks: the marks, sorted by time; those of a lane of spans may overlap.
        is_points: whether they are instants.
    """

    name: str
    marks: tuple[Mark, ...]
    is_points: bool = False


def run_lanes(run: Run) -> list[Lane]:
    """Return all lanes of a run, in the order in which they are shown.

    What is unknown is missing: a lane of words has only words whose times are known.
    Agent lanes hold what was heard; where the ear was not observed, what was played.

    Raises:
        RunFormatError: the run's log or audio is damaged.
    """
    facts, end_ns = run.facts, end_of(run)
    turns, tokens = _caller(facts, is_turn=True), _caller(facts, is_turn=False)
    heard = [mark for item in facts.agent_items.values() for mark in _heard(item)]
    lanes = [
        _lane(CALLER_TURNS, turns, end_ns),
        _lane(CALLER_BACKCHANNELS, tokens, end_ns),
        _lane(CALLER_WORDS, _words([*turns, *tokens]), end_ns),
        _lane(SERVER_TURNS, _taken(facts), end_ns),
        _lane(AGENT_HEARD, heard, end_ns),
        _lane(AGENT_WORDS, _words(heard), end_ns),
        _lane(OVERLAP, _overlaps(facts), end_ns),
    ]
    points = sorted(_points(facts), key=lambda mark: (mark.start_ns, mark.text))
    inside = tuple(mark for mark in points if 0 <= mark.start_ns <= end_ns)
    return [*lanes, Lane(EVENTS, inside, is_points=True)]


def end_of(run: Run) -> int:
    """Return when a run's recording ends; of an empty one, when its log does."""
    recorded = samples_to_ns(len(run.audio), run.audio_rate_hz)
    return recorded or max(run.log.end_ns, 1)


def layers(marks: Iterable[Mark]) -> list[list[Mark]]:
    """Return marks in as few rows as they need for none to overlap another.

    At least one row, which may be empty.
    """
    rows: list[list[Mark]] = [[]]
    for mark in sorted(marks, key=_when):
        free = [row for row in rows if not row or row[-1].end_ns <= mark.start_ns]
        if free:
            free[0].append(mark)
        else:
            rows.append([mark])
    return rows


def _when(mark: Mark) -> tuple[int, int]:
    return mark.start_ns, mark.end_ns


def one_line(text: str) -> str:
    """Return a text without line breaks, tabs and other control characters."""
    printable = "".join(c if c.isprintable() else " " for c in text)
    return " ".join(printable.split())


def _lane(name: str, marks: Iterable[Mark], end_ns: int) -> Lane:
    inside = (_inside(mark, end_ns) for mark in marks)
    kept = [mark for mark in inside if mark.end_ns > mark.start_ns]
    return Lane(name, tuple(sorted(kept, key=_when)))


def _inside(mark: Mark, end_ns: int) -> Mark:
    start_ns, stop_ns = max(mark.start_ns, 0), min(mark.end_ns, end_ns)
    return replace(mark, start_ns=start_ns, end_ns=stop_ns, text=one_line(mark.text))


def _caller(facts: Facts, *, is_turn: bool) -> list[Mark]:
    return [
        Mark(turn.start_ns, turn.end_ns, _said(turn), turn.words)
        for turn in facts.caller_turns
        if turn.is_turn == is_turn
    ]


def _said(turn: CallerTurn) -> str:
    return turn.text.strip() or f"{turn.kind} {turn.index}"


def _words(marks: Iterable[Mark]) -> Iterator[Mark]:
    for mark in marks:
        for word in mark.words:
            yield Mark(word.start_ns, word.end_ns, word.text)


def _taken(facts: Facts) -> Iterator[Mark]:
    """Yield what the server took for the caller's turns, with the silence after."""
    for item in facts.user_items:
        yield Mark(item.onset_ns, item.audio_end_ns, item.item_id)


def _heard(item: AgentItem) -> Iterator[Mark]:
    words = item.heard_words()
    for part in item.heard:
        own = tuple(w for w in words if part.start_ns <= w.start_ns < part.end_ns)
        yield Mark(part.start_ns, part.end_ns, _told(item, part, own), own)


def _told(item: AgentItem, part: Stretch, words: Sequence[HeldWord]) -> str:
    """Return what was heard in a stretch as far as it is known, or else the id."""
    if words:
        return " ".join(word.text.strip() for word in words)
    is_whole = part.from_samples == 0 and part.to_samples >= item.generated_samples
    return item.transcript.strip() if is_whole and item.transcript else item.item_id


def _overlaps(facts: Facts) -> Iterator[Mark]:
    caller = joined(span for turn in facts.caller_turns for span in speech_spans(turn))
    for start_ns, end_ns in common(caller, heard_spans(facts.agent_items.values())):
        yield Mark(start_ns, end_ns, OVERLAP)


def _points(facts: Facts) -> Iterator[Mark]:
    for item in facts.user_items:
        told_ns = item.endpoint_sent_ns or item.endpoint_received_ns
        if told_ns is not None:
            yield Mark(told_ns, told_ns, "endpoint")
    for t_ns in cut_ins(facts):
        yield Mark(t_ns, t_ns, "cut-in")
    for event in facts.log.of("client", INTERRUPTION):
        claimed_ms = event.data.get("audio_end_ms")
        claim = "nothing" if claimed_ms is None else f"{claimed_ms} ms"
        yield Mark(event.t_ns, event.t_ns, f"interruption, claims {claim}")
