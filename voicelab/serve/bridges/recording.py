"""The record of a call: a run folder like any other, of a caller nobody wrote down."""

from __future__ import annotations

import asyncio
import tempfile
from array import array
from collections.abc import Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

from voicelab import clock
from voicelab.clock import Timebase
from voicelab.lab.conversation import Taped
from voicelab.lab.cost import CostMeter
from voicelab.lab.endpoint import shown_url
from voicelab.lab.experiment import finish
from voicelab.lab.live import SERVER_SIDE
from voicelab.record.folder import SCHEMA_VERSION, RunFolder, package_versions, run_id
from voicelab.record.insertion import with_late_lines
from voicelab.record.recorder import Recorder
from voicelab.record.redaction import redact_tools
from voicelab.serve.bridges.caller_turns import Transcripts, turn_lines
from voicelab.serve.bridges.ending import Ending
from voicelab.serve.bridges.session import CallSession
from voicelab.serve.bridges.settings import CallSettings
from voicelab.speech.scorers import make_scorer

REFERENCE_VAD = "silero"
"""What finds the caller's turns after the call."""


class CallRecord:
    """One call on its way into a run folder.

    Args:
        parent: the folder that run folders go into.
        settings: what the call is held with.
        session: the session that it asks for.
        about: what the manifest says of the leg.
        time: the clock of the call.

    Attributes:
        recorder: sees everything that the client application does.
        transcripts: what the server understood of the caller.

    Raises:
        InputError: the folder cannot be written to.
    """

    def __init__(
        self,
        parent: Path,
        settings: CallSettings,
        session: CallSession,
        about: Mapping[str, Any],
        time: Timebase,
    ) -> None:
        self._settings = settings
        self._session = deepcopy(session.wire)
        redact_tools(self._session)
        self._about = dict(about)
        self._stopwatch = clock.Stopwatch()
        self._started_utc = clock.utc_now()
        self.transcripts = Transcripts()
        stamp = self._started_utc.translate({ord(sign): None for sign in "-:"})
        described = {"session": self._session, "bridge": self._about}
        self._name = f"{run_id(described, {})}-{stamp}"
        self._folder = RunFolder(parent, self._name)
        self._log = tempfile.TemporaryFile(prefix="voicelab-")  # noqa: SIM115
        self.recorder = Recorder(
            time, self._log, uplink=session.uplink, downlink=session.downlink
        )

    def key_pressed(self, now_ns: int, digit: str) -> None:
        """Record a key of the caller's telephone."""
        self.recorder.log.add(now_ns, "leg", "dtmf", None, {"digit": digit})

    def discard(self) -> None:
        """Leave nothing behind: there was no conversation."""
        self.recorder.discard()
        self._close()

    async def finish(
        self, ending: Ending, conversation_ns: int, meter: CostMeter
    ) -> Path:
        """Write the folder, beside the loop; return where it is.

        Raises:
            InputError: it cannot be written.
        """
        self.recorder.finish()
        return await asyncio.to_thread(self._write, ending, conversation_ns, meter)

    def _write(self, ending: Ending, conversation_ns: int, meter: CostMeter) -> Path:
        with self._folder as folder:
            try:
                self._write_log()
                manifest = self._manifest(ending, meter)
                taped = Taped(self.recorder, conversation_ns, array("q"))
                return finish(folder, manifest, taped, self._stopwatch)
            finally:
                self._log.close()

    def _write_log(self) -> None:
        """Write the log with the caller's turns in it."""
        scorer = make_scorer(REFERENCE_VAD)
        turns = turn_lines(self.recorder.caller, scorer, self.transcripts)
        self._log.seek(0)
        self._folder.events.writelines(with_late_lines(self._log, turns))

    def _manifest(self, ending: Ending, meter: CostMeter) -> dict[str, Any]:
        endpoint = self._settings.endpoint
        manifest: dict[str, Any] = {
            "schema_version": SCHEMA_VERSION,
            "run_id": self._name,
            "name": f"{self._about['leg']} call",
            "clock": "wall",
            "seed": None,
            "scenario": None,
            "session": self._session,
            "turns_from": "vad",
            "inputs": {},
            "packages": package_versions(),
            "started_utc": self._started_utc,
            "bridge": self._about | {"ended": ending.reason},
            "live": {
                "url": shown_url(endpoint.target),
                "headers": sorted(endpoint.headers),
                "ping_ms": None,
                "emulated_network": False,
                "usage": meter.described(),
                "frames_late_ms": {"n": 0},
            },
            "unobserved": [*SERVER_SIDE, *self._unseen()],
        }
        if ending.partial is not None:
            manifest["partial"] = ending.partial
        return manifest

    def _unseen(self) -> tuple[str, ...]:
        """Return what nobody told of playing: of the ear, nobody ever does."""
        return ("ear",) if self._about["acknowledges"] else ("player", "ear")

    def _close(self) -> None:
        self._log.close()
        self._folder.__exit__(None, None, None)
