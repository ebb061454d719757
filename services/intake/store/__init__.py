"""The tables of intake, and all SQL about them."""

from services.intake.store.amendments import AmendmentRow, Amendments
from services.intake.store.apart import Apart, ApartOrigin, KnownApartRow, KnownOther
from services.intake.store.call_backs import CallBackPart, CallBackRow, CallBacks
from services.intake.store.consents import ConsentRow, Consents
from services.intake.store.contacts import ContactRow, Contacts, ContactTopicRow, WantedContacts
from services.intake.store.drafts import DraftRow, Drafts
from services.intake.store.duplicates import DuplicateRow, Duplicates
from services.intake.store.elsewhere import (
    Elsewhere,
    ElsewhereCheckRow,
    ElsewhereMarkRow,
    PersonConsentRow,
    QuestionRow,
    Questions,
)
from services.intake.store.exclusions import ExclusionRow, NamedExclusions
from services.intake.store.exports import ExportRow, Exports, PartRow
from services.intake.store.figures import Decided, DecisionRow, Figures, OfferRow, PopulationRow
from services.intake.store.gaps import Gaps, UnmetDemandRow
from services.intake.store.import_contacts import ContactImports
from services.intake.store.import_people import PeopleImports
from services.intake.store.imports import ImportedRow, ImportRow, Imports, MappingRow, Mappings, ReferenceRow
from services.intake.store.lines import HeartbeatRow, LineHoursRow, Lines, SilenceRow, Silences
from services.intake.store.merges import MergeRow, Merges
from services.intake.store.orientations import OrientationRow, Orientations
from services.intake.store.outages import LinkRow, Links, OutageRow, Outages
from services.intake.store.person_history import PersonChangeRow, PersonHistory, RelationRow, Relations
from services.intake.store.person_search import PersonSearch
from services.intake.store.persons import PersonRow, Persons
from services.intake.store.relays import RelayRow, Relays
from services.intake.store.reviews import IdentificationRow, Identifications, ReviewRow, Reviews
from services.intake.store.standings import KnownCaseRow, Standings
from services.intake.store.table import Table
from services.intake.store.ties import Ties
from services.intake.store.topic_notes import PlacedNoteRow, Places, TopicNotes
from services.intake.store.topics import ModelTopicRow, TopicFitRow, TopicFits, TopicModelRow, TopicModels

__all__ = [
    "AmendmentRow",
    "Amendments",
    "Apart",
    "ApartOrigin",
    "CallBackPart",
    "CallBackRow",
    "CallBacks",
    "ConsentRow",
    "Consents",
    "ContactImports",
    "ContactRow",
    "ContactTopicRow",
    "Contacts",
    "Decided",
    "DecisionRow",
    "DraftRow",
    "Drafts",
    "DuplicateRow",
    "Duplicates",
    "Elsewhere",
    "ElsewhereCheckRow",
    "ElsewhereMarkRow",
    "ExclusionRow",
    "ExportRow",
    "Exports",
    "Figures",
    "Gaps",
    "HeartbeatRow",
    "IdentificationRow",
    "Identifications",
    "ImportRow",
    "ImportedRow",
    "Imports",
    "KnownApartRow",
    "KnownCaseRow",
    "KnownOther",
    "LineHoursRow",
    "Lines",
    "LinkRow",
    "Links",
    "MappingRow",
    "Mappings",
    "MergeRow",
    "Merges",
    "ModelTopicRow",
    "NamedExclusions",
    "OfferRow",
    "OrientationRow",
    "Orientations",
    "OutageRow",
    "Outages",
    "PartRow",
    "PeopleImports",
    "PersonChangeRow",
    "PersonConsentRow",
    "PersonHistory",
    "PersonRow",
    "PersonSearch",
    "Persons",
    "PlacedNoteRow",
    "Places",
    "PopulationRow",
    "QuestionRow",
    "Questions",
    "ReferenceRow",
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
    "Ties",
    "TopicFitRow",
    "TopicFits",
    "TopicModelRow",
    "TopicModels",
    "TopicNotes",
    "UnmetDemandRow",
    "WantedContacts",
]
