"""Logs: one JSON object a line, from an allow-list of fields, so that nobody's data can slip in."""

import logging
import sys
from collections.abc import MutableMapping
from contextvars import ContextVar
from typing import Any, TextIO

import structlog

request_id: ContextVar[str] = ContextVar("request_id", default="")

_ALWAYS = ("event", "level", "timestamp", "request_id", "trace")
_REQUEST = ("method", "route", "status", "duration_ms")
_FAILURE = ("error_class", "place", "attempt", "logger", "reason")
_WORK = ("service", "type", "tick", "count", "poison_last_minute", "anchor")
ALLOWED = frozenset({*_ALWAYS, *_REQUEST, *_FAILURE, *_WORK})


def _stamp(_: Any, __: str, entry: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    from shared import trace

    if request_id.get():
        entry["request_id"] = request_id.get()
    if trace.current():
        entry["trace"] = trace.current()[3:35]
    return entry


def _only_allowed(_: Any, __: str, entry: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return {name: value for name, value in entry.items() if name in ALLOWED}


def configure(level: int = logging.INFO, stream: TextIO = sys.stderr) -> None:
    """Send our own lines, and libraries' warnings without their text, to a stream as JSON."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _stamp,
            _only_allowed,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(stream),
        cache_logger_on_first_use=True,
    )
    root = logging.getLogger()
    root.handlers = [_Libraries()]
    root.setLevel(logging.WARNING)


class _Libraries(logging.Handler):
    """Passes on that a library spoke, not what it said: its words may quote data."""

    def emit(self, record: logging.LogRecord) -> None:
        """Log the library's name, the place and the class of an exception."""
        error = record.exc_info[0].__name__ if record.exc_info and record.exc_info[0] else ""
        structlog.get_logger().warning(
            "library", logger=record.name, place=f"{record.filename}:{record.lineno}", error_class=error
        )
