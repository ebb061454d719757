"""A made-up person with a whole story in sheets, for the tests of the profile."""

from typing import Any

import httpx

from shared.ids import new_id
from shared.testing.harness import UnderTest
from tests.assessment.deliveries import filled
from tests.assessment.sheets import ELADEB, compact
from tests.security.consent.saying import hear

MAIN_PROBLEM = "Je n’ose plus sortir <b>seul</b> & je dors mal."
SINGLE_WISH = "Retrouver un logement sûr avant l’hiver."
BEFORE = compact(
    finances={"difficulty": 2, "need": 0},
    food={"difficulty": 1, "need": 1},
    transport={"difficulty": 1, "need": 0},
    mental_health={"difficulty": 0, "need": 0},
    addiction={"difficulty": 2, "need": 2},
)
NOW = compact(
    living_place={"difficulty": 3, "need": 3, "sources": ["P", "F"]},
    finances={"difficulty": 3, "need": 2, "sources": ["P"]},
    administrative_tasks={"difficulty": 2, "need": 2, "sources": ["P"]},
    housework={"difficulty": 1, "need": 1, "sources": ["F"]},
    transport={"difficulty": 2, "need": 0},
    family={"difficulty": 0, "need": 1, "sources": ["?"]},
    children={"absent": "not-applicable"},
    self_care={"absent": "refused"},
    mental_health={"difficulty": 3, "need": 3, "sources": ["P"]},
    law_justice={"difficulty": 2, "need": 1},
    sexuality={"difficulty": 1, "need": 0},
)
BY_PROFESSIONAL = compact(
    living_place={"difficulty": 3, "need": 3}, food={"difficulty": 2, "need": 2}, addiction={"difficulty": 3, "need": 3}
)
STRENGTHS = {"own_home": 0, "steady_income": 1, "family_support": 2, "trusted_doctor": 2, "friends_neighbours": 1}
SENSITIVE = {
    language: [getattr(card.labels, language) for card in ELADEB.cards if card.sensitive]
    for language in ("fr", "nl", "de", "en")
}


async def record(client: httpx.AsyncClient, person: str, answers: Any, **given: Any) -> dict[str, Any]:
    """A sheet recorded by a case manager."""
    body = {**filled(answers), "person_id": person, **given}
    del body["identifier"]
    answer = await client.post("/assessment/sheets", json=body)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def somebody(service: UnderTest) -> str:
    """A person with two own sheets, a professional's and a relative's beside, and a sheet of resources."""
    person = str(new_id())
    async with service.client("case-manager-nurse") as client:
        await record(client, person, BEFORE, filled_on="2026-05-01", assistance="helped")
        await record(
            client,
            person,
            NOW,
            filled_on="2026-11-12",
            assistance="alone",
            main_problem=MAIN_PROBLEM,
            single_wish=SINGLE_WISH,
        )
        await record(client, person, BY_PROFESSIONAL, rater="professional", filled_on="2026-11-13")
        await record(client, person, compact(food={"difficulty": 1, "need": 0}), rater="relative")
        await record(client, person, STRENGTHS, instrument="resources", edition="1")
    return person


async def profile(
    service: UnderTest, person: str, persona: str = "case-manager-nurse", path: str = "profile", **query: str
) -> httpx.Response:
    """The answer of a profile route."""
    async with service.client(persona) as client:
        return await client.get(f"/assessment/persons/{person}/{path}", params=query)


async def consent(service: UnderTest, person: str, audience: str = "centre", **given: Any) -> httpx.Response:
    """The answer to an agreement that is noted, of somebody who agrees to share with that organisation."""
    await hear(service, person, "sharing", about=audience)
    body = {"audience": audience, "given_by": "person", "how": "oral", "until": "2099-12-31", **given}
    async with service.client("case-manager-nurse") as client:
        return await client.post(f"/assessment/persons/{person}/profile-consents", json=body)
