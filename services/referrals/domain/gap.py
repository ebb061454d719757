"""Gaps: needs that met no help, by domain, place, reason and month. They are counted in intake, with its own."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from pydantic import BaseModel, Field

from services.referrals.domain.document import Document
from services.referrals.events import GapRecorded, GapSource
from shared.ids import new_id

SENSITIVE = frozenset({"addiction", "sexuality", "law_justice", "mental_health"})
UNKNOWN_NEED = "unknown"
NO_ANSWER = "no-answer"


class Gap(BaseModel):
    """One need that met no help. `source_id` is the referral or the contact in which it showed; no person."""

    id: UUID = Field(default_factory=new_id)
    source: GapSource
    source_id: UUID
    domain: str
    commune: str | None
    reason: str
    month: str
    on: date
    version: int = 0

    def recorded(self) -> GapRecorded:
        """The fact; a domain that is sensitive leaves as `other`."""
        return GapRecorded(
            gap_id=self.id,
            source=self.source,
            domain="other" if self.domain in SENSITIVE else self.domain,
            commune=self.commune,
            reason=self.reason,
            month=self.month,
            source_id=self.source_id if self.source is GapSource.NO_SERVICE else None,
        )


@dataclass(frozen=True)
class Unmet:
    """A demand that met no help, before it is told apart by need."""

    source: GapSource
    source_id: UUID
    needs: Sequence[str]
    commune: str | None
    reason: str

    def gaps(self, on: date) -> Iterator[Gap]:
        """One per need; a demand that names none counts under `unknown`."""
        for domain in dict.fromkeys(self.needs or (UNKNOWN_NEED,)):
            yield Gap(
                source=self.source,
                source_id=self.source_id,
                domain=domain,
                commune=self.commune,
                reason=self.reason,
                month=f"{on:%Y-%m}",
                on=on,
            )


def needs_of(document: Document) -> list[str]:
    """The domains in which a filled sheet names a need, in order, each once."""
    return list(dict.fromkeys(name for sheet in document.sheets for name in _needs(sheet.answers)))


def _needs(answers: Mapping[str, Mapping[str, Any]] | Sequence[Mapping[str, Any]]) -> Iterator[str]:
    if isinstance(answers, Mapping):
        yield from (name for name, answer in answers.items() if answer.get("need"))
        return
    for answer in answers:
        need = answer.get("need")
        if isinstance(need, Mapping) and need.get("presence") and "domain" in answer:
            yield str(answer["domain"])
