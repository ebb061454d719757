"""The tables of referrals, and all SQL about them."""

from services.referrals.store.instruments import InstrumentRow, Instruments
from services.referrals.store.organisations import OrganisationRow, Organisations, UnknownOrganisation
from services.referrals.store.referrals import ReferralRow, Referrals, visible
from services.referrals.store.table import Table

__all__ = [
    "InstrumentRow",
    "Instruments",
    "OrganisationRow",
    "Organisations",
    "ReferralRow",
    "Referrals",
    "Table",
    "UnknownOrganisation",
    "visible",
]
