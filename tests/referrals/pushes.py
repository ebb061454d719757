"""What hospitals push in these tests, and what the tests do around it. All people are made up."""

import copy
import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid4

import httpx

from shared.testing.harness import UnderTest

ORGANISATIONS = {"chu": "hospital", "hospital-other": "hospital", "relais": "case-management", "centre": "other"}

CANARIES = {
    "family_name": "Vandenkanarie",
    "given_names": "Serafine-Josse",
    "niss": "50020300103",
    "phone": "+32 471 98 76 54",
    "email": "serafine@kanarie.example",
    "street": "Rue du Canari",
    "text": "vit seule avec douze canaris",
    "relative": "Balthazar Kanarie",
    "ward": "Aile des canaris",
    "note": "a dit non aux visites",
}

SHEET: Mapping[str, Any] = {
    "identifier": "s-1",
    "instrument": "eladeb-r",
    "edition": "2011",
    "filled_on": "2026-11-18",
    "rater": "self",
    "answers": {
        "housework": {"difficulty": 2, "need": 1, "sources": ["F"]},
        "addiction": {"difficulty": 3, "need": None, "absent": "refused"},
    },
}

LONG_SHEET: Mapping[str, Any] = {
    **SHEET,
    "identifier": "s-2",
    "rater": "professional",
    "answers": [
        {
            "domain": "housework",
            "difficulty": {"presence": True, "level": 2},
            "need": {"presence": True, "level": 1, "sources": ["P", "F"]},
        },
        {"domain": "finances", "difficulty": {"presence": False}, "need": {"absent_reason": "not_asked"}},
    ],
}

FULL: Mapping[str, Any] = {
    "identifier": {"system": "urn:chu:referral", "value": "2026-0001"},
    "person": {
        "niss": CANARIES["niss"],
        "hospital_number": "H-77",
        "family_name": CANARIES["family_name"],
        "given_names": CANARIES["given_names"],
        "birth_date": "1950-02-03",
        "gender": "female",
        "language": "fr",
        "phones": [CANARIES["phone"]],
        "email": CANARIES["email"],
        "address": {"street": CANARIES["street"], "house_number": "7", "postal_code": "4000", "nis_code": "62063"},
        "relatives": [{"name": CANARIES["relative"], "relation": "frère", "phone": "0499 11 22 33"}],
        "general_practitioner": {"name": "Dr Kanarie"},
    },
    "reason": {"text": CANARIES["text"], "factors": ["carer_burden"], "diagnoses": []},
    "urgency": "urgent",
    "stay": {"admitted_on": "2026-11-02", "discharge_on": "2026-11-25", "unplanned": True, "ward": CANARIES["ward"]},
    "consent": {"given": True, "kind": "oral", "by": "Balthazar", "on": "2026-11-18"},
    "sheets": [SHEET, LONG_SHEET],
}

MINIMAL: Mapping[str, Any] = {
    "identifier": {"system": "urn:chu:referral", "value": "2026-0002"},
    "person": {"family_name": "Lambert", "given_names": "Odette"},
    "consent": {"given": True},
}


def changed(document: Mapping[str, Any], pointer: str, value: Any) -> dict[str, Any]:
    """A copy of a document with another value at one place."""
    made = copy.deepcopy(dict(document))
    *path, last = pointer.removeprefix("/").split("/")
    place: Any = made
    for step in path:
        place = place[int(step)] if isinstance(place, list) else place.setdefault(step, {})
    if isinstance(place, list):
        place[int(last)] = value
    else:
        place[last] = value
    return made


def fresh(**fields: Any) -> dict[str, Any]:
    """A small document under an identifier of its own."""
    return {**MINIMAL, "identifier": {"system": "urn:chu:referral", "value": str(uuid4())}, **fields}


def turned(answers: Any) -> Any:
    """The same with the keys of every map in the opposite order."""
    if isinstance(answers, dict):
        return {name: turned(answers[name]) for name in reversed(answers)}
    return [turned(each) for each in answers] if isinstance(answers, list) else answers


async def register(referrals: UnderTest) -> None:
    """Put the organisations into the directory."""
    async with referrals.client("operator") as client:
        for code, kind in ORGANISATIONS.items():
            place = f"/referrals/directory/organisations/{code}"
            answer = await client.put(place, json={"name": code.title(), "kind": kind})
            assert answer.status_code == 200, answer.text


async def push(referrals: UnderTest, document: Mapping[str, Any] | None = None) -> str:
    """Push a document as the first hospital; the path of the referral."""
    async with referrals.client("hospital-chu") as client:
        answer = await client.post("/referrals", json=document or fresh())
        assert answer.status_code == 201, answer.text
        return str(answer.headers["location"])


def id_of(path: str) -> UUID:
    """The id in a referral's path."""
    return UUID(path.rsplit("/", 1)[1])


async def read(referrals: UnderTest, path: str) -> dict[str, Any]:
    """A referral as its sender sees it."""
    async with referrals.client("hospital-chu") as client:
        found: dict[str, Any] = (await client.get(path)).json()
        return found


async def step(referrals: UnderTest, persona: str, path: str, name: str, body: Any = None) -> httpx.Response:
    """Make a step in the version that is there now."""
    async with referrals.client("coordinator") as reader:
        etag = (await reader.get(path)).headers["etag"]
    async with referrals.client(persona) as client:
        content = b"" if body is None else json.dumps(body).encode()
        headers = {"if-match": etag, "content-type": "application/json"}
        return await client.post(f"{path}/{name}", content=content, headers=headers)


async def count(referrals: UnderTest) -> int:
    """How many referrals are stored."""
    async with referrals.app.state.database.raw() as connection:
        return int(await connection.fetchval("SELECT count(*) FROM referral"))


def faults(answer: httpx.Response) -> set[tuple[str, str]]:
    """The (pointer, code) pairs of a problem."""
    return {(each["pointer"], each["code"]) for each in answer.json().get("errors", [])}
