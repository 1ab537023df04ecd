"""The server's log: one line an occurrence, as text or as JSON.

An occurrence is a short name and fields. Keys, audio and words never become fields.
"""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Any, Literal, TextIO

LogFormat = Literal["text", "json"]
LogLevel = Literal["debug", "info", "warning", "error"]

LOGGER = logging.getLogger("voicelab.serve")

SILENT_LOGGER = logging.getLogger("voicelab.serve.websockets")
"""For websockets, whose own lines hold headers and messages, hence keys and audio:
nothing of it is written. What becomes of each connection is logged here."""
SILENT_LOGGER.setLevel(logging.CRITICAL + 1)
SILENT_LOGGER.propagate = False

LOOP_LOGGER = logging.getLogger("asyncio")
"""The event loop's own, for callbacks that raise. It also warns of every write to a
client that has just gone, which is no news: only errors are written."""


def log(level: int, occurrence: str, **fields: Any) -> None:
    """Log an occurrence; fields that are None are left out."""
    if LOGGER.isEnabledFor(level):
        known = {name: value for name, value in fields.items() if value is not None}
        LOGGER.log(level, occurrence, extra={"fields": known})


def log_defect(occurrence: str, error: BaseException, **fields: Any) -> None:
    """Log an exception that should not have been, with where it came from."""
    LOGGER.error(occurrence, extra={"fields": fields}, exc_info=error)


def configure_logging(
    log_format: LogFormat, level: LogLevel, stream: TextIO | None = None
) -> logging.Handler:
    """Write the server's log; return the handler that does.

    Args:
        log_format: how a line looks.
        level: what is too unimportant for it.
        stream: where it goes, by default the standard error output.
    """
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(_JsonLines() if log_format == "json" else _TextLines())
    for logger in (LOGGER, LOOP_LOGGER):
        logger.addHandler(handler)
        logger.propagate = False
    LOGGER.setLevel(level.upper())
    LOOP_LOGGER.setLevel(logging.ERROR)
    return handler


def release_logging(handler: logging.Handler) -> None:
    """Undo `configure_logging`."""
    for logger in (LOGGER, LOOP_LOGGER):
        logger.removeHandler(handler)
        logger.setLevel(logging.NOTSET)
        logger.propagate = True
    handler.close()


def _instant(record: logging.LogRecord) -> str:
    moment = datetime.fromtimestamp(record.created, UTC).replace(tzinfo=None)
    return f"{moment.isoformat(timespec='milliseconds')}Z"


def _fields(record: logging.LogRecord) -> dict[str, Any]:
    return getattr(record, "fields", {})


class _JsonLines(logging.Formatter):
    """`{"time": …, "level": …, "event": …, …}`."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": _instant(record),
            "level": record.levelname.lower(),
            "event": record.getMessage(),
            **_fields(record),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


class _TextLines(logging.Formatter):
    """`time LEVEL event name=value …`."""

    def format(self, record: logging.LogRecord) -> str:
        told = " ".join(
            f"{name}={json.dumps(value, ensure_ascii=False, default=str)}"
            for name, value in _fields(record).items()
        )
        head = f"{_instant(record)} {record.levelname:7} {record.getMessage()}"
        line = f"{head} {told}".rstrip()
        if record.exc_info:
            line += f"\n{self.formatException(record.exc_info)}"
        return line
