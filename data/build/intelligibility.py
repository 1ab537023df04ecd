"""Measures `data/intelligibility.csv`: speech at many speeds, heard by recognisers.

From the repository's root, with the extras `speech` and `speech-gpl` installed:
`python -m data.build.intelligibility`. It takes about a quarter of an hour on one core.
Speech and transcripts are kept in the cache, so it goes on where it was stopped. The
settings are the defaults of `voicelab.modality.listen`, but the slower recogniser hears
four of the speeds.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from voicelab.modality import listen

FILE = Path(__file__).parents[1] / "intelligibility.csv"


def main() -> None:
    """Measure all of it and write the file."""
    fast = listen(recognisers=["moonshine"])
    slow = listen(speeds=[0.5, 1.0, 1.5, 2.0], recognisers=["whisper"])
    rows = pd.concat([fast, slow])
    rows["spoken_s"] = rows["spoken_s"].round(3)
    rows.to_csv(FILE, index=False)
    print(f"{len(rows)} rows in {FILE}")


if __name__ == "__main__":
    main()
