"""What a fault must keep beyond the shape of each value."""

from __future__ import annotations

from voicelab.document import Document, FieldPath, close_names
from voicelab.faults.model import AUDIO_DELTA, Disconnect, Fault, Late
from voicelab.protocol.items import tags
from voicelab.protocol.server_events import ServerEvent

SERVER_EVENT_TYPES = tags(ServerEvent)
"""What `on` may name, in the order in which a session uses it."""

_NEVER_SENT = frozenset({1004, 1005, 1015})
"""Close codes that are reserved, or only reported (RFC 6455, 7.4.1)."""


def check_fault(document: Document, path: FieldPath, fault: Fault) -> None:
    """Check that the events a fault names exist, and its close code may be sent.

    Args:
        document: where the fault stands.
        path: the fault's place in it.
        fault: the fault, as it was read from there.

    Raises:
        InputError: as `document.error`, if not.
    """
    for index, name in enumerate(getattr(fault, "on", ())):
        if name not in SERVER_EVENT_TYPES:
            raise document.fault(
                (*path, "on", index),
                f"{name!r} is no event of the server",
                close_names(name, SERVER_EVENT_TYPES)
                or "name one such as response.done",
            )
    if isinstance(fault, Late) and fault.reorder and AUDIO_DELTA in fault.on:
        raise document.fault(
            (*path, "on"),
            "audio that comes out of order could not be told apart from other audio",
            f"leave {AUDIO_DELTA} out, or give reorder: false",
        )
    if isinstance(fault, Disconnect) and not _may_be_closed_with(fault.code):
        raise document.fault(
            (*path, "code"),
            f"no connection is closed with code {fault.code}",
            "give 1000 to 1003, 1006 to break it off, 1007 to 1014, or 3000 to 4999",
        )


def _may_be_closed_with(code: int) -> bool:
    known = 1000 <= code <= 1014  # noqa: PLR2004 -- the codes with a meaning
    own = code >= 3000  # noqa: PLR2004 -- for libraries and applications
    return (known or own) and code not in _NEVER_SENT
