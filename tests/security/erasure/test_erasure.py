"""Somebody is erased in five services: nothing is left of them, nothing brings them back, nobody else is touched."""

import json
from uuid import uuid4

import pytest

from services.__main__ import NAMES
from shared.events import Message, topic_of
from shared.inbox import Outcome
from tests.intake.people import CALL, ODETTE
from tests.security.erasure.marked import Way, walked
from tests.security.erasure.together import OFFICER, Together

ASKER = "coordinator"


async def erased(five: Together, person: str) -> str:
    """The id of an erasure that is asked for by one and confirmed by another."""
    not_bound = (await five.ask(OFFICER, "/intake/retention-policies", method="GET")).json()["policy"]
    not_bound["binds_others"] = False
    await five.send(OFFICER, "/intake/retention-policies", not_bound, method="PUT")
    asked = await five.send(ASKER, f"/intake/persons/{person}/erasure", {"ground": "request"})
    await five.send(OFFICER, f"/intake/erasures/{asked['id']}/confirmation", {})
    await five.settle()
    return str(asked["id"])


async def marks_left(five: Together, way: Way) -> dict[str, dict[str, str]]:
    """Where marks still stand, in what lies in the databases or can be read of it."""
    found = {}
    for name in NAMES:
        for table, rows in (await five.rows(name)).items():
            text = "\n".join(rows)
            found[f"{name}.{table}"] = way.marks.found_in(text) | {
                mark: where for mark, where in way.marks.sown.items() if mark.encode().hex() in text
            }
        for table, text in (await five.decrypted(name)).items():
            found[f"{name}.{table} decrypted"] = way.marks.found_in(text)
    return {place: marks for place, marks in found.items() if marks}


KERNELS = {"inbox", "position", "outbox", "audit_record", "audit_seal", "audit_anchor", "dead_letter", "ended_subject"}


async def rows_naming(five: Together, one: str) -> dict[str, list[str]]:
    """Every row of the services' own tables that names somebody."""
    return {
        f"{name}.{table}": [row for row in rows if one in row]
        for name in NAMES
        for table, rows in (await five.rows(name)).items()
        if table not in KERNELS
    }


async def sizes(five: Together) -> dict[str, int]:
    """How many rows each of the services' own tables has."""
    return {
        f"{name}.{table}": len(rows)
        for name in NAMES
        for table, rows in (await five.rows(name)).items()
        if table not in KERNELS
    }


async def somebody_else(five: Together) -> str:
    """Somebody whom nothing of this is about, and who called too."""
    person = await five.send("line-nurse", "/intake/persons", {**ODETTE, "phones": ["+32470000001"]})
    await five.send("line-nurse", "/intake/contacts", {**CALL, "person_id": person["id"]})
    return str(person["id"])


async def park(five: Together, way: Way) -> None:
    """In cases one fact waits for those before it, and one message cannot be read and says what it must not."""
    cases = five.services["cases"]
    told = {"check_id": str(uuid4()), "person_id": way.person}
    assert await cases.deliver("intake.elsewhere-checked.v1", uuid4(), told, version=9) is Outcome.WAITING
    mark = next(iter(way.marks.sown))
    said = json.dumps({"person_id": way.person, "name": mark}).encode()
    assert await cases.inbox.deliver(Message("relais.intake.v1", b"x", [], said, 0, 10**6)) is Outcome.POISONED
    assert mark.encode().hex() in "".join((await five.rows("cases"))["dead_letter"])


@pytest.mark.timeout(1200)
async def test_nothing_is_left_and_nothing_comes_back(five: Together) -> None:
    way = await walked(five)
    other = await somebody_else(five)
    await five.tick()
    before = await marks_left(five, way)
    assert {place.split(".")[0] for place in before} >= {"intake", "referrals", "cases"}
    await park(five, way)
    five.kept_back = {"scheduler", "assessment"}
    await five.send("line-nurse", "/intake/contacts", way.contact(way.person))
    await five.settle()
    theirs = await rows_naming(five, other)

    erasure = await erased(five, way.person)

    shown = await five.send(OFFICER, f"/intake/erasures/{erasure}", method="GET")
    assert (shown["state"], shown["missing"]) == ("confirmed", ["assessment", "scheduler"])
    # What waits for them comes in the worst order that a bus allows: intake's facts before everybody else's.
    five.kept_back = set()
    await five.settle(first=topic_of("intake"))
    shown = await five.send(OFFICER, f"/intake/erasures/{erasure}", method="GET")
    assert (shown["state"], shown["missing"]) == ("done", [])
    assert sorted(answer["service"] for answer in shown["answers"]) == sorted(NAMES)
    assert shown["on_the_bus_until"]
    await nothing_left(five, way)
    assert not way.marks.found_in("\n".join(f"{each.key!r} {each.headers} {each.value!r}" for each in five.log))
    assert await rows_naming(five, other) == theirs

    counted = await sizes(five)
    await five.replay()
    await five.settle()
    await five.tick()
    await nothing_left(five, way)
    assert await sizes(five) == counted
    gone = await five.ask("hospital-chu", "/referrals", way.document)
    assert (gone.status_code, gone.json()["code"]) == (410, "erased")
    assert (await five.ask(ASKER, f"/intake/persons/{way.person}", method="GET")).status_code == 404
    assert await rows_naming(five, other) == theirs


async def nothing_left(five: Together, way: Way) -> None:
    """No mark in any table, as it lies there or as the service reads it; no row that names the person or the case."""
    assert await marks_left(five, way) == {}
    for one in (way.person, way.case, way.referral):
        naming = {place for place, rows in (await rows_naming(five, one)).items() if rows}
        assert naming <= {"intake.erasure", "intake.decision", "intake.unmet_demand"}, (one, naming)
