"""Reads exported manifests with lhotse and prints what it made of them, as JSON."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from lhotse import CutSet, load_manifest, validate_recordings_and_supervisions


def main(folder: Path) -> None:
    """Load, validate and cut what lies in a folder."""
    (recordings,) = folder.glob("*.recordings.jsonl.gz")
    (supervisions,) = folder.glob("*.supervisions.jsonl.gz")
    recorded, said = load_manifest(recordings), load_manifest(supervisions)
    validate_recordings_and_supervisions(recorded, said)
    (cut,) = CutSet.from_manifests(recordings=recorded, supervisions=said)
    told = {
        "id": cut.id,
        "audio": list(cut.load_audio().shape),
        "peaks": [float(abs(channel).max()) for channel in cut.load_audio()],
        "duration": cut.duration,
        "said": [_described(each) for each in cut.supervisions],
    }
    sys.stdout.write(json.dumps(told))


def _described(said: Any) -> dict[str, Any]:
    words = (said.alignment or {}).get("word", [])
    return {
        "speaker": said.speaker,
        "channel": said.channel,
        "text": said.text,
        "start": said.start,
        "end": said.end,
        "words": [[word.symbol, word.start, word.end] for word in words],
    }


if __name__ == "__main__":
    main(Path(sys.argv[1]))
