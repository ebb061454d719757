"""The domain of referrals: the document a hospital sends, the check of its sheets, the state shared with it."""

from services.referrals.domain.care_service import AlreadyRegistered, DirectoryFaults, NotYourOrganisation
from services.referrals.domain.deadline import ResponseTimes, awaited, deadline
from services.referrals.domain.document import Document, Sheet
from services.referrals.domain.history import (
    CONSENT_MISSING,
    Care,
    Door,
    IdentifierReused,
    IllegalMove,
    Message,
    MessageKind,
    MissingConsent,
    Move,
    NotYourMove,
    Rejection,
)
from services.referrals.domain.organisation import Organisation, OrganisationKind, TooManyNotes
from services.referrals.domain.referral import Referral
from services.referrals.domain.sheet_check import KnownInstrument, SheetFaults, check_sheet
from services.referrals.domain.states import MOVED_BY, MOVES, NEXT, STANDING, Actor, State

__all__ = [
    "CONSENT_MISSING",
    "MOVED_BY",
    "MOVES",
    "NEXT",
    "STANDING",
    "Actor",
    "AlreadyRegistered",
    "Care",
    "DirectoryFaults",
    "Document",
    "Door",
    "IdentifierReused",
    "IllegalMove",
    "KnownInstrument",
    "Message",
    "MessageKind",
    "MissingConsent",
    "Move",
    "NotYourMove",
    "NotYourOrganisation",
    "Organisation",
    "OrganisationKind",
    "Referral",
    "Rejection",
    "ResponseTimes",
    "Sheet",
    "SheetFaults",
    "State",
    "TooManyNotes",
    "awaited",
    "check_sheet",
    "deadline",
]
