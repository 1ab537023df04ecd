"""Controls that run a conversation again as they are dragged, and draw what came of it.

A notebook's page sends the newest position of a slider when it has been told that the
last one was dealt with, and leaves out those between. So every change is drawn at once,
and none that is out of date.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO

import ipywidgets
import soundfile

from voicelab import clock
from voicelab.errors import VoicelabError
from voicelab.lab.experiment import simulate, simulate_log
from voicelab.lab.shared_materials import SharedMaterials
from voicelab.metrics.facts import Facts
from voicelab.result import Run
from voicelab.scenario.model import Scenario
from voicelab.units import MS_PER_S
from voicelab.widgets import page
from voicelab.widgets.controls import Controls
from voicelab.widgets.knobs import knobs_of, turned
from voicelab.widgets.shown import Shown
from voicelab.widgets.timeline import timeline_svg

_SEMANTIC = (
    "semantic_vad: at each pause a model hears whether the turn is over; the more "
    "probable, the shorter the wait, down from what the eagerness allows."
)


@contextmanager
def _collector_paused() -> Iterator[None]:
    """Let no search for cyclic garbage fall into a redraw.

    A run leaves none, and with a notebook's libraries loaded one search through all
    objects takes as long as a run.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


class Explorer(ipywidgets.VBox):  # type: ignore[misc]  # which has no types
    """Controls, numbers, timeline, ledger and audio of one scenario.

    Args:
        scenario: where the controls start.

    Attributes:
        controls: the controls; give one a `value` to move it.

    Raises:
        InputError: one of the scenario's files is wrong.
    """

    def __init__(self, scenario: Scenario) -> None:
        self._scenario = scenario
        self._start = knobs_of(scenario)
        self._materials = SharedMaterials()
        self.controls = Controls(self._start, self._changed)
        self._problem, self._note = ipywidgets.HTML(), ipywidgets.HTML()
        self._numbers = ipywidgets.HTML()
        self._timeline = ipywidgets.HTML(layout=ipywidgets.Layout(width="100%"))
        self._ledger = ipywidgets.HTML(layout=ipywidgets.Layout(width="100%"))
        self._listen = ipywidgets.Button(
            description="Load the audio", icon="volume-up", tooltip="of these settings"
        )
        self._listen.on_click(self._load_audio)
        self._audio = ipywidgets.HBox()
        self._say_what_is_modelled()
        self._scenario_shown, self._shown = self._simulate()
        super().__init__(
            [
                self.controls.box,
                self._note,
                self._problem,
                self._numbers,
                self._timeline,
                self._ledger,
                ipywidgets.HBox([self._listen, self._audio]),
            ]
        )

    @property
    def run(self) -> Run:
        """The run that is shown; it can be saved, and its tables be read."""
        done = simulate(self._scenario_shown, self._materials)
        return Run(done.manifest, done.log, done.audio)

    def _changed(self) -> None:
        """Run with the controls as they are; say why if that cannot be done."""
        self._say_what_is_modelled()
        self._audio.children = ()  # it is that of other settings
        try:
            self._scenario_shown, self._shown = self._simulate()
        except VoicelabError as error:
            self._problem.value = page.problem(str(error))
        else:
            self._problem.value = ""

    def _say_what_is_modelled(self) -> None:
        is_semantic = self.controls.knobs.detection == "semantic_vad"
        self._note.value = _SEMANTIC if is_semantic else ""

    @_collector_paused()
    def _simulate(self) -> tuple[Scenario, Shown]:
        """Run the scenario that the controls say, and show it; return both."""
        stopwatch = clock.Stopwatch()
        scenario = turned(self._scenario, self._start, self.controls.knobs)
        log, audio = simulate_log(scenario, self._materials)
        run = Shown(scenario.name, Facts(log), audio)
        took_ms = stopwatch.elapsed_s() * MS_PER_S
        self._timeline.value = page.timeline(timeline_svg(run))
        self._ledger.value = page.ledger(run)
        self._numbers.value = page.numbers(run, took_ms)
        return scenario, run

    def _load_audio(self, button: object) -> None:
        """Let the page have the audio: some megabytes, so only if it is asked for."""
        del button
        sound = BytesIO()
        soundfile.write(
            sound, self._shown.audio, self._shown.audio_rate_hz, format="WAV"
        )
        player = ipywidgets.Audio(
            value=sound.getvalue(), format="wav", autoplay=False, loop=False
        )
        words = ipywidgets.HTML("left: the caller as sent, right: the agent as heard")
        self._audio.children = (player, words)

    def __repr__(self) -> str:
        summary = self._shown.summary
        parts = [f"Explorer {self._shown.name} turns={summary.turns}"]
        if summary.response_latency_p50_ms is not None:
            parts.append(f"latency_p50={summary.response_latency_p50_ms:.0f} ms")
        parts.append(f"truncations={summary.truncations}")
        return f"<{' '.join(parts)}>"
