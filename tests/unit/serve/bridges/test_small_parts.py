"""Early audio, secrets, settings, endings: parts that hold by themselves."""

from __future__ import annotations

import json
from typing import Any

import pytest

from voicelab.errors import InputError, LegError
from voicelab.lab.endpoint import Endpoint
from voicelab.legs.codec import ALAW, ULAW, LegCodec
from voicelab.protocol import server_events as ev
from voicelab.protocol.codec import decode_server
from voicelab.serve.bridges import ending
from voicelab.serve.bridges.browser.display import displayed
from voicelab.serve.bridges.early_audio import EarlyAudio
from voicelab.serve.bridges.leg import NotLetInError
from voicelab.serve.bridges.leg_socket import MAX_REASON_BYTES, fitting
from voicelab.serve.bridges.secrets import Secrets
from voicelab.serve.bridges.session import session_for
from voicelab.serve.bridges.settings import BridgeSettings, CallSettings

HERE = Endpoint("ws://127.0.0.1:8765")


# -- early audio --------------------------------------------------------------------


def test_early_audio_is_kept_with_its_instants() -> None:
    early = EarlyAudio()
    early.add(5, b"ab")
    early.add(7, b"cd")
    assert early.take() == [(5, b"ab"), (7, b"cd")]
    assert early.take() == []


def test_the_newest_audio_stays() -> None:
    early = EarlyAudio(most_bytes=4)
    for t_ns, data in enumerate((b"ab", b"cd", b"ef")):
        early.add(t_ns, data)
    assert early.take() == [(1, b"cd"), (2, b"ef")]


def test_a_piece_that_is_too_long_by_itself_is_not_kept() -> None:
    early = EarlyAudio(most_bytes=4)
    early.add(0, bytes(5))
    assert early.take() == []


# -- secrets ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "Incorrect API key provided: sk-proj-********4321.",
        "the key correct-horse is not known",
        "header said value-of-header",
        "got Authorization: Bearer abcdefgh",
        "ek_0123456789abcdef expired",
    ],
)
def test_secrets_are_blotted_out(text: str) -> None:
    endpoint = Endpoint(
        "ws://127.0.0.1", api_key="correct-horse", headers={"x-key": "value-of-header"}
    )
    hidden = Secrets.of(endpoint).hide(text)
    for secret in ("correct-horse", "value-of-header", "4321", "abcdefgh", "01234"):
        assert secret not in hidden
    assert "***" in hidden


def test_what_is_no_secret_is_told_on_one_line() -> None:
    assert Secrets().hide("a risk-free\n  task") == "a risk-free task"


def _failed(details: dict[str, Any] | str) -> dict[str, Any]:
    response = {"id": "r", "object": "realtime.response", "status": "failed"}
    fields: dict[str, Any] = {
        "status_details": details,
        "output": [],
        "conversation_id": "c",
    }
    return {"type": "response.done", "event_id": "e", "response": response | fields}


@pytest.mark.parametrize(
    "event",
    [
        {
            "type": "error",
            "event_id": "e",
            "error": {"type": "invalid_request_error", "message": "bad correct-horse"},
        },
        _failed({"type": "failed", "error": {"message": "bad correct-horse"}}),
        _failed("bad correct-horse"),
        {"type": "gossip", "said": [{"key": "bad correct-horse"}], "n": 3},
    ],
    ids=lambda event: event["type"],
)
def test_what_a_page_is_shown_of_an_error_holds_no_secret(
    event: dict[str, Any],
) -> None:
    read = decode_server(json.dumps(event))
    shown = json.dumps(displayed(Secrets(["correct-horse"]).without(read)))
    assert "bad ***" in shown
    assert "bad correct-horse" in json.dumps(displayed(read))


def test_other_events_are_shown_as_they_came() -> None:
    event = ev.InputAudioBufferSpeechStarted(
        event_id="e", item_id="sk-item", audio_start_ms=3
    )
    assert Secrets(["sk-item"]).without(event) is event


# -- settings -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("session", "told"),
    [
        ({"audio": {"input": {"turn_detection": None}}}, "turn_detection"),
        ({"type": "transcription"}, "session.type"),
        ({"output_modalities": ["text"]}, "output_modalities"),
    ],
)
def test_sessions_that_cannot_be_held_on_a_line_are_refused(
    session: dict[str, Any], told: str
) -> None:
    with pytest.raises(InputError, match=told):
        CallSettings(endpoint=HERE, session=session)


def test_an_unknown_policy_is_refused() -> None:
    with pytest.raises(InputError, match="best_guess"):
        CallSettings(endpoint=HERE, policy="best_guess")


def test_a_bridge_open_to_the_network_needs_a_token() -> None:
    calls = CallSettings(endpoint=HERE)
    with pytest.raises(InputError, match="token"):
        BridgeSettings(calls=calls, host="0.0.0.0")
    with pytest.raises(InputError, match="empty"):
        BridgeSettings(calls=calls, token=" ")
    settings = BridgeSettings(calls=calls, host="0.0.0.0", token="open sesame")
    assert "sesame" not in repr(settings)


@pytest.mark.parametrize(
    ("codec", "wire"),
    [
        (ULAW, {"type": "audio/pcmu"}),
        (ALAW, {"type": "audio/pcma"}),
        (LegCodec("pcm", 16_000), {"type": "audio/pcm", "rate": 24_000}),
    ],
)
def test_a_session_has_the_leg_s_format(codec: LegCodec, wire: dict[str, Any]) -> None:
    asked = {"instructions": "Be brief."}
    session = session_for(asked, codec)
    assert session.wire["audio"]["input"]["format"] == wire
    assert session.wire["audio"]["output"]["format"] == wire
    assert session.wire["instructions"] == "Be brief."
    assert session.wire["type"] == "realtime"
    assert session.uplink.value == session.downlink.value == wire["type"]
    assert asked == {"instructions": "Be brief."}, "what was given is left alone"


def test_a_format_that_is_asked_for_stays() -> None:
    asked = {"audio": {"output": {"format": {"type": "audio/pcm", "rate": 24_000}}}}
    session = session_for(asked, ULAW)
    assert session.uplink.value == "audio/pcmu"
    assert session.downlink.value == "audio/pcm"


def test_a_format_that_does_not_exist_is_refused() -> None:
    asked = {"audio": {"input": {"format": {"type": "audio/opus"}}}}
    with pytest.raises(InputError, match=r"session\.audio\.input\.format\.type"):
        session_for(asked, ULAW)


# -- endings ------------------------------------------------------------------------


def test_an_ending_tells_one_sentence() -> None:
    broken = ending.broken_leg(LegError("browser", "provider", "it is not JSON"))
    assert broken.code == 1008
    assert broken.sentence == (
        "The provider sent no message of the browser leg: it is not JSON."
    )
    failed = ending.upstream_failed("it hung up.")
    assert (failed.code, failed.sentence) == (1014, "It hung up.")
    assert ending.upstream_failed("is it there?").sentence == "Is it there?"


def test_a_wrong_token_has_a_code_of_its_own() -> None:
    assert ending.broken_leg(NotLetInError("browser")).code == 4401


def test_a_close_frame_holds_so_much_and_no_broken_letter() -> None:
    assert fitting("gone") == "gone"
    assert len(fitting("x" * 200)) == MAX_REASON_BYTES
    assert fitting("ö" * 100) == "ö" * (MAX_REASON_BYTES // 2)
