"""A finished run: its manifest, its tables and its audio.

Tables are computed from the event log when they are first asked for, and kept.
"""

from __future__ import annotations

import html
import shutil
import tempfile
import weakref
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from voicelab import metrics
from voicelab.audio.pcm import Samples
from voicelab.audio.wav import write_wav
from voicelab.errors import InputError
from voicelab.lab.prices import PriceTable, load_prices
from voicelab.metrics import Facts
from voicelab.record.folder import AUDIO, AUDIO_RATE_HZ, EVENTS, MANIFEST, publish
from voicelab.record.log_reader import Event, Log, read_log
from voicelab.record.notebook_tables import html_table
from voicelab.record.open_folder import check_manifest, map_audio, read_manifest

if TYPE_CHECKING:
    import pandas as pd


LATENCY_SHOWN = (
    "turn",
    "outcome",
    "cut_in",
    *(f"{part}_ms" for part in metrics.PARTS),
    "response_latency_ms",
)
OBSERVED = (
    "turn",
    "outcome",
    "cut_in",
    "endpointing_delay_observed_ms",
    "ttfb_observed_ms",
    "playout_delay_ms",
    "response_latency_ms",
)
"""What a notebook shows of a live run's latency: what a client can see of it."""

TRUNCATIONS_SHOWN = (
    "turn",
    "policy",
    "verdict",
    "generated_ms",
    "heard_ms",
    "kept_ms",
    "truncation_error_ms",
    "phantom_words",
    "forgotten_words",
    "stop_latency_ms",
)


def load_run(folder: Path | str) -> Run:
    """Open a run folder.

    Raises:
        RunFormatError: the folder is missing, is not a whole run, or is of a schema
            version that is not known.
    """
    path = Path(folder)
    return Run(read_manifest(path), path / EVENTS, path / AUDIO)


class Run:
    """A finished run.

    Args:
        manifest: what manifest.json holds.
        log: the event log: a file, or its bytes.
        audio: the recording: a file, or int16 [n, 2] at 24 kHz.

    Raises:
        RunFormatError: the manifest is of a schema version that is not known.
    """

    def __init__(
        self, manifest: dict[str, Any], log: Path | bytes, audio: Path | Samples
    ) -> None:
        self._manifest = check_manifest(manifest, MANIFEST)
        self._log = log
        self._audio = audio

    @property
    def manifest(self) -> dict[str, Any]:
        """Scenario, settings, seed, versions, hashes of inputs, speed."""
        return self._manifest

    @property
    def run_id(self) -> str:
        """The run's id: equal inputs have equal ids."""
        return str(self._manifest["run_id"])

    @property
    def name(self) -> str:
        """The scenario's name."""
        return str(self._manifest.get("name", self.run_id))

    @property
    def is_live(self) -> bool:
        """Whether it was run on the wall clock, against a server of its own."""
        return self._manifest.get("clock") == "wall" and not self.is_driven

    @property
    def is_driven(self) -> bool:
        """Whether a bridge was driven: its far side and its server are ours."""
        return "drive" in self._manifest

    @property
    def partial(self) -> str | None:
        """What broke the conversation off before its end; None if nothing did."""
        return self._manifest.get("partial")

    @cached_property
    def log(self) -> Log:
        """The event log, read.

        Raises:
            RunFormatError: a line of it is broken.
        """
        return read_log(self._log)

    @cached_property
    def facts(self) -> Facts:
        """What happened, by party: where every metric starts from."""
        return Facts(self.log, self._manifest.get("unobserved", ()))

    # -- tables -------------------------------------------------------------

    @cached_property
    def events(self) -> pd.DataFrame:
        """All events but microphone frames, which `appends` holds."""
        return _table(self.log.events, Event)

    @cached_property
    def appends(self) -> pd.DataFrame:
        """The microphone frames: lane, t_ns, pos_samples, bytes."""
        import pandas as pd  # noqa: PLC0415 - as in _table

        lanes = {lane: self.log.appends(lane) for lane in ("client", "server")}
        return pd.concat(
            pd.DataFrame(
                {
                    "lane": pd.Series([lane] * len(frames), dtype="string"),
                    "t_ns": frames.t_ns,
                    "pos_samples": frames.pos_samples,
                    "bytes": frames.bytes,
                }
            )
            for lane, frames in lanes.items()
        ).reset_index(drop=True)

    @cached_property
    def turns(self) -> pd.DataFrame:
        """Who held the floor; see `voicelab.metrics.turns`."""
        return _table(metrics.floor_turns(self.facts), metrics.Turn)

    @cached_property
    def latency(self) -> pd.DataFrame:
        """Where each caller turn's wait went; see `voicelab.metrics.latency`."""
        return _table(metrics.turn_latencies(self.facts), metrics.TurnLatency)

    @cached_property
    def stages(self) -> pd.DataFrame:
        """What each stage of a cascade did; see `voicelab.metrics.stages`."""
        return _table(metrics.response_stages(self.facts), metrics.ResponseStage)

    @cached_property
    def stage_latency(self) -> pd.DataFrame:
        """Each wait by stage; see `voicelab.metrics.stages`."""
        return _table(metrics.stage_latencies(self.facts), metrics.StageLatency)

    @cached_property
    def endpointing(self) -> pd.DataFrame:
        """How each turn was told from silence; see `voicelab.metrics.endpointing`."""
        return _table(metrics.endpointing(self.facts), metrics.Endpointing)

    @cached_property
    def floor(self) -> pd.DataFrame:
        """Gaps, pauses and overlaps; see `voicelab.metrics.floor`."""
        return _table(metrics.run_floor_changes(self.facts), metrics.FloorChange)

    @cached_property
    def latency_definitions(self) -> pd.DataFrame:
        """Each wait by others' definitions; see `voicelab.metrics.definitions`.

        The recording is scored for it.

        Raises:
            RunFormatError: the recording is damaged.
        """
        rows = metrics.latency_definitions(self.facts, self._agreement)
        return _table(rows, metrics.LatencyDefinitions)

    @cached_property
    def audio_agreement(self) -> pd.DataFrame:
        """What the recording says of each wait; see `voicelab.metrics.agreement`.

        The recording is scored for it.

        Raises:
            RunFormatError: the recording is damaged.
        """
        return _table(self._agreement, metrics.TurnAgreement)

    @cached_property
    def _agreement(self) -> list[metrics.TurnAgreement]:
        return metrics.audio_agreement(self.facts, self.audio, self.audio_rate_hz)

    @cached_property
    def truncations(self) -> pd.DataFrame:
        """The ledger of interrupted items; see `voicelab.metrics.truncation`."""
        return _table(metrics.truncations(self.facts), metrics.Truncation)

    @cached_property
    def barge_ins(self) -> pd.DataFrame:
        """What met the agent's speech; see `voicelab.metrics.barge_in`."""
        return _table(metrics.barge_ins(self.facts), metrics.BargeIn)

    @cached_property
    def playback(self) -> pd.DataFrame:
        """How far each agent item came; see `voicelab.metrics.playback`."""
        return _table(metrics.item_playbacks(self.facts), metrics.ItemPlayback)

    @cached_property
    def overlap(self) -> pd.DataFrame:
        """How long both parties spoke at once; see `voicelab.metrics.overlap`.

        One row; none if the log does not tell.
        """
        both = metrics.overlap(self.facts)
        return _table([] if both is None else [both], metrics.Overlap)

    @cached_property
    def vad(self) -> pd.DataFrame:
        """Voice-activity scores and decisions; see `voicelab.metrics.vad`."""
        return _table(metrics.vad_frames(self.facts), metrics.VadFrame)

    @cached_property
    def speech_rate(self) -> pd.DataFrame:
        """Words per minute by party; see `voicelab.metrics.speech_rate`."""
        return _table(metrics.speech_rates(self.facts), metrics.SpeechRate)

    @cached_property
    def usage(self) -> pd.DataFrame:
        """Tokens and cost at the bundled prices; see `voicelab.metrics.usage`.

        Raises:
            InputError: the bundled data is missing.
        """
        return self.usage_at(load_prices())

    def usage_at(self, prices: PriceTable) -> pd.DataFrame:
        """Return `usage` at other prices."""
        return _table(metrics.usage_rows(self.facts, prices), metrics.UsageRow)

    @cached_property
    def phantom_cost_usd(self) -> float | None:
        """What later responses cost for reading audio that nobody heard.

        At the bundled prices, of `truncations.billed_phantom_tokens`; an upper bound
        if the server has a cache. None if either is unknown.

        Raises:
            InputError: the bundled data is missing.
        """
        return self.phantom_cost_at(load_prices())

    def phantom_cost_at(self, prices: PriceTable) -> float | None:
        """Return `phantom_cost_usd` at other prices."""
        tokens = self.summary.billed_phantom_tokens
        return metrics.phantom_cost_usd(self.facts, tokens, prices)

    @cached_property
    def summary(self) -> metrics.Summary:
        """The run in one row; see `voicelab.metrics.summary`."""
        return metrics.summarise(self.facts)

    # -- audio --------------------------------------------------------------

    @cached_property
    def audio(self) -> Samples:
        """The recording, int16 [n, 2] at 24 kHz: caller as sent, agent as heard.

        Raises:
            RunFormatError: the file is damaged.
        """
        if isinstance(self._audio, Path):
            return map_audio(self._audio, AUDIO_RATE_HZ)
        return self._audio

    @property
    def audio_rate_hz(self) -> int:
        """The rate of `audio`."""
        return AUDIO_RATE_HZ

    # -- keeping ------------------------------------------------------------

    def save(self, parent: Path | str) -> Path:
        """Write the run's folder into `parent`; return it.

        A folder that is there under the run's id holds the same run; it is replaced.

        Raises:
            InputError: the folder cannot be written.
        """
        target = Path(parent) / self.run_id
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            if self._lies_in(target):
                return target
            partial = Path(tempfile.mkdtemp(prefix=f".{self.run_id}-", dir=parent))
            try:
                self._write(partial)
                publish(partial, target)
            finally:
                shutil.rmtree(partial, ignore_errors=True)
        except OSError as error:
            raise InputError(
                f"the run cannot be saved here ({error.strerror})",
                file=target,
                fix="give another folder",
            ) from error
        return target

    def keep_alive(self, folder: tempfile.TemporaryDirectory[str]) -> None:
        """Hold a temporary folder as long as the run is in use, and no longer."""
        weakref.finalize(self, folder.cleanup)

    def _lies_in(self, folder: Path) -> bool:
        home = self._log.parent if isinstance(self._log, Path) else None
        return home is not None and folder.exists() and home.samefile(folder)

    def _write(self, folder: Path) -> None:
        folder.chmod(0o755)
        if isinstance(self._log, Path):
            shutil.copyfile(self._log, folder / EVENTS)
        else:
            (folder / EVENTS).write_bytes(self._log)
        if isinstance(self._audio, Path):
            shutil.copyfile(self._audio, folder / AUDIO)
        else:
            write_wav(folder / AUDIO, [self._audio], AUDIO_RATE_HZ, channels=2)
        text = msgspec.json.format(msgspec.json.encode(self._manifest), indent=2)
        (folder / MANIFEST).write_bytes(text + b"\n")

    # -- showing ------------------------------------------------------------

    def __repr__(self) -> str:
        summary = self.summary
        parts = [f"turns={summary.turns}"]
        if summary.response_latency_p50_ms is not None:
            parts.append(f"latency_p50={summary.response_latency_p50_ms:.0f} ms")
        parts.append(f"truncations={summary.truncations}")
        if self.partial:
            parts.append("partial")
        return f"<Run {self.name} {self.run_id} {' '.join(parts)}>"

    def _repr_html_(self) -> str:
        told = self._manifest
        facts = (
            ("run", self.run_id),
            *([] if told.get("seed") is None else [("seed", told["seed"])]),
            ("clock", told.get("clock")),
            *([("server", told["live"]["url"])] if "live" in told else []),
            ("conversation", f"{told.get('conversation_s', 0):.1f} s"),
            *([("partial", self.partial)] if self.partial else []),
        )
        parts = [
            f"<h4>{html.escape(self.name)}</h4>",
            "<p>" + " · ".join(f"{key} {html.escape(str(v))}" for key, v in facts),
            "</p><p>Response latency, ms</p>",
            html_table(self.latency, OBSERVED if self.is_live else LATENCY_SHOWN),
        ]
        if len(self.truncations):
            parts += [
                "<p>Interrupted answers</p>",
                html_table(self.truncations, TRUNCATIONS_SHOWN),
            ]
        return "\n".join(parts)


def _table(
    rows: Sequence[msgspec.Struct], row_type: type[msgspec.Struct]
) -> pd.DataFrame:
    from voicelab.record.tables import table  # noqa: PLC0415 - pandas takes 0.3 s

    return table(rows, row_type)
