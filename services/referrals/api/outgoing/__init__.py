"""The routes of outgoing referrals: our side, the organisations' inbox, questions of capacity."""

from services.referrals.api.outgoing import capacity, inbox, staff

__all__ = ["capacity", "inbox", "staff"]
