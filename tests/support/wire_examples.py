"""One filled-in example of every event struct, for tests of the wire."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from voicelab.protocol import client_events as c
from voicelab.protocol import items as i
from voicelab.protocol import response_object as r
from voicelab.protocol import server_events as s
from voicelab.protocol import transcription as t

PCM = bytes(range(256)) * 2
FORMAT = {"type": "audio/pcm", "rate": 24000}
SESSION = {
    "type": "realtime",
    "object": "realtime.session",
    "id": "sess_1",
    "model": "gpt-realtime",
    "output_modalities": ["audio"],
    "instructions": "Be brief.",
    "tools": [],
    "tool_choice": "auto",
    "max_output_tokens": "inf",
    "tracing": None,
    "truncation": "auto",
    "prompt": None,
    "expires_at": 1_800_000_000,
    "audio": {
        "input": {
            "format": FORMAT,
            "transcription": None,
            "noise_reduction": None,
            "turn_detection": {
                "type": "server_vad",
                "threshold": 0.5,
                "prefix_padding_ms": 300,
                "silence_duration_ms": 500,
                "idle_timeout_ms": None,
                "create_response": True,
                "interrupt_response": True,
            },
        },
        "output": {"format": FORMAT, "voice": "alloy", "speed": 1.0},
    },
    "include": None,
}

USER_ITEM = i.MessageItem(
    id="item_1",
    status="completed",
    role="user",
    content=[
        i.InputText("hello"),
        i.InputAudio(transcript=None),
        i.InputAudio(audio=PCM, transcript="hello"),
        i.InputImage(image_url="data:image/png;base64,AA==", detail="low"),
    ],
)
AGENT_ITEM = i.MessageItem(
    id="item_2",
    status="incomplete",
    role="assistant",
    content=[i.OutputText("good day"), i.OutputAudio(transcript="good day")],
)
SYSTEM_ITEM = i.MessageItem(
    id="item_3", status="completed", role="system", content=[i.InputText("be kind")]
)
CALL_ITEM = i.FunctionCallItem(
    id="item_4", status="completed", name="weather", call_id="call_1", arguments="{}"
)
OUTPUT_ITEM = i.FunctionCallOutputItem(
    id="item_5", status="completed", call_id="call_1", output="fog"
)
USAGE = r.Usage(
    total_tokens=40,
    input_tokens=16,
    output_tokens=24,
    input_token_details=r.InputTokens(
        text_tokens=16, cached_tokens_details=r.CachedTokens(text_tokens=3)
    ),
    output_token_details=r.OutputTokens(text_tokens=9, audio_tokens=15),
)
RESPONSE = r.Response(
    id="resp_1",
    status="cancelled",
    status_details=r.StatusDetails(type="cancelled", reason="turn_detected"),
    output=[AGENT_ITEM, CALL_ITEM],
    conversation_id="conv_1",
    output_modalities=["audio"],
    max_output_tokens="inf",
    audio={"output": {"format": FORMAT, "voice": "alloy"}},
    usage=USAGE,
    metadata={"topic": "weather"},
)
FAILED_RESPONSE = r.Response(
    id="resp_2",
    status="failed",
    status_details=r.StatusDetails(
        type="failed", error=r.StatusError(type="server_error", code="oops")
    ),
    max_output_tokens=100,
)

CLIENT_EVENTS: list[c.ClientEvent] = [
    c.SessionUpdate(event_id="e1", session={"type": "realtime", "instructions": ""}),
    c.InputAudioBufferAppend(audio=PCM),
    c.InputAudioBufferCommit(event_id="e2"),
    c.InputAudioBufferClear(),
    c.OutputAudioBufferClear(),
    c.ConversationItemCreate(previous_item_id="root", item=USER_ITEM),
    c.ConversationItemCreate(item=AGENT_ITEM),
    c.ConversationItemCreate(item=SYSTEM_ITEM),
    c.ConversationItemCreate(item=CALL_ITEM),
    c.ConversationItemCreate(item=OUTPUT_ITEM),
    c.ConversationItemRetrieve(item_id="item_1"),
    c.ConversationItemTruncate(item_id="item_2", content_index=0, audio_end_ms=1234),
    c.ConversationItemDelete(item_id="item_1"),
    c.ResponseCreate(),
    c.ResponseCreate(
        event_id="e3",
        response=c.ResponseCreateParams(
            conversation="none",
            input=[USER_ITEM],
            instructions="Only yes or no.",
            output_modalities=["text"],
            audio={"output": {"format": FORMAT, "voice": "marin"}},
            tools=[{"type": "function", "name": "weather", "parameters": {}}],
            tool_choice="auto",
            max_output_tokens=200,
            metadata={"topic": "weather"},
            parallel_tool_calls=False,
        ),
    ),
    c.ResponseCancel(response_id="resp_1"),
    c.ResponseCancel(),
]


def _content(event: Callable[..., s.ServerEvent], **fields: Any) -> s.ServerEvent:
    return event(
        event_id="event_1",
        response_id="resp_1",
        item_id="item_2",
        output_index=0,
        content_index=0,
        **fields,
    )


SERVER_EVENTS: list[s.ServerEvent] = [
    s.SessionCreated(event_id="event_1", session=SESSION),
    s.SessionUpdated(event_id="event_1", session=SESSION),
    s.ErrorEvent(
        event_id="event_1",
        error=s.ErrorDetail(type="invalid_request_error", message="No."),
    ),
    s.ErrorEvent(
        event_id="event_1",
        error=s.ErrorDetail(
            type="invalid_request_error",
            code="invalid_value",
            message="No.",
            param="type",
            event_id="e1",
        ),
    ),
    s.RateLimitsUpdated(
        event_id="event_1",
        rate_limits=[
            s.RateLimit(name="tokens", limit=1000, remaining=900, reset_seconds=0.5)
        ],
    ),
    s.InputAudioBufferCommitted(event_id="event_1", item_id="item_1"),
    s.InputAudioBufferCommitted(
        event_id="event_1", previous_item_id="item_0", item_id="item_1"
    ),
    s.InputAudioBufferCleared(event_id="event_1"),
    s.InputAudioBufferSpeechStarted(
        event_id="event_1", audio_start_ms=1460, item_id="item_1"
    ),
    s.InputAudioBufferSpeechStopped(
        event_id="event_1", audio_end_ms=4256, item_id="item_1"
    ),
    s.InputAudioBufferTimeoutTriggered(
        event_id="event_1", audio_start_ms=1000, audio_end_ms=7000, item_id="item_1"
    ),
    s.ConversationCreated(event_id="event_1", conversation=s.Conversation(id="conv_1")),
    s.ConversationItemCreated(event_id="event_1", item=USER_ITEM),
    s.ConversationItemAdded(event_id="event_1", item=USER_ITEM),
    s.ConversationItemAdded(
        event_id="event_1", previous_item_id="item_1", item=AGENT_ITEM
    ),
    s.ConversationItemDone(event_id="event_1", item=CALL_ITEM),
    s.ConversationItemDone(event_id="event_1", item=OUTPUT_ITEM),
    s.ConversationItemDone(event_id="event_1", item=SYSTEM_ITEM),
    s.ConversationItemRetrieved(event_id="event_1", item=USER_ITEM),
    s.ConversationItemDeleted(event_id="event_1", item_id="item_1"),
    s.ConversationItemTruncated(
        event_id="event_1", item_id="item_2", content_index=0, audio_end_ms=1234
    ),
    s.ConversationItemInputAudioTranscriptionDelta(
        event_id="event_1", item_id="item_1", content_index=0, delta=" hello"
    ),
    s.ConversationItemInputAudioTranscriptionCompleted(
        event_id="event_1",
        item_id="item_1",
        content_index=0,
        transcript="hello",
        logprobs=[t.LogProb(token="hello", logprob=-0.1, bytes=[104])],
        usage=t.TranscriptionTokens(
            total_tokens=24,
            input_tokens=16,
            output_tokens=8,
            input_token_details=t.TranscriptionTokenDetails(audio_tokens=16),
        ),
    ),
    s.ConversationItemInputAudioTranscriptionCompleted(
        event_id="event_1",
        item_id="item_1",
        content_index=0,
        transcript="hello",
        usage=t.TranscriptionDuration(seconds=3.0),
    ),
    s.ConversationItemInputAudioTranscriptionSegment(
        event_id="event_1",
        item_id="item_1",
        content_index=0,
        id="seg_1",
        speaker="A",
        start=0.0,
        end=1.5,
        text="hello",
    ),
    s.ConversationItemInputAudioTranscriptionFailed(
        event_id="event_1",
        item_id="item_1",
        content_index=0,
        error=t.TranscriptionError(type="server_error", message="No model."),
    ),
    s.ResponseCreated(
        event_id="event_1",
        response=r.Response(id="resp_1", status="in_progress"),
    ),
    s.ResponseDone(event_id="event_1", response=RESPONSE),
    s.ResponseDone(event_id="event_1", response=FAILED_RESPONSE),
    s.ResponseOutputItemAdded(
        event_id="event_1", response_id="resp_1", output_index=0, item=AGENT_ITEM
    ),
    s.ResponseOutputItemDone(
        event_id="event_1", response_id="resp_1", output_index=1, item=CALL_ITEM
    ),
    _content(s.ResponseContentPartAdded, part=i.AudioPart()),
    _content(s.ResponseContentPartAdded, part=i.TextPart()),
    _content(s.ResponseContentPartDone, part=i.AudioPart("good day")),
    _content(s.ResponseContentPartDone, part=i.TextPart("good day")),
    _content(s.ResponseOutputAudioDelta, delta=PCM),
    _content(s.ResponseOutputAudioDone),
    _content(s.ResponseOutputAudioTranscriptDelta, delta="good"),
    _content(s.ResponseOutputAudioTranscriptDone, transcript="good day"),
    _content(s.ResponseOutputTextDelta, delta="good"),
    _content(s.ResponseOutputTextDone, text="good day"),
    s.ResponseFunctionCallArgumentsDelta(
        event_id="event_1",
        response_id="resp_1",
        item_id="item_4",
        output_index=1,
        call_id="call_1",
        delta="{",
    ),
    s.ResponseFunctionCallArgumentsDone(
        event_id="event_1",
        response_id="resp_1",
        item_id="item_4",
        output_index=1,
        call_id="call_1",
        name="weather",
        arguments="{}",
    ),
]
