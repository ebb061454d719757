"""Generated passwords, kept in one file that only its owner can read."""

import json
import os
import secrets
from pathlib import Path


class Passwords:
    """Role name -> password, made at the first asking."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def of(self, role: str) -> str:
        """The password of a role. Synchronous on purpose: two tasks of one loop cannot interleave here."""
        known: dict[str, str] = json.loads(self._file.read_text()) if self._file.exists() else {}
        if role not in known:
            known[role] = secrets.token_urlsafe(24)
            self._write(json.dumps(known, indent=1))
        return known[role]

    def _write(self, text: str) -> None:
        fresh = self._file.with_suffix(".new")
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
            out.write(text)
        fresh.replace(self._file)
