"""The copy of all that is held of a person, for machines: what the five services gave, in one language."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

from pydantic import BaseModel, Field

from services.intake.domain.export import Export, ExportLanguage
from shared.audit.purposes import purposes
from shared.audit.reading import AccessView
from shared.rights.holdings import Source, TableView
from shared.rights.record import SubjectRecord

TEXTS_FILE = Path(__file__).resolve().parent / "export_texts.json"


class HeldTable(BaseModel):
    """The rows of one table; `source` says where they come from."""

    table: str
    label: str
    source: Source
    rows: list[dict[str, Any]]


class HeldByService(BaseModel):
    """What one service holds, why and how long; `words` are the names of its fields."""

    service: str
    made_at: datetime
    purpose: str
    retention: str
    tables: list[HeldTable]
    words: dict[str, str]


class Look(BaseModel):
    """One look at the person's file. `purpose` is a code with its name; staff are not named."""

    service: str
    at: datetime
    purpose: str
    purpose_name: str
    roles: list[str]
    organisation: str
    action: str
    break_glass: bool


class Disclosure(BaseModel):
    """Something that was sent to, or shared with, somebody else."""

    service: str
    table: str
    label: str
    recipient: str
    at: str | None = Field(description="When, where that is known")


class ExportDocument(BaseModel):
    """All that is held of one person. What is masked (`{"masked": ...}`) is about others: staff, or third parties."""

    export_id: UUID
    person_id: UUID
    language: ExportLanguage
    asked_on: date
    rights: list[str] = Field(description="What the person is told with a copy (GDPR art. 15 (1))")
    missing: list[str] = Field(description="Services whose part is not here yet")
    services: list[HeldByService]
    disclosures: list[Disclosure]
    accesses: list[Look] = Field(description="Who looked at the file, the latest first")


@cache
def texts() -> Mapping[str, Mapping[str, Any]]:
    """What is said around the data, by language."""
    found: Mapping[str, Mapping[str, Any]] = json.loads(TEXTS_FILE.read_text(encoding="utf-8"))
    return found


def document_of(
    export: Export, parts: Sequence[tuple[str, SubjectRecord | None]], language: ExportLanguage
) -> ExportDocument:
    """The copy of what has been collected."""
    given = [content for _, content in parts if content]
    looks = [look_of(record.service, each, language) for record in given for each in record.accesses]
    return ExportDocument(
        export_id=export.id,
        person_id=export.person_id,
        language=language,
        asked_on=export.asked_on,
        rights=list(texts()[language]["rights"]),
        missing=[service for service, content in parts if content is None],
        services=[held(record, language) for record in given],
        disclosures=[each for record in given for table in record.tables for each in sent(record, table, language)],
        accesses=sorted(looks, key=lambda look: look.at, reverse=True),
    )


def held(record: SubjectRecord, language: ExportLanguage) -> HeldByService:
    """One service's part in one language."""
    return HeldByService(
        service=record.service,
        made_at=record.made_at,
        purpose=record.purpose.get(language, ""),
        retention=record.retention.get(language, ""),
        tables=[
            HeldTable(table=each.table, label=each.labels[language], source=each.source, rows=each.rows)
            for each in record.tables
        ],
        words={name: names[language] for name, names in record.words.items()},
    )


def sent(record: SubjectRecord, table: TableView, language: ExportLanguage) -> Iterator[Disclosure]:
    """What the rows of a table say of recipients, if anything."""
    for row in table.rows:
        recipient = row.get(table.recipient or "")
        if isinstance(recipient, str):
            moments = (row[name] for name in ("sent_at", "shared_at", "recorded_at", "asked_at", "at") if name in row)
            yield Disclosure(
                service=record.service,
                table=table.table,
                label=table.labels[language],
                recipient=recipient,
                at=next(moments, None),
            )


def look_of(service: str, access: AccessView, language: ExportLanguage) -> Look:
    """One look, its purpose by name."""
    names = purposes().codes.get(access.purpose, {})
    same = access.model_dump(exclude={"agent"})
    return Look(**same, service=service, purpose_name=names.get(language, access.purpose))
