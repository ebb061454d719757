"""The routes of reports of activity and funding: as JSON, CSV, Excel workbook or a page to print."""

import asyncio
from datetime import date, timedelta
from enum import StrEnum
from typing import Annotated, Any

from fastapi import Depends, Header, Query, Response
from fastapi.responses import HTMLResponse

from services.cases.api.doors import MayTakeReports, ReportsDep, SettingsDep, router
from services.cases.domain import (
    ActivityReport,
    Dimension,
    FundingReport,
    NotYourOwn,
    Question,
    ReportKind,
    Unfit,
    days_of,
    refuse,
)
from services.cases.domain.words import Day, Subject
from services.cases.formats.report import csv_of, html_of, policy, workbook_of
from services.cases.formats.report.words import Language
from shared.access import Scope
from shared.errors import Fault
from shared.problems import language_of

LONGEST = timedelta(days=5 * 366)
POLICY = policy()
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class Form(StrEnum):
    """How a report is written."""

    JSON = "json"
    CSV = "csv"
    XLSX = "xlsx"
    HTML = "html"


MEDIA = {"application/json": Form.JSON, "text/csv": Form.CSV, XLSX: Form.XLSX, "text/html": Form.HTML}
ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The report, as asked for",
        "content": {"text/csv": {"schema": {"type": "string"}}, XLSX: {}, "text/html": {"schema": {"type": "string"}}},
    }
}


class Written:
    """In which language and form a report is wanted: `format` says, else the Accept headers, else JSON."""

    def __init__(self, form: Form, language: Language) -> None:
        self.form = form
        self.language: Language = language

    async def answer(self, report: ActivityReport | FundingReport) -> Response:
        """The report as a response; a workbook is written beside the loop, for a large one takes seconds."""
        headers = {"vary": "accept, accept-language", "cache-control": "no-store"}
        if self.form is Form.JSON:
            return Response(report.model_dump_json(), 200, headers, "application/json")
        if self.form is Form.HTML:
            page = await asyncio.to_thread(html_of, report, self.language)
            named = {"content-language": self.language, "content-security-policy": POLICY}
            return HTMLResponse(page, headers={**headers, **named})
        name = f"{report.report.value}-{report.first}-{report.last}.{self.form.value}"
        headers["content-disposition"] = f'attachment; filename="{name}"'
        if self.form is Form.CSV:
            return Response(await asyncio.to_thread(csv_of, report), 200, headers, "text/csv; charset=utf-8")
        headers["content-language"] = self.language
        return Response(await asyncio.to_thread(workbook_of, report, self.language), 200, headers, XLSX)


async def _written(
    format: Annotated[Form | None, Query(description="Null: the first of Accept that we know, else JSON")] = None,
    accept: Annotated[str, Header()] = "",
    accept_language: Annotated[str, Header(description="fr, nl, de or en; French where none is said")] = "",
) -> Written:
    languages: dict[str, Language] = {"fr": "fr", "nl": "nl", "de": "de", "en": "en"}
    spoken = languages[language_of(accept_language)] if accept_language.strip(" *") else "fr"
    media = (part.split(";")[0].strip().lower() for part in accept.split(","))
    return Written(format or next((MEDIA[each] for each in media if each in MEDIA), Form.JSON), spoken)


def stretch_of(period: str | None, first: date | None, last: date | None) -> tuple[date, date]:
    """The days that are asked for: a period, or from a day to a day. Raises Unfit."""
    if period is not None:
        found = days_of(period)
        if found is None or first or last:
            raise Unfit(faults=[Fault("/query/period", "not-with-from-and-to" if found else "wrong-format")])
        return found
    if first is None or last is None:
        missing = {"/query/from": first, "/query/to": last}
        raise Unfit(faults=[Fault(pointer, "required") for pointer, value in missing.items() if value is None])
    if last < first or last - first > LONGEST:
        raise Unfit(faults=[Fault("/query/to", "before-from" if last < first else "out-of-range")])
    return first, last


async def _question(
    caller: MayTakeReports,
    period: Annotated[str | None, Query(max_length=7, description="2026, 2026-Q4 or 2026-11")] = None,
    first: Annotated[Day | None, Query(alias="from", description="First day, in Belgium")] = None,
    last: Annotated[Day | None, Query(alias="to", description="Last day; five years at most")] = None,
    worker: Annotated[Subject | None, Query(description="Only this worker's work")] = None,
    group_by: Annotated[list[Dimension], Query(max_length=5, description="Repeat for several")] = [],  # noqa: B006
) -> Question:
    days = stretch_of(period, first, last)
    if len(set(group_by)) < len(group_by):
        refuse([Fault("/query/group_by", "repeated")])
    if caller.scope == Scope.OWN:
        if worker not in (None, caller.subject):
            raise NotYourOwn
        worker = caller.subject
    organisation = None if caller.scope == Scope.ALL else caller.organisation
    return Question(*days, organisation, worker, tuple(group_by))


WrittenDep = Annotated[Written, Depends(_written)]
QuestionDep = Annotated[Question, Depends(_question)]


@router.get("/reports/activity", response_model=ActivityReport, responses=ANSWERS)
async def report_activity(
    question: QuestionDep, written: WrittenDep, reports: ReportsDep, settings: SettingsDep
) -> Response:
    """What was done: minutes, kilometres, visits made and missed, accompaniments, continuity; one's own, or all."""
    tally = await reports.tally(question, ReportKind.ACTIVITY, settings.stand_in_rates, settings.weights)
    return await written.answer(tally.activity())


@router.get("/reports/funding", response_model=FundingReport, responses=ANSWERS)
async def report_funding(
    question: QuestionDep, written: WrittenDep, reports: ReportsDep, settings: SettingsDep
) -> Response:
    """What it costs at the rates in force on each day; each line is rounded half-even to the cent once."""
    tally = await reports.tally(question, ReportKind.FUNDING, settings.stand_in_rates, settings.weights)
    return await written.answer(tally.funding())
