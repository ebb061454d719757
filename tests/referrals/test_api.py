"""The routes of referrals on a real database."""

import pytest

DOC = {
    "identifier": {"system": "urn:chu", "value": "1"},
    "person": {"family_name": "Lambert", "given_names": "Odette", "birth_date": "1950-02-03"},
    "consent": {"given": True},
    "sheets": [{"identifier": "s1", "instrument": "eladeb-r", "edition": "2011", "filled_on": "2026-11-01", "rater": "self", "answers": {"housework": {"difficulty": 2, "need": 1}}}],
}


async def register(service):
    async with service.client("operator") as client:
        for code in ("chu", "hospital-other", "relais", "centre"):
            answer = await client.put(f"/referrals/directory/organisations/{code}", json={"name": code, "kind": "hospital"})
            assert answer.status_code == 200, answer.text


async def test_push(run_service):
    async with run_service("referrals") as referrals:
        await register(referrals)
        async with referrals.client("hospital-chu") as chu:
            first = await chu.post("/referrals", json=DOC)
            assert first.status_code == 201, first.text
            again = await chu.post("/referrals", json=DOC)
            assert (again.status_code, again.content) == (201, first.content)
            read = await chu.get(first.headers["location"])
            assert read.status_code == 200, read.text
            print(read.json())
        print(await referrals.types())
