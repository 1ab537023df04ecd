from __future__ import annotations

import pandas as pd

from voicelab.record.notebook_tables import breakable, html_table


def test_long_names_may_be_broken_and_are_escaped() -> None:
    assert breakable("stop_latency_ms") == "stop_<wbr>latency_<wbr>ms"
    assert breakable("<b>_&") == "&lt;b&gt;_<wbr>&amp;"


def test_a_table_shows_its_columns_and_leaves_empty_what_is_missing() -> None:
    frame = pd.DataFrame(
        {
            "left_out": [1, 2],
            "is_heard": pd.Series([True, pd.NA], dtype="boolean"),
            "words": pd.Series([3, pd.NA], dtype="Int64"),
            "policy": pd.Series(["<none>", pd.NA], dtype="string"),
            "error_ms": [1.26, float("nan")],
        }
    )
    shown = html_table(frame, ["words", "policy", "is_heard", "error_ms"])
    cells = [part.split("</td>")[0] for part in shown.split("<td>")[1:]]
    assert cells == ["3", "&lt;none&gt;", "True", "1.3", "", "", "", ""]
    assert "error_<wbr>ms" in shown
    assert "left" not in shown
