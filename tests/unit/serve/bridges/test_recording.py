"""Records of calls: of whole ones, of broken ones, and of those that never were."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import voicelab as vl
from tests.support.bridging import Page, bridging, call_settings, page_of, quiet, tone
from tests.support.serving import OneReply, serving, sessions
from tests.support.sockets import on_sockets, until
from voicelab.serve.bridges.browser.leg import BrowserLeg

NOBODY = "ws://127.0.0.1:9/v1/realtime"
RATE_HZ = 16_000
BRISK: dict[str, Any] = {
    "audio": {
        "input": {
            "turn_detection": {"type": "server_vad", "silence_duration_ms": 200},
        }
    }
}


def folders(record: Path) -> list[Path]:
    """Return what is there, hidden or not."""
    return sorted(record.iterdir()) if record.exists() else []


async def ask(page: Page) -> None:
    await page.hello()
    await page.until(lambda: page.of("ready"))
    await page.speak(np.concatenate([tone(0.3, RATE_HZ), quiet(0.4, RATE_HZ)]))
    await page.until(lambda: page.of("audio"))


async def say_nothing(page: Page) -> None:
    await page.hello()
    await page.until(lambda: page.of("ready"))
    await page.send(bye={})
    await page.close_code()


def test_a_call_that_never_was_leaves_nothing(tmp_path: Path) -> None:
    record = tmp_path / "calls"

    async def main() -> None:
        settings = call_settings(NOBODY, record=record)
        async with bridging(settings) as bridge, page_of(bridge) as page:
            await page.hello()
            await page.close_code()
        async with serving(api_keys=("k" * 10,)) as server:
            settings = call_settings(server.url, record=record)
            async with bridging(settings) as bridge, page_of(bridge) as page:
                await page.hello()
                await page.close_code()

    on_sockets(main)
    assert folders(record) == []


def test_a_call_that_broke_off_is_kept_and_says_why(tmp_path: Path) -> None:
    async def main() -> None:
        async with serving(sessions(OneReply(3.0))) as server:
            settings = call_settings(server.url, session=BRISK, record=tmp_path)
            async with bridging(settings) as bridge, page_of(bridge) as page:
                await ask(page)
                await server.stop(drain_s=0)
                await page.close_code()

    on_sockets(main)
    (folder,) = folders(tmp_path)
    run = vl.load_run(folder)
    assert run.partial is not None
    assert "hung up" in run.partial
    assert len(run.appends) > 30
    assert len(run.audio) > 24_000 // 2


def test_a_call_in_which_nobody_spoke_is_kept(tmp_path: Path) -> None:
    async def main() -> None:
        async with serving() as server:
            settings = call_settings(server.url, record=tmp_path)
            async with bridging(settings) as bridge, page_of(bridge) as page:
                await say_nothing(page)

    on_sockets(main)
    (folder,) = folders(tmp_path)
    run = vl.load_run(folder)
    assert run.partial is None
    assert len(run.turns) == 0
    assert len(run.audio) == 0


def test_an_agent_that_begins_is_heard_from_the_start_of_the_line(
    tmp_path: Path,
) -> None:
    async def main() -> None:
        async with serving(sessions(OneReply(0.4))) as server:
            settings = call_settings(
                server.url, session=BRISK, record=tmp_path, agent_begins=True
            )
            async with bridging(settings) as bridge, page_of(bridge) as page:
                await page.hello()
                await page.until(lambda: page.of("ready"))
                await page.speak(quiet(1.0, RATE_HZ))

    on_sockets(main)
    (folder,) = folders(tmp_path)
    run = vl.load_run(folder)
    (turn,) = run.turns.itertuples()
    assert 0 <= int(turn.t_start_ns) < 2 * 10**9  # type: ignore[arg-type]
    lasted_s = run.manifest["conversation_s"]
    assert len(run.audio) / 24_000 == pytest.approx(lasted_s, abs=1e-4)


def test_early_audio_stands_at_the_beginning_of_the_record(tmp_path: Path) -> None:
    """What the caller said before the session was up is sample 0 and on."""
    said = tone(0.1, 24_000)

    async def main() -> None:
        async with serving() as server:
            settings = call_settings(server.url, record=tmp_path)
            async with bridging(settings) as bridge, page_of(bridge, 24_000) as page:
                await page.hello()
                await page.speak(said)
                await page.until(lambda: page.of("ready"))
                await page.speak(quiet(0.3, 24_000))
                await page.send(bye={})
                await page.close_code()

    on_sockets(main)
    (folder,) = folders(tmp_path)
    run = vl.load_run(folder)
    assert np.array_equal(run.audio[: len(said), 0], said)


def test_a_page_that_returns_no_marks_is_recorded_by_the_model(tmp_path: Path) -> None:
    async def main() -> None:
        async with serving(sessions(OneReply(0.4))) as server:
            settings = call_settings(server.url, session=BRISK, record=tmp_path)
            async with bridging(settings) as bridge, page_of(bridge) as page:
                said = np.concatenate([tone(0.3, RATE_HZ), quiet(0.4, RATE_HZ)])
                await page.speak(said)
                await page.until(lambda: page.of("audio"))
                await page.speak(quiet(1.0, RATE_HZ))

    on_sockets(main)
    (folder,) = folders(tmp_path)
    run = vl.load_run(folder)
    assert run.manifest["bridge"]["acknowledges"] is False
    assert run.manifest["unobserved"][-2:] == ["player", "ear"]
    (turn,) = run.turns[run.turns.party == "agent"].duration_ms
    assert turn == 400


def test_calls_at_once_have_folders_of_their_own(tmp_path: Path) -> None:
    async def main() -> None:
        async with serving(sessions(OneReply(0.3))) as server:
            settings = call_settings(server.url, session=BRISK, record=tmp_path)
            async with (
                bridging(settings) as bridge,
                page_of(bridge) as one,
                page_of(bridge) as other,
            ):
                await asyncio.gather(ask(one), ask(other))

    on_sockets(main)
    assert len(folders(tmp_path)) == 2


def test_a_folder_that_cannot_be_written_ends_the_call_and_tells_no_path(
    tmp_path: Path,
) -> None:
    taken = tmp_path / "taken"
    taken.touch()
    messages: list[Any] = []

    async def main() -> None:
        async with serving() as server:
            settings = call_settings(server.url, record=taken)
            async with bridging(settings) as bridge, page_of(bridge) as page:
                await page.hello()
                assert (await page.close_code())[0] == 1011
                messages.extend(page.messages)

    on_sockets(main)
    assert str(tmp_path) not in json.dumps(messages)


def test_a_reply_that_the_caller_hung_up_on_was_heard_until_then(
    tmp_path: Path,
) -> None:
    async def main() -> None:
        async with serving(sessions(OneReply(3.0))) as server:
            settings = call_settings(server.url, session=BRISK, record=tmp_path)
            async with bridging(settings) as bridge, page_of(bridge) as page:
                await ask(page)
                await page.speak(quiet(0.4, RATE_HZ))
                await page.send(bye={})
                await page.close_code()

    on_sockets(main)
    (folder,) = folders(tmp_path)
    run = vl.load_run(folder)
    (turn,) = run.turns.query("party == 'agent'").itertuples()
    heard = np.flatnonzero(run.audio[:, 1])
    began = int(turn.t_start_ns) * 24_000 // 10**9  # type: ignore[arg-type]
    assert heard[0] == pytest.approx(began, abs=2)
    assert heard[-1] >= len(run.audio) - 24  # to the end, but for the resampler
    assert len(heard) > 0.3 * 24_000


def test_a_caller_whose_line_opens_late_stands_where_they_spoke(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The agent begins on a silent line; zero of time is there, not at the caller."""
    monkeypatch.setattr("voicelab.serve.bridges.call.LINE_TIMEOUT_S", 0.05)

    async def main() -> None:
        async with serving(sessions(OneReply(0.4))) as server:
            settings = call_settings(
                server.url, session=BRISK, record=tmp_path, agent_begins=True
            )
            async with bridging(settings) as bridge, page_of(bridge) as page:
                await page.hello()
                await page.until_event("response.done")
                await asyncio.sleep(0.6)
                await page.speak(
                    np.concatenate([tone(0.3, RATE_HZ), quiet(0.4, RATE_HZ)])
                )
                await page.until_event("response.done", 2)
                await page.send(bye={})
                await page.close_code()

    on_sockets(main)
    (folder,) = folders(tmp_path)
    run = vl.load_run(folder)
    text = (folder / "events.jsonl").read_text("utf-8")
    log = [json.loads(line) for line in text.splitlines()]
    first_ns = next(e["t_ns"] for e in log if e["type"] == "input_audio_buffer.append")
    spoke = np.flatnonzero(run.audio[:, 0])[0] / 24_000
    assert spoke > 0.6
    assert spoke == pytest.approx(first_ns / 10**9 - 0.02, abs=0.015)
    (started,) = (e for e in log if e["type"] == "input_audio_buffer.speech_started")
    assert started["data"]["audio_start_ms"] / 1000 == pytest.approx(spoke, abs=0.35)


def test_a_record_that_cannot_be_finished_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    async def main() -> None:
        async with serving() as server:
            settings = call_settings(server.url, record=tmp_path)
            async with bridging(settings) as bridge, page_of(bridge) as page:
                await page.hello()
                await page.until(lambda: page.of("ready"))
                monkeypatch.setattr("voicelab.record.ear.Ear.finish", full)
                await page.send(bye={})
                assert (await page.close_code())[0] == 1000

    on_sockets(main)
    assert folders(tmp_path) == []
    assert [r.getMessage() for r in caplog.records if r.levelname == "ERROR"] == [
        "record lost"
    ]


def test_a_call_whose_goodbye_fails_is_recorded_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def main() -> None:
        async with serving() as server:
            settings = call_settings(server.url, record=tmp_path)
            async with bridging(settings) as bridge:
                async with page_of(bridge) as page:
                    await page.hello()
                    await page.until(lambda: page.of("ready"))
                    monkeypatch.setattr(BrowserLeg, "hang_up", lambda *_: 1 // 0)
                    await page.send(bye={})
                await until(lambda: bridge.switchboard.calls == 0)
            assert server.open_sessions == 0

    on_sockets(main)
    assert len(folders(tmp_path)) == 1
    assert [r.getMessage() for r in caplog.records if r.levelname == "ERROR"] == [
        "hanging up failed"
    ]


def test_a_record_holds_no_credential(tmp_path: Path) -> None:
    tool = {
        "type": "mcp",
        "server_label": "diary",
        "server_url": "https://tools.example",
        "authorization": "let-me-in",
    }

    async def main() -> None:
        async with serving() as server:
            session = BRISK | {"tools": [tool]}
            settings = call_settings(server.url, session=session, record=tmp_path)
            async with bridging(settings) as bridge, page_of(bridge) as page:
                await say_nothing(page)

    on_sockets(main)
    (folder,) = folders(tmp_path)
    for name in ("manifest.json", "events.jsonl"):
        text = (folder / name).read_text("utf-8")
        assert "tools.example" in text
        assert "let-me-in" not in text
