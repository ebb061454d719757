"""What assessment refuses by a person's word: the profile for an organisation, and a row in a study."""

from uuid import uuid4

import pytest

from shared.testing.harness import UnderTest
from tests.assessment.deliveries import Run
from tests.assessment.outcomes.test_exports import PLAIN, cohort, export, read
from tests.assessment.profile.people import consent, profile, somebody
from tests.security.consent.saying import hear

AGREED = {"audience": "centre", "given_by": "person", "how": "oral", "until": "2099-12-31"}


@pytest.fixture
async def person(assessment: UnderTest) -> str:
    """Somebody with sheets."""
    return await somebody(assessment)


async def test_a_profile_is_shared_only_with_whom_the_person_shares(assessment: UnderTest) -> None:
    person = str(uuid4())
    async with assessment.client("case-manager-nurse") as client:
        place = f"/assessment/persons/{person}/profile-consents"
        missing = await client.post(place, json=AGREED)
        await hear(assessment, person, "sharing", "refused", about="centre")
        refused = await client.post(place, json=AGREED)
    assert [(each.status_code, each.json()["code"]) for each in (missing, refused)] == [
        (409, "consent-missing"),
        (409, "consent-refused"),
    ]


async def test_the_audience_finds_nothing_once_consent_is_withdrawn(assessment: UnderTest, person: str) -> None:
    assert (await consent(assessment, person)).status_code == 201
    assert (await profile(assessment, person, "partner-centre", "shared-profile")).status_code == 200
    await hear(assessment, person, "sharing", "withdrawn", about="centre", minutes=9)
    assert (await profile(assessment, person, "partner-centre", "shared-profile")).status_code == 404
    async with assessment.client("coordinator") as coordinator:
        [agreed] = (await coordinator.get(f"/assessment/persons/{person}/profile-consents")).json()["items"]
    assert agreed["revoked_at"]


async def test_who_refuses_statistics_is_in_no_study(run_service: Run) -> None:
    async with run_service("assessment") as service, service.client("analyst") as analyst:
        await cohort(service)
        before = read(await export(analyst, columns=PLAIN))
        async with service.app.state.database.raw() as connection:
            somebody = await connection.fetchval("SELECT person_id FROM course WHERE person_id IS NOT NULL LIMIT 1")
        await hear(service, somebody, "statistics", "refused")
        answer = await export(analyst, columns=PLAIN)
        after = read(answer)
        record = (await analyst.get(answer.headers["location"])).json()
    assert len(after) == len(before) - 1
    assert record["left_out"] == 2
