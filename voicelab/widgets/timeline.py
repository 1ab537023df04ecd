"""The swimlanes of a run as SVG: the lanes of `voicelab.plot.timeline`, drawn fast.

A figure takes some tenths of a second; a slider that is dragged leaves less than one.
Colours and lanes are the figure's, the numbers are those of `voicelab.metrics`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from html import escape

import numpy as np

from voicelab import metrics
from voicelab.metrics.agent import AgentItem
from voicelab.metrics.caller import CallerTurn
from voicelab.plot import style
from voicelab.plot.lanes import Lane, snippet, stack
from voicelab.plot.swimlanes import API_EVENTS, CUT_IN, NO_ANSWER, signed
from voicelab.record.log_reader import Log
from voicelab.session.turn_detection import FRAME_MS
from voicelab.units import MS_PER_S, NS_PER_S, ns_to_s
from voicelab.widgets import svg
from voicelab.widgets.shown import Showable, length_s

WIDTH_PX = 960
_LEFT_PX, _RIGHT_PX, _FOOT_PX = 150, 12, 34
_PX_PER_IN = 96.0
_LETTER_PX = 7.0
_GAP_PX = 8.0
_SPANS = 560
_PALE = 0.15
_BAR_SHARE = 0.42
"""How much of a party's lane its turns take; the waveform has the rest."""

_ERROR = f"truncation error, ms\n(kept {chr(0x2212)} heard)"
_CALLER = "caller, as spoken"
_WAIT = f"response latency, ms\n({CUT_IN} cut in, {NO_ANSWER} no answer)"
_VAD = "server VAD\n(score 0 to 1)"
_SENT = "agent, as sent\n(hatched: not heard)"
_HEARD = "agent, as heard"
_BUFFER = "player buffer"
_HEIGHTS_PX = (
    (_ERROR, 34.0),
    (_CALLER, 86.0),
    (_WAIT, 34.0),
    (_VAD, 46.0),
    *((label, 17.0) for label in API_EVENTS),
    (_SENT, 34.0),
    (_HEARD, 86.0),
    (_BUFFER, 42.0),
)
_HATCH = (
    '<defs><pattern id="vl-hatch" width="6" height="6" patternUnits="userSpaceOnUse" '
    'patternTransform="rotate(45)"><rect width="2" height="6" '
    f'fill="{style.AGENT_SENT}"/></pattern></defs>'
)


def timeline_svg(run: Showable) -> str:
    """Return a run's swimlanes as an SVG element that says in words what it shows."""
    drawing = _Drawing(run)
    height = drawing.foot_px + _FOOT_PX
    return (
        f'<svg viewBox="0 0 {WIDTH_PX} {height:.0f}" role="img" '
        f'aria-label="{escape(described(run))}" font-size="11" '
        f'font-family="sans-serif">{_HATCH}{"".join(drawing.parts())}</svg>'
    )


def described(run: Showable) -> str:
    """Return in words what the swimlanes show."""
    summary = run.summary
    latency = summary.response_latency_p50_ms
    parts = [
        f"Timeline of {run.name}, {length_s(run):.0f} s: {summary.turns} caller turns",
        f"{summary.answered} answered",
        f"{summary.cut_ins} cut-ins",
    ]
    if latency is not None:
        parts.append(f"median response latency {latency:.0f} ms")
    errors = [
        f"{signed(row.truncation_error_ms)} ms at {ns_to_s(row.t_ns):.1f} s"
        for row in metrics.truncations(run.facts)
        if row.truncation_error_ms is not None
    ]
    parts.append(f"truncation errors: {', '.join(errors) or 'none'}")
    return ", ".join(parts)


class _Drawing:
    """One drawing of one run; lanes count pixels."""

    def __init__(self, run: Showable) -> None:
        self._run = run
        self._facts = run.facts
        self._lanes = _stacked()
        self._px_per_s = (WIDTH_PX - _LEFT_PX - _RIGHT_PX) / length_s(run)
        self.foot_px = self._lanes[_BUFFER].bottom_in

    def parts(self) -> Iterable[str]:
        """Yield all pieces, what lies behind first."""
        facts = self._facts
        items = list(facts.agent_items.values())
        yield from self._axis()
        yield from (_label(lane) for lane in self._lanes.values())
        yield from self._waits(metrics.turn_latencies(facts))
        yield self._wave(0, _CALLER, style.USER)
        yield from self._caller_turns(facts.caller_turns)
        yield from self._vad()
        yield from self._events()
        yield from self._sent(items)
        yield self._wave(1, _HEARD, style.AGENT_HEARD)
        yield from self._heard(items)
        yield from self._buffer()
        yield from self._truncations(metrics.truncations(facts))

    def _x(self, t_ns: float) -> float:
        return self._x_of_s(t_ns / NS_PER_S)

    def _x_of_s(self, t_s: float) -> float:
        return _LEFT_PX + t_s * self._px_per_s

    def _span(
        self, lane: Lane, start_ns: int, end_ns: int, fill: str, title: str = ""
    ) -> str:
        left, right = self._x(start_ns), self._x(end_ns)
        return svg.bar(left, lane.top_in, right - left, lane.height_in, fill, title)

    def _axis(self) -> Iterable[str]:
        end_s = length_s(self._run)
        foot = self.foot_px + 3
        yield svg.line(_LEFT_PX, foot, WIDTH_PX - _RIGHT_PX, foot, style.CONTEXT, 0.6)
        step_s = _nice_step(end_s / 8)
        for number in range(int(end_s / step_s) + 1):
            x = self._x_of_s(number * step_s)
            yield svg.line(x, foot, x, foot + 3, style.CONTEXT, 0.6)
            yield svg.text(x, foot + 10, f"{number * step_s:g}")
        middle = (_LEFT_PX + WIDTH_PX - _RIGHT_PX) / 2
        told = "time since the first sample of the caller, s"
        yield svg.text(middle, foot + 24, told)

    def _wave(self, channel: int, label: str, color: str) -> str:
        run = self._run
        t_s, low, high = metrics.waveform_envelope(
            run.audio[:, channel], run.audio_rate_hz, spans=_SPANS
        )
        peak = max(np.abs(low).max(initial=0), np.abs(high).max(initial=0)) or 1.0
        lane = self._lanes[label].part(0, 1 - _BAR_SHARE)
        x = _LEFT_PX + t_s * self._px_per_s
        floor = lane.curve(0.5 + 0.5 * low / peak) + 0.3  # silence is a thin line
        return svg.area(x, floor, lane.curve(0.5 + 0.5 * high / peak), color)

    def _caller_turns(self, turns: Sequence[CallerTurn]) -> Iterable[str]:
        lane = self._lanes[_CALLER].part(1 - _BAR_SHARE, 1)
        for turn in turns:
            color = style.USER if turn.is_turn else style.CONTEXT
            yield from self._said(lane, turn.start_ns, turn.end_ns, color, turn.text)

    def _heard(self, items: Iterable[AgentItem]) -> Iterable[str]:
        lane = self._lanes[_HEARD].part(1 - _BAR_SHARE, 1)
        for item in items:
            words = " ".join(word.text.strip() for word in item.heard_words())
            for number, part in enumerate(item.heard):
                said = words or item.transcript if number == 0 else ""
                color = style.AGENT_HEARD
                yield from self._said(lane, part.start_ns, part.end_ns, color, said)

    def _said(
        self, lane: Lane, start_ns: int, end_ns: int, color: str, words: str
    ) -> Iterable[str]:
        """Yield a bar with as many of its words as fit."""
        yield self._span(lane, start_ns, end_ns, color, words)
        width_px = self._x(end_ns) - self._x(start_ns)
        fitting = snippet(words, width_px / _PX_PER_IN, lane.height_in / _PX_PER_IN)
        if fitting:
            middle = self._x((start_ns + end_ns) / 2)
            yield svg.text(middle, lane.middle_in, fitting, fill="white")

    def _waits(self, rows: Iterable[metrics.TurnLatency]) -> Iterable[str]:
        lane = self._lanes[_WAIT]
        top, foot = self._lanes[_CALLER].top_in, self._lanes[_HEARD].bottom_in
        free_px = 0.0
        for row in rows:
            end, heard = self._x(row.t_end_ns), row.t_heard_ns
            if heard is None or row.response_latency_ms is None:
                if row.item_id is None:
                    mark_y = lane.at(0.68)
                    yield svg.text(end, mark_y, NO_ANSWER, fill=style.THRESHOLD)
                continue
            width = self._x(heard) - end
            yield svg.bar(end, top, width, foot - top, style.THRESHOLD, opacity=_PALE)
            told = f"{row.response_latency_ms:.0f}"
            yield svg.bar(end, lane.at(0.16), width, 4, style.THRESHOLD, f"{told} ms")
            if end + width / 2 - len(told) * _LETTER_PX / 2 >= free_px:
                yield svg.text(end + width / 2, lane.at(0.68), told)
                free_px = end + width / 2 + (len(told) + 1) * _LETTER_PX / 2
        for t_ns in metrics.cut_ins(self._facts):
            x, y = self._x(t_ns), lane.at(0.15)
            yield svg.text(x, y, CUT_IN, fill=style.THRESHOLD, bold=True)

    def _vad(self) -> Iterable[str]:
        lane = self._lanes[_VAD]
        scale = lane.part(0, 0.7)
        frames, scores = _scores(self._facts.log)
        x = _LEFT_PX + frames * (FRAME_MS / MS_PER_S) * self._px_per_s
        yield svg.steps(x, scale.curve(scores), scale.bottom_in, style.SERVER)
        end_ns = int(length_s(self._run) * NS_PER_S)
        for item in self._facts.user_items:
            stop_ns = min(item.audio_end_ns, end_ns)
            yield self._span(lane.part(0.8, 1), item.onset_ns, stop_ns, style.SERVER)

    def _events(self) -> Iterable[str]:
        log = self._facts.log
        for label, (kind, color, shape) in API_EVENTS.items():
            x = [self._x(event.t_ns) for event in log.of("server", kind)]
            yield svg.marks(x, self._lanes[label].middle_in, shape, color)

    def _sent(self, items: Iterable[AgentItem]) -> Iterable[str]:
        lane = self._lanes[_SENT]
        for item in items:
            first_ns, last_ns = item.sent[0].t_ns, item.sent[-1].t_ns
            late = [d for d in item.sent if d.end_samples > item.heard_samples]
            split_ns = late[0].t_ns if late else last_ns
            yield self._span(lane, first_ns, split_ns, style.AGENT_SENT)
            if late:
                yield self._span(lane, split_ns, last_ns, "url(#vl-hatch)")

    def _buffer(self) -> Iterable[str]:
        lane = self._lanes[_BUFFER]
        t_ns, depth_ms = metrics.buffer_depth(self._facts)
        if not len(t_ns) or depth_ms.max() <= 0:
            return
        top = int(depth_ms.argmax())
        x = _LEFT_PX + t_ns / NS_PER_S * self._px_per_s
        curve = lane.curve(depth_ms / depth_ms[top])
        foot = np.full(len(x), lane.bottom_in)
        yield svg.area(x, foot, curve, style.CONTEXT)
        told = f"{depth_ms[top] / MS_PER_S:.1f} s"
        yield svg.text(x[top] - 4, lane.top_in + 6, told, anchor="end")

    def _truncations(self, ledger: Iterable[metrics.Truncation]) -> Iterable[str]:
        lane = self._lanes[_ERROR]
        for row in ledger:
            x = self._x(row.t_ns)
            yield svg.line(x, lane.bottom_in, x, self.foot_px, style.OVERLAP, 1.2)
            if row.truncation_error_ms is not None:
                told = signed(row.truncation_error_ms)
                yield svg.text(x, lane.middle_in, told, fill=style.OVERLAP, bold=True)


def _scores(log: Log) -> tuple[svg.FloatArray, svg.FloatArray]:
    """Return frames and their scores, with a 0 after each stretch that was scored."""
    frames: list[int] = []
    scores: list[float] = []
    for event in log.of("server", "vad.scores"):
        first, told = event.data["first_frame"], event.data["scores"]
        if frames and frames[-1] == first:
            del frames[-1], scores[-1]
        frames += range(first, first + len(told) + 1)
        scores += [*told, 0.0]
    return np.array(frames, np.float64), np.array(scores, np.float64)


def _stacked() -> dict[str, Lane]:
    """Return the lanes in pixels, a little of each one's foot left empty."""
    return {
        label: Lane(
            label, lane.top_in, lane.height_in - min(_GAP_PX, lane.height_in / 4)
        )
        for label, lane in stack(_HEIGHTS_PX).items()
    }


def _label(lane: Lane) -> str:
    return svg.text(_LEFT_PX - 8, lane.middle_in, lane.label, anchor="end")


def _nice_step(least_s: float) -> float:
    """Return the smallest 1, 2 or 5 times a power of ten from `least_s` on."""
    power = 10.0 ** math.floor(math.log10(least_s))
    return next(power * n for n in (1, 2, 5, 10) if power * n >= least_s * 0.999)
