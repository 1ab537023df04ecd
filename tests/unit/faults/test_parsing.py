"""A fault on a command line means what it looks like, or is refused in a sentence."""

from __future__ import annotations

from typing import get_args

import msgspec
import pytest
from openai.types.realtime import RealtimeServerEvent

from voicelab.errors import EXIT_BAD_INPUT, FaultError
from voicelab.faults import FAULT_KINDS, model, parse_fault
from voicelab.faults.rules import SERVER_EVENT_TYPES


@pytest.mark.parametrize("kind", FAULT_KINDS)
def test_a_kind_alone_is_a_fault(kind: str) -> None:
    fault = parse_fault(kind)
    assert msgspec.to_builtins(fault)["kind"] == kind
    assert parse_fault(f" {kind} : ") == fault


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("late:rate=0.1,delay_ms=300", model.Late(rate=0.1, delay_ms=300)),
        ("disconnect:after_ms=800", model.Disconnect(after_ms=800)),
        (
            "disconnect: after_ms = 0 , code = 4000",
            model.Disconnect(after_ms=0, code=4000),
        ),
        ("drop:at=2", model.Drop(at=(2,))),
        ("drop:at=2,5,rate=0", model.Drop(at=(2, 5), rate=0)),
        ("drop:at=[2, 5]", model.Drop(at=(2, 5))),
        ("drop:at=[]", model.Drop()),
        (
            "late:on=response.done,error,reorder=true",
            model.Late(on=("response.done", "error"), reorder=True),
        ),
        (
            "stray_error:message='a, b: c',code=x",
            model.StrayError(message="a, b: c", code="x"),
        ),
        ("expire:after_s=5", model.Expire(after_s=5)),
    ],
)
def test_keys_are_read_as_in_a_file(text: str, fault: model.Fault) -> None:
    assert parse_fault(text) == fault


@pytest.mark.parametrize(
    ("text", "path", "words"),
    [
        ("lat", "kind", "did you mean late?"),
        ("", "kind", "give late, duplicate"),
        ("late:delay=3", "delay", "did you mean delay_ms?"),
        ("late:rate=2", "rate", "give a number from 0 to 1"),
        ("late:rate=", "rate", "empty"),
        ("late:reorder=1", "reorder", "give true or false"),
        ("stray_error:message='a", "message", "not YAML"),
        ("late:300", None, "'300' is not key=value"),
        ("late:kind=drop", "kind", "twice"),
        ("drop:at=0", "at[0]", "out of range"),
        ("drop:on=response.don", "on[0]", "did you mean response.done?"),
        ("drop:on=x", "on[0]", "'x' is no event of the server"),
        ("late:reorder=true,on=response.output_audio.delta", "on", "reorder: false"),
        ("disconnect:code=1005", "code", "no connection is closed with code 1005"),
        ("disconnect:code=2000", "code", "no connection is closed with code 2000"),
        ("expire:after_s=0", "after_s", "out of range"),
        ("expire:after_s=1.5", "after_s", "a whole number"),
        ("late_transcript:of=me", "of", "agent, both or caller"),
    ],
)
def test_a_wrong_fault_is_refused_in_one_sentence(
    text: str, path: str | None, words: str
) -> None:
    with pytest.raises(FaultError) as caught:
        parse_fault(text)
    assert caught.value.path == path
    assert words in str(caught.value)
    assert repr(text) in str(caught.value)
    assert "\n" not in str(caught.value)
    assert caught.value.exit_code == EXIT_BAD_INPUT


def test_the_events_that_may_be_named_are_those_of_the_sdk() -> None:
    sdk = {
        get_args(member.model_fields["type"].annotation)[0]
        for member in get_args(get_args(RealtimeServerEvent)[0])
    }
    assert set(SERVER_EVENT_TYPES) - {"conversation.item.created"} <= sdk | {
        "conversation.created"
    }
