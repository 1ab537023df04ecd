"""How much of anything one event may hold.

The endpoint's own limits where they are published; for the rest, bounds that no
honest client meets and that keep each message, and what a session remembers of it,
small. What is refused is refused with an `error` event, and the session goes on.
"""

from __future__ import annotations

MAX_APPEND_BYTES = 15 * 2**20
"""The most audio in one append (API reference of `input_audio_buffer.append`:
"maximum of 15 MiB"); the base64 of it makes a message of 20 MiB."""

MAX_EVENT_BYTES = 1_000_000
"""No event of the server is larger: common WebSocket clients close the connection at
a message over 1 MiB."""

MAX_OBJECT_BYTES = 980_000
"""The most that a session or an item may take as JSON, so that the event that carries
it keeps below `MAX_EVENT_BYTES`."""

MAX_ID_CHARACTERS = 512
"""The longest identifier, name or voice that a client may choose; events repeat it."""

MAX_METADATA_PAIRS = 16
MAX_METADATA_KEY_CHARACTERS = 64
MAX_METADATA_VALUE_CHARACTERS = 512
"""What a response may have attached (API reference of `metadata`)."""

MAX_MS = 2**31 - 1
"""The greatest number of milliseconds, 24 days; a position beyond is a slip."""

MAX_QUOTED_CHARACTERS = 200
"""How much of a bad value an error message repeats."""
