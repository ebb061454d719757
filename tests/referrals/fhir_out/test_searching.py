"""Searching: nothing unknown is ignored, nobody sees what is not theirs, and a poller never loses a row."""

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit
from uuid import uuid4

import pytest

from services.referrals.formats.fhir.search_parameters import Kind, SearchRefused, parse_search, span_of
from shared.testing.harness import UnderTest
from tests.referrals.fhir_out.talk import FHIR, checked, codes_of, get, merge, patch, referred, staff_patch
from tests.referrals.pushes import CANARIES, FULL, id_of, push

SSIN = "https://www.ehealth.fgov.be/standards/fhir/core/NamingSystem/ssin"


async def found(referrals: UnderTest, place: str, persona: str = "hospital-chu") -> list[str]:
    """The ids that match, page after page."""
    ids: list[str] = []
    following: str | None = f"{FHIR}/{place}"
    async with referrals.client(persona) as client:
        while following:
            bundle = checked(await client.get(following))
            assert bundle["type"] == "searchset", bundle
            entries = bundle.get("entry", [])
            ids += [each["resource"]["id"] for each in entries if each["search"]["mode"] == "match"]
            following = next((each["url"] for each in bundle["link"] if each["relation"] == "next"), None)
    return ids


async def by_form(referrals: UnderTest, kind: str, **pairs: str) -> dict[str, Any]:
    """A search by POST."""
    async with referrals.client("hospital-chu") as client:
        return checked(await client.post(f"{FHIR}/{kind}/_search", data=pairs))


async def test_what_is_asked_for_is_found(referrals: UnderTest) -> None:
    one, other = await referred(referrals), await referred(referrals)
    await staff_patch(referrals, "coordinator", one, merge("accepted"))
    value = (await get(referrals, f"Task/{one}")).json()["identifier"][0]["value"]
    mine: dict[str, list[str]] = {
        "Task": [one, other],
        f"Task?_id={one}": [one],
        f"Task?identifier=urn:chu:referral|{value}": [one],
        f"Task?identifier={value}": [one],
        f"Task?identifier=urn:other|{value}": [],
        f"ServiceRequest?identifier=urn:chu:referral|{value}": [one],
        "Task?status=accepted": [one],
        "Task?status=requested,accepted": [one, other],
        "Task?status=http://hl7.org/fhir/task-status|requested": [other],
        "Task?status:not=accepted": [],
        "Task?business-status=accepted": [one],
        "Task?requester=Organization/chu": [one, other],
        "Task?requester=Organization/hospital-other": [],
        "Task?owner=relais": [one, other],
        f"Task?focus=ServiceRequest/{one}": [one],
        f"Task?patient=Patient/{one}": [one],
        f"Task?patient=http://relais.test/referrals/fhir/Patient/{one}": [one],
        f"ServiceRequest?subject={one}": [one],
        f"Consent?patient={one}&status=active": [one],
        f"Task?_id={uuid4()}": [],
        "Task?_id=x": [],
    }
    del mine["Task?status:not=accepted"]
    for place, expected in mine.items():
        assert sorted(await found(referrals, place)) == sorted(expected), place
    assert await found(referrals, "Task", "hospital-other") == []
    assert len(await found(referrals, "Task", "line-nurse")) == 2


REFUSED = {
    "Task?colour=red": "colour",
    "Task?status:not=accepted": "status:not",
    "Task?_has:Consent:patient:status=active": "_has:Consent:patient:status",
    "Task?_include=Task:encounter": "_include",
    "Task?_include=*": "_include",
    "Task?_sort=status": "_sort",
    "Task?_count=0x5": "_count",
    "Task?_count=201": "_count",
    "Task?_lastUpdated=yesterday": "_lastUpdated",
    "Task?_lastUpdated=ne2026-01-01": "_lastUpdated",
    "Task?_summary=true": "_summary",
    "Task?status=": "status",
    "Patient?family=Lambert": "family",
    "Questionnaire?title=x": "title",
}


async def test_a_parameter_that_is_not_known_is_refused_by_its_name(referrals: UnderTest) -> None:
    for place, name in REFUSED.items():
        answer = await get(referrals, place)
        assert answer.status_code == 400, place
        [(expression, _)] = codes_of(checked(answer))
        assert expression == f"http.query.{name}", place


async def test_a_national_number_never_stands_in_an_address(referrals: UnderTest) -> None:
    one = str(id_of(await push(referrals, FULL)))
    niss = CANARIES["niss"]
    for place in (f"Patient?identifier={SSIN}|{niss}", f"Task?patient.identifier={niss}", f"Task?_id={niss}"):
        answer = await get(referrals, place)
        assert answer.status_code == 400
        assert codes_of(checked(answer)).pop()[1] == "number-in-address"
        assert niss not in answer.text
    for identifier in (f"{SSIN}|{niss}", niss, "H-77"):
        bundle = await by_form(referrals, "Patient", identifier=identifier)
        assert [entry["resource"]["id"] for entry in bundle["entry"]] == [one]
        assert niss not in str(bundle["link"])
    assert "entry" not in await by_form(referrals, "Patient", identifier=f"{SSIN}|85073003328")


async def test_what_a_task_is_about_comes_along_once(referrals: UnderTest) -> None:
    one = await referred(referrals)
    await staff_patch(referrals, "line-nurse", one, merge("requested", "information-requested", text="Since when?"))
    bundle = checked(await get(referrals, "Task?_include=Task:focus&_include=Task:patient"))
    modes = [(each["resource"]["resourceType"], each["search"]["mode"]) for each in bundle["entry"]]
    assert modes == [("Task", "match"), ("Task", "match"), ("Patient", "include"), ("ServiceRequest", "include")]
    assert bundle["total"] == 2
    assert await found(referrals, "Task?owner=Organization/chu&status=requested") == [f"{one}.q1"]
    wishes = checked(await get(referrals, f"ServiceRequest?_id={one}&_revinclude=Task:focus"))
    assert [each["search"]["mode"] for each in wishes["entry"]] == ["match", "include", "include"]


async def test_pages_are_stable_while_others_write(referrals: UnderTest) -> None:
    ids = [await referred(referrals) for _ in range(5)]
    for order in ("_lastUpdated", "-_lastUpdated"):
        assert len(await found(referrals, f"Task?_count=2&_sort={order}")) == 5
    first = checked(await get(referrals, "Task?_count=2"))
    assert "total" not in first
    following = next(each["url"] for each in first["link"] if each["relation"] == "next")
    referrals.clock.move(minutes=1)
    await patch(referrals, "hospital-chu", ids[0], merge("cancelled"))
    rest = await found(referrals, following.partition(f"{FHIR}/")[2])
    assert rest == [*ids[2:], ids[0]]
    query = dict(parse_qsl(urlsplit(following).query))
    forged = urlencode({**query, "cursor": "A" * 40})
    assert (await get(referrals, f"Task?{forged}")).status_code == 422
    moved = urlencode({**query, "status": "requested"})
    assert (await get(referrals, f"Task?{moved}")).status_code == 422


async def test_the_total_is_told_when_it_is_asked_for(referrals: UnderTest) -> None:
    for _ in range(3):
        await referred(referrals)
    for place in ("Task?_summary=count", "Task?_count=0", "Task?_count=0&_totalMethod=count"):
        bundle = checked(await get(referrals, place))
        assert (bundle["total"], bundle.get("entry")) == (3, None)
    assert checked(await get(referrals, "Task?_count=1&_total=accurate"))["total"] == 3


async def test_a_row_that_commits_late_is_not_lost_to_a_poller(referrals: UnderTest) -> None:
    early = await referred(referrals)
    referrals.clock.move(seconds=20)
    late = await referred(referrals)
    bundle = checked(await get(referrals, "Task"))
    assert bundle["meta"]["lastUpdated"] < (await get(referrals, f"Task/{early}")).json()["meta"]["lastUpdated"]
    again = await found(referrals, f"Task?_lastUpdated=ge{bundle['meta']['lastUpdated']}")
    assert again == [early, late]


async def test_polling_by_time_gives_each_change_once(referrals: UnderTest) -> None:
    one = await referred(referrals)
    stamp = (await get(referrals, f"Task/{one}")).json()["meta"]["lastUpdated"]
    assert await found(referrals, f"Task?_lastUpdated=gt{stamp}") == []
    assert await found(referrals, f"Task?_lastUpdated=ge{stamp}") == [one]
    referrals.clock.move(seconds=1)
    other = await referred(referrals)
    assert await found(referrals, f"Task?_lastUpdated=gt{stamp}") == [other]
    assert await found(referrals, f"Task?_lastUpdated=ge{stamp}&_lastUpdated=le{stamp}") == [one]
    assert await found(referrals, f"Task?_lastUpdated=lt{stamp}") == []


async def test_a_form_is_a_form(referrals: UnderTest) -> None:
    await referred(referrals)
    async with referrals.client("hospital-chu") as client:
        assert (await client.post(f"{FHIR}/Task/_search", json={"status": "requested"})).status_code == 415
        assert len(checked(await client.post(f"{FHIR}/Task/_search"))["entry"]) == 1
        assert (await client.post(f"{FHIR}/Task/_search?status=accepted")).json()["total"] == 0


@pytest.mark.parametrize(
    ("written", "width"),
    [
        ("2026-11-18", timedelta(days=1)),
        ("eq2026-11-18T10:00:00Z", timedelta(seconds=1)),
        ("2026-11-18T10:00:00.123456Z", timedelta(microseconds=1)),
        ("2026-11-18T10:00+01:00", timedelta(minutes=1)),
    ],
)
def test_a_moment_means_what_its_precision_says(written: str, width: timedelta) -> None:
    span = span_of(written)
    assert span
    assert span.since
    assert span.until
    assert span.until - span.since == width


def test_a_day_is_a_belgian_day_on_both_sides_of_the_change_of_clocks() -> None:
    before, after = span_of("2026-10-24"), span_of("2026-10-26")
    assert before
    assert after
    assert str(before.since) == "2026-10-23 22:00:00+00:00"
    assert str(after.since) == "2026-10-25 23:00:00+00:00"


def test_the_name_of_an_unknown_parameter_is_not_told_back_when_it_could_be_data() -> None:
    with pytest.raises(SearchRefused) as refused:
        parse_search([("Jean Dupont", "x")], {"status": Kind.TOKEN}, frozenset())
    assert refused.value.faults[0].pointer == "/query/?"
