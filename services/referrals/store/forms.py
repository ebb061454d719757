"""Every instrument that the door knows, for publishing its form."""

from sqlmodel import select

from services.referrals.domain import KnownInstrument
from services.referrals.store.instruments import SHIPPED, InstrumentRow
from shared.store import Collection


class Forms(Collection):
    """The instruments: those shipped, replaced and joined by those that were published since."""

    async def all(self) -> list[KnownInstrument]:
        """All of them, by code and edition."""
        rows = (await self.session.exec(select(InstrumentRow))).all()
        known = SHIPPED | {(row.code, row.edition): row.definition for row in rows}
        return [known[key] for key in sorted(known)]

    async def latest(self, code: str) -> KnownInstrument | None:
        """The latest edition of an instrument."""
        return next((each for each in reversed(await self.all()) if each.code == code), None)
