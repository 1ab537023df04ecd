"""One run's part of the page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from voicelab import plot
from voicelab.reports import run_tables
from voicelab.reports.events import event_list
from voicelab.reports.figures import image, plain_figure, time_axis
from voicelab.reports.markup import Markup, data_block, element
from voicelab.reports.sound import Sound, sound_uri
from voicelab.reports.tables import definitions
from voicelab.result import Run


def anchor(number: int) -> str:
    """Return the name by which the page leads to its n-th run, counted from 1."""
    return f"run-{number}"


def run_section(run: Run, number: int, *, sound: Sound, is_only: bool) -> Markup:
    """Return all that the page tells of one run.

    Args:
        run: the run.
        number: its place on the page, from 1.
        sound: how its recording is kept.
        is_only: whether the page holds no other.

    Raises:
        RunFormatError: its log or its audio is damaged.
        InputError: the sound cannot be written in that format.
    """
    name = f"{anchor(number)}-name"
    return element(
        "section",
        element("h2", run.name, " ", element("small", run.run_id), id=name),
        definitions(_facts(run)),
        *(element("p", each, class_="note") for each in run_tables.not_observed(run)),
        _player(run, sound),
        _timeline(run),
        *_parts(run),
        _events(run, is_open=is_only),
        class_="run",
        id=anchor(number),
        aria_labelledby=name,
    )


def _facts(run: Run) -> Iterator[tuple[str, object]]:
    """Yield what one wants to know first; nothing that hangs on the wall clock."""
    told = run.manifest
    scenario = told.get("scenario") or {}
    client = scenario.get("client") or {}
    live = told.get("live") or {}
    cost = (live.get("usage") or {}).get("cost_usd")
    yield "length", f"{len(run.audio) / run.audio_rate_hz:.1f} s"
    yield "seed", told.get("seed")
    yield "clock", told.get("clock")
    yield "began", told.get("started_utc")
    yield "server", live.get("url")
    yield "cost", None if cost is None else f"{cost:.4f} USD"
    yield "turn detection", _turn_detection(told.get("session") or {})
    yield "latency profile", (told.get("profile") or {}).get("name")
    yield "player", client.get("player")
    yield "truncation policy", client.get("truncation")
    yield "median response latency", _ms(run.summary.response_latency_p50_ms)
    yield "talk-over", _percent(run.summary.talk_over_rate)


def _turn_detection(session: dict[str, Any]) -> str | None:
    """Return how turns are detected; None if the session's own default does it."""
    heard = (session.get("audio") or {}).get("input") or {}
    if "turn_detection" not in heard:
        return None
    chosen = heard["turn_detection"]
    if chosen is None:
        return "manual"
    more = (f"{key} {value}" for key, value in chosen.items() if key != "type")
    return ", ".join([str(chosen.get("type")), *more])


def _ms(value: float | None) -> str | None:
    return None if value is None else f"{value:.0f} ms"


def _percent(value: float | None) -> str | None:
    return None if value is None else f"{value:.1%}"


def _player(run: Run, sound: Sound) -> Markup | None:
    uri = sound_uri(run.audio, run.audio_rate_hz, sound)
    if uri is None:
        return None
    toggles = (
        element(
            "button",
            party.capitalize(),
            type="button",
            class_=party,
            data_channel=channel,
            aria_pressed="true",
        )
        for channel, party in enumerate(("caller", "agent"))
    )
    return element(
        "div",
        element(
            "audio",
            controls=True,
            preload="metadata",
            src=uri,
            aria_label=f"recording of {run.name}",
        ),
        element(
            "div",
            *toggles,
            class_="channels needs-program",
            role="group",
            aria_label="who is heard",
            hidden=True,
        ),
        element("output", "0.00 s", class_="now", aria_live="off"),
        class_="player",
    )


def _timeline(run: Run) -> Markup:
    drawn = plot.timeline(run)
    axis = time_axis(drawn)
    seeker = element(
        "div",
        class_="seeker",
        role="slider",
        tabindex="0",
        hidden=True,
        aria_label=f"position in {run.name}",
        aria_valuemin=axis.start_s,
        aria_valuemax=axis.end_s,
        aria_valuenow="0",
    )
    stage = element(
        "div",
        image(drawn),
        seeker,
        element("div", class_="cursor", hidden=True),
        class_="stage",
        data_left=axis.left,
        data_right=axis.right,
        data_start_s=axis.start_s,
        data_end_s=axis.end_s,
    )
    hint = element(
        "span",
        "Press on the timeline, or on any time below, to go there; with the keyboard,"
        " arrow keys move and the space bar plays.",
        class_="on-screen",
    )
    return element(
        "figure",
        element("div", stage, class_="scroll"),
        element("figcaption", hint),
        class_="timeline",
    )


def _parts(run: Run) -> Iterator[Markup | None]:
    yield element("h3", "Where the wait went")
    yield _waits(run)
    yield run_tables.latency(run)
    yield element("h3", "Interrupted answers")
    yield run_tables.truncations(run)
    yield element("h3", "Barge-ins")
    yield run_tables.barge_ins(run)
    expected = run_tables.expectations(run)
    if expected is not None:
        yield element("h3", "Budgets")
        yield expected
    yield element("h3", "Who spoke")
    yield plain_figure(plot.fto_histogram, run.turns)
    yield run_tables.turns(run)


def _waits(run: Run) -> Markup | None:
    """Return each wait, of a cascade with its stages apart."""
    if len(run.stages):
        return plain_figure(plot.stage_waterfall, run.stage_latency)
    return plain_figure(plot.waterfall, run.latency)


def _events(run: Run, *, is_open: bool) -> Markup:
    """Return the list of events, which the page's program fills when it is opened."""
    told = event_list(run.facts.log)
    filters = element(
        "div",
        element("label", "Search ", element("input", type="search")),
        element(
            "label", "Lane ", element("select", element("option", "all", value=""))
        ),
        element(
            "label", element("input", type="checkbox"), " audio deltas and scores, too"
        ),
        element("span", class_="count", role="status"),
        class_="filters needs-program",
        hidden=True,
    )
    return element(
        "details",
        element("summary", f"Events ({len(told['rows'])}, microphone frames left out)"),
        element("p", "The list of events needs JavaScript.", class_="without-program"),
        filters,
        element("ol", class_="event-list", tabindex="0", aria_label="events"),
        element("button", type="button", class_="more", hidden=True),
        data_block(told),
        class_="events",
        open=is_open,
    )
