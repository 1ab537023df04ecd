"""The tap around the session that the server gives a bridge."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from typing import Any

import pytest

from voicelab.audio.formats import AudioFormat
from voicelab.clock import VirtualLoop, timebase
from voicelab.lab.drive.upstream import Sessions
from voicelab.protocol import server_events as ev
from voicelab.protocol.client_events import ClientEvent, ConversationItemTruncate
from voicelab.protocol.codec import decode_client, decode_server
from voicelab.protocol.response_object import Response
from voicelab.protocol.wire_errors import WireError
from voicelab.record.log_reader import Log, read_log
from voicelab.record.recorder import Recorder
from voicelab.session.config import SessionConfig
from voicelab.session.outbox import HangUp, Note, OutboxEntry

PCM, PCMU = AudioFormat.PCM, AudioFormat.PCMU
TRUNCATE = b'{"type":"conversation.item.truncate","item_id":"a","content_index":0,"audio_end_ms":7}'  # noqa: E501
DELTA = b'{"type":"response.output_audio.delta","event_id":"e","response_id":"r","item_id":"a","output_index":0,"content_index":0,"delta":"AAAA"}'  # noqa: E501


class Inner:
    """A session that says what it is given to say."""

    def __init__(self) -> None:
        self.outbox: list[OutboxEntry] = []
        self.advanced_ns: list[int] = []
        self.refused: list[WireError] = []

    def open(self, now_ns: int) -> None: ...

    def receive(self, message: bytes | str, now_ns: int) -> ClientEvent | None:
        del now_ns
        return None if message == b"?" else decode_client(message)

    def refuse(self, error: WireError, now_ns: int) -> None:
        del now_ns
        self.refused.append(error)

    def advance(self, now_ns: int) -> None:
        self.advanced_ns.append(now_ns)

    def next_deadline(self) -> int | None:
        return 42

    def take_outbox(self) -> Sequence[OutboxEntry]:
        taken, self.outbox = self.outbox, []
        return taken

    def close(self, now_ns: int) -> None: ...


class Follower:
    """Writes down what it is told."""

    def __init__(self) -> None:
        self.told: list[Any] = []

    def session_opened(self) -> None:
        self.told.append("opened")

    def session_configured(self, uplink: AudioFormat, downlink: AudioFormat) -> None:
        self.told.append((uplink, downlink))

    def speech_started(self, item_id: str) -> None:
        self.told.append(("speech", item_id))

    def audio_sent(self, item_id: str, response_id: str, audio: bytes) -> None:
        self.told.append((item_id, response_id, audio))

    def response_created(self, response: Response) -> None:
        self.told.append(("created", response.id))

    def response_done(self, response: Response) -> None:
        self.told.append(response.status)

    def truncated(self, claim: ConversationItemTruncate) -> None:
        self.told.append(claim.audio_end_ms)

    def session_closed(self) -> None:
        self.told.append("closed")


class Server:
    """Sessions with a tap, and what it recorded."""

    def __init__(self) -> None:
        self.sink = BytesIO()
        loop = VirtualLoop()
        self.recorder = Recorder(timebase(loop), self.sink, uplink=PCM, downlink=PCM)
        loop.close()
        self.recorder.set_origin(0)
        self.follower = Follower()
        self.defects: list[BaseException] = []
        self.sessions = Sessions(self.recorder, self.follower, self.defects.append)

    def log(self) -> Log:
        self.recorder.finish()
        self.recorder.discard()
        return read_log(self.sink.getvalue())


def event(text: bytes) -> ev.ServerEvent:
    decoded = decode_server(text)
    assert not isinstance(decoded, ev.UnknownServerEvent)
    return decoded


def test_what_passes_is_followed_recorded_and_unchanged() -> None:
    server, inner = Server(), Inner()
    session = server.sessions(inner, SessionConfig())
    session.open(0)
    entries: list[OutboxEntry] = [
        event(b'{"type":"session.updated","event_id":"e","session":{}}'),
        Note("turn.onset", "u", {"onset_ms": 1}),
        event(
            b'{"type":"input_audio_buffer.speech_started","event_id":"e",'
            b'"item_id":"u","audio_start_ms":1}'
        ),
        event(DELTA),
        HangUp(1000, ""),
    ]
    inner.outbox = list(entries)
    assert session.take_outbox() == entries
    assert session.receive(TRUNCATE, 1) == decode_client(TRUNCATE)
    assert session.receive(b"?", 1) is None
    session.close(2)
    assert server.follower.told == [
        "opened",
        (PCM, PCM),
        ("speech", "u"),
        ("a", "r", b"\0\0\0"),
        7,
        "closed",
    ]
    kinds = [each.type for each in server.log().events if each.lane == "server"]
    assert kinds == [
        "session.updated",
        "turn.onset",
        "input_audio_buffer.speech_started",
        "response.output_audio.delta",
        "conversation.item.truncate",
    ]
    assert server.defects == []


def test_it_stands_in_nobodys_way() -> None:
    server, inner = Server(), Inner()
    session = server.sessions(inner, SessionConfig())
    session.advance(5)
    assert (inner.advanced_ns, session.next_deadline()) == ([5], 42)
    server.log()


def test_only_the_first_session_is_tapped() -> None:
    server, inner = Server(), Inner()
    assert server.sessions(Inner(), SessionConfig()) is not inner
    assert server.sessions(inner, SessionConfig()) is inner
    assert server.sessions.count == 2
    server.log()


def test_a_defect_of_the_lab_is_no_defect_of_the_server(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    server, inner = Server(), Inner()
    session = server.sessions(inner, SessionConfig())

    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(server.follower, "audio_sent", broken)
    inner.outbox = [event(DELTA)]
    assert len(session.take_outbox()) == 1
    (defect,) = server.defects
    assert isinstance(defect, ZeroDivisionError)
    server.log()
