"""All that a process says while a test runs."""

import io
import sys
from collections.abc import Iterator

import pytest
import structlog

from shared import logs


@pytest.fixture
def spoken(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """All that is logged or printed, at the finest level."""
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stdout", stream)
    monkeypatch.setattr(sys, "stderr", stream)
    logs.configure(level=0, stream=stream)
    for name, module in list(sys.modules.items()):
        if name.startswith(("shared.", "services.")) and hasattr(module, "log"):
            monkeypatch.setattr(module, "log", structlog.get_logger())
    yield stream
    monkeypatch.undo()
    logs.configure(level=50)
