"""Gaps: needs that met no help, counted by domain, place, reason and month, and never so few that one shows."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import product
from typing import Any
from uuid import UUID

from pydantic import BaseModel, Field

from services.referrals.domain.document import Document
from services.referrals.events import GapRecorded, GapSource
from shared.ids import new_id

SENSITIVE = frozenset({"addiction", "sexuality", "law_justice", "mental_health"})
UNKNOWN_NEED = "unknown"
NO_ANSWER = "no-answer"
SMALLEST = 5
"""A count below this is hidden: few people of one place with one need could be recognised."""


class Dimension(StrEnum):
    """What gaps are counted by."""

    DOMAIN = "domain"
    COMMUNE = "commune"
    REASON = "reason"
    MONTH = "month"


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


Key = tuple[str | None, ...]
ALL = "*"
"""Where a dimension is summed up."""


class GapCounts:
    """The counts of every question that can be asked, and which of them are hidden: the same for all questions.

    A count below five is hidden. So that no difference gives one away, of every sum and its parts none is hidden or
    at least two are, and hidden parts of a told sum are together no small number. Built over whole months only.
    """

    def __init__(self, counts: Mapping[Key, int]) -> None:
        """From the count of each combination of all dimensions, in their order; None is a value like others."""
        self.counts: dict[Key, int] = {}
        for key, count in counts.items():
            for summed in product(*((part, ALL) for part in key)):
                self.counts[summed] = self.counts.get(summed, 0) + count
        self.sums: dict[tuple[Key, int], list[Key]] = {}
        for key in self.counts:
            for place, part in enumerate(key):
                if part != ALL:
                    self.sums.setdefault(((*key[:place], ALL, *key[place + 1 :]), place), []).append(key)
        self.hidden = {key for key, count in self.counts.items() if count < SMALLEST}
        largest_first = sorted(self.sums, key=lambda each: -each[0].count(ALL))
        changed = True
        while changed:
            changed = False
            for whole, place in largest_first:
                changed = self._protect(whole, self.sums[whole, place]) or changed

    def shown(self, key: Key) -> int | None:
        """A count; None where it is hidden, 0 where there is nothing."""
        return None if key in self.hidden else self.counts.get(key, 0)

    def rows(self, by: Sequence[Dimension], month: str | None = None) -> list[Key]:
        """The combinations that a question names, in order; everything else summed up, or one month."""
        told = [each in by for each in Dimension]
        place = list(Dimension).index(Dimension.MONTH)
        told[place] = told[place] or month is not None
        named = [key for key in self.counts if [part != ALL for part in key] == told]
        found = [key for key in named if month in (None, key[place])]
        return sorted(found, key=lambda key: [part or "" for part in key])

    def _protect(self, whole: Key, parts: Sequence[Key]) -> bool:
        """Hide one more of a sum and its parts where a difference would give a hidden one away; whether it did."""
        covered = [key for key in parts if key in self.hidden]
        shown = [key for key in parts if key not in self.hidden]
        if whole in self.hidden:
            is_safe = bool(covered)
        else:
            is_safe = not covered or (len(covered) > 1 and sum(self.counts[key] for key in covered) >= SMALLEST)
        if is_safe:
            return False
        self.hidden.add(min(shown, key=lambda key: (self.counts[key], str(key))) if shown else whole)
        return True
