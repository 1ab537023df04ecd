"""Providers behave as the real ones are documented to."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from voicelab.errors import LegError
from voicelab.lab.drive.browser import BrowserPage
from voicelab.lab.drive.elks import BEFORE_SENDING, ElksProvider
from voicelab.lab.drive.provider import (
    Action,
    Checkpoint,
    Clear,
    HangUp,
    Play,
    Provider,
    Told,
    Violation,
)
from voicelab.lab.drive.twilio import OTHER_STREAM, STREAM_SID, TwilioProvider

FRAME = np.arange(160, dtype=np.int16)


def kinds(actions: object) -> list[str]:
    assert isinstance(actions, list | tuple)
    return [type(action).__name__ for action in actions]


def said(texts: object) -> list[dict[str, Any]]:
    assert isinstance(texts, list | tuple)
    return [json.loads(text) for text in texts]


def only(actions: object) -> Action:
    assert isinstance(actions, list | tuple)
    (action,) = actions
    return action  # type: ignore[no-any-return]


# -- the page -------------------------------------------------------------------


def test_a_page_that_wants_nothing_special_says_only_audio() -> None:
    page: Provider = BrowserPage()
    assert page.ready
    assert page.greeting() == ()
    (frame,) = said(page.caller_audio(FRAME, 0))
    assert list(frame) == ["audio"]
    played = only(page.read('{"audio": "AAEAAQ=="}'))
    assert isinstance(played, Play)
    assert (played.samples.tolist(), played.rate_hz) == ([256, 256], 16_000)
    assert page.farewell() == ()


def test_a_page_with_a_rate_says_hello_and_waits_for_ready() -> None:
    page = BrowserPage(24_000, "secret")
    hello = {"hello": {"rate": 24_000, "token": "secret"}}
    assert said(page.greeting()) == [hello]
    assert not page.ready
    assert kinds(page.read('{"ready": {"rate": 24000}}')) == ["Told"]
    assert page.ready
    assert said(page.farewell()) == [{"bye": {}}]


def test_a_page_without_a_token_says_none() -> None:
    assert said(BrowserPage(48_000).greeting()) == [{"hello": {"rate": 48_000}}]


def test_a_page_obeys_the_rate_that_it_did_not_ask_for_and_complains() -> None:
    page = BrowserPage(24_000)
    assert kinds(page.read('{"ready": {"rate": 16000}}')) == ["Told", "Violation"]
    assert (page.agent_hz, page.caller_hz) == (16_000, 16_000)


def test_a_page_returns_marks_and_forgets_those_it_drops() -> None:
    page = BrowserPage()
    mark = '{"mark": {"name": "m1", "item_id": "i", "audio_ms": 20}}'
    told, checkpoint = page.read(mark)
    assert told == Told("mark", {"name": "m1", "item_id": "i", "audio_ms": 20})
    assert checkpoint == Checkpoint("m1")
    _, first = page.read(mark.replace("20}", "0}"))
    assert first == Checkpoint("m1", leads=True)  # waits until the item plays
    assert said([page.reached("m1")]) == [{"mark": {"name": "m1"}}]
    assert kinds(page.read('{"clear": true}')) == ["Told", "Clear"]
    assert page.cleared(["m2"]) == ()


def test_what_else_a_bridge_tells_a_page() -> None:
    page = BrowserPage()
    assert page.read('{"event": {"type": "response.done"}}') == ()
    assert only(page.read('{"error": {"message": "no"}}')) == Told(
        "error", {"message": "no"}
    )
    assert only(page.read('{"bye": {"reason": "late"}}')) == HangUp("late")
    assert isinstance(only(page.read('{"audio": "AAE="}')), Play)
    assert isinstance(only(page.read('{"audio": "AA=="}')), Violation)


# -- 46elks -----------------------------------------------------------------------


def test_46elks_hears_and_plays_only_what_was_agreed() -> None:
    elks: Provider = ElksProvider()
    assert [each["t"] for each in said(elks.greeting())] == ["hello"]
    assert not elks.ready
    assert elks.caller_audio(FRAME, 0) == ()
    audio = '{"t": "audio", "data": "AAEAAQ=="}'
    assert only(elks.read(audio)) == Violation(BEFORE_SENDING)
    elks.read('{"t": "listening", "format": "ulaw"}')
    elks.read('{"t": "sending", "format": "pcm_24000"}')
    assert elks.ready
    assert (elks.caller_hz, elks.agent_hz) == (8_000, 24_000)
    played = only(elks.read(audio))
    assert isinstance(played, Play)
    assert (played.samples.tolist(), played.rate_hz) == ([256, 256], 24_000)
    (frame,) = said(elks.caller_audio(FRAME, 0))
    assert frame["t"] == "audio"
    assert len(frame["data"]) == 4 * -(-160 // 3)  # a byte a sample, in base64


def test_46elks_wants_sending_again_after_interrupt() -> None:
    elks = ElksProvider()
    elks.read('{"t": "sending", "format": "pcm_8000"}')
    audio = '{"t": "audio", "data": "AAE="}'
    assert kinds(elks.read(audio)) == ["Play"]
    assert kinds(elks.read('{"t": "interrupt"}')) == ["Told", "Clear"]
    assert only(elks.read(audio)) == Violation(BEFORE_SENDING)
    elks.read('{"t": "sending", "format": "pcm_8000"}')
    assert kinds(elks.read(audio)) == ["Play"]


def test_46elks_answers_syncs_in_order_with_what_they_held() -> None:
    elks = ElksProvider()
    for sync in ('{"t": "sync", "id": 7}', '{"t": "sync"}', '{"t": "sync", "id": 8}'):
        assert kinds(elks.read(sync)) == ["Told", "Checkpoint"]
    assert said([elks.reached("sync")]) == [{"t": "sync", "id": 7}]
    assert said(elks.cleared(["sync", "sync"])) == [
        {"t": "sync"},
        {"t": "sync", "id": 8},
    ]


def test_46elks_refuses_formats_and_says_goodbye() -> None:
    elks = ElksProvider()
    with pytest.raises(LegError, match="'g722' cannot be used here"):
        elks.read('{"t": "sending", "format": "g722"}')
    assert only(elks.read('{"t": "bye"}')) == HangUp("")
    assert said(elks.farewell()) == [{"t": "bye", "reason": "hangup"}]


# -- Twilio -----------------------------------------------------------------------


def test_twilio_begins_and_counts_its_messages() -> None:
    twilio: Provider = TwilioProvider()
    connected, start = said(twilio.greeting())
    assert connected["event"] == "connected"
    assert (start["event"], start["sequenceNumber"]) == ("start", "1")
    assert start["start"]["mediaFormat"]["encoding"] == "audio/x-mulaw"
    media = said(twilio.caller_audio(np.zeros(320, np.int16), 100))
    assert [each["media"]["timestamp"] for each in media] == ["100", "120"]
    assert [each["media"]["chunk"] for each in media] == ["1", "2"]
    assert [each["sequenceNumber"] for each in media] == ["2", "3"]
    (stop,) = said(twilio.farewell())
    assert (stop["event"], stop["sequenceNumber"]) == ("stop", "4")


def of_stream(event: str, sid: str = STREAM_SID, **fields: object) -> str:
    return json.dumps({"event": event, "streamSid": sid, **fields})


def test_twilio_plays_marks_and_clears() -> None:
    twilio = TwilioProvider()
    played = only(twilio.read(of_stream("media", media={"payload": "/38="})))
    assert isinstance(played, Play)
    assert (played.samples.tolist(), played.rate_hz) == ([0, 0], 8_000)
    mark = of_stream("mark", mark={"name": "a"})
    assert kinds(twilio.read(mark)) == ["Told", "Checkpoint"]
    told, clear = twilio.read(of_stream("clear"))
    assert (told, clear) == (Told("clear"), Clear())
    assert [each["mark"]["name"] for each in said(twilio.cleared(["a", "b"]))] == [
        "a",
        "b",
    ]


def test_twilio_ignores_what_is_for_another_stream() -> None:
    twilio = TwilioProvider()
    assert only(twilio.read(of_stream("clear", "MZ9"))) == Violation(OTHER_STREAM)
