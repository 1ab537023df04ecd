"""What an agent that cannot work as it is set up means for who runs it."""

from __future__ import annotations

from voicelab.errors import InputError
from voicelab.session.work import Fatal, Work


def fatal_of(work: Work) -> Fatal:
    """Return the errors of a session's work that nobody may bear.

    A caller on a real port is not left alone because a model's file is damaged or a
    key is not set: the session goes on, and the agent says that something went wrong.
    A virtual run has no caller. It would measure another agent than the one that was
    asked for, so it ends with the error.
    """
    return (InputError,) if work.charges else ()
