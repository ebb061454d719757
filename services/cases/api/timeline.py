"""The routes of a case's timeline: what happened, told by all services, and what the names of the facts mean."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel, Field

from services.cases.api.doors import CasesDep, MayRead, MayReadRecord, TimelineDep, router
from services.cases.domain.search import Service, TimelineTerms
from services.cases.formats.timeline import KINDS, Labels
from services.cases.store.timeline import Entry
from shared.cursors import Page, PagingDep

LINKS: Mapping[Service, Mapping[str, str]] = {
    Service.REFERRALS: {"outgoing_id": "/referrals/outgoing/{}", "referral_id": "/referrals/{}"},
    Service.ASSESSMENT: {"outcome_id": "/assessment/outcomes/{}", "assessment_id": "/assessment/admissions/{}"},
    Service.SCHEDULER: {"follow_up_id": "/scheduler/follow-ups/{}", "person_id": "/intake/persons/{}"},
    Service.INTAKE: {
        "contact_id": "/intake/contacts/{}",
        "request_id": "/intake/contacts/{}",
        "person_id": "/intake/persons/{}",
    },
}
"""Where the record that a fact names can be read, by the field that names it; the first one that is there counts."""


class TimelineEntry(BaseModel):
    """One fact of a case's life, or of what belongs to it."""

    id: UUID
    service: Service = Field(description="The service that told it")
    kind: str = Field(
        description="Name of the fact; its labels are at /cases/timeline/kinds", examples=["case-assigned"]
    )
    at: datetime = Field(description="When it happened, by the clock of that service")
    by: str | None = Field(description="Who made the step; null when another service told it")
    facts: dict[str, Any] = Field(description="Ids, codes and days")
    words: dict[str, str] = Field(description="What was written with a step of ours, by field")
    href: str = Field(description="The record, in the service that keeps it", examples=["/referrals/outgoing/{id}"])

    @classmethod
    def of(cls, case_id: UUID, row: Entry) -> "TimelineEntry":
        found = {name: getattr(row, name) for name in ("id", "service", "kind", "at", "by", "facts", "words")}
        return cls(**found, href=href(case_id, Service(row.service), row.facts))


class KindView(BaseModel):
    """A kind of fact, as people call it."""

    service: Service
    kind: str
    labels: Labels


def href(case_id: UUID, service: Service, facts: Mapping[str, Any]) -> str:
    """The address of the record that a fact is about; the case itself where it names none."""
    for field, path in LINKS.get(service, {}).items():
        if facts.get(field):
            return path.format(facts[field])
    return f"/cases/{case_id}"


@router.get("/{case_id:uuid}/timeline")
async def read_timeline(
    case_id: UUID,
    cases: CasesDep,
    timeline: TimelineDep,
    paging: PagingDep,
    caller: MayReadRecord,
    terms: Annotated[TimelineTerms, Query()],
) -> Page[TimelineEntry]:
    """Everything that happened to a case and before it, told by all services; the newest first, or the oldest."""
    case = await cases.get(case_id, caller)
    rows = await timeline.page(case, terms, paging.limit, paging.after)
    keys = [(row.at.isoformat(), row.place, row.id) for row in rows]
    return paging.page([TimelineEntry.of(case.id, row) for row in rows], keys)


@router.get("/timeline/kinds")
async def list_timeline_kinds(caller: MayRead) -> list[KindView]:
    """The kinds of facts that a timeline can hold, with their names in four languages."""
    named = [(name.partition("."), labels) for name, labels in KINDS.items()]
    return [KindView(service=Service(service), kind=kind, labels=labels) for (service, _, kind), labels in named]
