"""voicelab: a laboratory for real-time voice agents.

```python
import voicelab as vl

run = vl.run("dentist")          # a bundled scenario, or a path of your own
run.latency                      # where the wait goes, turn by turn
run.truncations                  # what the caller heard, what the model believes
vl.plot.timeline(run)
```
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from voicelab import metrics, modality, plot, widgets
    from voicelab.comparing import compare_architectures
    from voicelab.curves import operating_curve
    from voicelab.facade import (
        check,
        compare_policies,
        export,
        load_run,
        load_scenario,
        run,
    )
    from voicelab.lab.endpoint import Endpoint
    from voicelab.labelling import label
    from voicelab.metrics.comparison import compare_runs
    from voicelab.reports import report
    from voicelab.result import Run
    from voicelab.scenario import scenario_names
    from voicelab.sweeps import Sweep, load_sweep, sweep

__version__ = "0.1.0.dev0"

__all__ = [
    "Endpoint",
    "Run",
    "Sweep",
    "__version__",
    "check",
    "compare_architectures",
    "compare_policies",
    "compare_runs",
    "export",
    "label",
    "load_run",
    "load_scenario",
    "load_sweep",
    "metrics",
    "modality",
    "operating_curve",
    "plot",
    "report",
    "run",
    "scenario_names",
    "sweep",
    "widgets",
]

_HOMES = {
    "Endpoint": "voicelab.lab.endpoint",
    "Run": "voicelab.result",
    "Sweep": "voicelab.sweeps",
    "check": "voicelab.facade",
    "compare_architectures": "voicelab.comparing",
    "compare_policies": "voicelab.facade",
    "compare_runs": "voicelab.metrics.comparison",
    "export": "voicelab.facade",
    "label": "voicelab.labelling",
    "load_run": "voicelab.facade",
    "load_scenario": "voicelab.facade",
    "load_sweep": "voicelab.sweeps",
    "operating_curve": "voicelab.curves",
    "report": "voicelab.reports",
    "run": "voicelab.facade",
    "scenario_names": "voicelab.scenario",
    "sweep": "voicelab.sweeps",
}


def __getattr__(name: str) -> Any:
    """Import what is asked for when it is asked for: `import voicelab` is cheap."""
    if name in _HOMES:
        return getattr(importlib.import_module(_HOMES[name]), name)
    if name in __all__:
        return importlib.import_module(f"voicelab.{name}")
    raise AttributeError(f"module 'voicelab' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
