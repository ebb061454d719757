"""Another organisation beside the programme: its people, and a body for any route from the service's own contract."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

import httpx

from tests.cases.world import World

OTHER = "centre"
ROLES = ("coordinator", "case-manager-nurse", "line-nurse")
UUIDS = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
KERNEL = frozenset({"outbox", "inbox", "alembic_version", "idempotency_key", "kept_answer", "read_trace", "access_log"})


def of(world: World, role: str = "coordinator", organisation: str = OTHER) -> httpx.AsyncClient:
    """Somebody with the same role in another organisation."""
    name = f"{role}@{organisation}"
    if name not in world.clients:
        world.clients[name] = world.service.client(role, org_id=organisation, sub=f"{role}-{organisation}")
    return world.clients[name]


async def step(
    world: World, case_id: str, path: str, body: Mapping[str, Any], role: str = "coordinator"
) -> httpx.Response:
    """A step that somebody of the other organisation tries, with the ETag of the moment."""
    headers = {"if-match": await world.etag(case_id)}
    return await of(world, role).post(f"/cases/{case_id}/{path}", json=body, headers=headers)


async def kept(world: World) -> dict[str, set[str]]:
    """Every row of the service's own tables, as text."""
    named = await world.rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    found = {}
    for table in sorted({row["tablename"] for row in named} - KERNEL):
        rows = await world.rows(f'SELECT to_jsonb(each)::text AS row FROM "{table}" AS each')
        found[table] = {row["row"] for row in rows}
    return found


def ids_in(rows: Mapping[str, set[str]]) -> set[str]:
    """Every id that stands in some rows."""
    return {found for table in rows.values() for row in table for found in UUIDS.findall(row)}


def body_for(schema: Mapping[str, Any], contract: Mapping[str, Any]) -> Any:
    """A small value that a schema takes, as far as a schema can say."""
    if "$ref" in schema:
        return body_for(contract["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]], contract)
    for choice in ("anyOf", "oneOf", "allOf"):
        if choice in schema:
            return body_for(schema[choice][0], contract)
    for fixed in ("const", "default"):
        if fixed in schema:
            return schema[fixed]
    if "enum" in schema:
        return schema["enum"][0]
    return MADE[schema["type"]](schema, contract) if "type" in schema else None


def an_object(schema: Mapping[str, Any], contract: Mapping[str, Any]) -> dict[str, Any]:
    """An object with what it must have."""
    properties: Mapping[str, Mapping[str, Any]] = schema.get("properties", {})
    return {name: body_for(properties[name], contract) for name in schema.get("required", ())}


def a_text(schema: Mapping[str, Any], _: Mapping[str, Any]) -> str:
    """A text of the right form."""
    formats = {"date": "2026-11-20", "date-time": "2026-11-20T10:00:00+01:00", "uuid": str(UUID(int=1))}
    if schema.get("format") in formats:
        return formats[schema["format"]]
    return "centre" if schema.get("pattern") else "x" * max(1, schema.get("minLength", 1))


def some(schema: Mapping[str, Any], contract: Mapping[str, Any]) -> Sequence[Any]:
    """As few items as it takes."""
    return [body_for(schema["items"], contract)] * schema.get("minItems", 0)


MADE: Mapping[str, Callable[[Mapping[str, Any], Mapping[str, Any]], Any]] = {
    "object": an_object,
    "string": a_text,
    "array": some,
    "integer": lambda schema, _: schema.get("minimum", 1),
    "number": lambda schema, _: schema.get("minimum", 1),
    "boolean": lambda *_: True,
}


def shown(value: Any) -> str:
    """A value as the text of a failure."""
    return json.dumps(value, default=str)[:300]
