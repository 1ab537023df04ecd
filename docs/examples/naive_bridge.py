"""A voice bridge as many samples show it: short, plausible, and wrong at a barge-in.

A browser sends its microphone as `{"audio": base64}`, 16-bit PCM at 16 kHz, and plays
what comes back in the same form. When the caller speaks, the bridge tells the model
that nothing was heard, and the browser nothing at all. Do not deploy it; drive it:

    OPENAI_BASE_URL=http://127.0.0.1:8765/v1 python naive_bridge.py
    voicelab drive --as browser ws://127.0.0.1:5050/voice dentist
"""
# ruff: noqa: INP001 -- a script to run, not to import

from __future__ import annotations

import asyncio
import base64
import json
import os
from typing import Any

import numpy as np
import uvicorn
from fastapi import FastAPI, WebSocket, WebSocketDisconnect
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

BROWSER_HZ, MODEL_HZ = 16_000, 24_000
SESSION: dict[str, Any] = {
    "type": "realtime",
    "output_modalities": ["audio"],
    "instructions": "Be helpful.",
    "audio": {"input": {"turn_detection": {"type": "server_vad"}}},
}

app = FastAPI()


def resampled(audio: str, from_hz: int, to_hz: int) -> str:
    """Return base64 audio at another rate: each piece by itself, by straight lines."""
    samples = np.frombuffer(base64.b64decode(audio), "<i2")
    count = len(samples) * to_hz // from_hz
    at = np.arange(count) * from_hz / to_hz
    made = np.interp(at, np.arange(len(samples)), samples)
    return base64.b64encode(made.astype("<i2").tobytes()).decode()


@app.websocket("/voice")
async def voice(browser: WebSocket) -> None:
    """Hold one call."""
    await browser.accept()
    base = os.environ.get("OPENAI_BASE_URL", "https://api.openai.com/v1")
    url = base.replace("http", "ws", 1) + "/realtime?model=gpt-realtime"
    key = os.environ.get("OPENAI_API_KEY", "none")
    headers = {"Authorization": f"Bearer {key}"}
    async with connect(url, additional_headers=headers, max_size=None) as model:
        await send(model, "session.update", session=SESSION)
        tasks = {
            asyncio.create_task(listen(browser, model)),
            asyncio.create_task(speak(browser, model)),
        }
        _, pending = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in pending:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def listen(browser: WebSocket, model: ClientConnection) -> None:
    """Pass the caller's audio on."""
    try:
        while True:
            message = await browser.receive_json()
            audio = resampled(message["audio"], BROWSER_HZ, MODEL_HZ)
            await send(model, "input_audio_buffer.append", audio=audio)
    except (WebSocketDisconnect, ConnectionClosed):
        return


async def speak(browser: WebSocket, model: ClientConnection) -> None:
    """Pass the model's audio on, and truncate when the caller speaks."""
    item_id = None
    async for text in model:
        event = json.loads(text)
        if event["type"] == "response.output_audio.delta":
            item_id = event["item_id"]
            audio = resampled(event["delta"], MODEL_HZ, BROWSER_HZ)
            await browser.send_json({"audio": audio})
        elif event["type"] == "input_audio_buffer.speech_started" and item_id:
            await send(
                model,
                "conversation.item.truncate",
                item_id=item_id,
                content_index=0,
                audio_end_ms=0,  # nobody counts what was played
            )
            item_id = None


async def send(model: ClientConnection, kind: str, **fields: Any) -> None:
    """Send an event to the model."""
    await model.send(json.dumps({"type": kind, **fields}))


if __name__ == "__main__":
    port = int(os.environ.get("PORT", "5050"))
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning")
