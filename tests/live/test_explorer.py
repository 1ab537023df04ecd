"""The explorer in a real JupyterLab, in a real browser: dragged, read and heard."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("playwright", reason="needs playwright")
pytest.importorskip("jupyterlab", reason="needs jupyterlab")
pytest.importorskip("ipywidgets", reason="needs ipywidgets")

import nbformat
from playwright.sync_api import Locator, Page, expect, sync_playwright

from tests.support.chromium import EXECUTABLE, WHY_SKIPPED, chromium
from tests.support.server_process import ROOT, STOP_TIMEOUT_S

pytestmark = pytest.mark.skipif(EXECUTABLE is None, reason=WHY_SKIPPED)

READY_WITHIN_S = 60
WITHIN_MS = 40_000
NAME = "explorer.ipynb"
CELL = "from voicelab.widgets import explorer\n\nexplorer('dentist')"


@contextmanager
def lab(folder: Path) -> Iterator[str]:
    """Run JupyterLab on a free port, with settings of its own; yield its URL."""
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(CELL)],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}},
    )
    nbformat.write(notebook, folder / NAME)
    quiet = folder / "settings" / "@jupyterlab" / "apputils-extension"
    quiet.mkdir(parents=True)
    (quiet / "notification.jupyterlab-settings").write_text('{"fetchNews": "false"}')
    runtime = folder / "runtime"
    environment = os.environ | {
        "JUPYTER_RUNTIME_DIR": str(runtime),
        "JUPYTER_CONFIG_DIR": str(folder / "config"),
        "JUPYTERLAB_SETTINGS_DIR": str(folder / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(folder / "workspaces"),
        "IPYTHONDIR": str(folder / "ipython"),
        "PYTHONPATH": str(ROOT),
    }
    command = [
        *(sys.executable, "-m", "jupyterlab", "--no-browser", "--port=0", "-y"),
        *(f"--ServerApp.root_dir={folder}", "--allow-root"),
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    ]
    with subprocess.Popen(
        command,
        env=environment,
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            yield address(runtime, process)
        finally:
            process.terminate()
            process.wait(STOP_TIMEOUT_S)


def address(runtime: Path, process: subprocess.Popen[bytes]) -> str:
    """Return the notebook's URL, once the server has told where it listens."""
    pause = threading.Event()
    for _ in range(10 * READY_WITHIN_S):
        for file in runtime.glob("jpserver-*.json"):
            told: dict[str, Any] = json.loads(file.read_text("utf-8"))
            return f"{told['url']}doc/tree/{NAME}?token={told['token']}"
        assert process.poll() is None, "JupyterLab did not start"
        pause.wait(0.1)
    pytest.fail("JupyterLab said nothing of a port")


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    folder = tmp_path_factory.mktemp("lab")
    with (
        lab(folder) as url,
        sync_playwright() as playwright,
        chromium(playwright, None) as browser,
    ):
        page = browser.new_page(viewport={"width": 1280, "height": 1100})
        expect.set_options(timeout=WITHIN_MS)
        page.goto(url)
        expect(page.get_by_role("button", name="| Idle")).to_be_visible()
        page.get_by_role("menuitem", name="Run", exact=True).click()
        page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
        expect(timeline(page)).to_be_visible()
        yield page


def timeline(page: Page) -> Locator:
    return page.locator("svg[aria-label^='Timeline of']").first


def slider(page: Page, label: str) -> Locator:
    control = page.locator(".widget-slider", has=page.get_by_text(label, exact=True))
    return control.get_by_role("slider")


def drag(page: Page, handle: Locator, by_px: float, steps: int) -> None:
    """Drag a handle with a hand that moves it through many places."""
    box = handle.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + by_px, y, steps=steps)
    page.mouse.up()


def test_dragging_a_slider_runs_the_conversation_again(page: Page) -> None:
    before = timeline(page).get_attribute("aria-label")
    ledger = page.get_by_role("region", name="interrupted answers")
    rows = ledger.inner_text()
    handle = slider(page, "silence_duration_ms")
    drag(page, handle, 80, steps=20)
    expect(handle).not_to_have_attribute("aria-valuenow", "500.0")
    expect(timeline(page)).not_to_have_attribute("aria-label", str(before))
    expect(ledger).not_to_have_text(rows)
    expect(page.get_by_text("response latency, median")).to_be_visible()


def test_a_slider_moves_by_keys_as_well(page: Page) -> None:
    handle = slider(page, "network, ms each way")
    before = timeline(page).get_attribute("aria-label")
    handle.focus()
    for _ in range(12):
        page.keyboard.press("ArrowRight")
    expect(handle).not_to_have_attribute("aria-valuenow", "40.0")
    expect(timeline(page)).not_to_have_attribute("aria-label", str(before))


def test_what_changes_nothing_is_switched_off(page: Page) -> None:
    eagerness = page.get_by_label("eagerness")
    expect(eagerness).to_be_disabled()
    page.get_by_label("turn detection").select_option("semantic_vad")
    expect(eagerness).to_be_enabled()
    expect(page.get_by_text("a model hears whether the turn is over")).to_be_visible()
    page.get_by_label("turn detection").select_option("server_vad")
    expect(eagerness).to_be_disabled()


def test_the_conversation_can_be_heard(page: Page) -> None:
    page.get_by_role("button", name="Load the audio").click()
    audio = page.locator("audio")
    expect(audio).to_be_visible()
    audio.evaluate("element => element.play()")
    page.wait_for_function("document.querySelector('audio').currentTime > 0.2")
    assert audio.evaluate("element => element.error") is None
    assert float(audio.evaluate("element => element.duration")) > 50
    audio.evaluate("element => element.pause()")
    # of other settings there is no audio until it is asked for
    slider(page, "network, ms each way").press("ArrowRight")
    expect(audio).to_have_count(0)
