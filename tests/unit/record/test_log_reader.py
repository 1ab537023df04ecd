from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.support.logs import LogBuilder, one_answer
from voicelab.errors import RunFormatError
from voicelab.record.log_reader import read_log

EVENT = b'{"seq":%d,"t_ns":%d,"lane":"client","type":"%b","item_id":null,"data":{%b}}\n'
APPEND = b"input_audio_buffer.append"


def frame(seq: int, t_ns: int, position: int) -> bytes:
    audio = b'"audio":{"bytes":960,"sha256":"00","pos_samples":%d}' % position
    return EVENT % (seq, t_ns, APPEND, audio)


def test_events_keep_their_fields_and_order() -> None:
    log = LogBuilder()
    log.add(5, "link", "link.lost", uplink=1, downlink=2)
    log.add(3, "user", "turn.end", turn=0)
    first, turn, lost = log.log().events
    assert first.type == "session.created"
    assert (turn.t_ns, turn.lane, turn.item_id) == (3_000_000, "user", None)
    assert lost.data == {"uplink": 1, "downlink": 2}


def test_frames_are_kept_as_numbers_by_lane() -> None:
    log = one_answer().log()
    client, server = log.appends("client"), log.appends("server")
    assert len(client) == len(server) == 80
    assert client.pos_samples.dtype == np.int64
    assert client.t_ns[0] == 20_000_000
    assert (server.t_ns - client.t_ns == 40_000_000).all()
    assert client.pos_samples[3] == 3 * 480
    assert (client.bytes == 960).all()
    assert not any(event.type.endswith("append") for event in log.events)


def test_a_lane_without_frames_has_none() -> None:
    assert len(LogBuilder().log().appends("client")) == 0


@pytest.mark.parametrize(
    ("sample", "t_ns"),
    [(-1, None), (0, 5), (479, 5), (480, 9), (959, 9), (960, None)],
)
def test_a_sample_is_found_in_its_frame(sample: int, t_ns: int | None) -> None:
    appends = read_log(frame(0, 5, 0) + frame(1, 9, 480)).appends("client")
    assert appends.time_of_sample(sample, bytes_per_sample=2) == t_ns


def test_a_mention_of_frames_is_not_a_frame() -> None:
    line = EVENT % (0, 0, b"error", b'"error":{"param":"%b"}' % APPEND)
    log = read_log(line)
    assert log.events[0].data["error"]["param"] == APPEND.decode()
    assert len(log.appends("client")) == 0


def test_spaces_between_the_fields_do_not_matter() -> None:
    spaced = frame(0, 5, 0).replace(b":", b": ").replace(b",", b", ")
    assert len(read_log(spaced).appends("client")) == 1


def test_file_and_memory_read_alike(tmp_path: Path) -> None:
    raw = one_answer().build()
    file = tmp_path / "events.jsonl"
    file.write_bytes(raw)
    assert read_log(file).events == read_log(raw).events


@pytest.mark.parametrize(
    "line",
    [
        b"{\n",
        b"\n",
        b"[]\n",
        b'{"seq":1}\n',
        EVENT.replace(b'"t_ns":%d', b'"t_ns":"%d"') % (1, 9, b"x", b""),
        frame(1, 9, 480)[:-20],
        frame(1, 9, 480).replace(b"pos_samples", b"position"),
    ],
)
def test_a_broken_line_is_named(line: bytes, tmp_path: Path) -> None:
    file = tmp_path / "events.jsonl"
    file.write_bytes(frame(0, 0, 0) + line)
    with pytest.raises(RunFormatError) as caught:
        read_log(file)
    assert str(caught.value).startswith(f"{file}:2: ")
    assert caught.value.fix


@pytest.mark.parametrize(("seq", "t_ns"), [(2, 4), (0, 5), (1, 5)])
def test_lines_out_of_order_are_refused(seq: int, t_ns: int) -> None:
    with pytest.raises(RunFormatError, match=r"events\.jsonl:2: .*ordered by t_ns"):
        read_log(frame(1, 5, 0) + frame(seq, t_ns, 480))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(RunFormatError, match="nowhere"):
        read_log(tmp_path / "nowhere")


def test_it_knows_whether_the_server_was_observed() -> None:
    assert one_answer().log().has_server
    assert not one_answer(server=False).log().has_server
