"""A real Chromium, whose microphone is a recording."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, ConsoleMessage, Page, Playwright, expect

EXECUTABLE = os.environ.get("CHROMIUM") or shutil.which("chromium")
"""Where the browser is; None where there is none."""

WHY_SKIPPED = "needs Chromium (Debian: chromium), on PATH or named by CHROMIUM"

_ARGUMENTS = [
    "--no-sandbox",  # there is none in a container
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    # A test talks to this machine only.
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
]


@contextmanager
def chromium(
    playwright: Playwright,
    recording: Path | None,
    *,
    allow: bool = True,
    hosts: Mapping[str, str] | None = None,
) -> Iterator[Browser]:
    """Run a browser while a `with` block runs.

    Args:
        playwright: what drives it; there can be one at a time.
        recording: 16-bit WAV that the microphone hears once, from the moment a page
            first opens it; None for a machine without a microphone.
        allow: whether the user lets pages use the microphone.
        hosts: addresses of names that there are for this browser only.
    """
    arguments = [*_ARGUMENTS]
    if recording is not None:
        arguments += [
            "--use-fake-device-for-media-stream",  # without it the file is ignored
            f"--use-file-for-fake-audio-capture={recording}%noloop",
        ]
    if allow:
        arguments.append("--use-fake-ui-for-media-stream")
    rules = [f"MAP {name} {address}" for name, address in (hosts or {}).items()]
    arguments.append(f"--host-resolver-rules={', '.join(rules)}")
    browser = playwright.chromium.launch(
        executable_path=EXECUTABLE, args=arguments, env=_plain_environment()
    )
    try:
        yield browser
    finally:
        browser.close()


class Complaints:
    """What a page's console says that it should not: errors and warnings.

    Args:
        page: the page that is listened to from now on.
    """

    def __init__(self, page: Page) -> None:
        self.said: list[str] = []
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.said.append(str(error)))

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.said.append(f"{message.type}: {message.text}")


def call(page: Page) -> None:
    """Connect a page of the bridge, with nothing between microphone and bridge."""
    page.get_by_label("Echo cancelled").uncheck()
    page.get_by_label("Noise suppressed").uncheck()
    page.get_by_role("button", name="Connect", exact=True).click()
    expect(page.get_by_role("status")).to_have_text("Connected")


def hang_up(page: Page) -> None:
    """End the call of a page of the bridge."""
    page.get_by_role("button", name="Disconnect").click()
    expect(page.get_by_role("status")).to_contain_text("Not connected")


def _plain_environment() -> dict[str, str | float | bool]:
    """Return this process's environment, without what asks for a proxy."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.lower().endswith("_proxy")
    }
