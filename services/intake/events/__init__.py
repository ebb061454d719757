"""What intake tells the others: ids and codes, never who the person is or what was said."""

from services.intake.events.codes import Certainty, Decision, Direction, Outcome, Urgency
from services.intake.events.contacts import CONTACTS, CaseManagementRequested, ContactRecorded, OrientationRequested
from services.intake.events.persons import (
    PERSONS,
    IdentityReviewDecided,
    IdentityReviewNeeded,
    PersonIdentified,
    PersonRegistered,
    PersonUpdated,
)

PUBLISHED = (*CONTACTS, *PERSONS)

__all__ = [
    "PUBLISHED",
    "CaseManagementRequested",
    "Certainty",
    "ContactRecorded",
    "Decision",
    "Direction",
    "IdentityReviewDecided",
    "IdentityReviewNeeded",
    "OrientationRequested",
    "Outcome",
    "PersonIdentified",
    "PersonRegistered",
    "PersonUpdated",
    "Urgency",
]
