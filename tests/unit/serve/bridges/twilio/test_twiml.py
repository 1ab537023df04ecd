"""TwiML, read by an XML parser."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest

from voicelab.serve.bridges.twilio.twiml import connect_to_stream


@pytest.mark.parametrize(
    "url", ["wss://a.example/twilio/media", "wss://a.example/\"'<&>"]
)
def test_a_call_is_connected_to_the_stream(url: str) -> None:
    response = ET.fromstring(connect_to_stream(url))
    assert response.tag == "Response"
    [connect] = response
    assert (connect.tag, connect.attrib) == ("Connect", {})
    [stream] = connect
    assert (stream.tag, stream.attrib) == ("Stream", {"url": url})
