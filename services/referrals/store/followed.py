"""What feedback to a hospital is made of: its referrals without their documents."""

from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlmodel import col

from services.referrals.domain.feedback import Followed
from services.referrals.store.referrals import ReferralRow
from shared.clock import BRUSSELS
from shared.store import Collection


class FollowedReferrals(Collection):
    """The referrals of a period, as far as feedback looks at them."""

    async def received(self, first: date, last: date, sender: str | None) -> list[Followed]:
        """Those received from the one day to the other, both inside, in Belgium; of one sender or of all."""
        begin = datetime.combine(first, time(), BRUSSELS)
        end = datetime.combine(last + timedelta(days=1), time(), BRUSSELS)
        discharge = func.jsonb_extract_path_text(col(ReferralRow.document), "stay", "discharge_on")
        columns: list[Any] = [ReferralRow.state, ReferralRow.received_at, ReferralRow.moves, ReferralRow.care]
        query: Any = select(*columns, discharge).where(
            col(ReferralRow.received_at) >= begin, col(ReferralRow.received_at) < end
        )
        if sender:
            query = query.where(ReferralRow.sender == sender)
        found = (await self.session.exec(query)).all()
        return [
            Followed(state, received_at, moves, care, date.fromisoformat(on) if on else None)
            for state, received_at, moves, care, on in found
        ]
