"""Gives a session what judges its pauses."""

from __future__ import annotations

from contextlib import suppress
from functools import cache

from voicelab.errors import InputError
from voicelab.lab.agents import Agent
from voicelab.lab.fatal import fatal_of
from voicelab.session.semantic import EndOfTurn
from voicelab.session.work import INLINE, Work
from voicelab.speech.cache import ArrayCache
from voicelab.speech.end_of_turn import CachedEndOfTurn, smart_turn


def end_of_turn_of(agent: Agent, work: Work = INLINE) -> EndOfTurn:
    """Return what judges pauses in an agent's session.

    Args:
        agent: says how long judging takes in virtual time, and may know the words.
        work: where the model runs.
    """
    return EndOfTurn(
        smart_turn() if work.charges else _unkept(),
        work=work,
        delay=agent.end_of_turn_delay,
        partial_text=agent.partial_text,
        fatal=fatal_of(work),
    )


@cache
def _unkept() -> CachedEndOfTurn:
    """Return the model, with nothing kept on disk.

    On a real port nearly every pause is new: what is kept would only grow.
    """
    return CachedEndOfTurn(smart_turn().model, ArrayCache(None))


@cache
def warm_up() -> None:
    """Load the model, once for the process, if it can be loaded.

    Loading takes some hundred milliseconds, in which other sessions would wait.
    """
    with suppress(InputError):
        smart_turn().warm_up()
