"""Referrals by the name that their sender gave them."""

from sqlmodel import select

from services.referrals.domain.document import Identifier
from services.referrals.store.referrals import ReferralRow, Referrals
from shared.errors import NotFound


class NamedReferrals(Referrals):
    """The referrals, found by their sender's identifier."""

    async def named(self, sender: str, identifier: Identifier) -> ReferralRow:
        """A sender's own referral; raises NotFound."""
        query = select(ReferralRow).where(
            ReferralRow.sender == sender,
            ReferralRow.identifier_system == identifier.system,
            ReferralRow.identifier_value == identifier.value,
        )
        found = (await self.session.exec(query)).first()
        if found is None:
            raise NotFound
        return found
