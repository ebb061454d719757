"""The evaluation export: pseudonyms that last within a study, at least k people alike, and a dictionary that fits."""

import csv
import io
import re
from typing import Any
from uuid import UUID

import httpx
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.assessment.domain.anonymity import NothingToExport, TooFewAlike, classes, refuse_small, suppressed
from services.assessment.domain.evaluation import pseudonym_of
from services.assessment.domain.evaluation_columns import columns
from shared.testing.harness import UnderTest
from tests.assessment.deliveries import Run, told
from tests.assessment.outcomes.cases import at, open_case, record, who5
from tests.assessment.sheets import UNHURRIED

KEY = b"a key of the programme for tests, long enough"
ASKED = {"study": "evaluation-2026", "from": "2026-01-01", "to": "2026-01-31"}
PLAIN = ["episode", "opened", "source", "living_situation_start", "who_5_percent_start", "satisfaction_start"]


async def cohort(service: UnderTest) -> list[UUID]:
    """Six people at home from the line and two in a care home, one of them not identified."""
    at(service, "2026-01-10")
    found = []
    async with service.client("coordinator") as coordinator:
        for number in range(8):
            given = {"person_id": None} if number == 7 else {}
            case_id = await open_case(service, **given)
            living = "at-home" if number < 6 else "care-home"
            said = {"quality_of_life": who5(40 + number), "living_situation": living, "satisfaction": 4}
            comment = {"satisfaction_comment": "Monsieur Dupont est content"}
            answer = await record(coordinator, case_id, "start", "2026-01-10", **said, **comment)
            assert answer.status_code == 201, answer.text
            found.append(case_id)
    return found


async def export(client: httpx.AsyncClient, **given: Any) -> httpx.Response:
    """Ask for an export."""
    return await client.post("/assessment/exports", json={**ASKED, "on_small": "suppress", **given})


def read(answer: httpx.Response) -> list[dict[str, str]]:
    """The rows of a CSV answer."""
    assert answer.status_code == 201, answer.text
    return list(csv.DictReader(io.StringIO(answer.text)))


async def test_asking_again_gives_the_same_pseudonyms_and_another_study_others(run_service: Run) -> None:
    async with run_service("assessment") as service, service.client("analyst") as analyst:
        await cohort(service)
        first, again = await export(analyst, columns=PLAIN), await export(analyst, columns=PLAIN)
        assert first.content == again.content
        other = await export(analyst, columns=PLAIN, study="another-study")
        mine, theirs = ({row["pseudonym"] for row in read(each)} for each in (first, other))
        assert (len(mine), len(theirs), mine & theirs) == (7, 7, set())


async def test_too_few_alike_are_refused_with_the_columns_that_single_them_out(run_service: Run) -> None:
    async with run_service("assessment") as service, service.client("analyst") as analyst:
        await cohort(service)
        answer = await export(analyst, columns=PLAIN, on_small="refuse")
        assert (answer.status_code, answer.json()["code"]) == (409, "too-few-alike")
        assert answer.json()["combinations"] == ["living_situation_start: 1 classes, 1 rows"]
        assert "care-home" not in answer.text
        assert (await analyst.get("/assessment/exports")).json()["items"] == []
        without = [name for name in PLAIN if name != "living_situation_start"]
        assert len(read(await export(analyst, columns=without, on_small="refuse"))) == 7


async def test_on_request_what_singles_out_is_blanked_and_nothing_else(run_service: Run) -> None:
    async with run_service("assessment") as service, service.client("analyst") as analyst:
        await cohort(service)
        rows = read(await export(analyst, columns=PLAIN))
        assert [row["source"] for row in rows] == [""] * 7
        assert sorted(row["who_5_percent_start"] for row in rows) == [f"{40 + number}.0" for number in range(7)]


async def test_an_export_holds_no_id_no_day_and_no_free_text(run_service: Run) -> None:
    async with run_service("assessment") as service, service.client("analyst") as analyst:
        cases = await cohort(service)
        answer = await export(analyst)
        text = answer.text
        assert "Dupont" not in text
        assert not any(str(case_id) in text for case_id in cases)
        assert not re.search(r"\d{4}-\d{2}-\d{2}|[0-9a-f]{8}-[0-9a-f]{4}-", text)
        coarse = read(await export(analyst, columns=["opened"], precision="quarter", on_small="refuse"))
        assert {row["opened"] for row in coarse} == {"2026-Q1"}


async def test_each_export_is_recorded_listed_and_announced(run_service: Run) -> None:
    async with run_service("assessment") as service, service.client("analyst") as analyst:
        await cohort(service)
        answer = await export(analyst, columns=PLAIN)
        made = (await analyst.get(answer.headers["location"])).json()
        assert (made["rows"], made["left_out"], made["suppressed_rows"]) == (7, 1, 7)
        assert (made["columns"][0], made["study"], made["exported_by"] != "") == ("pseudonym", "evaluation-2026", True)
        listed = (await analyst.get("/assessment/exports?study=evaluation-2026")).json()["items"]
        assert listed == [made]
        [fact] = await told(service, "assessment.evaluation-exported.v1")
        assert fact == {"export_id": made["id"], "study": made["study"], "rows": 7, "checksum": made["checksum"]}


@pytest.mark.parametrize("names", [None, PLAIN])
async def test_the_dictionary_has_exactly_the_columns_of_the_file(run_service: Run, names: list[str] | None) -> None:
    async with run_service("assessment") as service, service.client("analyst") as analyst:
        await cohort(service)
        answer = await export(analyst, columns=names)
        place = f"/assessment/exports/dictionary?export_id={answer.headers['location'].rsplit('/', 1)[1]}"
        header = next(csv.reader(io.StringIO(answer.text)))
        as_json = (await analyst.get(place)).json()
        as_csv = list(csv.DictReader(io.StringIO((await analyst.get(f"{place}&format=csv")).text)))
        markdown = (await analyst.get(f"{place}&format=markdown")).text.splitlines()
        assert [each["column"] for each in as_json] == header
        assert [each["column"] for each in as_csv] == header
        assert [line.split(" | ")[0].removeprefix("| ") for line in markdown[2:]] == header
        parquet = await export(analyst, columns=names, format="parquet")
        assert parquet.headers["content-type"] == "application/vnd.apache.parquet"
        table = pq.read_table(io.BytesIO(parquet.content))
        assert table.column_names == header
        kinds = {"text": "string", "integer": "int64", "number": "double", "boolean": "bool"}
        assert [str(kind) for kind in table.schema.types] == [kinds[each["type"]] for each in as_json]
        assert [row["pseudonym"] for row in table.to_pylist()] == [row["pseudonym"] for row in read(answer)]


def test_the_codes_of_the_dictionary_are_all_and_names_are_unique() -> None:
    names = [column.name for column in columns()]
    assert len(names) == len(set(names))
    assert all(re.fullmatch(r"[a-z][a-z0-9_]*", name) for name in names)


async def test_an_export_of_too_few_people_and_of_unknown_columns_is_refused(assessment: UnderTest) -> None:
    async with assessment.client("analyst") as analyst:
        empty = await export(analyst, columns=["episode"])
        assert (empty.status_code, empty.json()["code"]) == (409, "too-few-people")
        wrong = await export(analyst, columns=["episode", "name", "episode"])
        assert wrong.json()["errors"] == [
            {"pointer": "/columns/1", "code": "unknown-column"},
            {"pointer": "/columns/2", "code": "repeated"},
        ]
        day = await export(analyst, **{"from": "2026-01-02"})
        assert day.json()["errors"] == [{"pointer": "/from", "code": "not-a-month-border"}]
    for persona in ("coordinator", "auditor", "case-manager-nurse"):
        async with assessment.client(persona) as client:
            assert (await export(client)).status_code == 403


@given(
    st.uuids(), st.uuids(), st.from_regex(r"[a-z]{2,9}", fullmatch=True), st.from_regex(r"[a-z]{2,9}", fullmatch=True)
)
@UNHURRIED
def test_a_pseudonym_is_stable_and_differs_between_people_studies_and_keys(
    one: UUID, two: UUID, study: str, other: str
) -> None:
    mine = pseudonym_of(KEY, study, one)
    assert mine == pseudonym_of(KEY, study, one)
    assert re.fullmatch(r"[0-9a-f]{32}", mine)
    assert (mine == pseudonym_of(KEY, study, two)) is (one == two)
    assert (mine == pseudonym_of(KEY, other, one)) is (study == other)
    assert mine != pseudonym_of(KEY + b"!", study, one)


people = st.lists(
    st.fixed_dictionaries({"a": st.sampled_from("xyz"), "b": st.sampled_from(["u", None]), "v": st.integers(0, 9)}),
    max_size=40,
)


@given(people, st.integers(1, 6))
@UNHURRIED
def test_released_rows_are_k_anonymous_and_keep_what_was_measured(rows: list[dict[str, Any]], limit: int) -> None:
    persons = [str(number % 25) for number in range(len(rows))]
    try:
        released, blanked = suppressed(rows, persons, ["a", "b"], limit)
    except NothingToExport:
        assert len(set(persons)) < limit
        return
    assert all(len({persons[place] for place in places}) >= limit for places in classes(released, ["a", "b"]).values())
    assert [row["v"] for row in released] == [row["v"] for row in rows]
    assert blanked >= sum(1 for before, after in zip(rows, released, strict=True) if before != after)
    if blanked:
        with pytest.raises(TooFewAlike) as refused:
            refuse_small(rows, persons, ["a", "b"], limit)
        assert refused.value.facts["combinations"]
    else:
        refuse_small(rows, persons, ["a", "b"], limit)
