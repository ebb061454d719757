"""Putting records there: through the API where a person makes them, as rows where long work or a neighbour does."""

import json
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import httpx

from shared.testing.harness import UnderTest

EMPTY: dict[str, Callable[[], Any]] = {
    "uuid": uuid4,
    "integer": int,
    "bigint": int,
    "boolean": bool,
    "double precision": float,
    "text": str,
}
EMPTY |= {"character varying": str, "jsonb": list, "bytea": bytes, "ARRAY": list}
COLUMNS = """SELECT column_name, data_type, is_nullable = 'NO' AND column_default IS NULL AND is_identity = 'NO'
    AS wanted
FROM information_schema.columns WHERE table_name = $1 AND table_schema = 'public'"""


async def made(client: httpx.AsyncClient, path: str, body: Any = None, **sent: Any) -> str:
    """The id of what a request makes."""
    said = {} if body is None else {"json": body}
    answer = await client.post(path, **said, **sent)
    assert answer.status_code in (200, 201, 202), (path, answer.text)
    place = answer.headers.get("location")
    return str(place).rsplit("/", 1)[1] if place else str(answer.json()["id"])


async def put(client: httpx.AsyncClient, path: str, body: Any) -> None:
    """Put something there."""
    answer = await client.put(path, json=body)
    assert answer.status_code in (200, 201, 204), (path, answer.text)


async def plant(running: UnderTest, table: str, **values: Any) -> str:
    """A row with these values, and something empty in every other column that must have a value; its id."""
    now = running.clock.now()
    times: dict[str, Any] = {"date": now.date(), "timestamp with time zone": now, "time without time zone": now.time()}
    async with running.app.state.database.raw() as connection:
        kinds = {row["column_name"]: row for row in await connection.fetch(COLUMNS, table)}
        for name, row in kinds.items():
            if row["wanted"]:
                values.setdefault(name, times.get(row["data_type"]) or EMPTY[row["data_type"]]())
        ready = {
            name: json.dumps(value) if kinds[name]["data_type"] == "jsonb" else value for name, value in values.items()
        }
        places = ", ".join(f"${place}" for place in range(1, len(ready) + 1))
        names = ", ".join(f'"{name}"' for name in ready)
        insert = f"INSERT INTO \"{table}\" AS made ({names}) VALUES ({places}) RETURNING to_jsonb(made) ->> 'id'"
        return str(await connection.fetchval(insert, *ready.values()))


async def give(running: UnderTest, table: str, record: object, key: str = "id", **values: Any) -> None:
    """Change a row, such as whose it is: what comes in by event is the serving organisation's."""
    async with running.app.state.database.raw() as connection:
        for name, value in values.items():
            await connection.execute(f'UPDATE "{table}" SET "{name}" = $1 WHERE "{key}" = $2', value, record)


OF_KERNEL = {"break_glass": {"subject_id": str(uuid4()), "reason": "urgent-care", "text": "Personne ne répond."}}
"""Bodies of the routes that every service has; of nobody who is known."""


async def of_kernel(running: UnderTest) -> dict[str, str]:
    """What every service keeps for those who run and audit it: a parked message, a record of the audit."""
    letter = await plant(running, "dead_letter", consumer=running.service.name, source="cases")
    async with running.client("auditor") as auditor:
        records = (await auditor.get(f"/{running.service.name}/audit")).json()["items"]
    first = next(iter(running.service.publishes)).type
    return {
        "letter_id": letter,
        "grant_id": str(uuid4()),
        "record_id": records[0]["id"],
        "subject_id": str(uuid4()),
        f"/{running.service.name}/docs/#name": "swagger-ui.css",
        f"/{running.service.name}/events/#name": first,
    }
