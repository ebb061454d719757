"""Who may do what: one published matrix, and a rule that each route must name as a typed parameter."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from enum import StrEnum
from functools import cache
from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, iter_route_contexts

from shared.auth import Caller, authenticate
from shared.problems import FORBIDDEN, Problem

MATRIX_FILE = Path(__file__).parent / "permissions" / "matrix.json"


class Scope(StrEnum):
    """How far a permission reaches, from narrow to wide."""

    OWN = "own"
    ORGANISATION = "organisation"
    ALL = "all"


class OpenRoute(Exception):
    """A route names no access rule, or one that the matrix does not know: the service must not start."""


@cache
def matrix() -> Mapping[str, Mapping[str, str]]:
    """The permission matrix: action -> role -> scope. What is not in it is denied."""
    actions: Mapping[str, Mapping[str, str]] = json.loads(MATRIX_FILE.read_text())["actions"]
    return actions


class AccessRule:
    """A rule as a FastAPI dependency; start-up fails for a route without one."""


class May(AccessRule):
    """The caller must have a role that the matrix allows this action; its widest scope goes with the caller."""

    def __init__(self, action: str) -> None:
        self.action = action

    async def __call__(self, request: Request) -> Caller:
        """The caller with the scope granted; 401 without a believed token, 403 without the permission."""
        caller = await authenticate(request)
        granted = matrix()[self.action]
        scopes = [Scope(granted[role]) for role in caller.roles if role in granted]
        if not scopes:
            raise Problem(FORBIDDEN)
        return replace(caller, scope=max(scopes, key=list(Scope).index))


class Anyone(AccessRule):
    """Open to everybody, said so on purpose: health, metrics, published contracts."""

    async def __call__(self) -> None:
        """Nothing to check."""


def rules_of(dependant: Dependant) -> Iterable[AccessRule]:
    """Every access rule among the dependencies of a route, however deep."""
    if isinstance(dependant.call, AccessRule):
        yield dependant.call
    for inner in dependant.dependencies:
        yield from rules_of(inner)


def refuse_open_routes(app: FastAPI) -> None:
    """Raise OpenRoute unless every route, those of included routers too, names exactly one rule of the matrix."""
    for route in iter_route_contexts(app.routes):
        if not isinstance(route.original_route, APIRoute) or route.dependant is None:
            raise OpenRoute(f"{route.path}: only routes that can name an access rule are served")
        rules = list(rules_of(route.dependant))
        if len(rules) != 1:
            raise OpenRoute(f"{route.path} ({route.name}) names {len(rules)} access rules instead of one")
        rule = rules[0]
        if isinstance(rule, May) and rule.action not in matrix():
            raise OpenRoute(f"{route.path}: the matrix does not know {rule.action}")
