"""A log that stays in memory reads like the text that it spares."""

from __future__ import annotations

from io import BytesIO

from voicelab.record.event_log import EventLog
from voicelab.record.log_reader import Log, read_log
from voicelab.record.memory_log import MemoryLog

MS = 1_000_000


def tell(log: EventLog | MemoryLog) -> None:
    """Tell of a handshake, frames, and something that is told late."""
    log.add(5 * MS, "client", "session.update", None, {"session": {"n": (1, 2)}})
    log.set_origin(10 * MS)
    log.add_frame(30 * MS, "client", 960, 0, b"\0" * 960)
    log.add_frame(50 * MS, "client", 960, 480, b"\1" * 960)
    log.add_frame(50 * MS, "server", 960, 0)
    log.add(50 * MS, "user", "turn.start", None, {"turn": 0})
    log.add(40 * MS, "player", "playback.start", "item_1", {"from_samples": 0})
    log.add_frame(70 * MS, "server", 960, 480)
    log.finish()


def both() -> tuple[Log, Log]:
    sink, memory = BytesIO(), MemoryLog()
    text = EventLog(sink)
    tell(text)
    tell(memory)
    return read_log(sink.getvalue()), memory.read()


def test_events_stand_in_order_of_time_and_of_telling() -> None:
    text, memory = both()
    assert memory.events == text.events
    told = [(event.seq, event.t_ns // MS, event.type) for event in memory.events]
    assert told == [
        (0, -5, "session.update"),
        (2, 30, "playback.start"),
        (5, 40, "turn.start"),
    ]
    assert memory.events[0].data == {"session": {"n": [1, 2]}}


def test_frames_keep_time_position_and_size() -> None:
    text, memory = both()
    for log in (text, memory):
        client, server = log.appends("client"), log.appends("server")
        assert client.t_ns.tolist() == [20 * MS, 40 * MS]
        assert client.pos_samples.tolist() == [0, 480]
        assert client.bytes.tolist() == [960, 960]
        assert server.t_ns.tolist() == [40 * MS, 60 * MS]
        assert len(log.appends("agent")) == 0


def test_a_log_of_nothing_can_be_read() -> None:
    log = MemoryLog().read()
    assert log.events == []
    assert log.end_ns == 0
