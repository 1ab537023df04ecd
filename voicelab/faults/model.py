"""The faults that can be injected, each as the data that describes it.

A fault is a mapping with its `kind`. Which events, responses or commits it strikes
is drawn from the seed by `rate`, or said outright by `at`.
"""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from msgspec import Meta, Struct

MAX_WAIT_MS = 3_600_000
"""No fault holds anything for longer: a session does not last longer either."""

AFTER_AUDIO_MS = 800
"""Where a response is broken off by default: its first words have been heard."""

AUDIO_DELTA = "response.output_audio.delta"

Milliseconds: TypeAlias = Annotated[float, Meta(ge=0, le=MAX_WAIT_MS)]
Share: TypeAlias = Annotated[float, Meta(ge=0, le=1)]
Ordinals: TypeAlias = tuple[Annotated[int, Meta(ge=1)], ...]
EventTypes: TypeAlias = tuple[Annotated[str, Meta(min_length=1)], ...]


class _Fault(
    Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag_field="kind"
):
    pass


class Late(_Fault, frozen=True, kw_only=True, tag="late"):
    """Events reach the client later than they were said.

    Attributes:
        rate: the share of events that is struck.
        at: which events are struck, counted from 1; then `rate` does not count.
        on: the types of events that may be struck; none means every type.
        delay_ms: how much later they come.
        reorder: let what is said later overtake them; otherwise it waits as well.
            Audio is never overtaken.
    """

    rate: Share = 0.1
    at: Ordinals = ()
    on: EventTypes = ()
    delay_ms: Milliseconds = 300.0
    reorder: bool = False


class Duplicate(_Fault, frozen=True, kw_only=True, tag="duplicate"):
    """Events are sent twice in a row, with the same id.

    Attributes:
        rate: the share of events that is struck.
        at: which events are struck, counted from 1; then `rate` does not count.
        on: the types of events that may be struck; none means every type.
    """

    rate: Share = 0.1
    at: Ordinals = ()
    on: EventTypes = ()


class Drop(_Fault, frozen=True, kw_only=True, tag="drop"):
    """Events are never sent.

    Attributes:
        rate: the share of events that is struck.
        at: which events are struck, counted from 1; then `rate` does not count.
        on: the types of events that may be struck; by default audio deltas.
    """

    rate: Share = 0.1
    at: Ordinals = ()
    on: EventTypes = (AUDIO_DELTA,)


class LateTranscript(_Fault, frozen=True, kw_only=True, tag="late_transcript"):
    """Transcripts come after the reply that they should go with.

    Attributes:
        rate: the share of responses, and of the caller's turns, that is struck.
        at: which of them are struck, counted from 1; then `rate` does not count.
        of: whose transcript: of what the agent says, or of what the caller said
            before the reply.
        delay_ms: how long after `response.done`.
    """

    rate: Share = 1.0
    at: Ordinals = ()
    of: Literal["agent", "caller", "both"] = "both"
    delay_ms: Milliseconds = 0.0


class Stall(_Fault, frozen=True, kw_only=True, tag="stall"):
    """A response stops in the middle for a while, then goes on.

    Attributes:
        rate: the share of responses that is struck.
        at: which responses are struck, counted from 1; then `rate` does not count.
        after_ms: how much of its audio is sent before; at 0 it starts late.
        duration_ms: how long nothing of it is sent.
    """

    rate: Share = 1.0
    at: Ordinals = ()
    after_ms: Milliseconds = float(AFTER_AUDIO_MS)
    duration_ms: Milliseconds = 1500.0


class Disconnect(_Fault, frozen=True, kw_only=True, tag="disconnect"):
    """The connection ends in the middle of a response.

    Attributes:
        rate: the share of responses that is struck.
        at: which responses are struck, counted from 1; then `rate` does not count.
        after_ms: how much of the response's audio is sent before; a shorter one is
            spared, and at 0 the end comes with `response.created`.
        code: the WebSocket close code; 1006 breaks the connection off without a
            close frame.
        reason: what the close frame says.
    """

    rate: Share = 1.0
    at: Ordinals = ()
    after_ms: Milliseconds = float(AFTER_AUDIO_MS)
    code: Annotated[int, Meta(ge=1000, le=4999)] = 1006
    reason: Annotated[str, Meta(max_length=120)] = ""


class CommitError(_Fault, frozen=True, kw_only=True, tag="commit_error"):
    """A client's commit is refused as if the input buffer were empty.

    Attributes:
        rate: the share of commits that is struck.
        at: which commits are struck, counted from 1; then `rate` does not count.
    """

    rate: Share = 1.0
    at: Ordinals = ()


class RateLimited(_Fault, frozen=True, kw_only=True, tag="rate_limit"):
    """A response fails at once because no tokens are left for it.

    Attributes:
        rate: the share of responses that is struck.
        at: which responses are struck, counted from 1; then `rate` does not count.
        reset_s: when there will be tokens again, as the client is told.
    """

    rate: Share = 1.0
    at: Ordinals = ()
    reset_s: Annotated[float, Meta(ge=0, le=86_400)] = 20.0


class ResponseFailed(_Fault, frozen=True, kw_only=True, tag="response_failed"):
    """A response fails with a server error.

    Attributes:
        rate: the share of responses that is struck.
        at: which responses are struck, counted from 1; then `rate` does not count.
        after_ms: how much of its audio is sent before; a shorter response is
            spared, and at 0 it fails before it says anything.
    """

    rate: Share = 1.0
    at: Ordinals = ()
    after_ms: Milliseconds = 0.0


class NoResponse(_Fault, frozen=True, kw_only=True, tag="no_response"):
    """A turn, or a request, gets no response at all.

    Attributes:
        rate: the share of responses that is struck.
        at: which responses are struck, counted from 1; then `rate` does not count.
    """

    rate: Share = 1.0
    at: Ordinals = ()


class StrayError(_Fault, frozen=True, kw_only=True, tag="stray_error"):
    """An error event comes that no event of the client caused.

    Attributes:
        rate: the share of events that one follows.
        at: which events one follows, counted from 1; then `rate` does not count.
        on: the types of events that one may follow.
        code: the error's code; none is sent as null.
        message: the error's text.
    """

    rate: Share = 1.0
    at: Ordinals = ()
    on: EventTypes = ("response.created",)
    code: Annotated[str, Meta(min_length=1, max_length=100)] | None = None
    message: Annotated[str, Meta(min_length=1, max_length=1000)] = (
        "The server had an error while processing your request."
    )


class Expire(_Fault, frozen=True, kw_only=True, tag="expire"):
    """The session expires early: the error, then the close.

    Attributes:
        after_s: how long it lasts, whatever `expires_at` announces.
    """

    after_s: Annotated[int, Meta(ge=1, le=3600)] = 30


Fault: TypeAlias = (
    Late
    | Duplicate
    | Drop
    | LateTranscript
    | Stall
    | Disconnect
    | CommitError
    | RateLimited
    | ResponseFailed
    | NoResponse
    | StrayError
    | Expire
)
