"""Operating curves of turn detection: how much waiting buys how few cut-ins."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, get_args

import msgspec
import numpy as np

from voicelab.curves import choice
from voicelab.curves.choice import Best, Budget
from voicelab.curves.conversations import Conversation, Named, find_conversations
from voicelab.curves.corpus import Corpus, Take
from voicelab.curves.frames import DetRow, det_rows
from voicelab.curves.grid import (
    EAGERNESS,
    PADDINGS_MS,
    SEMANTIC,
    SEMANTIC_SCORER,
    SILENCES_MS,
    THRESHOLDS,
    Condition,
    Grid,
    make_conditions,
    make_grid,
)
from voicelab.curves.hearing import hear, score
from voicelab.curves.judging import Flags
from voicelab.curves.rows import CurveRow, rows_of
from voicelab.errors import CurveError
from voicelab.metrics.det import THRESHOLDS as DET_THRESHOLDS
from voicelab.speech.end_of_turn import smart_turn

if TYPE_CHECKING:
    import pandas as pd

Part = Literal["speaker", "conversation", "codec", "noise"]

Progress: TypeAlias = Callable[[str, int], None]

MEDIAN_DELAY, P95_DELAY = choice.DELAYS


@dataclass(frozen=True)
class Scored:
    """One condition as one detector hears it.

    Attributes:
        detector: its name.
        corpus: the conversations with its scores.
    """

    detector: str
    corpus: Corpus


def operating_curve(
    conversations: Named | Iterable[Named],
    *,
    detectors: str | Sequence[str] = ("silero",),
    thresholds: Iterable[float] = THRESHOLDS,
    silences_ms: Iterable[int] = SILENCES_MS,
    paddings_ms: Iterable[int] = PADDINGS_MS,
    eagerness: str | Sequence[str] = EAGERNESS,
    transcribed: bool = False,
    noise: str | Sequence[str] | None = None,
    snrs_db: Sequence[float | None] | None = None,
    codecs: str | Sequence[str] | None = None,
    progress: Progress | None = None,
) -> Curve:
    """Return what every setting of turn detection makes of labelled conversations.

    The caller is driven at the recording's own times, whatever the agent does, through
    the channel of the scenario. Each condition is scored once by each detector; scores
    are kept by content.

    Args:
        conversations: scenarios, scenario files, bundled names, folders of scenario
            files or folders of labelled recordings; one or several.
        detectors: `silero`, `silero-onnx`, `webrtc`, `energy`: what `server_vad` may
            score by; or `semantic_vad`, which has no settings but its eagerness.
        thresholds: scores from 0 to 1; every combination with the two that follow is
            a setting.
        silences_ms: of the API's `silence_duration_ms`, up to 60,000.
        paddings_ms: of the API's `prefix_padding_ms`.
        eagerness: of `semantic_vad`: `low`, `medium`, `high`, `auto`.
        transcribed: whether `semantic_vad` goes by the words, too, as it does in a
            session with transcription; they are those of the labels.
        noise: noises around the caller, bundled or recordings, in place of the
            scenarios' own; left out, those stay.
        snrs_db: their levels: the speech over the noise. None among them is no noise.
        codecs: `pcm`, `pcmu`, `pcma`, in place of the scenarios' own.
        progress: told each conversation's name before it is heard, and how many are
            heard in all, each condition counted.

    Raises:
        CurveError: nothing to measure, or a setting outside the API's range.
        LabelError: a conversation has no labels, or wrong ones, or no caller's turn.
        MissingPartError: there is no end-of-turn model for `semantic_vad`.
        InputError: another file is missing or wrong; an echo is asked for.
    """
    grid = make_grid(detectors, thresholds, silences_ms, paddings_ms, eagerness)
    if SEMANTIC in grid.detectors:
        smart_turn().warm_up()  # refused before the work, not after it
    conditions = make_conditions(codecs, noise, snrs_db)
    found = find_conversations(conversations)
    total = len(found) * len(conditions)

    def tell(name: str) -> None:
        if progress is not None:
            progress(name, total)

    scored = [
        each
        for condition in conditions
        for each in _scored(found, condition, grid, tell, transcribed)
    ]
    return Curve(grid, scored)


class Curve:
    """Settings of turn detection, and what each makes of conversations.

    Args:
        grid: the settings.
        scored: each condition as each detector hears it.
    """

    def __init__(self, grid: Grid, scored: Sequence[Scored]) -> None:
        self.grid = grid
        self._scored = tuple(scored)

    def __repr__(self) -> str:
        return (
            f"<Curve conversations={self.conversations} turns={self.turns} "
            f"conditions={self.conditions} settings={self.settings}>"
        )

    @property
    def conversations(self) -> int:
        """How many conversations there are."""
        return len(self._scored[0].corpus.takes)

    @property
    def turns(self) -> int:
        """How many turns of callers there are in them, backchannels not counted."""
        return len(self._scored[0].corpus.turns)

    @property
    def conditions(self) -> int:
        """How many conditions they are heard in."""
        return len(self._scored) // len(self.grid.detectors)

    @property
    def settings(self) -> int:
        """How many settings are tried in each, detectors counted."""
        return len(self.rows) // self.conditions

    @cached_property
    def rows(self) -> tuple[CurveRow, ...]:
        """A row for each setting, condition by condition."""
        return tuple(
            row
            for condition in self._conditions()
            for row in _with_front(_rows(self.grid, condition, _all)[""])
        )

    @cached_property
    def table(self) -> pd.DataFrame:
        """The rows; the columns are those of `CurveRow`."""
        return _table(self.rows)

    def front(self, by: str = MEDIAN_DELAY, **where: Any) -> pd.DataFrame:
        """Return the settings that no other beats in cut-ins and delay.

        Each condition has its own front, over the detectors that are left, the fastest
        first.

        Args:
            by: the delay: the median, or `endpointing_delay_p95_ms`.
            where: what to look at, such as `detector="silero"` or `snr_db=10`.

        Raises:
            CurveError: there is no such delay or column, or no such row.
        """
        chosen = choice.matching(self.rows, where)
        on_front = [
            [rows[number] for number in sorted(choice.front(rows, by))]
            for rows in _by_condition(chosen)
        ]
        for rows in on_front:
            rows.sort(key=lambda row: getattr(row, by))
        return _table([row for rows in on_front for row in rows])

    def best(
        self,
        *,
        max_cut_in_rate: float = 0.02,
        max_missed_rate: float = 1.0,
        by: str = P95_DELAY,
        **where: Any,
    ) -> Best:
        """Return the fastest setting that keeps cut-ins under a budget.

        Where several conditions are left, it keeps to it in each of them.

        Args:
            max_cut_in_rate: the budget, a share of the turns.
            max_missed_rate: how many turns may have no endpoint of their own: missed,
                or taken for one with the next.
            by: the delay to keep short: `endpointing_delay_p95_ms` or the median.
            where: what to look at, such as `codec="pcmu"`.

        Raises:
            CurveError: no setting keeps to the budget, there are too few turns for
                the percentile, or the budget, the delay or a column is none.
        """
        budget = Budget(max_cut_in_rate, max_missed_rate)
        return choice.best(choice.matching(self.rows, where), budget, by)

    def by(self, part: Part) -> pd.DataFrame:
        """Return the table for each part of the conversations.

        Args:
            part: `speaker`, `conversation`, `codec` or `noise` (by level).

        Returns:
            The table, one block a part, its first column the part's name where the
            table has none. `is_front` holds within a part.

        Raises:
            CurveError: there is no such part.
        """
        if part not in get_args(Part):
            raise CurveError(
                f"a curve has no parts by {part!r}",
                fix=f"choose of {', '.join(get_args(Part))}",
            )
        named = list(self._parts(part))
        table = _table([row for _, row in named])
        if part not in table.columns:
            table.insert(0, part, [name for name, _ in named])
            table = table.astype({part: "string"})
        return table

    def det(
        self,
        thresholds: Sequence[float] = DET_THRESHOLDS,
        *,
        collar_ms: float = 0.0,
        **where: Any,
    ) -> pd.DataFrame:
        """Return how often frames are misjudged, at each threshold.

        Frames are held against the labels as `voicelab.metrics.det` says; only the
        threshold matters, and only the recordings count, not the rest behind them.

        Args:
            thresholds: scores from 0 to 1; each is a row.
            collar_ms: how near an edge of speech frames are not judged.
            where: what to look at, such as `detector="silero"`.

        Returns:
            A row a threshold, detector and condition; the columns are those of
            `voicelab.curves.frames.DetRow`.

        Raises:
            StatisticsError: a threshold or the collar is out of range.
            CurveError: there is no such column or row.
        """
        from voicelab.record.tables import table  # noqa: PLC0415 -- pandas takes 0.3 s

        rows = [
            row
            for one in self._scored
            if one.detector != SEMANTIC  # its scores are Silero's
            for row in det_rows(one.corpus, one.detector, thresholds, collar_ms)
        ]
        return table(choice.matching(rows, where), DetRow)

    def _conditions(self) -> Iterator[Sequence[Scored]]:
        """Yield each condition as all detectors hear it."""
        count = len(self.grid.detectors)
        for start in range(0, len(self._scored), count):
            yield self._scored[start : start + count]

    def _parts(self, part: Part) -> Iterator[tuple[str, CurveRow]]:
        """Yield the rows of each part in each condition, with the part's name."""
        for condition in self._conditions():
            found = _rows(self.grid, condition, lambda corpus: _parts_of(corpus, part))
            for name, rows in found.items():
                yield from ((name, row) for row in _with_front(rows))


def _rows(
    grid: Grid,
    condition: Sequence[Scored],
    parts_of: Callable[[Corpus], dict[str, Flags]],
) -> dict[str, list[CurveRow]]:
    """Return the rows of a condition by part, detector after detector."""
    found: dict[str, list[CurveRow]] = {}
    for one in condition:
        parts = parts_of(one.corpus)
        every = rows_of(one.corpus, one.detector, grid, list(parts.values()))
        for name, rows in zip(parts, every, strict=True):
            found.setdefault(name, []).extend(rows)
    return found


def _scored(
    conversations: Sequence[Conversation],
    condition: Condition,
    grid: Grid,
    tell: Callable[[str], None],
    transcribed: bool,
) -> list[Scored]:
    """Return a condition as each detector hears it."""
    is_semantic = SEMANTIC in grid.detectors
    heard, scores, kept = [], [], []
    for each in conversations:
        tell(each.name)
        one, frames = hear(each, condition, grid.longest_silence_ms)
        heard.append(one)
        scores.append([score(frames, _scorer(name)) for name in grid.detectors])
        kept += [frames] if is_semantic else []
    found = [
        Scored(detector, Corpus(heard, list(of_each), grid.longest_silence_ms))
        for detector, of_each in zip(
            grid.detectors, zip(*scores, strict=True), strict=True
        )
    ]
    for one_scored in found:
        if one_scored.detector == SEMANTIC:
            one_scored.corpus.judge_pauses(smart_turn(), kept, by_text=transcribed)
    return found


def _scorer(detector: str) -> str:
    return SEMANTIC_SCORER if detector == SEMANTIC else detector


def _all(corpus: Corpus) -> dict[str, Flags]:
    return {"": np.ones(len(corpus.takes), np.bool_)}


def _parts_of(corpus: Corpus, part: Part) -> dict[str, Flags]:
    """Return which conversations belong to each part, those with turns only."""
    names = [_name(take, part) for take in corpus.takes]
    return {
        name: np.array([each == name for each in names])
        for name in dict.fromkeys(names)
    }


def _name(take: Take, part: Part) -> str:
    if part == "noise":
        return "" if take.noise is None else f"{take.noise} {take.snr_db:g} dB"
    name: str = getattr(take, part)
    return name


def _with_front(rows: Sequence[CurveRow]) -> list[CurveRow]:
    on_front = choice.front(rows, MEDIAN_DELAY)
    return [
        msgspec.structs.replace(row, is_front=number in on_front)
        for number, row in enumerate(rows)
    ]


def _by_condition(rows: Iterable[CurveRow]) -> list[list[CurveRow]]:
    found: dict[tuple[str, str | None, float | None], list[CurveRow]] = {}
    for row in rows:
        found.setdefault((row.codec, row.noise, row.snr_db), []).append(row)
    return list(found.values())


def _table(rows: Iterable[CurveRow]) -> pd.DataFrame:
    from voicelab.record.tables import table  # noqa: PLC0415 -- pandas takes 0.3 s

    return table(rows, CurveRow)
