"""Who may do what: one published matrix, and a rule that each route must name as a typed parameter."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache, lru_cache
from pathlib import Path
from uuid import UUID

from fastapi import FastAPI, Request
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, iter_route_contexts
from pydantic import BaseModel, ConfigDict, Field

from shared.auth import CHALLENGE, Caller, authenticate
from shared.errors import Fault
from shared.permissions.reasons import RelationReason
from shared.problems import FORBIDDEN, INVALID, Problem
from shared.scopes import needs as scope_needs
from shared.scopes import suffices

BREAK_GLASS_HEADER = "break-glass"
MATRIX_FILE = Path(__file__).parent / "permissions" / "matrix.json"


class Scope(StrEnum):
    """How far a permission reaches, from narrow to wide.

    `team` is the colleagues of one's programme within one's organisation. How far a role reaches in an organisation
    other than the one that the installation serves is said by the role (`MatrixRole.elsewhere`).
    """

    OWN = "own"
    TEAM = "team"
    ORGANISATION = "organisation"
    ALL = "all"


class Fence(StrEnum):
    """What a role may not do with a field: see it at all, write it, or see what is written, one's own included."""

    HIDDEN = "hidden"
    READ_ONLY = "read_only"
    WRITE_ONLY = "write_only"


class _Published(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class MatrixRole(_Published):
    """A role of the matrix. A token has it by `claim` in its roles and, where one is named, by its discipline."""

    claim: str
    discipline: str | None = None
    elsewhere: Scope | None = Field(
        description="The widest scope in an organisation that the installation does not serve; null for no role there"
    )
    labels: Mapping[str, str] = Field(description="Name in fr, nl, de and en")


class Matrix(_Published):
    """Who may do what. What is not in it is denied.

    `actions` is action (`resource:verb`) -> role -> scope; `fields` is resource -> field -> fence -> roles.
    """

    about: str
    scopes: Mapping[Scope, Mapping[str, str]]
    roles: Mapping[str, MatrixRole]
    everybodys: frozenset[str] = Field(
        description="Actions on what is the same for all organisations: no role ends there"
    )
    actions: Mapping[str, Mapping[str, Scope]]
    fields: Mapping[str, Mapping[str, Mapping[Fence, tuple[str, ...]]]]
    relationships: Mapping[RelationReason, tuple[str, ...]] = Field(
        description="Why a subject's records are open -> the roles that it serves; a role in none needs no reason"
    )


class OpenRoute(Exception):
    """A route names no access rule, or one that the matrix does not know: the service must not start."""


@cache
def published() -> Matrix:
    """The matrix in force, role by role.

    In the file a claim that several roles share, like `case-manager`, stands for all of them. Raises ValueError for a
    role that it does not declare.
    """
    written = Matrix.model_validate_json(MATRIX_FILE.read_text())

    def named(name: str) -> list[str]:
        found = [role for role, about in written.roles.items() if name in (role, about.claim)]
        if not found:
            raise ValueError(f"the matrix declares no role {name}")
        return found

    def spread(granted: Mapping[str, Scope]) -> dict[str, Scope]:
        return {role: scope for name, scope in granted.items() for role in named(name)}

    fields = {
        resource: {
            field: {fence: tuple(role for name in names for role in named(name)) for fence, names in fences.items()}
            for field, fences in rules.items()
        }
        for resource, rules in written.fields.items()
    }
    actions = {action: spread(granted) for action, granted in written.actions.items()}
    relationships = {
        reason: tuple(role for name in names for role in named(name)) for reason, names in written.relationships.items()
    }
    return written.model_copy(update={"actions": actions, "fields": fields, "relationships": relationships})


def matrix() -> Mapping[str, Mapping[str, Scope]]:
    """Action -> role -> scope. What is not in it is denied."""
    return published().actions


@lru_cache(1024)
def roles_of(claims: frozenset[str], discipline: str) -> frozenset[str]:
    """The roles of the matrix that a token's claims stand for: the only place where claims become roles."""
    return frozenset(
        name
        for name, role in published().roles.items()
        if role.claim in claims and role.discipline in (None, discipline)
    )


@dataclass(frozen=True, slots=True)
class Grant:
    """What the matrix allows a caller: the roles that give it, and the widest scope among them."""

    roles: frozenset[str]
    scope: Scope


def granted(caller: Caller, action: str, serving: str) -> Grant | None:
    """What a caller may do of an action in an installation that serves an organisation; None where it is denied."""
    scopes = matrix()[action]
    reach = {name: scopes[name] for name in roles_of(caller.roles, caller.discipline) & scopes.keys()}
    if caller.organisation != serving and action not in published().everybodys:
        limits = {name: published().roles[name].elsewhere for name in reach}
        reach = {name: min(reach[name], limit, key=WIDTH) for name, limit in limits.items() if limit}
    return Grant(frozenset(reach), max(reach.values(), key=WIDTH)) if reach else None


WIDTH = list(Scope).index


def widest(caller: Caller, action: str) -> Scope | None:
    """The widest scope that the matrix gives a caller for an action in the serving organisation; None where denied."""
    scopes = [scope for role, scope in matrix()[action].items() if role in roles_of(caller.roles, caller.discipline)]
    return max(scopes, key=WIDTH, default=None)


async def counted(request: Request, action: str) -> Caller:
    """The believed caller of a request, counted against its rate limits; a 401 or 429 problem."""
    try:
        caller = await authenticate(request)
    except Problem:
        await request.app.state.limits.count_refused(request)
        raise
    await request.app.state.limits.count(request, caller, action)
    return caller


def break_glass_said(request: Request) -> UUID | None:
    """The emergency access that a request names; a 422 problem for what is no id. Whether it stands is asked later."""
    said = request.headers.get(BREAK_GLASS_HEADER)
    try:
        return UUID(said) if said else None
    except ValueError:
        raise Problem(INVALID, faults=[Fault(f"#{BREAK_GLASS_HEADER}", "wrong-format")]) from None


class AccessRule:
    """A rule as a FastAPI dependency; start-up fails for a route without one."""


class May(AccessRule):
    """The caller must have a role that the matrix allows this action; its widest scope goes with the caller.

    Whether one record lies within the scope is asked where the record is read: in its store, by `Caller.scope`.
    A token that is bound to SMART scopes needs the one of `shared.scopes` besides, or of this route where it `needs`
    another. A route that answers with pages or workbooks `clears` them itself of the fields that are hidden from its
    caller; without it such an answer to such a caller fails.
    """

    def __init__(self, action: str, needs: str | None = None, *, clears: bool = False) -> None:
        self.action = action
        self.clears = clears
        self.needs = needs or scope_needs().get(action)

    async def __call__(self, request: Request) -> Caller:
        """The caller with the scope granted; 401 without a believed token, 403 without the permission."""
        caller = await counted(request, self.action)
        grant = granted(caller, self.action, request.app.state.settings.organisation)
        if grant is None:
            raise Problem(FORBIDDEN)
        if not suffices(caller, self.needs):
            asked = f', scope="system/{self.needs}"' if self.needs else ""
            raise Problem(FORBIDDEN, headers={"www-authenticate": f'{CHALLENGE}, error="insufficient_scope"{asked}'})
        named = break_glass_said(request)
        return replace(caller, scope=grant.scope, granted=grant.roles, break_glass=named)


class Anyone(AccessRule):
    """Open to everybody, said so on purpose: health, metrics, published contracts.

    What is open to whoever has a secret address names its action: only that is audited.
    """

    def __init__(self, action: str = "") -> None:
        self.action = action

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
