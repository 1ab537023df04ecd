"""The lanes of a timeline, each drawn from the facts or rows that it shows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from matplotlib.axes import Axes

from voicelab import metrics
from voicelab.metrics.agent import AgentItem
from voicelab.metrics.caller import CallerTurn
from voicelab.metrics.facts import Facts
from voicelab.plot import style
from voicelab.plot.lanes import (
    Lane,
    Notes,
    Span,
    area,
    bars,
    note,
    snippet,
    width_in,
)
from voicelab.plot.words import MINUS
from voicelab.record.log_reader import Log
from voicelab.units import MS_PER_S, NS_PER_S, ns_to_s

API_EVENTS = {
    "speech_started": ("input_audio_buffer.speech_started", style.SERVER, ">"),
    "speech_stopped": ("input_audio_buffer.speech_stopped", style.SERVER, "s"),
    "committed": ("input_audio_buffer.committed", style.SERVER, "D"),
    "response.created": ("response.created", style.AGENT_SENT, ">"),
    "response.done": ("response.done", style.AGENT_SENT, "s"),
}
"""The wire events that are shown, by label: type, colour by who acts, marker."""

NO_ANSWER = "\N{MULTIPLICATION SIGN}"
CUT_IN = "\N{BLACK DOWN-POINTING TRIANGLE}"
_MARKER_PT = 4.0


def caller_turns(axes: Axes, lane: Lane, turns: Sequence[CallerTurn]) -> None:
    """Draw the caller's reference turns, backchannels in grey."""
    looks = ((True, "caller-turns", style.USER), (False, "backchannels", style.CONTEXT))
    for is_turn, name, color in looks:
        spans = [
            _span(turn.start_ns, turn.end_ns)
            for turn in turns
            if turn.is_turn is is_turn
        ]
        bars(axes, lane, spans, name=name, color=color)
    for turn in turns:
        _say(axes, lane, _span(turn.start_ns, turn.end_ns), turn.text)


def heard_turns(axes: Axes, lane: Lane, items: Iterable[AgentItem]) -> None:
    """Draw what was heard of each agent item, with the words heard."""
    heard = [item for item in items if item.heard]
    spans = [_span(part.start_ns, part.end_ns) for item in heard for part in item.heard]
    bars(axes, lane, spans, name="heard-turns", color=style.AGENT_HEARD)
    for item in heard:
        words = " ".join(word.text.strip() for word in item.heard_words())
        span = _span(item.heard[0].start_ns, item.heard[-1].end_ns)
        _say(axes, lane, span, words or item.transcript)


def sent(axes: Axes, lane: Lane, items: Iterable[AgentItem]) -> None:
    """Draw when each item was sent; what was never heard of it is hatched."""
    heard, unheard = [], []
    for item in items:
        deltas = item.sent or item.received
        late = [delta for delta in deltas if delta.end_samples > item.heard_samples]
        last_ns = deltas[-1].t_ns
        split_ns = late[0].t_ns if late else last_ns
        heard.append(_span(deltas[0].t_ns, split_ns))
        if late:
            unheard.append(_span(split_ns, last_ns))
    bars(axes, lane, heard, name="sent", color=style.AGENT_SENT)
    bars(axes, lane, unheard, name="never-heard", color=style.AGENT_SENT, hatched=True)


def waits(
    axes: Axes,
    lane: Lane,
    rows: Iterable[metrics.TurnLatency],
    cut_ins_ns: Iterable[int],
    *,
    band: Span,
) -> None:
    """Draw the response latencies: from the end of a turn to the first audio heard.

    A pale band joins the two instants over the lanes from `band[0]` to `band[1]`.
    A triangle marks where the agent took a pause for the end of a turn.
    """
    at_s = [ns_to_s(t_ns) for t_ns in cut_ins_ns]
    axes.plot(
        at_s,
        [lane.at(0.15)] * len(at_s),
        "v",
        color=style.THRESHOLD,
        markersize=_MARKER_PT,
        gid="cut-ins",
    )
    notes = Notes(axes, lane.at(0.68))
    for row in rows:
        if row.t_heard_ns is None or row.response_latency_ms is None:
            if row.item_id is not None:
                continue  # answered, but nobody knows when that was heard
            notes.write(ns_to_s(row.t_end_ns), NO_ANSWER, color=style.THRESHOLD)
            continue
        ends_s = (ns_to_s(row.t_end_ns), ns_to_s(row.t_heard_ns))
        line = axes.hlines(lane.at(0.1), *ends_s, color=style.THRESHOLD, linewidth=3)
        line.set_gid("wait")
        axes.fill_between(ends_s, *band, color=style.THRESHOLD, alpha=0.15, linewidth=0)
        notes.write(sum(ends_s) / 2, f"{row.response_latency_ms:.0f}")


def vad(axes: Axes, lane: Lane, facts: Facts) -> None:
    """Draw the server's scores, and above them the turns that it detected."""
    frames = metrics.vad_frames(facts)
    if frames:
        starts = np.array([frame.t_ns for frame in frames]) / NS_PER_S
        scores = np.array([frame.score for frame in frames])
        scale = lane.part(0, 0.7)
        area(axes, scale, starts, scores, name="vad-score", color=style.SERVER)
    end_ns = facts.log.events[-1].t_ns if facts.log.events else 0
    spans = [
        _span(item.onset_ns, min(item.audio_end_ns, end_ns))
        for item in facts.user_items
    ]
    strip = lane.part(0.8, 1)
    bars(axes, strip, spans, name="detected-turns", color=style.SERVER)


def events(axes: Axes, lanes: dict[str, Lane], log: Log) -> None:
    """Draw the wire events that steer the conversation, where they were made."""
    where = "server" if log.has_server else "client"
    for label, (kind, color, marker) in API_EVENTS.items():
        times_s = [ns_to_s(event.t_ns) for event in log.of(where, kind)]
        heights = [lanes[label].middle_in] * len(times_s)
        drawn = axes.plot(
            times_s,
            heights,
            linestyle="none",
            marker=marker,
            markersize=_MARKER_PT,
            color=color,
            clip_on=False,
        )
        drawn[0].set_gid(label)


def buffer(axes: Axes, lane: Lane, facts: Facts) -> None:
    """Draw how much audio waited in the player, its greatest depth written beside."""
    t_ns, depth_ms = metrics.buffer_depth(facts)
    if not len(t_ns) or depth_ms.max() <= 0:
        return
    top = int(depth_ms.argmax())
    share = depth_ms / depth_ms[top]
    area(axes, lane, t_ns / NS_PER_S, share, name="buffer", color=style.CONTEXT)
    text = f"{depth_ms[top] / MS_PER_S:.1f} s "
    axes.text(t_ns[top] / NS_PER_S, lane.top_in, text, ha="right", va="top")


def truncations(
    axes: Axes, lane: Lane, ledger: Iterable[metrics.Truncation], foot_in: float
) -> None:
    """Draw a rule through all lanes at each truncation, its signed error on top."""
    notes = Notes(axes, lane.at(0.45))
    for row in ledger:
        t_s = ns_to_s(row.t_ns)
        rule = axes.vlines(
            t_s, lane.bottom_in, foot_in, color=style.OVERLAP, linewidth=1, zorder=3
        )
        rule.set_gid("truncation")
        if row.truncation_error_ms is not None:
            notes.write(t_s, signed(row.truncation_error_ms), color=style.OVERLAP)


def signed(ms: float) -> str:
    """Return whole milliseconds with their sign, which is what an error is about."""
    return f"{ms:+.0f}".replace("-", MINUS)


def _say(axes: Axes, lane: Lane, span: Span, text: str) -> None:
    """Write what was said into its bar, as much of it as fits."""
    fitting = snippet(text, width_in(axes, span), lane.height_in)
    if fitting:
        note(axes, sum(span) / 2, lane.middle_in, fitting, color="white")


def _span(start_ns: int, end_ns: int) -> Span:
    return ns_to_s(start_ns), ns_to_s(end_ns)
