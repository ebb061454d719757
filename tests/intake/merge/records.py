"""What the tests of merges do with the service, and everything that intake holds as a picture to compare."""

from typing import Any
from uuid import UUID, uuid4

import httpx
from pydantic_core import to_jsonable_python
from sqlalchemy import select

from services.intake.store import Table
from shared.testing.harness import UnderTest
from tests.intake.people import CALL, registered

JOURNALS = {"person_change", "person_merge"}
"""What only grows: what happened stays told, also of a merge that was undone."""


async def people(intake: UnderTest, *more: dict[str, Any]) -> list[str]:
    """Registered people who are all Anne Lambert, each with some more facts."""
    return [await registered(intake, {"family_name": "Lambert", "given_names": "Anne"}, **each) for each in more]


async def version(client: httpx.AsyncClient, path: str) -> int:
    """The version in a record's ETag."""
    answer = await client.get(path)
    assert answer.status_code == 200, answer.text
    return int(answer.headers["etag"].strip('"'))


async def merge(client: httpx.AsyncClient, kept: str, merged: str, **more: Any) -> httpx.Response:
    """Merge two as they are now."""
    seen = await version(client, f"/intake/persons/{kept}")
    body = {
        "merged_id": merged,
        "merged_version": await version(client, f"/intake/persons/{merged}"),
        "reason": "entered-twice",
        **more,
    }
    return await client.post(f"/intake/persons/{kept}/merge", json=body, headers={"if-match": f'"{seen}"'})


async def merged_now(client: httpx.AsyncClient, kept: str, merged: str, **more: Any) -> str:
    """The id of a merge that goes well."""
    answer = await merge(client, kept, merged, **more)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def undo(client: httpx.AsyncClient, merge_id: str, **more: Any) -> httpx.Response:
    """Undo a merge as it is now."""
    seen = await version(client, f"/intake/merges/{merge_id}")
    body = {"reason": "different-persons", "known_apart": False, **more}
    return await client.post(f"/intake/merges/{merge_id}/undo", json=body, headers={"if-match": f'"{seen}"'})


async def called(client: httpx.AsyncClient, person: str | None, **more: Any) -> dict[str, Any]:
    """Record a contact about somebody."""
    answer = await client.post("/intake/contacts", json={**CALL, "person_id": person, **more})
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def case_opened(intake: UnderTest, person: str) -> UUID:
    """Let cases tell of a new case."""
    case_id = uuid4()
    data = {
        "case_id": case_id,
        "person_id": person,
        "origin_id": uuid4(),
        "origin_kind": "contact",
        "urgency": "routine",
    }
    await intake.deliver("cases.case-opened.v1", case_id, data)
    return case_id


async def everything(intake: UnderTest) -> dict[str, dict[str, Any]]:
    """Every row of intake by table and key; a person's version and what is derived from it are left out."""
    found: dict[str, dict[str, Any]] = {}
    async with intake.app.state.database.transaction() as transaction:
        connection = await transaction.session.connection()
        for table in Table.metadata.sorted_tables:
            keys = [column.name for column in table.primary_key.columns]
            rows = [to_jsonable_python(dict(row)) for row in (await connection.execute(select(table))).mappings()]
            found[table.name] = {"/".join(str(row[key]) for key in keys): row for row in rows}
    for row in found["person"].values():
        del row["version"], row["compared_version"]
    return found


def differences(before: dict[str, dict[str, Any]], after: dict[str, dict[str, Any]]) -> list[tuple[str, str]]:
    """Table and key of each row that is otherwise; in journals only what was there before counts."""
    found = []
    for table, rows in before.items():
        keys = rows.keys() if table in JOURNALS else rows.keys() | after[table].keys()
        found += [(table, key) for key in keys if rows.get(key) != after[table].get(key)]
    return found
