from __future__ import annotations

import io
import json
import logging
import re
from collections.abc import Callable, Iterator

import pytest

from voicelab.serve.logs import (
    LOGGER,
    LOOP_LOGGER,
    LogFormat,
    LogLevel,
    configure_logging,
    log,
    log_defect,
    release_logging,
)

Configure = Callable[[LogFormat, LogLevel], io.StringIO]


@pytest.fixture
def configured() -> Iterator[Configure]:
    handlers = []

    def configure(log_format: LogFormat, level: LogLevel) -> io.StringIO:
        stream = io.StringIO()
        handlers.append(configure_logging(log_format, level, stream))
        return stream

    yield configure
    for handler in handlers:
        release_logging(handler)


def test_a_line_of_json_holds_the_fields(configured: Configure) -> None:
    stream = configured("json", "info")
    log(logging.INFO, "session opened", session="sess_1", reason=None, n=3)
    line = json.loads(stream.getvalue())
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", line.pop("time"))
    assert line == {
        "level": "info",
        "event": "session opened",
        "session": "sess_1",
        "n": 3,
    }


def test_a_line_of_text_is_one_line_whatever_it_holds(configured: Configure) -> None:
    stream = configured("text", "info")
    log(logging.WARNING, "refused", peer="a\nb")
    (line,) = stream.getvalue().splitlines()
    assert line.endswith(r'WARNING refused peer="a\nb"')


def test_what_the_event_loop_says_is_a_line_like_any_other(
    configured: Configure,
) -> None:
    stream = configured("json", "info")
    LOOP_LOGGER.warning("socket.send() raised exception.")
    LOOP_LOGGER.error("Exception in callback %s", "f()")
    line = json.loads(stream.getvalue())
    assert line["event"] == "Exception in callback f()"


def test_what_is_too_unimportant_is_left_out(configured: Configure) -> None:
    stream = configured("text", "warning")
    log(logging.INFO, "session opened")
    assert stream.getvalue() == ""


@pytest.mark.parametrize("log_format", ["text", "json"])
def test_a_defect_comes_with_its_place(
    log_format: LogFormat, configured: Configure
) -> None:
    stream = configured(log_format, "error")
    try:
        raise ZeroDivisionError  # noqa: TRY301
    except ZeroDivisionError as error:
        log_defect("session failed", error, session="sess_1")
    assert "sess_1" in stream.getvalue()
    assert "test_logs.py" in stream.getvalue()


def test_a_library_user_decides_what_becomes_of_it(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.INFO):
        log(logging.INFO, "listening", port=1)
    assert [record.name for record in caplog.records] == [LOGGER.name]
