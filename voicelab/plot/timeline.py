"""The swimlane of one run: who spoke, what crossed the wire, what was heard, when.

All numbers come from `voicelab.metrics`; here they are only given a place.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from matplotlib.axes import Axes

from voicelab import metrics
from voicelab.plot import style, swimlanes
from voicelab.plot.canvas import Margins, adopted, finished, footer, own_axes
from voicelab.plot.figure import Plot
from voicelab.plot.lanes import Lane, label_lanes, stack, wave
from voicelab.plot.words import MINUS
from voicelab.result import Run

ENVELOPE_SPANS = 1100
"""Two for each pixel of the lanes' width on a screen."""

_ERROR = f"truncation error, ms\n(kept {MINUS} heard)"
_CALLER = "caller, as spoken"
_WAIT = (
    "response latency, ms\n"
    f"({swimlanes.CUT_IN} cut in, {swimlanes.NO_ANSWER} no answer)"
)
_VAD = "server VAD\n(score 0 to 1)"
_SENT = "agent, as sent\n(hatched: not heard)"
_HEARD = "agent, as heard"
_BUFFER = "player buffer"
_FROM_OUTSIDE = {
    _VAD: "server VAD\n(turns detected)",
    _SENT: "agent, as received\n(hatched: not heard)",
}
"""What lanes show of a server that cannot be looked into."""

_MARGINS = Margins(1.45, top_in=0.1, bottom_in=0.6)
_BAR_SHARE = 0.42
"""How much of a party's lane its turns take; the waveform has the rest."""


def timeline(run: Run, *, ax: Axes | None = None) -> Plot:
    """Draw a run as swimlanes over one time axis.

    From the top: the error of each truncation (what the model believes was heard
    less what was heard), whose rule runs through all lanes; the caller's reference
    turns and waveform; each response latency, from the end of a turn to the first
    answer heard, with a cross where there was none and a triangle where the agent cut
    in; the server's voice-activity scores and the turns it detected; the wire events
    that steer the conversation; the agent's items as they were sent, and as they were
    heard; audio waiting in the player.

    Args:
        run: the run.
        ax: axes to draw into; left out, a figure of its own is made.

    Raises:
        RunFormatError: the run's log or audio is damaged.
    """
    ledger = metrics.truncations(run.facts)
    lanes = stack(_heights(truncated=bool(ledger)))
    with style.context():
        height_in = max(lane.bottom_in for lane in lanes.values())
        axes = own_axes(height_in, _MARGINS) if ax is None else adopted(ax)
        _draw(axes, lanes, run, ledger)
    return finished(axes, _digest(run.summary))


def _heights(*, truncated: bool) -> list[tuple[str, float]]:
    heights = [
        (_CALLER, 0.95),
        (_WAIT, 0.34),
        (_VAD, 0.5),
        *((label, 0.17) for label in swimlanes.API_EVENTS),
        (_SENT, 0.36),
        (_HEARD, 0.95),
        (_BUFFER, 0.45),
    ]
    return [(_ERROR, 0.36), *heights] if truncated else heights


def _draw(
    axes: Axes, lanes: dict[str, Lane], run: Run, ledger: list[metrics.Truncation]
) -> None:
    facts = run.facts
    items = list(facts.agent_items.values())
    end_s = len(run.audio) / run.audio_rate_hz
    axes.set_xlim(0, end_s or 1)
    axes.set_xlabel("time since the first sample of the caller, s")
    label_lanes(axes, _named(lanes.values(), facts))
    for channel, label, color in (
        (0, _CALLER, style.USER),
        (1, _HEARD, style.AGENT_HEARD),
    ):
        outline = metrics.waveform_envelope(
            run.audio[:, channel], run.audio_rate_hz, spans=ENVELOPE_SPANS
        )
        room = lanes[label].part(0, 1 - _BAR_SHARE)
        wave(axes, room, outline, name=f"wave-{channel}", color=color)
    swimlanes.caller_turns(axes, _bar_of(lanes[_CALLER]), facts.caller_turns)
    band = (lanes[_CALLER].top_in, lanes[_HEARD].bottom_in)
    rows, cut_ins = metrics.turn_latencies(facts), metrics.cut_ins(facts)
    swimlanes.waits(axes, lanes[_WAIT], rows, cut_ins, band=band)
    swimlanes.vad(axes, lanes[_VAD], facts)
    swimlanes.events(axes, lanes, facts.log)
    swimlanes.sent(axes, lanes[_SENT], items)
    swimlanes.heard_turns(axes, _bar_of(lanes[_HEARD]), items)
    swimlanes.buffer(axes, lanes[_BUFFER], facts)
    if ledger:
        foot_in = lanes[_BUFFER].bottom_in
        swimlanes.truncations(axes, lanes[_ERROR], ledger, foot_in)
    footer(axes, _made_of(run), _MARGINS)


def _named(lanes: Iterable[Lane], facts: metrics.Facts) -> list[Lane]:
    """Return the lanes, each with the label that is true of the run."""
    names = {} if facts.log.has_server else dict(_FROM_OUTSIDE)
    if not facts.ear_observed:
        names[_HEARD] = "agent, as played"
    return [replace(lane, label=names.get(lane.label, lane.label)) for lane in lanes]


def _bar_of(lane: Lane) -> Lane:
    return lane.part(1 - _BAR_SHARE, 1)


def _made_of(run: Run) -> list[str]:
    told = run.manifest
    seed = "" if told.get("seed") is None else f"seed {told['seed']}"
    partial = "partial" if run.partial else ""
    n = f"n = {run.summary.turns} caller turns"
    return [
        run.name,
        n,
        seed,
        f"{told.get('clock')} clock",
        f"run {run.run_id}",
        partial,
    ]


def _digest(summary: metrics.Summary) -> str:
    """Return kind and numbers."""
    parts = [f"Timeline turns={summary.turns}"]
    if summary.response_latency_p50_ms is not None:
        parts.append(f"latency_p50={summary.response_latency_p50_ms:.0f} ms")
    parts.append(f"truncations={summary.truncations}")
    if summary.truncation_error_max_ms is not None:
        parts.append(f"error={summary.truncation_error_max_ms:+.0f} ms")
    return " ".join(parts)
