"""How fast a log is read: at least 300,000 lines a second."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from voicelab.record.log_reader import read_log

LINES = 360_000
FRAME = (
    b'{"seq":%d,"t_ns":%d,"lane":"client","type":"input_audio_buffer.append",'
    b'"item_id":null,"data":{"audio":{"bytes":960,"sha256":"0123456789abcdef",'
    b'"pos_samples":%d}}}\n'
)


@pytest.mark.benchmark
def test_an_hour_of_frames(benchmark: Callable[..., Any]) -> None:
    raw = b"".join(FRAME % (k, k * 10_000_000, k * 240) for k in range(LINES))
    log = benchmark(read_log, raw)
    assert len(log.appends("client")) == LINES
