"""Shared cases: which other organisation may see or work on a case, by which rule, for what, with whose consent.

One organisation leads a case and answers for it; each task has one accountable organisation of its own (S60, S63).
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Self
from uuid import UUID

from pydantic import BaseModel, Field, model_validator
from pydantic_core import PydanticCustomError

from services.cases.domain.agreement import AgreedBy, HowAgreed
from services.cases.domain.case import Case
from services.cases.domain.task import Task
from services.cases.domain.words import Code, Day, Part, Prose, refuse
from services.cases.events import CaseShared, CaseShareEnded, ShareEnd, ShareRule
from shared.errors import DomainError, Fault
from shared.ids import new_id


class Right(StrEnum):
    """What an organisation may do on a case that it does not lead."""

    READ = "read"
    COMPLETE_OWN_TASKS = "complete-own-tasks"
    RECORD_ACTIVITIES = "record-activities"
    RECORD_DECISIONS = "record-decisions"
    RECORD_VISITS = "record-visits"
    ADD_TASKS = "add-tasks"
    WRITE_PLAN = "write-plan"


LOOKING_ON = frozenset({Right.READ})
CONTRIBUTING = LOOKING_ON | {Right.COMPLETE_OWN_TASKS, Right.RECORD_ACTIVITIES, Right.RECORD_DECISIONS}

RIGHTS: Mapping[ShareRule, frozenset[Right]] = {
    ShareRule.READ: LOOKING_ON,
    ShareRule.CONTRIBUTE: CONTRIBUTING,
    ShareRule.CO_LEAD: CONTRIBUTING | {Right.RECORD_VISITS, Right.ADD_TASKS, Right.WRITE_PLAN},
}
"""What each rule allows. What is not listed (assign, pause, close, reopen, hand over, share) stays with the leader."""


class NotByThisShare(DomainError):
    """The rule by which this case is shared with your organisation does not allow this step."""


class SharedAlready(DomainError):
    """The case is shared with this organisation already; end that share first."""


class ShareOver(DomainError):
    """This share has ended already."""


class Consent(Part):
    """The person's consent to sharing: how it was given, by whom, and on which day."""

    kind: HowAgreed
    by: AgreedBy
    on: Day


class Sharing(Part):
    """The wish to share a case with another organisation, from one day on, until a day or an end."""

    organisation: Code
    rule: ShareRule
    purpose: Prose = Field(description="Why this organisation needs to know; stays in this service")
    consent: Consent
    begins_on: Day | None = Field(None, description="From which day on; today where nothing is said")
    until: Day | None = Field(None, description="The last day")

    @model_validator(mode="after")
    def in_order(self) -> Self:
        """A share ends after it begins."""
        if self.begins_on and self.until and self.until < self.begins_on:
            raise PydanticCustomError("until_before_begin", "a share ends after it begins")
        return self

    def faults(self, leader: str, today: date) -> list[Fault]:
        """What cannot be right: the leader itself, an end or a beginning that is past, a consent to come."""
        checks = (
            ("/organisation", "leads-already", self.organisation == leader),
            ("/begins_on", "in-past", self.begins_on is not None and self.begins_on < today),
            ("/until", "in-past", self.until is not None and self.until < (self.begins_on or today)),
            ("/consent/on", "in-future", self.consent.on > today),
        )
        return [Fault(pointer, code) for pointer, code, wrong in checks if wrong]


class Ending(Part):
    """Why a share ends now."""

    reason: ShareEnd


class Share(BaseModel):
    """A case shared with an organisation. It opens the case while `is_live`: from `begins_on` until it ended."""

    id: UUID
    case_id: UUID
    organisation: str
    rule: ShareRule
    purpose: str
    consent: Consent
    begins_on: date
    until: date | None
    is_live: bool
    shared_by: str
    shared_at: datetime
    ended_on: date | None = None
    end_reason: ShareEnd | None = None

    @property
    def rights(self) -> list[Right]:
        """What its rule allows, in the order of the published rules."""
        return [right for right in Right if right in RIGHTS[self.rule]]

    def end(self, reason: ShareEnd, today: date) -> CaseShareEnded:
        """Close the case to this organisation from now on. Raises ShareOver."""
        if self.ended_on is not None:
            raise ShareOver
        self.is_live, self.ended_on, self.end_reason = False, today, reason
        return CaseShareEnded(
            case_id=self.case_id, share_id=self.id, organisation=self.organisation, on=today, reason=reason
        )


def share(
    case: Case, sharing: Sharing, standing: Sequence[Share], by: tuple[str, datetime], today: date
) -> tuple[Share, CaseShared]:
    """Share a case that has an owner. Raises IllegalStep, SharedAlready, Unfit for days that cannot be."""
    case.needs_owner()
    refuse(sharing.faults(case.organisation, today))
    if any(each.organisation == sharing.organisation and each.ended_on is None for each in standing):
        raise SharedAlready
    begins_on = sharing.begins_on or today
    made = Share(
        id=new_id(),
        case_id=case.id,
        organisation=sharing.organisation,
        rule=sharing.rule,
        purpose=sharing.purpose,
        consent=sharing.consent,
        begins_on=begins_on,
        until=sharing.until,
        is_live=begins_on <= today,
        shared_by=by[0],
        shared_at=by[1],
    )
    fact = CaseShared(
        case_id=case.id,
        share_id=made.id,
        organisation=made.organisation,
        rule=made.rule,
        begins_on=begins_on,
        until=made.until,
    )
    return made, fact


def allow(case: Case, organisation: str, rule: ShareRule | None, right: Right | None) -> None:
    """Raise NotByThisShare unless this organisation leads the case, or a share's rule gives it the right."""
    if organisation == case.organisation:
        return
    if rule is None or right is None or right not in RIGHTS[rule]:
        raise NotByThisShare(facts={"leader": case.organisation, "rule": rule or "none"})


def allow_own_task(case: Case, organisation: str, task: Task) -> None:
    """Raise NotByThisShare where an organisation would finish a task of a case it does not lead, nor answers for."""
    if organisation not in {case.organisation, task.organisation}:
        raise NotByThisShare(facts={"leader": case.organisation, "accountable": task.organisation})
