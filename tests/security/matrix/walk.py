"""Every endpoint as every role, on records of one's own, of one's organisation and of another one, against the matrix.

The verdict expected is computed here from the published data alone. Nothing that a request changes is kept, so that
each request meets the same records.
"""

import json
import re
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any

import httpx
from fastapi.routing import iter_route_contexts

from shared.access import Anyone, May, rules_of
from shared.testing.harness import UnderTest
from tests.cases.neighbours import body_for
from tests.security.matrix.actors import (
    ACTORS,
    DENIALS,
    FOREIGN,
    OTHER,
    PARAMETER,
    SERVING,
    UUIDS,
    Actor,
    Records,
    Relation,
    of_place,
)


@dataclass(frozen=True)
class Cell:
    """One request that the matrix has a verdict on."""

    method: str
    path: str
    name: str
    rule: Any
    actor: Actor
    relation: Relation

    def __str__(self) -> str:
        return f"{self.method} {self.path} ({self.name}) as {self.actor.subject} on {self.relation}"


class NothingKept:
    """A database whose transactions are all undone at their end."""

    def __init__(self, database: Any) -> None:
        self._database = database

    def __getattr__(self, name: str) -> Any:
        return getattr(self._database, name)

    @asynccontextmanager
    async def transaction(self, *acting: Any, **said: Any) -> AsyncIterator[Any]:
        """A transaction that leaves no trace."""
        with suppress(_Undone):
            async with self._database.transaction(*acting, **said) as transaction:
                yield transaction
                raise _Undone


class _Undone(Exception):
    pass


class Walk:
    """A walk over all routes of one service."""

    def __init__(self, running: UnderTest, records: Records, bodies: Mapping[str, Any], queries: Mapping[str, Any]):
        self.running, self.records, self.bodies, self.queries = running, records, bodies, queries
        self.contract = running.app.openapi()
        self.clients: dict[Actor, httpx.AsyncClient] = {}
        self.answers: dict[tuple[Actor, str, str], httpx.Response] = {}
        self.wrong: dict[tuple[str, str], tuple[str, list[str]]] = {}
        self.judged: dict[str, set[tuple[Relation, bool]]] = {}
        """By route, on whose record it was asked and whether that was allowed."""

    def template(self, route: Any) -> str:
        """A route's path, with the query that names a record where one does."""
        query = self.queries.get(route.name)
        return f"{route.path}?{query}" if isinstance(query, str) else str(route.path)

    def cells(self) -> Iterator[Cell]:
        """Every route x role x whose record."""
        for route in iter_route_contexts(self.running.app.routes):
            [rule] = rules_of(route.dependant)
            for method in sorted(route.methods or ()):
                for actor in ACTORS:
                    for relation in Relation:
                        yield Cell(method, self.template(route), str(route.name), rule, actor, relation)

    async def go(self) -> list[str]:
        """Ask everything; what is not as the matrix says."""
        self.running.app.state.database = NothingKept(self.running.app.state.database)
        for cell in self.cells():
            await self.judge(cell)
        for client in self.clients.values():
            await client.aclose()
        self.missed()
        return [f"{at}: {what} as {', '.join(actors)}" for (at, _), (what, actors) in self.wrong.items()]

    def missed(self) -> None:
        """Note each route that was asked by nobody who may or, where it names a record, not on everybody's."""
        for cell in self.cells():
            found = self.judged.get(self.place(cell), set())
            allowed = {relation for relation, is_allowed in found if is_allowed}
            is_bound = isinstance(cell.rule, May) and self.records.is_bound(cell.path)
            if not allowed or (is_bound and not {Relation.SAME, Relation.OTHER} <= {relation for relation, _ in found}):
                self.wrong[self.place(cell), ""] = (f"asked on {sorted(found)} only", [])

    def place(self, cell: Cell) -> str:
        """The route of a cell."""
        return f"{cell.method} {cell.path} ({cell.name})"

    def address(self, cell: Cell) -> str | None:
        """The path with a record in it; None where there is none in that relation, or it would be the same again."""
        bound, path = self.records.is_bound(cell.path), cell.path
        if not bound and cell.relation is not Relation.SAME:
            return None
        for name in PARAMETER.findall(path):
            shared = of_place(self.records.public, cell.path, name)
            value = shared or self.records.public.get(name)
            for whose in () if shared else self.owners(cell.actor, cell.relation):
                value = self.records.value(cell.path, name, whose) or value
            if value is None:
                return None
            path = re.sub(rf"{{{name}(:\w+)?}}", value, path)
        return path

    def owners(self, actor: Actor, relation: Relation) -> list[str]:
        """Whose records to look for, the best last."""
        if relation is Relation.OTHER:
            others = [each for each in self.records.held if "@" not in each and each != actor.organisation]
            return [*others, FOREIGN.get(actor.organisation, OTHER if actor.organisation == SERVING else SERVING)]
        return [actor.organisation, *([actor.subject] if relation is Relation.OWN else [])]

    async def judge(self, cell: Cell) -> None:
        """Ask one cell and hold the answer against the matrix."""
        path = self.address(cell)
        if path is None:
            self.miss(cell)
            return
        reach = set(Relation) if isinstance(cell.rule, Anyone) else cell.actor.reach(cell.rule.action)
        if cell.name in self.records.entered and Relation.OWN in reach:
            reach |= {Relation.SAME}
        named = self.records.is_bound(cell.path)
        answer, is_allowed = await self.ask(cell, path), cell.relation in reach if named else bool(reach)
        self.judged.setdefault(self.place(cell), set()).add((cell.relation, is_allowed))
        if fault := self.fault(answer, cell, is_allowed=is_allowed):
            self.note(cell, f"{fault}: {answer.status_code} {answer.text[:200]}")
        elif leaked := self.leaked(answer, reach, cell.actor, path):
            self.note(cell, f"tells of {sorted(leaked)[:2]}")

    def note(self, cell: Cell, what: str) -> None:
        """Keep what is wrong, by route and record."""
        at = f"{cell.method} {cell.path} ({cell.name}) on {cell.relation}"
        self.wrong.setdefault((at, what[:30]), (what, []))[1].append(cell.actor.subject)

    def miss(self, cell: Cell) -> None:
        """A route whose parameters nothing is known for."""
        known = {
            name.rpartition("#")[2] for held in (*self.records.held.values(), self.records.public) for name in held
        }
        for name in set(PARAMETER.findall(cell.path)) - known:
            self.note(cell, f"no request is known, {name} stands for nothing")

    def fault(self, answer: httpx.Response, cell: Cell, *, is_allowed: bool) -> str | None:
        """What is wrong with an answer, if anything."""
        problem = "problem" in answer.headers.get("content-type", "") or answer.status_code >= 400
        code = _code(answer) if problem else ""
        refused = {401, 403} if isinstance(cell.rule, Anyone) else {401, 403, 404}
        is_denied = answer.status_code in refused and (code in DENIALS or answer.status_code == 401)
        if answer.status_code >= 500:
            return "broke"
        if is_allowed and answer.status_code == 404 and cell.path.startswith(tuple(self.records.absent)):
            return None
        if is_allowed:
            return "denied, and the matrix allows it" if is_denied else None
        return None if is_denied else "allowed, and the matrix denies it"

    def leaked(self, answer: httpx.Response, reach: set[Relation], actor: Actor, path: str) -> set[str]:
        """Ids in an answer of records that lie beyond the actor's reach."""
        if not answer.is_success or Relation.OTHER in reach:
            return set()
        told = set(UUIDS.findall(answer.text)) - set(UUIDS.findall(path))
        return told & set().union(*(ids for whose, ids in self.records.private.items() if whose != actor.organisation))

    async def ask(self, cell: Cell, path: str) -> httpx.Response:
        """One request, made once: nothing of it is kept, so that it would be answered the same again."""
        key = (cell.actor, cell.method, path)
        if key not in self.answers:
            self.answers[key] = await self.send(cell, path)
        return self.answers[key]

    async def send(self, cell: Cell, path: str) -> httpx.Response:
        """Send one request."""
        if cell.actor not in self.clients:
            self.clients[cell.actor] = self.running.client("auditor", **cell.actor.claims)
        headers = {"if-match": '"1"', "accept": "application/json, */*;q=0.5"}
        sent = await self.standing(path) if cell.name in self.records.rewritten else self.body(cell)
        query = None if "?" in path else self.queries.get(cell.name, self.required(cell))
        if isinstance(sent, tuple):
            return await self.clients[cell.actor].request(
                cell.method, path, params=query, content=sent[1], headers={**headers, "content-type": sent[0]}
            )
        return await self.clients[cell.actor].request(cell.method, path, params=query, json=sent, headers=headers)

    async def standing(self, path: str) -> Any:
        """A record as it stands, for a route that takes the whole of it."""
        async with self.running.client("coordinator") as coordinator:
            return (await coordinator.get(path)).json()

    def body(self, cell: Cell) -> Any:
        """A body for the route: the one that is known, else the smallest that its schema takes."""
        if cell.name in self.bodies and isinstance(self.bodies[cell.name], dict):
            return json.loads(json.dumps(self.bodies[cell.name]).replace("$organisation", cell.actor.organisation))
        if cell.name in self.bodies:
            return self.bodies[cell.name]
        content = self.operation(cell).get("requestBody", {}).get("content", {})
        schema = content.get("application/json", {}).get("schema")
        return body_for(schema, self.contract) if schema else None

    def required(self, cell: Cell) -> dict[str, Any]:
        """The smallest query that the route takes."""
        asked = [each for each in self.operation(cell).get("parameters", ()) if each["in"] == "query"]
        return {each["name"]: body_for(each["schema"], self.contract) for each in asked if each.get("required")}

    def operation(self, cell: Cell) -> Mapping[str, Any]:
        """What the contract says of a route."""
        path = re.sub(r":\w+}", "}", cell.path.partition("?")[0])
        found: Mapping[str, Any] = self.contract["paths"].get(path, {}).get(cell.method.lower(), {})
        return found


def _code(answer: httpx.Response) -> str:
    try:
        told = answer.json()
    except ValueError:
        return ""
    if told.get("resourceType") == "OperationOutcome":
        return str(told["issue"][0].get("details", {}).get("coding", [{}])[0].get("code", ""))
    return "" if told.get("errors") else str(told.get("code", ""))
