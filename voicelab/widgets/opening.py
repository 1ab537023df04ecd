"""Opens the explorer, if what it needs is installed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from voicelab.errors import MissingPartError
from voicelab.scenario.library import find_scenario
from voicelab.scenario.load import load_scenario
from voicelab.scenario.model import Scenario

if TYPE_CHECKING:
    from voicelab.widgets.panel import Explorer


def explorer(scenario: Scenario | Path | str = "dentist") -> Explorer:
    """Return controls for a scenario, with its timeline and its ledger below them.

    Each change of a control runs the conversation again, in virtual time, and draws
    what came of it. A control that is left alone leaves the scenario as it is.

    Args:
        scenario: a scenario, a path, or the name of a bundled one.

    Raises:
        InputError: the scenario or one of its files is wrong.
        MissingPartError: ipywidgets is not installed.
    """
    chosen = scenario
    if not isinstance(chosen, Scenario):
        chosen = load_scenario(find_scenario(chosen))
    try:
        from voicelab.widgets.panel import (  # noqa: PLC0415 -- an extra's
            Explorer,
        )
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in {"ipywidgets", "IPython"}:
            raise
        raise MissingPartError(
            "the explorer needs ipywidgets, which is not installed",
            fix='install the extra: pip install "voicelab-realtime[notebooks]"',
        ) from error
    return Explorer(chosen)
