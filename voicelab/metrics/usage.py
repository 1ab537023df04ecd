"""What each response and each transcription consumed, and what it cost.

Conventions
    One row a response, from `response.created` and `response.done`; one row a
    transcription, from its `completed` or `failed` event; in the order of the log, as
    the client was told. What the client was not told any more, because it had hung up,
    is taken from the server where that was observed. Out-of-band responses count.
    Every token stands in one column: those from the cache apart from the others of
    their kind, those of untold kind as `undetailed`. `input_tokens` is their sum over
    the input, as `output_tokens` is over the output, and equals what the server told
    unless its details exceed its total.

Measures
    `cost_usd` by a table of list prices (`voicelab.lab.prices`) for the models that the
    session object names. In a run against a server that bills nothing, such as the
    embedded one, it is what the same tokens would have cost; the embedded server caches
    nothing, and a service that does costs less.

Missing values
    No usage told: all amounts and the cost. No model told, or no price known: the cost.

Source
    OpenAI's guide to managing realtime costs.
"""

from __future__ import annotations

import msgspec
from msgspec import UnsetType

from voicelab.lab.billing import Billed, billed
from voicelab.lab.cost import Models
from voicelab.lab.prices import PriceTable
from voicelab.metrics.facts import Facts
from voicelab.metrics.session import session_events
from voicelab.protocol import tolerance
from voicelab.protocol.response_object import Usage
from voicelab.protocol.server_events import (
    ConversationItemInputAudioTranscriptionCompleted,
    ResponseDone,
)
from voicelab.protocol.transcription import TranscriptionDuration, TranscriptionUsage
from voicelab.record.log_reader import Event, Log

RESPONSE = "response"
TRANSCRIPTION = "transcription"
UNFINISHED = "unfinished"

_CREATED = "response.created"
_DONE = "response.done"
_COMPLETED = "conversation.item.input_audio_transcription.completed"
_FAILED = "conversation.item.input_audio_transcription.failed"
_STATUS = {_CREATED: UNFINISHED, _COMPLETED: "completed", _FAILED: "failed"}


class UsageRow(msgspec.Struct, frozen=True, kw_only=True):
    """What one response or transcription consumed; missing where nobody told.

    Attributes:
        t_ns: when the client was told, or when it was told of its beginning if it
            was never told of its end.
        kind: `response` or `transcription`.
        response_id: the response.
        item_id: the caller's item that was transcribed.
        status: the response's own, `unfinished` if its end is not in the log, None if
            the server did not tell; of a transcription `completed` or `failed`.
        model: the model that the session names for it.
        text_input_tokens: not from the cache, likewise the other kinds.
        audio_s: seconds of audio, where they are told instead of tokens.
        cost_usd: US dollars.
        cost_is_upper_bound: whether the server left out details that the exact cost
            depends on; see `voicelab.lab.billing`.
    """

    t_ns: int
    kind: str
    response_id: str | None
    item_id: str | None
    status: str | None
    model: str | None
    input_tokens: int | None = None
    text_input_tokens: int | None = None
    text_cached_input_tokens: int | None = None
    audio_input_tokens: int | None = None
    audio_cached_input_tokens: int | None = None
    image_input_tokens: int | None = None
    image_cached_input_tokens: int | None = None
    undetailed_input_tokens: int | None = None
    output_tokens: int | None = None
    text_output_tokens: int | None = None
    audio_output_tokens: int | None = None
    undetailed_output_tokens: int | None = None
    audio_s: float | None = None
    cost_usd: float | None = None
    cost_is_upper_bound: bool | None = None


def usage_rows(facts: Facts, prices: PriceTable) -> list[UsageRow]:
    """Return what each response and transcription consumed, in order."""
    models = models_of(facts.log)
    ends = _ends(facts.log)
    known = {_response_id(event) for event in ends}
    begun = facts.log.of("client", _CREATED)
    unfinished = [event for event in begun if _response_id(event) not in known]
    events = sorted([*ends, *unfinished], key=lambda event: (event.t_ns, event.seq))
    return [_row(event, models, prices) for event in events]


def models_of(log: Log) -> Models:
    """Return the models that the session names in the end."""
    models = Models()
    for event in session_events(log):
        models = models.updated(event.data.get("session"))
    return models


def _ends(log: Log) -> list[Event]:
    """Return what bills, each once: the client's view first, then what it missed."""
    ends = []
    for kind in (_DONE, _COMPLETED, _FAILED):
        seen: set[str | None] = set()
        for event in log.of("client", kind) + log.of("server", kind):
            key = _response_id(event) if kind == _DONE else event.item_id
            if key is None or key not in seen:
                ends.append(event)
            seen.add(key)
    return ends


def _row(event: Event, models: Models, prices: PriceTable) -> UsageRow:
    is_response = event.type in (_CREATED, _DONE)
    model = models.responds if is_response else models.transcribes
    row = UsageRow(
        t_ns=event.t_ns,
        kind=RESPONSE if is_response else TRANSCRIPTION,
        response_id=_response_id(event) if is_response else None,
        item_id=None if is_response else event.item_id,
        status=_status(event),
        model=model,
    )
    usage = usage_told(event)
    if usage is None:
        return row
    amount, cost_usd = billed(usage), prices.cost_usd(model, usage)
    return msgspec.structs.replace(
        row,
        **_amounts(amount, by_time=isinstance(usage, TranscriptionDuration)),
        cost_usd=cost_usd,
        cost_is_upper_bound=None if cost_usd is None else amount.is_upper_bound,
    )


def _amounts(amount: Billed, *, by_time: bool) -> dict[str, float]:
    if by_time:
        return {"audio_s": amount.audio_s}
    names = [name for name in amount.__struct_fields__ if name.endswith("_tokens")]
    counts = {name: getattr(amount, name) for name in names}
    sums = {
        way: sum(n for name, n in counts.items() if name.endswith(f"_{way}"))
        for way in ("input_tokens", "output_tokens")
    }
    return counts | sums


def usage_told(event: Event) -> Usage | TranscriptionUsage | None:
    """Return the usage in an event, read as the client reads it; None if untold."""
    wire = {"type": event.type, "item_id": event.item_id, **event.data}
    told: Usage | TranscriptionUsage | UnsetType | None = None
    match tolerance.read(wire):
        case ResponseDone(response=response):
            told = response.usage
        case ConversationItemInputAudioTranscriptionCompleted(usage=heard):
            told = heard
        case _:
            pass
    return None if isinstance(told, UnsetType) else told


def _response_id(event: Event) -> str | None:
    return _text(event, "id")


def _status(event: Event) -> str | None:
    if event.type == _DONE:
        return _text(event, "status")
    return _STATUS[event.type]


def _text(event: Event, name: str) -> str | None:
    response = event.data.get("response")
    value = response.get(name) if isinstance(response, dict) else None
    return value if isinstance(value, str) else None
