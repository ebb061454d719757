"""The domain of referrals: the document a hospital sends, the check of its sheets, the state shared with it."""

from services.referrals.domain.document import Document, Sheet
from services.referrals.domain.organisation import Organisation, OrganisationKind
from services.referrals.domain.referral import (
    CONSENT_MISSING,
    NEXT,
    Actor,
    IdentifierReused,
    IllegalMove,
    MissingConsent,
    Move,
    NotYourMove,
    Referral,
    Rejection,
    State,
)
from services.referrals.domain.sheet_check import KnownInstrument, SheetFaults, check_sheet

__all__ = [
    "CONSENT_MISSING",
    "NEXT",
    "Actor",
    "Document",
    "IdentifierReused",
    "IllegalMove",
    "KnownInstrument",
    "MissingConsent",
    "Move",
    "NotYourMove",
    "Organisation",
    "OrganisationKind",
    "Referral",
    "Rejection",
    "Sheet",
    "SheetFaults",
    "State",
    "check_sheet",
]
