"""RTTM, who spoke when: what pyannote and dscore read.

Ten fields a line, `<NA>` where there is nothing to say, no spaces in names, the channel
counted from 1, seconds with three decimals (NIST, RT-09 evaluation plan, appendix A).
Speech is that of turns and backchannels, words joined where the silence between them is
shorter than 200 ms, and for the agent what was heard. `….rttm` is the truth;
`….server.rttm` is what the server took for the caller's turns, the silence after them
included.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from voicelab.exporters.files import Writer, stem, text
from voicelab.exporters.lanes import AGENT, CALLER, end_of
from voicelab.metrics import Facts
from voicelab.metrics.overlap import heard_spans, speech_spans
from voicelab.metrics.spans import Span, common, joined
from voicelab.result import Run
from voicelab.units import NS_PER_MS

_CHANNELS = {CALLER: 1, AGENT: 2}


def rttm(run: Run) -> dict[str, Writer]:
    """Return the truth, and if it is known what the server heard.

    Raises:
        RunFormatError: the run's log or audio is damaged.
    """
    name, facts = stem(run), run.facts
    whole: list[Span] = [(0, end_of(run))]
    truth = [
        *_of(CALLER, common(_spoken(facts), whole)),
        *_of(AGENT, common(heard_spans(facts.agent_items.values()), whole)),
    ]
    taken = joined((item.onset_ns, item.audio_end_ns) for item in facts.user_items)
    files = {f"{name}.rttm": text(_lines(name, truth))}
    if taken:
        server = _of(CALLER, common(taken, whole))
        files[f"{name}.server.rttm"] = text(_lines(name, server))
    return files


def _spoken(facts: Facts) -> list[Span]:
    return joined(span for turn in facts.caller_turns for span in speech_spans(turn))


def _of(speaker: str, spans: Iterable[Span]) -> Iterator[tuple[int, int, str]]:
    """Yield spans in whole milliseconds; those shorter than one are left out."""
    for start_ns, end_ns in spans:
        start_ms, end_ms = round(start_ns / NS_PER_MS), round(end_ns / NS_PER_MS)
        if end_ms > start_ms:
            yield start_ms, end_ms, speaker


def _lines(name: str, spans: Iterable[tuple[int, int, str]]) -> str:
    file = re.sub(r"\s", "_", name)
    return "".join(
        f"SPEAKER {file} {_CHANNELS[speaker]} {_s(start_ms)} {_s(end_ms - start_ms)} "
        f"<NA> <NA> {speaker} <NA> <NA>\n"
        for start_ms, end_ms, speaker in sorted(spans)
    )


def _s(ms: int) -> str:
    return f"{ms // 1000}.{ms % 1000:03d}"
