"""What subjects agreed to, purpose by purpose, in each service: one rule, asked wherever something would be done.

The owner of the words tells them as facts. A service keeps each word as it came; which one counts is found by reading:
the latest by the time at which it was said, of all identifiers that stand for the subject today. So facts may come
late, twice and in any order, and subjects may be merged and parted, without anything to move.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache
from pathlib import Path
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import or_, select

from shared.acting import SERVICE
from shared.errors import DomainError
from shared.relinks import Relinks
from shared.store import Collection
from shared.tables import agreement, relink

RULES_FILE = Path(__file__).parent / "permissions" / "agreements.json"


class Decision(StrEnum):
    """What was said: yes, no, or no longer."""

    GIVEN = "given"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class Rule(StrEnum):
    """What a purpose needs: a yes that is in force, or no more than that nobody said no."""

    OPT_IN = "opt-in"
    OPT_OUT = "opt-out"


class About(StrEnum):
    """What a word is about besides its purpose."""

    RECIPIENT = "recipient"
    CHANNEL = "channel"


class PurposeRule(BaseModel):
    """What one purpose needs, from when on, and the source of that."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    rule: Rule
    about: About | None
    from_: str = Field(alias="from", serialization_alias="from", description="From which step on it is needed")
    source: str = Field(description="Law or standard that the rule follows")
    labels: Mapping[str, str] = Field(description="Name in fr, nl, de and en")


class Rules(BaseModel):
    """The purposes, and the channels that a word may be about."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    about: str
    purposes: Mapping[str, PurposeRule]
    channels: Mapping[str, Mapping[str, str]]


@cache
def rules() -> Rules:
    """The rules in force."""
    return Rules.model_validate_json(RULES_FILE.read_text())


@dataclass(frozen=True)
class Statement:
    """One word of a subject. `source_id` is the record that it stands in, `about` empty where there is nothing."""

    source_id: UUID
    subject_id: UUID
    purpose: str
    about: str
    decision: Decision
    since: datetime


class AgreementMissing(DomainError):
    """The person has not agreed to this."""


class AgreementRefused(DomainError):
    """The person has said no to this, or has withdrawn a yes."""


def latest(statements: Iterable[Statement]) -> Statement | None:
    """The word that counts of those on one thing: the last said; of two at one moment the one that protects more."""
    return max(statements, key=_standing, default=None)


def _standing(word: Statement) -> tuple[datetime, bool, str, UUID]:
    return word.since, word.decision is not Decision.GIVEN, word.decision.value, word.source_id


def allows(purpose: str, word: Statement | None) -> bool:
    """Whether a purpose is open by the word that counts."""
    if word is None:
        return rules().purposes[purpose].rule is Rule.OPT_OUT
    return word.decision is Decision.GIVEN


class Agreements(Collection):
    """What subjects said. Asked as the service itself: whoever acts learns of it only by what is refused."""

    async def learn(self, word: Statement) -> None:
        """Keep a word, once."""
        async with self.transaction.in_name_of(SERVICE):
            await self.transaction.insert_once(agreement, **vars(word))

    async def word(self, subject_id: UUID, purpose: str, about: str = "") -> Statement | None:
        """The word that counts on one thing; None where nothing was said."""
        async with self.transaction.in_name_of(SERVICE):
            ids = await Relinks(self.transaction).standing_for(subject_id)
            found = await self._read(
                agreement.c.subject_id.in_(ids), agreement.c.purpose == purpose, agreement.c.about == about
            )
        return latest(found)

    async def allows(self, subject_id: UUID | None, purpose: str, about: str = "") -> bool:
        """Whether a purpose is open for a subject. Of a subject who is not known nothing can have been said: open."""
        return subject_id is None or allows(purpose, await self.word(subject_id, purpose, about))

    async def refuse(self, subject_id: UUID | None, purpose: str, about: str = "") -> None:
        """Raise AgreementMissing or AgreementRefused unless the purpose is open."""
        word = await self.word(subject_id, purpose, about) if subject_id else None
        if subject_id is None or allows(purpose, word):
            return
        facts: dict[str, str | int | list[str]] = {"purpose": purpose, "about": about}
        raise AgreementRefused(facts=facts) if word else AgreementMissing(facts=facts)

    async def refuse_denied(self, subject_id: UUID | None, purpose: str, about: str = "") -> None:
        """Raise AgreementRefused where the last word is a no: for what may begin before anybody has been asked."""
        if subject_id and await self.denied(subject_id, purpose, about):
            raise AgreementRefused(facts={"purpose": purpose, "about": about})

    async def denied(self, subject_id: UUID, purpose: str, about: str = "") -> Statement | None:
        """The no that counts; None where there is a yes, or nothing."""
        word = await self.word(subject_id, purpose, about)
        return word if word and word.decision is not Decision.GIVEN else None

    async def denying(self, purpose: str, about: str = "") -> set[UUID]:
        """Every identifier of those whose last word on a purpose is a no."""
        async with self.transaction.in_name_of(SERVICE):
            named = agreement.c.purpose == purpose, agreement.c.about == about
            noes = select(agreement.c.subject_id).where(*named, agreement.c.decision != Decision.GIVEN)
            told = set((await (await self.session.connection()).execute(noes)).scalars())
            ids = await self._standing_for(told)
            words = await self._read(*named, agreement.c.subject_id.in_({each for some in ids for each in some}))
        said: dict[UUID, list[Statement]] = {}
        for word in words:
            said.setdefault(word.subject_id, []).append(word)
        refused: set[UUID] = set()
        for some in ids:
            last = latest(word for each in some for word in said.get(each, ()))
            if last and last.decision is not Decision.GIVEN:
                refused |= some
        return refused

    async def _standing_for(self, subjects: set[UUID]) -> list[set[UUID]]:
        """By subject every identifier that stands for it; most were never merged and need no look of their own."""
        links = or_(relink.c.from_id.in_(subjects), relink.c.to_id.in_(subjects))
        query = select(relink.c.from_id, relink.c.to_id).where(links, ~relink.c.undone)
        ends = {each for row in await (await self.session.connection()).execute(query) for each in row}
        merged = [await Relinks(self.transaction).standing_for(each) for each in subjects & ends]
        return [{each} for each in subjects - ends] + merged

    async def _read(self, *which: object) -> list[Statement]:
        rows = await (await self.session.connection()).execute(select(agreement).where(*which))  # type: ignore[arg-type]
        return [Statement(**{**row, "decision": Decision(row["decision"])}) for row in rows.mappings()]
