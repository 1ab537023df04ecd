"""What the runs of one process share, so that a changed setting costs little.

Sweeps and the explorer run the same conversation over and over, each time with another
setting. What does not depend on the setting is worked out once: files are read and
decoded, speech is brought to the rates of the wire, audio that was heard before has its
scores.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec

from voicelab.lab.materials import Materials, Wire, gather_for, wire_of
from voicelab.lab.turns import CallerTurn
from voicelab.responders.shared_speech import SharedSpeech
from voicelab.scenario.model import Scenario
from voicelab.speech.score_memory import RememberingScorer, ScoreMemory
from voicelab.speech.scorers import make_scorer
from voicelab.speech.vad import SnapshotScorer, VadScorer

KEPT_CONVERSATIONS = 32
"""A minute of conversation takes some 10 MB with all that is made from it."""


class SharedMaterials:
    """Keeps what runs have in common; one run at a time uses it.

    A file that changes after it was read is not read again: make a new one for that.
    """

    def __init__(self) -> None:
        self._kept: OrderedDict[bytes, Materials] = OrderedDict()
        self._scorers: dict[str, VadScorer] = {}
        self._scores = ScoreMemory()
        self._speech = SharedSpeech()

    def gather(self, scenario: Scenario) -> Materials:
        """Return what a scenario is made of, as `voicelab.lab.materials.gather`.

        Raises:
            InputError: a file is missing or wrong.
        """
        wire = wire_of(scenario)
        key = _key(scenario, wire)
        known = self._kept.get(key)
        if known is None:
            known = self._keep(key, gather_for(scenario, wire))
        self._kept.move_to_end(key)
        return replace(known, session=wire.session)

    def scorer(self, name: str) -> VadScorer:
        """Return the scorer of a name, at the start of a stream.

        Raises:
            ScenarioError, MissingPartError: as `voicelab.speech.make_scorer`.
        """
        scorer = self._scorers.get(name)
        if scorer is None:
            scorer = make_scorer(name)
            if isinstance(scorer, SnapshotScorer):
                scorer = RememberingScorer(scorer, self._scores)
            self._scorers[name] = scorer
        scorer.reset()
        return scorer

    def _keep(self, key: bytes, materials: Materials) -> Materials:
        kept = replace(materials, render=self._speech, at_rate=_TurnsAtRate())
        self._kept[key] = kept
        if len(self._kept) > KEPT_CONVERSATIONS:
            self._kept.popitem(last=False)
        return kept


class _TurnsAtRate:
    """The turns of one conversation at the rates that were asked for."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, int], CallerTurn] = {}

    def __call__(self, turn: CallerTurn, rate_hz: int) -> CallerTurn:
        key = turn.index, rate_hz
        if key not in self._known:
            self._known[key] = turn.at_rate(rate_hz)
        return self._known[key]


def _key(scenario: Scenario, wire: Wire) -> bytes:
    """Return all that `gather` looks at, but for the session."""
    noise = scenario.channel.noise
    looked_at = (
        scenario.caller,
        scenario.agent,
        wire.uplink.value,
        wire.downlink.value,
        noise,
        scenario.seed if noise is not None else None,
    )
    return msgspec.json.encode(looked_at, enc_hook=_path_text)


def _path_text(value: Any) -> str:
    if isinstance(value, Path):
        return str(value)
    raise NotImplementedError(type(value))
