"""The script that measures the table; what it measures is tested with `listen`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import pytest

from data.build import intelligibility
from voicelab.modality import bundled_listening
from voicelab.modality.listening import LISTENING_SPEEDS, SNRS_DB
from voicelab.paths import data_dir


def test_it_writes_the_file_that_is_bundled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = bundled_listening()

    def listen(
        recognisers: Sequence[str],
        speeds: Sequence[float] = LISTENING_SPEEDS,
        snrs_db: Sequence[float | None] = SNRS_DB,
    ) -> pd.DataFrame:
        asked = kept["recogniser"].isin(recognisers) & kept["speed"].isin(speeds)
        return kept[asked & (kept["snr_db"].isin([*snrs_db]) | kept["snr_db"].isna())]

    file = tmp_path / "table.csv"
    monkeypatch.setattr(intelligibility, "FILE", file)
    monkeypatch.setattr(intelligibility, "listen", listen)
    intelligibility.main()
    bundled = data_dir() / "intelligibility.csv"
    assert file.read_bytes() == bundled.read_bytes()
    assert f"{len(kept)} rows" in capsys.readouterr().out
