"""The codes that several facts carry."""

from enum import StrEnum


class Urgency(StrEnum):
    """How soon the sender asks for an answer (FHIR request-priority, two steps of it)."""

    ROUTINE = "routine"
    URGENT = "urgent"


class RefusalReason(StrEnum):
    """Why a referral is refused."""

    AT_CAPACITY = "at-capacity"
    OUTSIDE_AREA = "outside-area"
    OUTSIDE_MISSION = "outside-mission"
    EXISTING_CASE_MANAGER = "existing-case-manager"
    PATIENT_REFUSED = "patient-refused"
    NO_CONSENT = "no-consent"
    INSUFFICIENT_INFORMATION = "insufficient-information"
    DUPLICATE = "duplicate"


class CapacityState(StrEnum):
    """How much room a service or a programme has (Gravity's four)."""

    AVAILABLE = "available"
    FULL = "full"
    WAITING_LIST = "waiting-list"
    ASSESSMENT_NEEDED = "assessment-needed"


class CancellationCode(StrEnum):
    """Why a referral is no longer wanted."""

    BY_SENDER = "by-sender"
    GRANTED = "granted"
    ENTERED_IN_ERROR = "entered-in-error"
