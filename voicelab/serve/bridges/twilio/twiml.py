"""The answer to Twilio's question what to do with a call: connect it to a stream."""

from __future__ import annotations

from xml.sax.saxutils import quoteattr

CONTENT_TYPE = "text/xml"


def connect_to_stream(url: str) -> str:
    """Return the TwiML that connects a call, both ways, to a media stream.

    Source: twilio.com/docs/voice/twiml/stream. The call goes on with what follows
    `Connect` once the stream is closed; nothing does, so that hangs up.

    Args:
        url: of the stream, a `wss` one without a query, which Twilio would not take.
    """
    stream = f"<Stream url={quoteattr(url)}/>"
    head = '<?xml version="1.0" encoding="UTF-8"?>'
    return f"{head}<Response><Connect>{stream}</Connect></Response>"
