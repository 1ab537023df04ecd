"""How long a chat endpoint is listened to that says nothing, or does not end.

A timeout of the connection sees only whether anything comes. Endpoints, and proxies in
front of them, send comments to keep a connection open; a caller waits all the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from voicelab.clock import Stopwatch
from voicelab.errors import EndpointError

MAX_ANSWER_S = 600.0
"""An answer is left after so long: no thread is kept for one that does not end."""


class SilenceError(Exception):
    """The endpoint sends something, but says nothing."""


def ending(texts: Iterable[str], limit_s: float = MAX_ANSWER_S) -> Iterator[str]:
    """Yield what comes, for so long.

    Raises:
        EndpointError: it goes on for longer.
    """
    stopwatch = Stopwatch()
    for text in texts:
        if stopwatch.elapsed_s() > limit_s:
            raise EndpointError(
                f"the chat endpoint's answer does not end in {limit_s:g} s"
            )
        yield text


def saying(lines: Iterable[str], limit_s: float) -> Iterator[str]:
    """Yield lines, as long as there are events among them.

    Raises:
        SilenceError: for so long there was none.
    """
    stopwatch = Stopwatch()
    for line in lines:
        is_event = line.startswith("data:")
        if not is_event and stopwatch.elapsed_s() > limit_s:
            raise SilenceError
        yield line
        if is_event:
            stopwatch = Stopwatch()
