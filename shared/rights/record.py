"""All that one service holds of a subject, read as the service itself."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, Field

from shared.acting import SERVICE, Reach
from shared.audit.reading import AccessView, Records, Wanted
from shared.audit.record import Outcome
from shared.audit.subjects import Subjects
from shared.rights.holdings import MASKED, Holdings, TableView
from shared.rights.labels import Names, labels
from shared.store import Collection, Transaction

AT_ONCE = 1000


class SubjectRecord(BaseModel):
    """All that one service holds of a subject. `words` names the fields that occur, by language."""

    service: str
    made_at: datetime
    purpose: Names
    retention: Names
    tables: list[TableView]
    words: dict[str, Names]
    accesses: list[AccessView] = Field(description="Who looked: when, why, in which role; staff are not named")


class SubjectRecords(Collection):
    """What is held of subjects."""

    async def of(self, subject_id: UUID, service: str, subjects: Subjects, holdings: Holdings) -> SubjectRecord:
        """Everything about a subject, under every id that stands for them.

        The service itself reads: a copy is owed of all that it holds, whichever organisation has written it. That is
        for a reach over all only; whoever has less finds what the fences show them.
        """
        acting = self.transaction.acting
        async with self.transaction.in_name_of(SERVICE if acting.reach == Reach.ALL else acting):
            ids = await subjects.entities_of(subject_id, self.transaction)
            metadata = next(iter(subjects.roots)).table.metadata if subjects.roots else None
            tables = await holdings.of(ids, metadata, self.transaction) if metadata else []
            return SubjectRecord(
                service=service,
                made_at=self.transaction.clock.now(),
                purpose=holdings.purpose,
                retention=holdings.retention,
                tables=tables,
                words={name: labels().of(name) for name in sorted(names_in([each.rows for each in tables]) - {MASKED})},
                accesses=await accesses_to(ids, self.transaction),
            )


async def accesses_to(entities: set[UUID], transaction: Transaction) -> list[AccessView]:
    """Every look at any of these, the latest first; nobody is named."""
    records, found = Records(transaction), []
    rows = await records.page(Wanted(outcome=Outcome.SUCCESS), AT_ONCE, None, entities)
    while rows:
        found += [AccessView.of(row, is_named=False) for row in rows[:AT_ONCE]]
        more = len(rows) > AT_ONCE
        after = [str(rows[AT_ONCE - 1]["id"])] if more else None
        rows = await records.page(Wanted(outcome=Outcome.SUCCESS), AT_ONCE, after, entities) if more else []
    return found


def names_in(value: Any) -> set[str]:
    """Every name of a field in a value, however deep."""
    if isinstance(value, Mapping):
        return {str(name) for name in value} | {name for each in value.values() for name in names_in(each)}
    return {name for each in value for name in names_in(each)} if isinstance(value, list) else set()
