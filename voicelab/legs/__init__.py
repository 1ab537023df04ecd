"""The wires between a bridge and whoever has the caller: messages to objects and back.

A *leg* joins a bridge with the far side that has the caller, its *provider*: a page in
a browser, 46elks or Twilio. Each module here is one leg: its messages in both
directions as structs, `from_provider`, `from_bridge` and `encode`. No socket, no clock.
"""

from voicelab.legs.codec import LegCodec
from voicelab.legs.reading import MAX_MESSAGE_CHARACTERS

__all__ = ["MAX_MESSAGE_CHARACTERS", "LegCodec"]
