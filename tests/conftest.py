"""What all tests share: no chance, no display, no files but temporary ones."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator

import pytest
from hypothesis import settings

# Subprocesses that a test starts inherit it.
os.environ["MPLBACKEND"] = "Agg"

# The same examples each time, whatever machine: a failure is a fact, not a chance.
settings.register_profile("voicelab", derandomize=True, deadline=None, database=None)
settings.load_profile("voicelab")


@pytest.fixture(scope="session", autouse=True)
def _cache_of_this_session(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[None]:
    """Keep cached results between the tests of one session, and only there."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("VOICELAB_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(autouse=True)
def _log_of_this_test() -> Iterator[None]:
    """Let go of the server's log, which a command that a test ran may have taken."""
    yield
    for name in ("voicelab.serve", "asyncio"):
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.setLevel(logging.NOTSET)
        logger.propagate = True
