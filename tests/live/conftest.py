"""What tests of the browser's page share that say themselves what the bridge does.

Such a test module has a fixture `browser` of its own: a browser and its microphone.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.support.stub_bridge import StubBridge

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page


@pytest.fixture(scope="module")
def bridge() -> Iterator[StubBridge]:
    with StubBridge() as bridge:
        yield bridge


@pytest.fixture(scope="module")
def context(browser: Browser) -> Iterator[BrowserContext]:
    with browser.new_context(viewport={"width": 1280, "height": 900}) as context:
        yield context


@pytest.fixture
def page(context: BrowserContext, bridge: StubBridge) -> Iterator[Page]:
    with context.new_page() as page:
        page.goto(bridge.url)
        bridge.forget()
        yield page
