"""The tables of referrals, and all SQL about them."""

from services.referrals.store.capacity_questions import CapacityQuestionRow, CapacityQuestions
from services.referrals.store.care_services import CareServiceRow, CareServices, Supply
from services.referrals.store.directory_feed import DirectoryFeed, Sought
from services.referrals.store.followed import FollowedReferrals
from services.referrals.store.forms import Forms
from services.referrals.store.gaps import GapRow, Gaps, LeftWithout
from services.referrals.store.imports import ImportedRow, ImportRow, Imports, Judged
from services.referrals.store.instruments import InstrumentRow, Instruments
from services.referrals.store.municipalities import municipalities
from services.referrals.store.named import NamedReferrals
from services.referrals.store.notices import Claim, NoticeRow, Notices
from services.referrals.store.organisations import OrganisationRow, Organisations, UnknownOrganisation
from services.referrals.store.outgoing import OutgoingRow, Outgoings, Wanted
from services.referrals.store.overlaps import FollowedPersonRow, Overlaps, Serving
from services.referrals.store.programmes import ProgrammeRow, Programmes, ProgrammeSearch, UnknownProgramme
from services.referrals.store.received import Received, ReceivedIdentifierRow, ReceivedRow
from services.referrals.store.referral_search import Narrowing, Place, ReferralSearch
from services.referrals.store.referrals import ReferralRow, Referrals, visible
from services.referrals.store.relinks import PERSON_COLUMNS, Links
from services.referrals.store.table import Table

__all__ = [
    "PERSON_COLUMNS",
    "CapacityQuestionRow",
    "CapacityQuestions",
    "CareServiceRow",
    "CareServices",
    "Claim",
    "DirectoryFeed",
    "FollowedPersonRow",
    "FollowedReferrals",
    "Forms",
    "GapRow",
    "Gaps",
    "ImportRow",
    "ImportedRow",
    "Imports",
    "InstrumentRow",
    "Instruments",
    "Judged",
    "LeftWithout",
    "Links",
    "NamedReferrals",
    "Narrowing",
    "NoticeRow",
    "Notices",
    "OrganisationRow",
    "Organisations",
    "OutgoingRow",
    "Outgoings",
    "Overlaps",
    "Place",
    "ProgrammeRow",
    "ProgrammeSearch",
    "Programmes",
    "Received",
    "ReceivedIdentifierRow",
    "ReceivedRow",
    "ReferralRow",
    "ReferralSearch",
    "Referrals",
    "Serving",
    "Sought",
    "Supply",
    "Table",
    "UnknownOrganisation",
    "UnknownProgramme",
    "Wanted",
    "municipalities",
    "visible",
]
