"""The tables of intake, and all SQL about them."""

from services.intake.store.amendments import AmendmentRow, Amendments
from services.intake.store.call_backs import CallBackPart, CallBackRow, CallBacks
from services.intake.store.contacts import ContactRow, Contacts, ContactTopicRow, WantedContacts
from services.intake.store.drafts import DraftRow, Drafts
from services.intake.store.lines import HeartbeatRow, LineHoursRow, Lines, SilenceRow, Silences
from services.intake.store.orientations import OrientationRow, Orientations
from services.intake.store.outages import LinkRow, Links, OutageRow, Outages
from services.intake.store.person_history import PersonChangeRow, PersonHistory, RelationRow, Relations
from services.intake.store.person_search import PersonSearch
from services.intake.store.persons import PersonRow, Persons
from services.intake.store.relays import RelayRow, Relays
from services.intake.store.reviews import IdentificationRow, Identifications, ReviewRow, Reviews
from services.intake.store.standings import KnownCaseRow, Standings
from services.intake.store.table import Table

__all__ = [
    "AmendmentRow",
    "Amendments",
    "CallBackPart",
    "CallBackRow",
    "CallBacks",
    "ContactRow",
    "ContactTopicRow",
    "Contacts",
    "DraftRow",
    "Drafts",
    "HeartbeatRow",
    "IdentificationRow",
    "Identifications",
    "KnownCaseRow",
    "LineHoursRow",
    "Lines",
    "LinkRow",
    "Links",
    "OrientationRow",
    "Orientations",
    "OutageRow",
    "Outages",
    "PersonChangeRow",
    "PersonHistory",
    "PersonRow",
    "PersonSearch",
    "Persons",
    "RelationRow",
    "Relations",
    "RelayRow",
    "Relays",
    "ReviewRow",
    "Reviews",
    "SilenceRow",
    "Silences",
    "Standings",
    "Table",
    "WantedContacts",
]
