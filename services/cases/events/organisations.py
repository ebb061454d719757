"""What cases tells of organisations side by side: shared cases, routing, the common pathway and its deviations."""

from datetime import date
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from pydantic import Field

from shared.events import Event


class ShareRule(StrEnum):
    """How far a case is shared, from looking on to leading it together."""

    READ = "read"
    CONTRIBUTE = "contribute"
    CO_LEAD = "co-lead"


class ShareEnd(StrEnum):
    """Why a share ended."""

    CONSENT_WITHDRAWN = "consent-withdrawn"
    PURPOSE_REACHED = "purpose-reached"
    ORGANISATION_LEFT = "organisation-left"
    EXPIRED = "expired"
    OTHER = "other"


class PathwayStepCode(StrEnum):
    """The steps that a pathway can ask for; each is seen on the case's own timeline."""

    ASSIGNMENT = "assignment"
    FIRST_CONTACT = "first-contact"
    HOME_VISIT = "home-visit"
    PLAN_DRAFTED = "plan-drafted"
    PLAN_AGREED = "plan-agreed"
    GP_INFORMED = "gp-informed"
    REVIEW_MEETING = "review-meeting"
    CLOSING_EVALUATION = "closing-evaluation"


class DeviationReason(StrEnum):
    """Why a step of the pathway came late, too soon, or not at all."""

    PERSON_UNREACHABLE = "person-unreachable"
    PERSON_WISH = "person-wish"
    HOSPITAL_STAY = "hospital-stay"
    WORKER_ABSENT = "worker-absent"
    CASELOAD = "caseload"
    WAITING_FOR_OTHERS = "waiting-for-others"
    DONE_BY_OTHERS = "done-by-others"
    NOT_NEEDED = "not-needed"
    URGENCY = "urgency"
    OTHER = "other"


class CaseShared(Event):
    """Another organisation may see a case, or work on it, with the person's consent."""

    type: ClassVar[str] = "cases.case-shared.v1"
    case_id: UUID
    share_id: UUID
    organisation: str = Field(description="The organisation that it is shared with", examples=["centre"])
    rule: ShareRule
    begins_on: date
    until: date | None = Field(description="The last day; null where it has no end yet")


class CaseShareEnded(Event):
    """A case is no longer open to an organisation that shared it."""

    type: ClassVar[str] = "cases.case-share-ended.v1"
    case_id: UUID
    share_id: UUID
    organisation: str = Field(examples=["centre"])
    on: date
    reason: ShareEnd


class PathwayDeviationExplained(Event):
    """Somebody said why a step of the pathway did not go as it should."""

    type: ClassVar[str] = "cases.pathway-deviation-explained.v1"
    case_id: UUID
    step: PathwayStepCode
    reason: DeviationReason


class PathwayChanged(Event):
    """An organisation has a new version of the common pathway; it holds for requests from a day on."""

    type: ClassVar[str] = "cases.pathway-changed.v1"
    pathway_id: UUID
    organisation: str = Field(examples=["relais"])
    protocol_version: str = Field(examples=["2027-1"])
    valid_from: date


class RoutingChanged(Event):
    """The rules that say which organisation answers for a new request were replaced."""

    type: ClassVar[str] = "cases.routing-changed.v1"
    routing_id: UUID
    rules: int = Field(description="How many rules there are now")


ORGANISATIONS = (CaseShared, CaseShareEnded, PathwayDeviationExplained, PathwayChanged, RoutingChanged)
