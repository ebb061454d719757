"""The trace that a request or an event belongs to (W3C Trace Context), carried across services."""

import re
import secrets
from contextvars import ContextVar

_current: ContextVar[str] = ContextVar("traceparent", default="")
_FORM = re.compile(r"00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")


def current() -> str:
    """The traceparent of the work at hand, empty outside any."""
    return _current.get()


def follow(traceparent: str) -> str:
    """Continue the caller's trace, or begin one where what came is not a traceparent."""
    known = _FORM.fullmatch(traceparent)
    trace_id = traceparent[3:35] if known else secrets.token_hex(16)
    continued = f"00-{trace_id}-{secrets.token_hex(8)}-01"
    _current.set(continued)
    return continued
