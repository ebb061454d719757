"""Reports as people read them: one set of figures in four forms, priced with the rates of each day."""

import asyncio
import csv
import io
import time
from decimal import Decimal
from typing import Any

import httpx
from openpyxl import load_workbook

from shared.ids import new_id
from tests.cases.test_activities import NURSE, OUTREACH, PHONE, SOCIAL, TRAINING, changed, entered
from tests.cases.world import TODAY, VISIT, World, named

RATE = {"valid_from": "2026-01-01", "direct_hour": "60.00", "travel_hour": "30.00", "km": "0.5000"}
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

COPIES = """
    INSERT INTO activity SELECT copy.* FROM (SELECT * FROM activity ORDER BY entered_at LIMIT 1) AS line,
    generate_series($1::int, $2::int) AS number,
    jsonb_populate_record(null::activity, to_jsonb(line) || jsonb_build_object(
        'id', gen_random_uuid(), 'root_id', gen_random_uuid(), 'worker', 'worker-' || number % 50,
        'on', date '2026-01-01' + number % 300, 'direct_minutes', number % 120)) AS copy
"""


async def priced(world: World, etag: str | None = None, **changes: Any) -> httpx.Response:
    """Set a rate."""
    headers = {"if-match": etag} if etag else {}
    return await world.as_("coordinator").put("/cases/rates", json={**RATE, **changes}, headers=headers)


async def got(world: World, path: str, persona: str = "coordinator", **headers: str) -> httpx.Response:
    answer = await world.as_(persona).get(path, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer


async def worked(world: World) -> str:
    """A case with a visit, an accompaniment, and work on no case, by two people; one line was corrected."""
    case_id = await world.assigned()
    await world.done(case_id, "visits", {**VISIT, "nis_code": "62063"})
    company = {**PHONE, "kind": "accompaniment", "result": "person-absent", "direct_minutes": 25}
    await entered(world, company, case_id, SOCIAL)
    line = await entered(world, {**TRAINING, "direct_minutes": 600})
    await changed(world, line["id"], "correction", {"reason": "Trop", "values": TRAINING})
    await entered(world, OUTREACH)
    return case_id


async def test_the_activity_report_counts_visits_accompaniments_minutes_and_kilometres(world: World) -> None:
    case_id = await worked(world)

    report = await world.read("/cases/reports/activity?period=2026-Q4&group_by=case&group_by=commune&group_by=worker")

    assert (report["totals"]["home_visits"], report["totals"]["accompaniments"]) == (1, 1)
    assert (report["totals"]["direct_minutes"], report["totals"]["travel_minutes"]) == (60 + 25 + 180 + 90, 40 + 60)
    assert (report["totals"]["km"], report["totals"]["activities"], report["totals"]["participants"]) == (
        "52.50",
        4,
        12,
    )
    assert report["totals"]["continuity"] == "0.5000"
    keys = [(row["keys"]["case"], row["keys"]["commune"], row["keys"]["worker"]) for row in report["rows"]]
    assert sorted(keys) == sorted(
        [
            (case_id, "62063", NURSE),
            (case_id, "62063", SOCIAL),
            ("none", "62063", NURSE),
            ("none", "unknown", NURSE),
        ]
    )
    for name in ("direct_minutes", "travel_minutes", "total_minutes", "activities", "home_visits"):
        assert sum(row["figures"][name] for row in report["rows"]) == report["totals"][name]


async def test_the_complexity_is_the_one_last_assessed_else_unknown(world: World) -> None:
    await worked(world)

    report = await world.read("/cases/reports/activity?period=2026&group_by=complexity&group_by=kind&group_by=source")

    assert {row["keys"]["complexity"] for row in report["rows"]} == {"unknown"}
    assert {row["keys"]["source"] for row in report["rows"]} == {"unknown", "general-practice"}


async def test_each_day_costs_what_was_in_force_and_a_new_rate_leaves_the_days_before(world: World) -> None:
    await entered(world, {**TRAINING, "on": "2026-03-02"})
    await entered(world, {**TRAINING, "on": "2026-07-01"})
    path = "/cases/reports/funding?period=2026&group_by=month"

    example = await world.read(path)
    first = await priced(world)
    blind = await priced(world, valid_from="2026-07-01", direct_hour="90.00")
    second = await priced(world, first.headers["etag"], valid_from="2026-07-01", direct_hour="90.00")
    stale = await priced(world, first.headers["etag"], valid_from="2026-08-01")
    own = await world.read(path)

    assert (example["totals"]["at_example_rates"], own["totals"]["at_example_rates"]) == (2, 0)
    assert (first.status_code, blind.status_code, second.status_code, stale.status_code) == (200, 428, 200, 412)
    assert [(row["keys"]["month"], row["figures"]["amount"]) for row in own["rows"]] == [
        ("2026-03", "230.00"),
        ("2026-07", "320.00"),
    ]
    assert own["totals"]["amount"] == "550.00"
    rates = await world.read("/cases/rates")
    assert [rate["valid_from"] for rate in rates["rates"]] == ["2026-01-01", "2026-07-01"]
    assert rates["example_rates"]
    assert [each["valid_from"] for each in await world.told("cases.rates-changed.v1")] == ["2026-01-01", "2026-07-01"]


async def test_the_rates_of_a_closed_month_stay_and_only_the_coordinator_sets_any(world: World) -> None:
    first = await priced(world)
    await world.as_("coordinator").post("/cases/periods/2026-09/closure")

    within = await priced(world, first.headers["etag"], valid_from="2026-09-30", direct_hour="1.00")
    after = await priced(world, first.headers["etag"], valid_from="2026-10-01", direct_hour="1.00")
    nurse = await world.as_(NURSE).put("/cases/rates", json=RATE)

    assert (within.status_code, within.json()["months"]) == (409, ["2026-09"])
    assert (after.status_code, nurse.status_code) == (200, 403)
    for change, fault in (
        ({"direct_hour": "-1"}, ("/direct_hour", "out-of-range")),
        ({"km": "0.12345"}, ("/km", "decimal-max-places")),
        ({"until": TODAY}, ("/until", "unknown-field")),
    ):
        answer = await priced(world, after.headers["etag"], **change)
        assert (answer.status_code, named(answer)) == (422, [fault]), change


async def test_the_same_figures_come_as_csv_workbook_and_page(world: World) -> None:
    await worked(world)
    await entered(world, {**TRAINING, "worker": "=HYPERLINK(1)"}, persona="coordinator")
    path = "/cases/reports/funding?period=2026&group_by=worker&group_by=kind"
    report = await world.read(path)

    text = await got(world, path, accept="text/csv")
    book = await got(world, f"{path}&format=xlsx", **{"accept-language": "nl-BE"})
    page = await got(world, path, accept="text/html", **{"accept-language": "fr"})

    assert text.content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(text.content.decode("utf-8-sig")), delimiter=";"))
    assert [row["line"] for row in rows] == ["group"] * len(report["rows"]) + ["total"]
    assert rows[0]["worker"] == "'=HYPERLINK(1)"
    assert rows[-1]["amount"] == report["totals"]["amount"]
    assert sum(Decimal(row["amount"]) for row in rows[:-1]) == Decimal(report["totals"]["amount"])

    sheet = load_workbook(io.BytesIO(book.content)).active
    cells = [list(row) for row in sheet.iter_rows()]
    heads = [cell.value for cell in cells[3]]
    assert (cells[0][0].value, heads[0], cells[-1][0].value) == ("Financieringsverslag", "Medewerker", "Totaal")
    assert not [cell for row in cells for cell in row if cell.data_type == "f"]
    amount = heads.index("Bedrag (€)")
    assert Decimal(str(cells[-1][amount].value)) == Decimal(report["totals"]["amount"])
    in_book = sum(Decimal(str(row[amount].value)) for row in cells[4:-1])
    assert in_book == Decimal(report["totals"]["amount"])

    assert page.headers["content-security-policy"].startswith("default-src 'none'")
    assert "Rapport de financement" in page.text
    assert report["totals"]["amount"].replace(".", ",") in page.text
    for outside in ("http:", "https:", "<script", "src="):
        assert outside not in page.text
    assert "tarif d'exemple" in page.text.replace("&#39;", "'")


async def test_what_somebody_wrote_is_text_on_the_page(world: World) -> None:
    await entered(world, {**TRAINING, "worker": "<script>alert(1)</script>"}, persona="coordinator")

    page = await got(world, "/cases/reports/activity?period=2026&group_by=worker&format=html")

    assert "<script>" not in page.text
    assert "&lt;script&gt;" in page.text


async def test_people_see_their_own_figures_and_the_analyst_those_of_the_organisation(world: World) -> None:
    await worked(world)
    path = "/cases/reports/activity?period=2026"

    nurse = await world.read(path, NURSE)
    everybody = await world.read(path, "analyst")
    others = await world.as_(NURSE).get(f"{path}&worker={SOCIAL}")
    one = await world.read(f"{path}&worker={SOCIAL}", "coordinator")

    assert (nurse["worker"], nurse["totals"]["activities"], everybody["totals"]["activities"]) == (NURSE, 3, 4)
    assert (others.status_code, others.json()["code"]) == (403, "not-your-own")
    assert one["totals"]["activities"] == 1
    for persona in ("partner-centre", "hospital-chu", "operator"):
        assert (await world.as_(persona).get(path)).status_code == 403


async def test_a_question_that_cannot_be_is_refused(world: World) -> None:
    for query, fault in (
        ("", ("/query/from", "required")),
        ("?period=2026-Q7", ("/query/period", "wrong-format")),
        ("?period=2026&from=2026-01-01", ("/query/period", "not-with-from-and-to")),
        ("?from=2026-02-01&to=2026-01-01", ("/query/to", "before-from")),
        ("?from=2010-01-01&to=2026-01-01", ("/query/to", "out-of-range")),
        ("?period=2026&group_by=person", ("/query/group_by/0", "not-one-of")),
        ("?period=2026&group_by=worker&group_by=worker", ("/query/group_by", "repeated")),
        ("?period=2026&format=pdf", ("/query/format", "not-one-of")),
    ):
        answer = await world.as_("coordinator").get(f"/cases/reports/funding{query}")
        assert (answer.status_code, fault in named(answer)) == (422, True), (query, answer.text)


async def test_a_hundred_thousand_lines_are_added_up_in_seconds_while_others_are_served(world: World) -> None:
    await entered(world, TRAINING)
    for thousands in range(100):
        await world.rows(COPIES, thousands * 1000 + 1, min(thousands * 1000 + 1000, 99_999))
    path = "/cases/reports/funding?period=2026&group_by=worker&group_by=month"

    begun = time.process_time()
    rates = asyncio.ensure_future(world.read("/cases/rates"))
    report = await world.read(path)
    took = time.process_time() - begun
    assert (await rates)["example_rates"]
    await got(world, f"{path}&format=xlsx")

    assert report["totals"]["activities"] == 100_000
    assert sum(Decimal(row["figures"]["amount"]) for row in report["rows"]) == Decimal(report["totals"]["amount"])
    assert took < 15
    print(f"100,000 lines: {took:.1f} s of processor time")
    unknown = await world.as_("coordinator").get(f"/cases/activities/{new_id()}")
    assert unknown.status_code == 404
