"""The browser's page for everyone: by keyboard, by ear, in the dark, on a telephone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

import numpy as np
import pytest
import soundfile as sf

pytest.importorskip("playwright", reason="needs playwright")

from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.support.chromium import EXECUTABLE, WHY_SKIPPED, chromium
from tests.support.stub_bridge import RATE_HZ, SOON_S, StubBridge

pytestmark = pytest.mark.skipif(EXECUTABLE is None, reason=WHY_SKIPPED)

expect.set_options(timeout=SOON_S * 1000)

AriaRole = Literal["button", "combobox", "checkbox", "textbox", "searchbox"]

LEAST_CONTRAST = 4.5
"""Of text and its ground (WCAG 2.2, 1.4.3, level AA)."""

NARROW_PX = 320
"""Where a page may not have to be scrolled in two directions (WCAG 2.2, 1.4.10)."""

CONTRASTS = """() => {
  const channels = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const light = (colour) => {
    const [r, g, b] = channels(colour).slice(0, 3).map((value) => {
      const share = value / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = getComputedStyle(at).backgroundColor;
      if (channels(colour)[3] !== 0) return colour;
    }
    return "rgb(255, 255, 255)";
  };
  const found = [];
  for (const element of document.querySelectorAll("body *")) {
    const own = [...element.childNodes].some(
      (node) => node.nodeType === Node.TEXT_NODE && node.textContent.trim() !== "",
    );
    const control = element.matches("select, input:not([type=checkbox])");
    if ((!own && !control) || element.matches("noscript, option, :disabled")) continue;
    if (!element.checkVisibility()) continue;
    const style = getComputedStyle(element);
    const lights = [light(style.color), light(ground(element))].sort((a, b) => b - a);
    const ratio = (lights[0] + 0.05) / (lights[1] + 0.05);
    found.push({ text: element.textContent.trim().slice(0, 40), ratio });
  }
  return found;
}"""


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    silence = tmp_path_factory.mktemp("caller") / "silence.wav"
    sf.write(silence, np.zeros(RATE_HZ, np.int16), RATE_HZ, subtype="PCM_16")
    with sync_playwright() as playwright, chromium(playwright, silence) as browser:
        yield browser


def fill(page: Page, bridge: StubBridge) -> None:
    """Bring the page to where it shows everything that it can."""
    page.get_by_role("button", name="Mute").click()
    page.get_by_role("button", name="Connect", exact=True).click()
    bridge.wait_for("hello")
    bridge.send(ready={"rate": RATE_HZ})
    bridge.event("input_audio_buffer.speech_started", item_id="u", audio_start_ms=0)
    bridge.event("input_audio_buffer.speech_stopped", item_id="u", audio_end_ms=9)
    bridge.mark("a begins", "a", 0)
    bridge.event(
        "response.output_audio_transcript.delta", item_id="a", delta="One two " * 20
    )
    bridge.audio(np.ones(4 * RATE_HZ, np.int16))
    bridge.mark("a", "a", 4000)
    bridge.wait(lambda _: "a begins" in bridge.marks)
    bridge.send(clear=True)
    bridge.event("conversation.item.truncated", item_id="a", audio_end_ms=1)
    bridge.event("error", error={"message": "x" * 30})
    expect(page.get_by_text("Interrupted:")).to_be_visible()
    expect(page.locator(".unheard")).to_be_visible()
    page.evaluate("() => { document.getElementById('token-field').hidden = false; }")
    page.locator("#events summary").first.click()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_text_can_be_told_from_its_ground(
    page: Page, bridge: StubBridge, scheme: Literal["light", "dark"]
) -> None:
    page.emulate_media(color_scheme=scheme)
    assert too_faint(page) == []
    fill(page, bridge)
    page.mouse.move(0, 0)
    assert too_faint(page) == []


def too_faint(page: Page) -> list[dict[str, Any]]:
    """Return what cannot be told from its ground."""
    found: list[dict[str, Any]] = page.evaluate(CONTRASTS)
    assert len(found) > 30
    return [row for row in found if row["ratio"] < LEAST_CONTRAST]


@pytest.mark.parametrize("width", [NARROW_PX, 390, 768])
def test_nothing_is_wider_than_the_screen(
    page: Page, bridge: StubBridge, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 700})
    fill(page, bridge)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_landmarks_headings_and_names(page: Page, bridge: StubBridge) -> None:
    fill(page, bridge)
    expect(page.get_by_role("banner")).to_have_count(1)
    expect(page.get_by_role("main")).to_have_count(1)
    expect(page.get_by_role("heading", level=1)).to_have_count(1)
    for name in ("Sound", "Transcript", "Agent's turns", "Events"):
        expect(page.get_by_role("heading", name=name, level=2)).to_be_visible()
        expect(page.get_by_role("region", name=name).first).to_be_visible()
    expect(page.get_by_role("form", name="Call")).to_be_visible()
    expect(page.get_by_role("img", name="1 interruption in this call")).to_be_visible()
    expect(page.get_by_role("list", name="Transcript")).to_be_visible()
    expect(page.get_by_role("columnheader", name="Latency")).to_be_visible()
    expect(page.get_by_role("rowheader", name="1")).to_be_visible()
    roles: list[AriaRole] = ["button", "combobox", "checkbox", "textbox", "searchbox"]
    for role in roles:
        for control in page.get_by_role(role).all():
            assert has_name(control.aria_snapshot()), control.aria_snapshot()
    assert page.get_by_role("status").count() == 1, "one thing only speaks up"


def has_name(snapshot: str) -> bool:
    """Whether an element of an accessibility tree has a name."""
    return '"' in snapshot.splitlines()[0]


def test_all_of_it_by_keyboard(page: Page, bridge: StubBridge) -> None:
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the transcript")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Connect", exact=True)).to_be_focused()
    page.keyboard.press("Enter")
    bridge.wait_for("hello")
    bridge.send(ready={"rate": RATE_HZ})
    expect(page.get_by_role("status")).to_have_text("Connected")
    expect(page.locator("#events li")).not_to_have_count(0)
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    expect(page.get_by_role("button", name="Mute", pressed=True)).to_be_focused()
    order = []
    for _ in range(11):
        page.keyboard.press("Tab")
        order.append(page.evaluate(WHAT_HAS_THE_FOCUS))
    assert [name for name, _ in order] == [
        "Microphone and loudspeaker",
        *("microphone", "speaker", "echo", "noise"),
        "transcript",
        "DIV",
        *("event-filter", "event-all", "event-copy", "events"),
    ]
    assert all(visible for _, visible in order), "the focus is always to be seen"


WHAT_HAS_THE_FOCUS = """() => {
  const element = document.activeElement;
  const { outlineStyle, outlineWidth } = getComputedStyle(element);
  const visible = outlineStyle !== "none" && parseFloat(outlineWidth) >= 2;
  const words = element.tagName === "SUMMARY" ? element.textContent : element.tagName;
  return [element.id || words, visible];
}"""


def test_what_is_said_aloud(page: Page, bridge: StubBridge) -> None:
    fill(page, bridge)
    spoken = page.locator("#announcer")
    expect(spoken).to_have_attribute("aria-live", "polite")
    expect(spoken).to_be_empty()  # nothing has been said in full
    bridge.event(
        "response.output_audio_transcript.done", item_id="a", transcript="One two"
    )
    expect(spoken).to_have_text("Agent: One two")
    expect(page.get_by_role("alert")).to_contain_text("The session reported")


def test_pictures_do_not_move_for_those_who_ask(page: Page, bridge: StubBridge) -> None:
    page.emulate_media(reduced_motion="reduce")
    page.evaluate(
        """() => {
          window.pictures = 0;
          const draw = CanvasRenderingContext2D.prototype.clearRect;
          CanvasRenderingContext2D.prototype.clearRect = function (...where) {
            window.pictures += 1;
            draw.apply(this, where);
          };
        }"""
    )
    fill(page, bridge)
    before = page.evaluate("pictures")
    page.wait_for_timeout(2000)
    assert 1 <= page.evaluate("pictures") - before <= 3
