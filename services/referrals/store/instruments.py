"""Our own copies of published instruments, for the check at the door."""

import json
import time
from datetime import date
from pathlib import Path
from typing import ClassVar

from sqlmodel import Field, select

from services.referrals.domain import Document, KnownInstrument, SheetFaults, check_sheet
from services.referrals.store.table import Table
from shared.store import Collection, Json


class InstrumentRow(Table, table=True):
    """Our own copy of a published instrument, for the check at the door."""

    __tablename__ = "instrument"

    code: str = Field(primary_key=True)
    edition: str = Field(primary_key=True)
    definition: KnownInstrument = Field(sa_type=Json(KnownInstrument))


class Instruments(Collection):
    """Our copies of published instruments: those shipped, and those that assessment has told us of since."""

    kept_for: ClassVar[float] = 30.0
    _kept: ClassVar[dict[tuple[str, str], tuple[float, KnownInstrument | None]]] = {}

    async def find(self, code: str, edition: str) -> KnownInstrument | None:
        """A copy, or None where the door cannot check. Kept in memory for half a minute."""
        kept = self._kept.get((code, edition))
        if kept and time.monotonic() - kept[0] < self.kept_for:
            return kept[1]
        row = await self.session.get(InstrumentRow, (code, edition))
        found = row.definition if row else SHIPPED.get((code, edition))
        if len(self._kept) > 100:
            self._kept.clear()
        self._kept[code, edition] = (time.monotonic(), found)
        return found

    async def cards(self) -> frozenset[str]:
        """The cards of every instrument we know: the need domains that the directory speaks of."""
        rows = (await self.session.exec(select(InstrumentRow))).all()
        known = [*SHIPPED.values(), *(row.definition for row in rows)]
        return frozenset(card for definition in known for card in definition.cards)

    async def by_edition(self, document: Document) -> Document:
        """The document with its sheets under their editions, where a form was named by its spec version instead."""
        sheets = [
            sheet.model_copy(update={"edition": await self._edition(sheet.instrument, sheet.edition)})
            for sheet in document.sheets
        ]
        return document.model_copy(update={"sheets": sheets})

    async def _edition(self, code: str, version: str) -> str:
        if await self.find(code, version):
            return version
        rows = (await self.session.exec(select(InstrumentRow).where(InstrumentRow.code == code))).all()
        known = [*(row.definition for row in rows), *SHIPPED.values()]
        named = (each.edition for each in known if (each.code, each.spec_version) == (code, version))
        return next(named, version)

    async def check(self, document: Document, today: date) -> bool:
        """Refuse what is wrong on its face; says whether every sheet could be checked against its instrument.

        Raises SheetFaults.
        """
        faults = list(document.faults_on(today))
        checked = True
        for number, sheet in enumerate(document.sheets):
            known = await self.find(sheet.instrument, sheet.edition)
            checked = checked and known is not None
            if known:
                faults += check_sheet(known, sheet, ("sheets", number))
        if faults:
            raise SheetFaults("Some values cannot be right.", faults=faults)
        return checked

    async def keep(self, definition: KnownInstrument) -> None:
        """Replace our copy."""
        await self.session.merge(InstrumentRow(code=definition.code, edition=definition.edition, definition=definition))
        self._kept.pop((definition.code, definition.edition), None)


def shipped() -> dict[tuple[str, str], KnownInstrument]:
    """The copies that come with the service, for its first start."""
    folder = Path(__file__).parents[1] / "instruments"
    known = [KnownInstrument.model_validate(json.loads(path.read_text())) for path in sorted(folder.glob("*.json"))]
    return {(each.code, each.edition): each for each in known}


SHIPPED = shipped()
