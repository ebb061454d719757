"""What a token was issued for: SMART v2 scopes (App Launch 2.2) beside the roles, as one published list says."""

import json
import re
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from shared.auth import Caller

SCOPES_FILE = Path(__file__).parent / "permissions" / "scopes.json"
SMART = re.compile(r"(?:system|user)/(\*|[A-Z][A-Za-z]*)\.(?=.)(c?r?u?d?s?)")
LIKE_SMART = re.compile(r"[a-z]+/(?:\*|[A-Z])")
"""A scope on a type, at whatever level and in whatever version: its holder is bound to scopes."""


@cache
def _published() -> Mapping[str, Any]:
    found: Mapping[str, Any] = json.loads(SCOPES_FILE.read_text())
    return found


def needs() -> Mapping[str, str]:
    """Action -> the scope that it needs, `<type>.<cruds>`. An action that is not in it is closed to such tokens."""
    actions: Mapping[str, str] = _published()["actions"]
    return actions


def systems() -> frozenset[str]:
    """The roles of systems: these never act by their role alone."""
    return frozenset(_published()["systems"])


def suffices(caller: Caller, needed: str | None) -> bool:
    """Whether a caller's scopes allow what needs `needed`, None being what no scope opens.

    Scopes never give more than the roles do. A token without any SMART scope is judged by its roles alone, unless one
    of them is a system's: else a system that asks for no scope would get all of them.
    """
    is_bound = not caller.roles.isdisjoint(systems()) or any(map(LIKE_SMART.match, caller.oauth_scopes))
    return not is_bound or (needed is not None and covered(needed, caller.oauth_scopes))


def covered(needed: str, given: Iterable[str]) -> bool:
    """Whether the scopes given hold every letter of one needed. One with search parameters covers nothing."""
    kind, _, letters = needed.partition(".")
    held: set[str] = set()
    for scope in given:
        match = SMART.fullmatch(scope)
        if match and match[1] in ("*", kind):
            held.update(match[2])
    return held.issuperset(letters)


def narrowed(asked: Iterable[str], registered: Iterable[str]) -> list[str]:
    """Of the scopes asked for, those that a client's registered scopes cover."""
    smart = [scope for scope in asked if SMART.fullmatch(scope)]
    return [scope for scope in smart if covered(scope.partition("/")[2], registered)]


def offered() -> list[str]:
    """The scopes that an issuer may publish: everything, reading only, and what each action needs."""
    return ["system/*.cruds", "system/*.rs", *sorted({f"system/{need}" for need in needs().values()} - {"system/*.rs"})]
