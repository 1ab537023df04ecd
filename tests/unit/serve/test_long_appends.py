from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from voicelab.serve.long_appends import MAX_WHOLE_BYTES, PIECE_BYTES, LongAppends
from voicelab.session.config import SessionConfig


def message(audio: bytes, **fields: Any) -> bytes:
    event = {"type": "input_audio_buffer.append", **fields}
    return json.dumps(event | {"audio": base64.b64encode(audio).decode()}).encode()


def config(**audio_input: Any) -> SessionConfig:
    made = SessionConfig()
    made.update({"type": "realtime", "audio": {"input": audio_input}})
    return made


def test_pieces_hold_the_same_audio_in_order_and_the_same_id() -> None:
    audio = bytes(range(256)) * 400
    pieces = [
        json.loads(piece)
        for piece in LongAppends(config())(message(audio, event_id="e"))
    ]
    assert b"".join(base64.b64decode(piece["audio"]) for piece in pieces) == audio
    assert {piece["event_id"] for piece in pieces} == {"e"}
    assert all(len(base64.b64decode(p["audio"])) <= PIECE_BYTES for p in pieces)


def test_a_piece_without_an_id_has_none() -> None:
    pieces = LongAppends(config())(message(bytes(40_000)))
    assert all("event_id" not in json.loads(piece) for piece in pieces)


@pytest.mark.parametrize(
    ("whole", "settings"),
    [
        (message(bytes(MAX_WHOLE_BYTES // 2)), {}),
        (message(bytes(40_000)), {"turn_detection": None}),
        (message(bytes(40_001)), {}),
        (message(bytes(40_000)).replace(b"AAAA", b"A!AA"), {}),
        (message(bytes(40_000), audoi="x"), {}),
        (message(bytes(15 * 2**20 + 2)), {}),
        (b'{"type": "input_audio_buffer.append", "x": "' + b"x" * 40_000, {}),
        (b'{"type": "conversation.item.create", "x": "' + b"x" * 40_000 + b'"}', {}),
        (b'["input_audio_buffer.append"' + b" " * 40_000 + b"]", {}),
    ],
)
def test_what_is_left_whole(whole: bytes, settings: dict[str, Any]) -> None:
    assert list(LongAppends(config(**settings))(whole)) == [whole]


def test_an_odd_number_of_bytes_is_whole_in_g711() -> None:
    appends = LongAppends(config(format={"type": "audio/pcmu"}))
    assert len(list(appends(message(bytes(40_001))))) == 6


def test_it_says_which_pieces_are_repetitions() -> None:
    appends = LongAppends(config())
    said = [appends.repeating for _ in appends(message(bytes(3 * PIECE_BYTES)))]
    assert said == [False, True, True]
    assert not appends.repeating


def test_it_says_so_no_more_when_the_rest_is_dropped() -> None:
    appends = LongAppends(config())
    pieces = appends(message(bytes(3 * PIECE_BYTES)))
    next(pieces)
    next(pieces)
    pieces.close()
    assert not appends.repeating
