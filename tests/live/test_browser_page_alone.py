"""The browser's page in a real Chromium, with a bridge of which the test says all."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf

pytest.importorskip("playwright", reason="needs playwright")

from playwright.sync_api import (
    Browser,
    Page,
    Playwright,
    expect,
    sync_playwright,
)

from tests.support.chromium import EXECUTABLE, WHY_SKIPPED, Complaints, chromium
from tests.support.stub_bridge import RATE_HZ, SOON_S, StubBridge
from voicelab.audio.pcm import Samples

pytestmark = pytest.mark.skipif(EXECUTABLE is None, reason=WHY_SKIPPED)

expect.set_options(timeout=SOON_S * 1000)


def tone(seconds: float, frequency_hz: float = 440) -> Samples:
    times = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    return np.asarray(8000 * np.sin(2 * np.pi * frequency_hz * times), np.int16)


def clicks(seconds: float) -> Samples:
    """Return a burst at the beginning of each second, and silence between them."""
    samples = np.zeros(round(seconds * RATE_HZ), np.int16)
    for second in range(round(seconds)):
        start = second * RATE_HZ
        samples[start : start + RATE_HZ // 5] = tone(0.2)
    return samples


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="module")
def browser(
    playwright: Playwright, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Browser]:
    recording = tmp_path_factory.mktemp("caller") / "caller.wav"
    sf.write(recording, clicks(60), RATE_HZ, subtype="PCM_16")
    with chromium(playwright, recording) as browser:
        yield browser


def connect(page: Page, bridge: StubBridge) -> None:
    bridge.forget()
    page.get_by_role("button", name="Connect", exact=True).click()
    bridge.wait_for("hello")
    bridge.send(ready={"rate": RATE_HZ})
    expect(page.get_by_role("status")).to_have_text("Connected")


def heard_by(bridge: StubBridge) -> Samples:
    """Return what the microphone has sent."""
    frames = [frame["audio"] for frame in bridge.received if "audio" in frame]
    return np.frombuffer(b"".join(map(base64.b64decode, frames)), "<i2")


def frames_sent(bridge: StubBridge) -> int:
    return sum("audio" in frame for frame in bridge.received)


def wait_for_frames(bridge: StubBridge, count: int) -> None:
    wanted = frames_sent(bridge) + count
    bridge.wait(lambda _: frames_sent(bridge) >= wanted)


def figure(page: Page, name: str) -> str:
    """Return what stands under a figure's name."""
    return page.locator(".figures div", has_text=name).locator("dd").inner_text()


def say(bridge: StubBridge, item_id: str, text: str, seconds: int) -> None:
    """Send a reply: a piece of text and a mark for each of its seconds."""
    words = text.split()
    share = -(-len(words) // seconds)
    bridge.mark(f"{item_id} begins", item_id, 0)
    for second in range(seconds):
        piece = " ".join(words[second * share : (second + 1) * share])
        delta = piece if second == 0 else f" {piece}"
        bridge.event(
            "response.output_audio_transcript.delta", item_id=item_id, delta=delta
        )
        bridge.audio(tone(1))
        bridge.mark(f"{item_id} {second + 1} s", item_id, (second + 1) * 1000)
    bridge.event(
        "response.output_audio_transcript.done", item_id=item_id, transcript=text
    )


# -- a call -------------------------------------------------------------------------


def test_the_microphone_is_sent_as_it_sounds(page: Page, bridge: StubBridge) -> None:
    page.get_by_label("Echo cancelled").uncheck()
    page.get_by_label("Noise suppressed").uncheck()
    connect(page, bridge)
    assert bridge.received[0] == {"hello": {"rate": RATE_HZ, "token": ""}}
    wait_for_frames(bridge, 200)
    sizes = {len(base64.b64decode(f["audio"])) for f in bridge.received if "audio" in f}
    assert sizes == {640}, "20 ms each"
    sound = heard_by(bridge).astype(float)
    loud = np.abs(sound) > np.abs(sound).max() / 4
    onsets = np.flatnonzero(loud & ~np.roll(_any_in_the_last(loud, RATE_HZ // 2), 1))
    # a busy machine shifts a beep by some ms; a wrong rate would by 80 ms at least
    assert np.diff(onsets[1:]) == pytest.approx(RATE_HZ, rel=0.05), "one each second"
    burst = sound[onsets[1] + 800 : onsets[1] + 2400]
    peak = np.argmax(np.abs(np.fft.rfft(burst * np.hanning(len(burst)))))
    assert peak * RATE_HZ / len(burst) == pytest.approx(440, abs=RATE_HZ / len(burst))


def _any_in_the_last(values: np.ndarray, samples: int) -> np.ndarray:
    """Return whether any of the samples up to each was true."""
    sums = np.cumsum(np.concatenate([np.zeros(samples), values]))
    return np.asarray(sums[samples:] - sums[:-samples] > 0)


def test_a_muted_microphone_sends_silence(page: Page, bridge: StubBridge) -> None:
    page.get_by_role("button", name="Mute").click()
    connect(page, bridge)
    wait_for_frames(bridge, 100)
    assert not heard_by(bridge).any()
    expect(page.get_by_role("button", name="Mute", pressed=True)).to_be_visible()
    page.get_by_role("button", name="Mute").click()
    bridge.wait(lambda _: heard_by(bridge).any())


def test_marks_come_back_in_order_when_they_are_heard(
    page: Page, bridge: StubBridge
) -> None:
    connect(page, bridge)
    page.get_by_label("Deltas and marks").check()
    say(bridge, "a", "One two.", 2)
    say(bridge, "b", "Three.", 1)
    names = ["a begins", "a 1 s", "a 2 s", "b begins", "b 1 s"]
    bridge.wait(lambda _: bridge.marks == names)
    rows = page.locator("#events li", has_text="page.mark")
    expect(rows).to_have_count(len(names))
    times = [float(text) for text in rows.locator("time").all_inner_texts()]
    # Late is a loaded machine's; early would be wrong, but for a timer's rounding.
    assert np.diff(times)[[0, 1, 3]].min() > 0.9
    assert figure(page, "Underruns") == "0"


def test_an_interruption_stops_the_agent(page: Page, bridge: StubBridge) -> None:
    complaints = Complaints(page)
    connect(page, bridge)
    bridge.event("input_audio_buffer.speech_started", item_id="u", audio_start_ms=0)
    expect(page.get_by_text("Caller speaking")).to_be_visible()
    bridge.event("input_audio_buffer.speech_stopped", item_id="u", audio_end_ms=900)
    text = "One two three four five six seven eight nine ten eleven twelve"
    say(bridge, "a", text, 6)
    say(bridge, "b", "Never heard.", 1)
    bridge.wait(lambda _: "a 2 s" in bridge.marks)
    bridge.send(clear=True)
    bridge.event("conversation.item.truncated", item_id="a", audio_end_ms=2000)
    expect(page.locator("#interrupt-lamp")).to_contain_text("of 6.00 s heard")
    _, latency, received, played, claimed, error = _first_turn(page)
    assert latency > 0
    assert received == 6000
    assert 2000 <= played < 6000
    assert (claimed, error) == (2000, 2000 - played)
    assert figure(page, "Interruptions") == "1"
    unheard = page.locator("[data-item=a] .unheard").inner_text()
    heard = int(played / 1000 * 2)  # two words a second
    assert text.split()[-len(unheard.split()) :] == unheard.split()
    assert abs(len(text.split()) - len(unheard.split()) - heard) <= 1
    expect(page.locator("[data-item=b] .unheard")).to_have_text("Never heard.")
    say(bridge, "c", "Heard again.", 1)
    bridge.wait(lambda _: "c 1 s" in bridge.marks)
    later = bridge.marks[bridge.marks.index("c begins") - 1]
    assert later in {"a 2 s", "a 3 s", "a 4 s", "a 5 s"}, "no mark that was dropped"
    expect(page.get_by_text("No interruption")).to_be_visible()
    assert complaints.said == []


def _first_turn(page: Page) -> list[int]:
    """Return the numbers of the table's first row."""
    row = page.locator("#turns tr").first
    texts = row.locator("th, td").all_inner_texts()
    return [int(re.sub(",", "", text)) for text in texts]


def test_a_gap_within_an_item_is_counted(page: Page, bridge: StubBridge) -> None:
    connect(page, bridge)
    bridge.mark("begins", "a", 0)
    bridge.audio(tone(0.2))
    bridge.mark("dry", "a", 200)
    bridge.wait(lambda _: "dry" in bridge.marks)
    bridge.audio(tone(0.2))
    bridge.mark("over", "a", 400)
    bridge.wait(lambda _: "over" in bridge.marks)
    expect(page.locator("#underruns")).to_have_text("1")


def test_another_microphone_in_mid_call(page: Page, bridge: StubBridge) -> None:
    connect(page, bridge)
    menu = page.get_by_label("Microphone", exact=True)
    expect(menu.locator("option").nth(1)).to_be_attached()
    menu.select_option(index=1)
    wait_for_frames(bridge, 50)
    page.get_by_label("Echo cancelled").uncheck()
    wait_for_frames(bridge, 50)
    assert page.get_by_role("alert").inner_text() == ""
    expect(page.get_by_label("Loudspeaker", exact=True)).to_be_enabled()


def test_hanging_up_says_goodbye(page: Page, bridge: StubBridge) -> None:
    connect(page, bridge)
    page.get_by_role("button", name="Disconnect").click()
    bridge.wait_for("bye")
    expect(page.get_by_role("status")).to_have_text("Not connected: you ended the call")
    connect(page, bridge)
    page.goto("about:blank")
    bridge.wait_for("bye")


def test_what_is_said_is_text_whatever_it_looks_like(
    page: Page, bridge: StubBridge
) -> None:
    complaints = Complaints(page)
    connect(page, bridge)
    evil = "<img src=x onerror=alert(1)> & <b>bold</b>"
    bridge.event(
        "conversation.item.input_audio_transcription.completed",
        item_id="u",
        transcript=evil,
    )
    expect(page.locator("[data-item=u] p")).to_have_text(evil)
    expect(page.locator("#announcer")).to_have_text(f"Caller: {evil}")
    assert complaints.said == []


def test_the_events_are_filtered_and_copied(page: Page, bridge: StubBridge) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    connect(page, bridge)
    bridge.event("response.created", response={"status": "in_progress"})
    bridge.event("response.done", response={"status": "completed"})
    bridge.event("response.output_audio_transcript.delta", item_id="a", delta="Hi")
    rows = page.locator("#events li")
    expect(rows).to_have_count(3)
    page.get_by_label("Deltas and marks").check()
    expect(rows).to_have_count(4)
    page.get_by_label("Filter").fill("response -done")
    expect(rows).to_have_count(2)
    page.get_by_role("button", name="Copy").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    lines = page.evaluate("navigator.clipboard.readText()").splitlines()
    assert [re.findall(r'"type":"([^"]+)"', line)[0] for line in lines] == [
        "response.created",
        "response.output_audio_transcript.delta",
    ]
    rows.first.locator("summary").click()
    expect(rows.first.locator("pre")).to_contain_text('"status": "in_progress"')


def replace_get_user_media(page: Page, function: str) -> None:
    page.evaluate(
        "() => { const devices = navigator.mediaDevices; "
        f"devices.getUserMedia = {function}; }}"
    )


# -- what can go wrong ----------------------------------------------------------------


def test_a_token_is_asked_for_and_sent(page: Page, bridge: StubBridge) -> None:
    expect(page.get_by_label("Token")).to_be_hidden()
    page.get_by_role("button", name="Connect", exact=True).click()
    bridge.wait_for("hello")
    bridge.close(4401)
    expect(page.get_by_role("alert")).to_contain_text("asks for a token")
    expect(page.get_by_label("Token")).to_be_focused()
    page.keyboard.type("sesame")
    page.keyboard.press("Enter")
    bridge.wait(lambda frames: frames and frames[0]["hello"]["token"] == "sesame")
    bridge.send(ready={"rate": RATE_HZ})
    expect(page.get_by_role("status")).to_have_text("Connected")
    expect(page.get_by_role("alert")).to_be_empty()


def test_a_session_that_is_refused(page: Page, bridge: StubBridge) -> None:
    page.get_by_role("button", name="Connect", exact=True).click()
    bridge.wait_for("hello")
    bridge.send(error={"message": "The server knows no such model."})
    bridge.send(bye={"reason": "the agent's server failed"})
    bridge.close(1014)
    expect(page.get_by_role("alert")).to_have_text(
        "The bridge refused the session: The server knows no such model."
    )
    expect(page.get_by_role("status")).to_have_text("Not connected")
    page.get_by_role("button", name="Dismiss").click()
    expect(page.get_by_role("alert")).to_be_empty()


def test_an_error_that_is_not_the_end(page: Page, bridge: StubBridge) -> None:
    connect(page, bridge)
    bridge.event("error", error={"message": "No such item."})
    expect(page.get_by_role("alert")).to_have_text(
        "The session reported: No such item."
    )
    wait_for_frames(bridge, 5)
    bridge.send(bye={"reason": "the agent hung up"})
    bridge.close()
    expect(page.get_by_role("status")).to_have_text("Not connected: the agent hung up")


def test_a_bridge_that_breaks_off(page: Page, bridge: StubBridge) -> None:
    connect(page, bridge)
    bridge.close(1011)
    expect(page.get_by_role("alert")).to_contain_text("was lost (code 1011)")
    connect(page, bridge)
    bridge.send(audio="AAAA")
    expect(page.get_by_role("alert")).to_contain_text("3 bytes end in half a sample")


def test_a_bridge_that_is_not_there(page: Page, bridge: StubBridge) -> None:
    page.evaluate("history.replaceState(null, '', '/elsewhere/')")
    page.get_by_role("button", name="Connect", exact=True).click()
    url = f"{bridge.url.replace('http', 'ws')}elsewhere/voice"
    expect(page.get_by_role("alert")).to_contain_text(f"a connection to {url}")


def test_giving_up_while_the_microphone_is_asked_for(page: Page) -> None:
    replace_get_user_media(page, "() => new Promise(() => {})")
    page.get_by_role("button", name="Connect", exact=True).click()
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("status")).to_have_text(
        "Not connected: you gave up connecting"
    )


def test_a_microphone_in_use(page: Page) -> None:
    in_use = "new DOMException('Device in use', 'NotReadableError')"
    replace_get_user_media(page, f"async () => {{ throw {in_use}; }}")
    page.get_by_role("button", name="Connect", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("another program uses it: close")


def test_a_microphone_that_is_unplugged(page: Page, bridge: StubBridge) -> None:
    page.evaluate("() => { window.open_ = navigator.mediaDevices.getUserMedia; }")
    replace_get_user_media(
        page, "async (what) => (window.stream = await open_.call(devices, what))"
    )
    connect(page, bridge)
    page.evaluate("stream.getTracks()[0].dispatchEvent(new Event('ended'))")
    expect(page.get_by_role("alert")).to_contain_text("microphone was disconnected")
    bridge.wait_for("bye")


def test_a_page_from_an_address_that_browsers_do_not_trust(
    playwright: Playwright, bridge: StubBridge
) -> None:
    with chromium(playwright, None, hosts={"lab.test": "127.0.0.1"}) as browser:
        page = browser.new_page()
        complaints = Complaints(page)
        page.goto(bridge.url.replace("127.0.0.1", "lab.test"))
        page.get_by_role("button", name="Connect", exact=True).click()
        expect(page.get_by_role("alert")).to_contain_text("only to pages from https")
        assert complaints.said == []


def test_a_machine_without_a_microphone(
    playwright: Playwright, bridge: StubBridge
) -> None:
    with chromium(playwright, None) as browser:
        page = browser.new_page()
        page.goto(bridge.url)
        page.get_by_role("button", name="Connect", exact=True).click()
        expect(page.get_by_role("alert")).to_contain_text("No microphone was found")


def test_a_microphone_that_is_refused(
    playwright: Playwright, bridge: StubBridge, tmp_path: Path
) -> None:
    recording = tmp_path / "caller.wav"
    sf.write(recording, clicks(1), RATE_HZ, subtype="PCM_16")
    with chromium(playwright, recording, allow=False) as browser:
        page = browser.new_page()
        page.goto(bridge.url)
        page.get_by_role("button", name="Connect", exact=True).click()
        expect(page.get_by_role("alert")).to_contain_text(
            "microphone was refused: allow"
        )
        expect(page.get_by_role("status")).to_have_text("Not connected")
