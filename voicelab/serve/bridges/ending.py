"""Why and how a call ends, whoever ends it."""

from __future__ import annotations

from dataclasses import dataclass

from voicelab.errors import LegError
from voicelab.protocol.close_codes import (
    CLOSE_GOING_AWAY,
    CLOSE_INTERNAL_ERROR,
    CLOSE_NORMAL,
    CLOSE_POLICY,
)
from voicelab.serve.bridges.leg import NotLetInError

CLOSE_BAD_GATEWAY = 1014
"""The server behind failed (registered with IANA in 2016)."""

CLOSE_NO_TOKEN = 4401
"""The token is missing or wrong; 4000 to 4999 are for applications (RFC 6455, 7.4.2),
and this one is HTTP's 401."""


@dataclass(frozen=True, slots=True)
class Ending:
    """How a call ends.

    Attributes:
        reason: why, in a few words; it stands in the log and in the close frame.
        code: the close code that the provider gets.
        sentence: what the provider is told if something went wrong.
        partial: what a record says broke the conversation off; None if it ended in
            good order.
    """

    reason: str
    code: int = CLOSE_NORMAL
    sentence: str | None = None
    partial: str | None = None


SHUTTING_DOWN = Ending(
    "the bridge is shutting down", CLOSE_GOING_AWAY, partial="the bridge was stopped"
)

TOO_SLOW = Ending(
    "the peer does not read what it is sent",
    CLOSE_POLICY,
    partial="the caller's side did not read what it was sent",
)

DEFECT = Ending(
    "internal error",
    CLOSE_INTERNAL_ERROR,
    "The bridge failed; its log says why.",
    partial="the bridge failed",
)


def left(reason: str = "") -> Ending:
    """The caller's side ended the call, or is gone."""
    return Ending(reason or "the caller left")


def broken_leg(error: LegError) -> Ending:
    """The caller's side sent what makes no sense, or is not let in."""
    if isinstance(error, NotLetInError):
        return refused(_sentence(error), CLOSE_NO_TOKEN)
    return Ending("protocol error", CLOSE_POLICY, _sentence(error), partial=str(error))


def upstream_failed(problem: str) -> Ending:
    """The session cannot be had, or broke off."""
    reason = "the agent's server failed"
    return Ending(reason, CLOSE_BAD_GATEWAY, _sentence(problem), partial=problem)


def silent(
    timeout_s: float, what: str = "Nothing came from the caller's side"
) -> Ending:
    """Nothing, or not what had to come, came from the caller's side for too long."""
    sentence = f"{what} for {timeout_s:g} s."
    return Ending("idle", CLOSE_POLICY, sentence, partial=sentence)


def cost_reached(limit_usd: float | None) -> Ending:
    """The call has cost what it may."""
    sentence = f"The call reached the limit of {limit_usd:g} USD it may cost."
    return Ending("cost limit", CLOSE_POLICY, sentence, partial=sentence)


def refused(sentence: str, code: int) -> Ending:
    """The caller is not let in."""
    return Ending(sentence, code, sentence)


def _sentence(problem: object) -> str:
    text = str(problem).rstrip(".")
    stop = "" if text.endswith(("?", "!")) else "."
    return f"{text[:1].upper()}{text[1:]}{stop}"
