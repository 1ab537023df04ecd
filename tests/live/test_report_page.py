"""A report in a real browser: it plays, it seeks, it lists, and nothing in it acts."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("playwright", reason="needs playwright")

from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

import voicelab as vl
from tests.support.chromium import EXECUTABLE, WHY_SKIPPED, Complaints, chromium
from tests.support.logs import LogBuilder
from tests.support.results import barge_in, make_run
from voicelab.result import Run

pytestmark = pytest.mark.skipif(EXECUTABLE is None, reason=WHY_SKIPPED)

HOSTILE = (
    "</script><script>window.hacked = 1</script>",
    '"><img src=x onerror="window.hacked = 2">',
    "<svg onload=window.hacked=3>",
    "' onmouseover='window.hacked=4",
    "]]><!-- \x00 javascript:window.hacked=5",
    "$\\frac{<b>${window.hacked=6}",
)
ROWS_AT_ONCE = 300
WITHIN_MS, POLL_MS = 20_000, 20
FULL_SCALE = 32_768

PROBE = """
const Real = window.AudioContext;
window.AudioContext = class extends Real {
  constructor() {
    super();
    const apart = this.createChannelSplitter(2);
    window.probes = [0, 1].map((channel) => {
      const probe = this.createAnalyser();
      apart.connect(probe, channel);
      return probe;
    });
    this.tap = apart;
  }
  get destination() { return this.tap; }
};
window.levels = () => window.probes.map((probe) => {
  const samples = new Float32Array(probe.fftSize);
  probe.getFloatTimeDomainData(samples);
  return Math.max(...samples.map(Math.abs));
});
"""
"""Listens to what would leave the loudspeakers."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright, chromium(playwright, None) as opened:
        yield opened


@pytest.fixture(scope="module")
def dentist() -> Run:
    return vl.run("dentist")


@pytest.fixture(scope="module")
def report(dentist: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("report")
    return vl.report(dentist, folder / "report.html")


@pytest.fixture(scope="module")
def two_runs(dentist: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("report")
    return vl.report([make_run(), dentist], folder / "report.html")


@pytest.fixture
def page(browser: Browser, report: Path) -> Iterator[Page]:
    with browser.new_context(viewport={"width": 1280, "height": 900}) as context:
        opened = context.new_page()
        opened.add_init_script(PROBE)
        complaints = Complaints(opened)
        opened.goto(report.as_uri())
        until(opened, "document.querySelector('audio').readyState > 0")
        yield opened
        assert complaints.said == []


def until(page: Page, condition: str) -> None:
    """Wait for a condition. Playwright's own way is what the page's policy forbids."""
    for _ in range(WITHIN_MS // POLL_MS):
        if page.evaluate(condition):
            return
        page.wait_for_timeout(POLL_MS)
    pytest.fail(f"not within {WITHIN_MS} ms: {condition}")


def current_s(page: Page) -> float:
    return float(page.evaluate("document.querySelector('audio').currentTime"))


def cursor_s(page: Page) -> float:
    """Return the instant that the cursor stands at, by its place on the screen."""
    return float(
        page.evaluate(
            """() => {
              const seeker = document.querySelector(".seeker");
              const box = seeker.getBoundingClientRect();
              const cursor = document.querySelector(".cursor").getBoundingClientRect();
              const x = cursor.left + cursor.width / 2 - box.left;
              return (x / box.width) * Number(seeker.getAttribute("aria-valuemax"));
            }"""
        )
    )


def events(page: Page) -> Locator:
    return page.locator(".event-list li")


# -- sound and timeline -------------------------------------------------------------


def test_the_cursor_runs_with_the_sound(page: Page) -> None:
    assert cursor_s(page) == pytest.approx(0, abs=0.1)
    page.locator("audio").evaluate("audio => audio.play()")
    until(page, "document.querySelector('audio').currentTime > 0.5")
    page.locator("audio").evaluate("audio => audio.pause()")
    page.wait_for_timeout(100)
    assert cursor_s(page) == pytest.approx(current_s(page), abs=0.1)
    assert page.locator(".now").inner_text() == f"{current_s(page):.2f} s"


def test_a_press_on_the_timeline_goes_there(page: Page) -> None:
    seeker = page.get_by_role("slider", name="position in dentist")
    box = seeker.bounding_box()
    assert box is not None
    seeker.click(position={"x": box["width"] / 4, "y": 200})
    length_s = float(seeker.get_attribute("aria-valuemax") or 0)
    assert current_s(page) == pytest.approx(length_s / 4, abs=0.2)
    assert cursor_s(page) == pytest.approx(length_s / 4, abs=0.2)


def test_the_figure_and_the_press_agree(page: Page) -> None:
    """The number under the pointer is the time that one goes to."""
    drawn = page.locator(".stage img").get_attribute("src") or ""
    picture = base64.b64decode(drawn.partition(",")[2]).decode()
    at_40 = re.search(r'x="([\d.]+)"[^>]*>40</text>', picture)
    assert at_40 is not None
    width_pt = float(re.findall(r'viewBox="0 0 ([\d.]+)', picture)[0])
    page.locator(".stage img").scroll_into_view_if_needed()
    image = page.locator(".stage img").bounding_box()
    assert image is not None
    x = image["x"] + float(at_40[1]) / width_pt * image["width"]
    page.mouse.click(x, image["y"] + image["height"] / 2)
    assert current_s(page) == pytest.approx(40, abs=0.1)


def test_the_keyboard_moves_and_plays(page: Page) -> None:
    page.get_by_role("slider").focus()
    for key, at_s in (
        ("ArrowRight", 1),
        ("Shift+ArrowRight", 6),
        ("ArrowLeft", 5),
        ("Shift+ArrowLeft", 0),
        ("ArrowLeft", 0),
        ("End", 58.3175),
        ("Home", 0),
    ):
        page.keyboard.press(key)
        assert current_s(page) == pytest.approx(at_s, abs=0.01), key
    page.keyboard.press(" ")
    until(page, "!document.querySelector('audio').paused")
    page.keyboard.press(" ")
    until(page, "document.querySelector('audio').paused")


def test_a_time_in_a_table_goes_there(page: Page, dentist: Run) -> None:
    end_s = dentist.latency.t_end_ns.iloc[1] / 1e9
    page.get_by_role("button", name=f"go to {end_s:.2f} s").first.click()
    assert current_s(page) == pytest.approx(end_s, abs=0.001)
    assert cursor_s(page) == pytest.approx(end_s, abs=0.1)


def test_each_party_can_be_silenced(page: Page) -> None:
    """At 2 s the agent speaks, on the right; at 6 s the caller, on the left."""

    def heard_at(seconds: float) -> list[float]:
        page.evaluate(
            """async (seconds) => {
              const audio = document.querySelector("audio");
              audio.currentTime = seconds;
              await audio.play();
            }""",
            seconds,
        )
        loudest = [0.0, 0.0]
        while current_s(page) < seconds + 1:
            levels = page.evaluate("levels()")
            if current_s(page) > seconds + 0.3:
                loudest = [max(pair) for pair in zip(loudest, levels, strict=True)]
            page.wait_for_timeout(20)
        page.locator("audio").evaluate("audio => audio.pause()")
        return loudest

    caller = page.get_by_role("button", name="Caller", exact=True)
    agent = page.get_by_role("button", name="Agent", exact=True)
    caller.click()
    expect(caller).to_have_attribute("aria-pressed", "false")
    left, right = heard_at(2)
    assert left == 0
    assert right > 0.01
    assert heard_at(6)[0] == 0
    caller.click()
    agent.click()
    assert heard_at(6)[0] > 0.01
    assert heard_at(2)[1] == 0


def test_what_is_played_is_what_was_recorded(page: Page, dentist: Run) -> None:
    """Decoded by the browser, sound lies where the timeline says, to the sample."""
    told = page.evaluate(
        """async () => {
          const coded = atob(document.querySelector("audio").src.split(",")[1]);
          const bytes = Uint8Array.from(coded, (each) => each.charCodeAt(0));
          const context = new OfflineAudioContext(2, 1, 24000);
          const sound = await context.decodeAudioData(bytes.buffer);
          const from = 6 * 24000;
          const part = sound.getChannelData(0).slice(from, from + 12000);
          return [sound.length, Array.from(part)];
        }"""
    )
    length, played = told[0], np.array(told[1])
    assert length == len(dentist.audio)
    recorded = np.asarray(dentist.audio[:, 0], float) / FULL_SCALE
    at = 6 * 24_000
    fits = {
        lag: float(played @ recorded[at + lag : at + lag + len(played)])
        for lag in range(-240, 241)
    }
    assert max(fits, key=lambda lag: fits[lag]) == 0


def test_only_one_run_plays(browser: Browser, two_runs: Path) -> None:
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(two_runs.as_uri())
        for place in (0, 1):
            audio = page.locator("audio").nth(place)
            audio.evaluate("audio => audio.play()")
        paused = page.locator("audio").evaluate_all("all => all.map((it) => it.paused)")
        assert paused == [True, False]


# -- events -----------------------------------------------------------------------


def test_events_are_found(page: Page, dentist: Run) -> None:
    told = dentist.events
    is_it = (told.lane == "client") & (told.type == "conversation.item.truncated")
    truncated = told[is_it]
    page.get_by_label("Search").fill("item.TRUNCATED client")
    expect(events(page)).to_have_count(len(truncated))
    count = f"{len(truncated)} of {len(dentist.events)} events"
    expect(page.locator(".count")).to_have_text(count)
    row = events(page).first
    row.locator(".type").click()
    assert current_s(page) == pytest.approx(truncated.t_ns.iloc[0] / 1e9, abs=0.001)
    page.get_by_label("Search").fill("no such thing")
    expect(events(page)).to_have_count(0)


def test_lanes_and_bulk(page: Page, dentist: Run) -> None:
    page.get_by_label("Lane").select_option("player")
    expect(events(page)).to_have_count(int((dentist.events.lane == "player").sum()))
    page.get_by_label("Lane").select_option("")
    shown, of_all = page.locator(".count").inner_text().split(" of ")
    assert int(shown) < len(dentist.events)
    page.get_by_label("audio deltas and scores, too").check()
    every = f"{len(dentist.events)} of {of_all}"
    expect(page.locator(".count")).to_have_text(every)


def test_long_logs_are_shown_bit_by_bit(browser: Browser, tmp_path: Path) -> None:
    log = barge_in()
    for number in range(20_000):
        log.add(number / 3, "client", "note", text=f"number {number}")
    report = vl.report(make_run(log), tmp_path / "long.html", sound="none")
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(report.as_uri())
        expect(events(page)).to_have_count(ROWS_AT_ONCE)
        page.get_by_role("button", name="Show 300 more").click()
        expect(events(page)).to_have_count(2 * ROWS_AT_ONCE)
        page.get_by_label("Search").fill("number 19999")
        expect(events(page)).to_have_count(1)
        expect(page.get_by_role("button", name=re.compile("Show"))).to_be_hidden()
        events(page).first.get_by_role("button").click()
        assert cursor_s(page) == pytest.approx(19_999 / 3000, abs=0.1)


def test_events_of_many_runs_are_read_when_they_are_opened(
    browser: Browser, two_runs: Path
) -> None:
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(two_runs.as_uri())
        expect(events(page)).to_have_count(0)
        page.locator("summary").last.click()
        assert events(page).count() == ROWS_AT_ONCE


# -- hostile runs -----------------------------------------------------------------


def hostile_run() -> Run:
    log = LogBuilder()
    log.frames(8000)
    words = [
        (text, 100 * place, 100 * place + 90) for place, text in enumerate(HOSTILE)
    ]
    log.caller(0, 200, 1000, words=words)
    log.heard_as("<item>", 224, 1024, sent_ms=1560)
    log.answer("resp-0", "agent-0", "<item>", 1560, 3000, words=HOSTILE, heard_ms=1152)
    log.caller(1, 3090, 4000)
    log.interrupt(
        "agent-0",
        3214,
        received_ms=3000,
        played_ms=1150,
        claim_ms=9000,
        policy=HOSTILE[1],
        refused=" ".join(HOSTILE),
    )
    for place, text in enumerate(HOSTILE):
        log.add(5000 + place, text, text, text, **{text: text})
    return make_run(
        log,
        name=HOSTILE[0],
        partial=HOSTILE[1],
        unobserved=list(HOSTILE),
        clock=HOSTILE[3],
        seed=HOSTILE[2],
        session={"audio": {"input": {"turn_detection": {"type": HOSTILE[4]}}}},
        scenario={"client": {"player": HOSTILE[1], "truncation": HOSTILE[2]}},
    )


def test_hostile_text_is_shown_and_never_run(browser: Browser, tmp_path: Path) -> None:
    report = vl.report([hostile_run(), make_run(run_id="1")], tmp_path / "x.html")
    with browser.new_context() as context:
        page = context.new_page()
        complaints = Complaints(page)
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.goto(report.as_uri())
        page.locator("summary").first.click()
        expect(events(page).filter(has_text=HOSTILE[0]).first).to_be_visible()
        expect(page.get_by_role("heading", name=HOSTILE[0])).to_be_visible()
        page.mouse.move(200, 300)
        page.wait_for_timeout(100)
        assert page.evaluate("window.hacked") is None
        assert page.evaluate("document.scripts.length") == 3, "two lists, one program"
        assert page.locator("img[src='x'], svg").count() == 0
        assert [url for url in asked if not url.startswith(("data:", "file:"))] == []
        assert complaints.said == []


def test_the_policy_stops_what_would_be_slipped_in(
    browser: Browser, report: Path
) -> None:
    with browser.new_context() as context:
        page = context.new_page()
        complaints = Complaints(page)
        page.goto(report.as_uri())
        page.evaluate(
            """() => {
              const slipped = document.createElement("div");
              slipped.innerHTML = "<img src=x onerror='window.hacked = 1'>";
              document.body.append(slipped);
            }"""
        )
        page.wait_for_timeout(100)
        assert page.evaluate("window.hacked") is None
        assert any("Content Security Policy" in each for each in complaints.said)


# -- screens and paper ----------------------------------------------------------------


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_never_scrolls_sideways(
    browser: Browser, two_runs: Path, scheme: Any
) -> None:
    with browser.new_context(color_scheme=scheme) as context:
        page = context.new_page()
        page.goto(two_runs.as_uri())
        for summary in page.locator("summary").all():
            summary.click()
        for width in (320, 390, 768, 1280):
            page.set_viewport_size({"width": width, "height": 800})
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            assert page.locator("audio").first.is_visible()
        ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert (ground == "rgb(255, 255, 255)") is (scheme == "light")


def test_paper(browser: Browser, two_runs: Path) -> None:
    a4_px = 703
    with browser.new_context(
        viewport={"width": a4_px, "height": 1000}, color_scheme="dark"
    ) as context:
        page = context.new_page()
        page.goto(two_runs.as_uri())
        page.emulate_media(media="print", color_scheme="dark")
        for hidden in ("audio", ".channels", "details", ".cursor", ".on-screen"):
            assert not page.locator(hidden).first.is_visible(), hidden
        assert page.evaluate("document.documentElement.scrollWidth") <= a4_px
        ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert ground == "rgb(255, 255, 255)", "paper is white"
        for figure in page.locator("figure").all():
            box = figure.bounding_box()
            assert box is not None
            assert box["width"] <= a4_px
        rules = page.evaluate(
            """() => ["figure", "tr", ".run"].map((name) => {
              const style = getComputedStyle(document.querySelector(name));
              return [style.breakInside, style.breakBefore];
            })"""
        )
        assert rules == [["avoid", "auto"], ["avoid", "auto"], ["auto", "page"]]
        printed = page.pdf(format="A4")
        assert len(re.findall(rb"/Type\s*/Page\b", printed)) >= 3


def test_without_scripts_all_but_the_events_is_there(
    browser: Browser, report: Path
) -> None:
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(report.as_uri())
        assert page.locator("audio").is_visible()
        assert page.locator(".stage img").is_visible()
        expect(page.get_by_text("It's Hannah Brooks.")).to_be_visible()
        assert not page.locator(".filters").is_visible()
        assert not page.locator(".channels").is_visible(), "it would do nothing"
        expect(page.get_by_text("The list of events needs JavaScript.")).to_be_visible()
