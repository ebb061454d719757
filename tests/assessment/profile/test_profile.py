"""What the one-page profile says, to whom, and from whose answers."""

from datetime import date
from typing import Any
from uuid import uuid4

import pytest

from services.assessment.domain import Audience, FilledSheet, Origin, Profile, Sheet, load_content
from services.assessment.domain.sheet import Day
from shared.testing.harness import UnderTest
from tests.assessment.deliveries import Run, filled, told
from tests.assessment.profile.people import (
    BEFORE,
    BY_PROFESSIONAL,
    MAIN_PROBLEM,
    NOW,
    SENSITIVE,
    consent,
    profile,
    record,
    somebody,
)
from tests.assessment.sheets import NOW as AT
from tests.assessment.sheets import compact

CONTENT = load_content()
HIDDEN = {"law_justice", "mental_health", "addiction", "sexuality"}
LATER: Day = date(2026, 3, 1)
EARLIER: Day = date(2026, 1, 5)


def sheet(answers: Any, day: date = LATER, **given: Any) -> Sheet:
    """A sheet of one person."""
    said = {**filled(answers), "filled_on": day, **given}
    del said["identifier"]
    return Sheet.fill(CONTENT, FilledSheet(**said), Origin(organisation="relais", person_id=PERSON), AT)[0]


PERSON = uuid4()


def made(*sheets: Sheet, audience: Audience = Audience.TEAM, factors: tuple[str, ...] = ()) -> Profile:
    """The profile of these sheets."""
    found = Profile.of(CONTENT, sheets, factors, audience, LATER)
    assert found
    return found


def lines(page: dict[str, Any]) -> dict[str, list[str]]:
    """The cards of each line, by the line's code."""
    return {
        line["code"]: [item["code"] for item in line["items"]] for each in page["sections"] for line in each["lines"]
    }


def states(profile: Profile) -> dict[str, str]:
    """The states of the five dimensions."""
    return {each.dimension.value: each.state.value for each in profile.dimensions}


# What it says


async def test_the_page_says_needs_strengths_urgency_changes_and_that_it_is_no_diagnosis(run_service: Run) -> None:
    async with run_service("assessment") as service:
        page = (await profile(service, await somebody(service), lang="fr")).json()
    said = lines(page)
    assert said["urgent_items"] == ["living_place", "mental_health"]
    assert said["needs_soon"] == ["finances", "administrative_tasks"]
    assert said["needs_later"] == ["law_justice", "housework", "family"]
    assert said["without_help"] == ["transport", "sexuality"]
    assert said["resources_there"] == ["family_support", "trusted_doctor"]
    assert said["resources_partly"] == ["steady_income", "friends_neighbours"]
    assert said["difficulty_new"] == [
        "living_place",
        "law_justice",
        "administrative_tasks",
        "housework",
        "mental_health",
    ]
    assert said["difficulty_more"] == ["finances", "transport"]
    assert said["difficulty_resolved"] == ["food", "addiction"]
    assert said["beside_difficulty"] == ["food"]
    assert (said["context"], said["psychosocial"], said["medical"]) == (["dominant"], ["dominant"], ["none"])
    assert "8 sujets difficiles et 7 demandes d’aide, sur 21 sujets." in page["facts"]
    assert page["notices"][0].startswith("Cette page n’est pas un diagnostic.")
    assert any("CHUV Lausanne" in notice for notice in page["notices"])
    assert {(each["rater"], each["instrument"]) for each in page["sources"]} == {
        ("self", "eladeb-r"),
        ("professional", "eladeb-r"),
        ("relative", "eladeb-r"),
        ("self", "resources"),
    }
    assert page["sections"][5]["lines"][0]["text"] == MAIN_PROBLEM


def test_a_professional_s_sheet_never_changes_what_the_person_said() -> None:
    own = sheet(NOW)
    alone, beside = made(own), made(own, sheet(BY_PROFESSIONAL, rater="professional"))
    assert (beside.own, beside.dimensions, beside.changes) == (alone.own, alone.dimensions, alone.changes)
    assert [view.rater for view in beside.beside] == ["professional"]


def test_without_an_own_sheet_only_the_other_view_is_shown_and_no_dimension_is_assessed() -> None:
    found = made(sheet(BY_PROFESSIONAL, rater="professional"))
    assert found.own is None
    assert found.changes is None
    assert set(states(found).values()) == {"not_assessed"}


def test_changes_are_against_the_own_sheet_of_an_earlier_day_only() -> None:
    same_day = made(sheet(NOW), sheet(BEFORE))
    other_rater = made(sheet(NOW), sheet(BEFORE, EARLIER, rater="relative"))
    before = made(sheet(NOW), sheet(BEFORE, EARLIER))
    assert same_day.changes is None
    assert other_rater.changes is None
    assert before.changes
    assert before.changes.since == EARLIER
    assert before.changes.difficulty.resolved == ("food", "addiction")


def test_an_amended_or_mistaken_sheet_counts_in_no_profile() -> None:
    wrong, right = sheet(NOW), sheet(compact())
    wrong.enter_in_error("wrong-person")
    assert made(wrong, right).own == made(right).own
    assert Profile.of(CONTENT, [wrong], (), Audience.TEAM, LATER) is None


def test_needs_that_were_never_asked_are_not_shown_as_none() -> None:
    given = {code: {"difficulty": 1} for code in compact()}
    own = made(sheet(given)).own
    assert own
    assert (own.has_needs, own.urgent, own.is_complete) == (False, [], True)


def test_a_problem_without_a_level_stays_a_problem() -> None:
    answers = [{"domain": "food", "difficulty": {"presence": True}, "need": {"presence": True}}]
    own = made(sheet(answers)).own
    assert own
    [food] = [card for card in own.cards if card.code == "food"]
    assert (food.difficulty.flagged, food.difficulty.level, [card.code for card in own.needs(None)]) == (
        True,
        None,
        ["food"],
    )


# For whom


async def test_a_partner_finds_nothing_without_the_person_s_agreement(run_service: Run) -> None:
    async with run_service("assessment") as service:
        person = await somebody(service)
        assert (await shared(service, person)).status_code == 404
        await consent(service, person, "partner-other")
        assert (await shared(service, person)).status_code == 404
        given = await consent(service, person)
        assert (given.status_code, given.headers["etag"]) == (201, '"1"')
        assert (await shared(service, person)).status_code == 200
        assert (await shared(service, str(uuid4()))).status_code == 404
        facts = await told(service, "assessment.profile-consent-given.v1")
        assert [fact["audience"] for fact in facts] == ["partner-other", "centre"]


async def test_an_agreement_ends_on_its_day_or_when_it_is_taken_back(run_service: Run) -> None:
    async with run_service("assessment") as service, service.client("coordinator") as coordinator:
        person = await somebody(service)
        today = service.clock.now().date()
        late = await consent(service, person, until="2020-01-01")
        assert (late.status_code, late.json()["errors"]) == (422, [{"pointer": "/until", "code": "out-of-range"}])
        given = await consent(service, person, until=today.isoformat())
        assert (await shared(service, person)).status_code == 200
        service.clock.move(days=2)
        assert (await shared(service, person)).status_code == 404
        given = await consent(service, person)
        assert (await shared(service, person)).status_code == 200
        place = given.headers["location"]
        assert (await coordinator.post(f"{place}/revocation")).status_code == 428
        taken = await coordinator.post(f"{place}/revocation", headers={"if-match": '"1"'})
        assert (taken.status_code, taken.headers["etag"]) == (201, '"2"')
        assert (await shared(service, person)).status_code == 404
        again = await coordinator.post(f"{place}/revocation", headers={"if-match": '"2"'})
        assert (again.status_code, again.json()["code"]) == (409, "consent-over")
        listed = (await coordinator.get(f"/assessment/persons/{person}/profile-consents")).json()["items"]
        assert [each["revoked_at"] is None for each in listed] == [False, True]


async def test_a_shared_page_has_no_sensitive_card_no_own_words_and_no_sheet_number(run_service: Run) -> None:
    async with run_service("assessment") as service:
        person = await somebody(service)
        await consent(service, person)
        for language, labels in SENSITIVE.items():
            answers = [await shared(service, person, lang=language, format=form) for form in ("json", "html")]
            for answer in answers:
                assert answer.status_code == 200
                assert not [label for label in labels if label in answer.text]
                assert not [code for code in HIDDEN if code in answer.text]
                assert "plus sortir" not in answer.text
        assert {each["sheet_id"] for each in answers[0].json()["sources"]} == {None}


def test_nothing_of_a_sensitive_card_can_be_guessed_from_a_shared_profile() -> None:
    """Whatever the sensitive cards say, the optional one included, the shared profile is the same."""
    loud = {card: {"difficulty": 3, "need": 3, "sources": ["P"]} for card in HIDDEN}
    refused = {card: {"absent": "refused"} for card in HIDDEN}
    profiles = []
    for more in ({}, loud, refused):
        given = [sheet({**BEFORE, **more}, EARLIER), sheet({**NOW, **more}), sheet({**NOW, **more}, rater="relative")]
        found = made(*given, audience=Audience.SHARED).model_dump()
        for view in (found["own"], *found["beside"]):
            view.pop("sheet_id")
        profiles.append(found)
    assert profiles[0] == profiles[1] == profiles[2]


@pytest.mark.parametrize(
    ("persona", "path", "status"),
    [
        ("case-manager-nurse", "profile", 200),
        ("line-nurse", "profile", 403),
        ("coordinator", "profile", 200),
        ("partner-centre", "profile", 403),
        ("hospital-chu", "profile", 403),
        ("analyst", "profile", 403),
        ("operator", "profile", 403),
        ("coordinator", "shared-profile", 403),
        ("analyst", "shared-profile", 403),
    ],
)
async def test_each_role_has_its_door(run_service: Run, persona: str, path: str, status: int) -> None:
    async with run_service("assessment") as service, service.client("case-manager-nurse") as client:
        person = str(uuid4())
        await record(client, person, NOW)
        assert (await profile(service, person, persona, path)).status_code == status
        nobody = service.client()
        async with nobody:
            assert (await nobody.get(f"/assessment/persons/{person}/{path}")).status_code == 401


async def test_another_organisation_and_an_unknown_person_find_nothing(run_service: Run) -> None:
    async with run_service("assessment") as service:
        person = await somebody(service)
        async with service.client("case-manager-nurse", org_id="elsewhere") as stranger:
            assert (await stranger.get(f"/assessment/persons/{person}/profile")).status_code == 404
        assert (await profile(service, str(uuid4()))).status_code == 404


# In which form


async def test_the_form_and_the_language_come_from_the_query_or_from_the_accept_headers(run_service: Run) -> None:
    async with run_service("assessment") as service, service.client("coordinator") as client:
        person = await somebody(service)
        place = f"/assessment/persons/{person}/profile"
        plain = await client.get(place)
        assert (plain.headers["content-type"], plain.json()["language"]) == ("application/json", "fr")
        browser = await client.get(place, headers={"accept": "text/html,*/*;q=0.8", "accept-language": "de-BE"})
        assert (browser.headers["content-type"], browser.headers["content-language"]) == (
            "text/html; charset=utf-8",
            "de",
        )
        chosen = await client.get(f"{place}?format=pdf&lang=nl", headers={"accept": "text/html"})
        assert (chosen.headers["content-type"], chosen.headers["content-language"]) == ("application/pdf", "nl")
        for wrong in ("lang=es", "format=docx", "language=fr"):
            assert (await client.get(f"{place}?{wrong}")).status_code == 422


async def test_the_html_runs_nothing_and_escapes_what_people_wrote(run_service: Run) -> None:
    async with run_service("assessment") as service:
        answer = await profile(service, await somebody(service), format="html")
    assert "&lt;b&gt;seul&lt;/b&gt; &amp; je dors mal." in answer.text
    for forbidden in ("<script", "<link", "<img", "style=", "http://", "https://", "onclick", "url("):
        assert forbidden not in answer.text
    rules = answer.headers["content-security-policy"]
    assert rules.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in rules


async def shared(service: UnderTest, person: str, **query: str) -> Any:
    """What the coordination centre reads."""
    return await profile(service, person, "partner-centre", "shared-profile", **query)
