"""What cases tells of a case's circle of care: who came and went, and who was told; codes, never a person's name."""

from datetime import date
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from pydantic import Field

from shared.events import Event


class MemberKind(StrEnum):
    """Whether somebody of the circle helps by profession, or as a relative, neighbour or volunteer."""

    PROFESSIONAL = "professional"
    INFORMAL = "informal"


class Role(StrEnum):
    """What a professional is in the circle."""

    GENERAL_PRACTITIONER = "general-practitioner"
    SPECIALIST = "specialist"
    HOSPITAL_TEAM = "hospital-team"
    HOME_NURSE = "home-nurse"
    HOME_HELP = "home-help"
    PHARMACIST = "pharmacist"
    PHYSIOTHERAPIST = "physiotherapist"
    OCCUPATIONAL_THERAPIST = "occupational-therapist"
    PSYCHOLOGIST = "psychologist"
    MENTAL_HEALTH_TEAM = "mental-health-team"
    SOCIAL_WORKER = "social-worker"
    PUBLIC_WELFARE_CENTRE = "public-welfare-centre"
    COORDINATION_CENTRE = "coordination-centre"
    PATIENT_ASSOCIATION = "patient-association"
    PROPERTY_ADMINISTRATOR = "property-administrator"
    HEALTH_INSURANCE_FUND = "health-insurance-fund"
    CASE_MANAGER = "case-manager"
    SECOND_WORKER = "second-worker"
    LINE_NURSE = "line-nurse"
    OTHER = "other"


class Relation(StrEnum):
    """What somebody who helps outside a profession is to the person."""

    PARTNER = "partner"
    CHILD = "child"
    PARENT = "parent"
    SIBLING = "sibling"
    GRANDCHILD = "grandchild"
    OTHER_RELATIVE = "other-relative"
    FRIEND = "friend"
    NEIGHBOUR = "neighbour"
    VOLUNTEER = "volunteer"
    LEGAL_REPRESENTATIVE = "legal-representative"
    OTHER = "other"


class Leaving(StrEnum):
    """Why a membership ended. The last three follow from other steps and are not given by hand."""

    SERVICE_ENDED = "service-ended"
    PERSON_REFUSED = "person-refused"
    MOVED = "moved"
    DECEASED = "deceased"
    ENTERED_IN_ERROR = "entered-in-error"
    OTHER = "other"
    REPLACED = "replaced"
    REASSIGNED = "reassigned"
    CLOSING = "closing"


class GpStatus(StrEnum):
    """What is known of the person's general practitioner."""

    KNOWN = "known"
    NONE = "none"
    REFUSES_TO_TELL = "refuses-to-tell"


class KeyStep(StrEnum):
    """What a member of the circle was told of."""

    OPENING = "opening"
    PLAN = "plan"
    CLOSING = "closing"
    OTHER = "other"


class InformedBy(StrEnum):
    """By which way a member of the circle was told."""

    PHONE = "phone"
    LETTER = "letter"
    E_MAIL = "e-mail"
    SECURE_MESSAGE = "secure-message"
    MEETING = "meeting"
    OTHER = "other"


class CircleMemberAdded(Event):
    """Somebody belongs to the circle of care, newly or again after a reopening."""

    type: ClassVar[str] = "cases.circle-member-added.v1"
    case_id: UUID
    member_id: UUID
    kind: MemberKind
    role: Role | None = Field(description="Null for somebody who helps outside a profession")
    organisation: str | None = Field(description="Directory code, where there is one", examples=["centre"])
    since: date
    restored: bool = Field(False, description="Whether the membership ended with the closing and goes on now")


class CircleMemberChanged(Event):
    """Something about a membership changed; what exactly is kept with the case."""

    type: ClassVar[str] = "cases.circle-member-changed.v1"
    case_id: UUID
    member_id: UUID
    changed: list[str] = Field(description="The fields that changed", examples=[["mission"]])


class CircleMemberEnded(Event):
    """A membership ended."""

    type: ClassVar[str] = "cases.circle-member-ended.v1"
    case_id: UUID
    member_id: UUID
    until: date = Field(description="The last day of the membership")
    reason: Leaving


class GpIdentified(Event):
    """It is known who the person's general practitioner is, that there is none, or that the person will not say."""

    type: ClassVar[str] = "cases.gp-identified.v1"
    case_id: UUID
    status: GpStatus
    member_id: UUID | None = Field(description="The membership of a known one")


class ProviderInformed(Event):
    """A member of the circle was told of a key step of the case."""

    type: ClassVar[str] = "cases.provider-informed.v1"
    case_id: UUID
    information_id: UUID
    member_id: UUID
    role: Role | None
    step: KeyStep
    channel: InformedBy
    on: date


CIRCLE = (CircleMemberAdded, CircleMemberChanged, CircleMemberEnded, GpIdentified, ProviderInformed)
