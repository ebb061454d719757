"""What a person agreed to, purpose by purpose: how it was said, to which text, and until when it held.

GDPR art. 7 (proof of consent; withdrawing is as easy as giving) and 9(2)(a); named after FHIR R4 Consent. Oral
consent is proved by the note of who heard it, written consent by its document. Which counts: `shared.agreements`.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter

from services.intake.domain.elsewhere import ConsentBy, ConsentKind
from services.intake.domain.identity import Line, OrganisationCode
from services.intake.domain.relation import RelationCode
from services.intake.events import ConsentChannel, ConsentDecision, ConsentRecorded, Purpose
from shared.agreements import About, Decision, Statement, latest, rules
from shared.clock import BRUSSELS
from shared.errors import DomainError, Fault
from shared.ids import new_id

Words = Annotated[str, Field(min_length=1, max_length=2000)]
TextVersion = Annotated[str, Field(pattern=r"^[0-9]{4}-[0-9]{1,3}$", examples=["2026-1"])]
TextLanguage = Literal["fr", "nl", "de", "en"]
TEXTS_FILE = Path(__file__).with_name("consent_texts.json")
_TEXTS = TypeAdapter(dict[TextVersion, dict[Purpose, dict[TextLanguage, str]]])


class ImpossibleConsent(DomainError):
    """This consent cannot have been given so."""


class ConsentOver(DomainError):
    """Only a consent that was given can be withdrawn, and once."""


class SaidDecision(StrEnum):
    """What somebody says when asked."""

    GIVEN = "given"
    REFUSED = "refused"


@cache
def texts() -> Mapping[str, Mapping[Purpose, Mapping[TextLanguage, str]]]:
    """The texts that were read to people, by version, purpose and language; the newest version last."""
    return _TEXTS.validate_python(json.loads(TEXTS_FILE.read_text()))


class ConsentGiven(BaseModel):
    """What a person, or who stands for her or him, said when asked about one purpose."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    purpose: Purpose
    recipient: OrganisationCode | None = Field(default=None, description="For `sharing`: the organisation")
    channel: ConsentChannel | None = Field(default=None, description="For `channel`: which one")
    decision: SaidDecision
    how: ConsentKind
    witness_note: Words | None = Field(default=None, description="For oral consent: who heard it, and in which words")
    document: Line | None = Field(default=None, description="For written consent: where the signed text is kept")
    text_version: TextVersion
    language: TextLanguage = Field(description="In which the text was read or signed")
    given_by: ConsentBy
    relation: RelationCode | None = Field(default=None, description="What the representative is to the person")
    at: AwareDatetime = Field(description="When it was said")

    @property
    def about(self) -> str:
        """What it is about besides its purpose."""
        return self.recipient or self.channel or ""

    def faults(self, now: datetime) -> Iterator[Fault]:
        """What cannot be: nothing that proves it, no recipient, a text that was never read, a moment to come."""
        wanted = rules().purposes[self.purpose].about
        for kind, value in ((About.RECIPIENT, self.recipient), (About.CHANNEL, self.channel)):
            if (value is not None) is not (wanted is kind):
                yield Fault(f"/{kind}", "required" if wanted is kind else "not-for-this-purpose")
        if self.how is ConsentKind.ORAL and self.witness_note is None:
            yield Fault("/witness_note", "required")
        if self.how is ConsentKind.WRITTEN and self.document is None:
            yield Fault("/document", "required")
        if self.language not in texts().get(self.text_version, {}).get(self.purpose, {}):
            yield Fault("/text_version", "unknown")
        if (self.relation is not None) is not (self.given_by is ConsentBy.REPRESENTATIVE):
            yield Fault("/relation", "not-for-oneself" if self.relation else "required")
        if self.at > now:
            yield Fault("/at", "in-future")


class ConsentWithdrawal(BaseModel):
    """That a person no longer agrees. Nothing is required: withdrawing is as easy as giving (GDPR art. 7(3))."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    at: AwareDatetime | None = Field(default=None, description="When it was said; now where nothing is said")
    how: ConsentKind = ConsentKind.ORAL
    note: Words | None = Field(default=None, description="Who heard it, and in which words")


@dataclass(frozen=True)
class Brought:
    """A consent that a referral brings along: what it is for, how and on which day it was given."""

    source_id: UUID
    purpose: Purpose
    recipient: str | None
    how: ConsentKind
    given_by: ConsentBy
    on: date


class Consent(BaseModel):
    """A consent on record. `source_id` is the referral that brought it: its evidence stays there."""

    id: UUID = Field(default_factory=new_id)
    person_id: UUID
    programme: str
    purpose: Purpose
    recipient: str | None = None
    channel: ConsentChannel | None = None
    decision: SaidDecision
    how: ConsentKind
    witness_note: str | None = None
    document: str | None = None
    text_version: str | None = None
    language: str | None = None
    given_by: ConsentBy
    relation: RelationCode | None = None
    at: datetime
    recorded_by: str
    recorded_at: datetime
    source_id: UUID | None = None
    withdrawn_at: datetime | None = None
    withdrawn_how: ConsentKind | None = None
    withdrawal_note: str | None = None
    withdrawal_by: str | None = None

    @classmethod
    def give(cls, whose: tuple[UUID, str], given: ConsentGiven, by: str, now: datetime) -> tuple[Self, ConsentRecorded]:
        """Put on record what was said of a person in a programme. Raises ImpossibleConsent."""
        if faults := list(given.faults(now)):
            raise ImpossibleConsent(faults=faults)
        consent = cls(
            id=new_id(), person_id=whose[0], programme=whose[1], recorded_by=by, recorded_at=now, **dict(given)
        )
        return consent, consent.fact(ConsentDecision(given.decision), consent.at)

    @classmethod
    def bring(cls, whose: tuple[UUID, str], brought: Brought, now: datetime) -> tuple[Self, ConsentRecorded]:
        """Put on record what a referral says was agreed to, as of the start of that day."""
        consent = cls(
            id=new_id(),
            person_id=whose[0],
            programme=whose[1],
            purpose=brought.purpose,
            recipient=brought.recipient,
            decision=SaidDecision.GIVEN,
            how=brought.how,
            given_by=brought.given_by,
            at=min(datetime.combine(brought.on, time(), BRUSSELS).astimezone(UTC), now),
            recorded_by="referrals",
            recorded_at=now,
            source_id=brought.source_id,
        )
        return consent, consent.fact(ConsentDecision.GIVEN, consent.at)

    def withdraw(self, said: ConsentWithdrawal, by: str, now: datetime) -> ConsentRecorded:
        """End it from when that was said. Raises ConsentOver, ImpossibleConsent for a moment before it or to come."""
        if self.decision is not SaidDecision.GIVEN or self.withdrawn_at is not None:
            raise ConsentOver(facts={"state": "withdrawn" if self.withdrawn_at else self.decision})
        at = said.at or now
        if at > now or at < self.at:
            raise ImpossibleConsent(faults=[Fault("/at", "in-future" if at > now else "before-consent")])
        self.withdrawn_at, self.withdrawn_how = at, said.how
        self.withdrawal_note, self.withdrawal_by = said.note, by
        return self.fact(ConsentDecision.WITHDRAWN, at)

    def fact(self, decision: ConsentDecision, since: datetime) -> ConsentRecorded:
        """What the others are told: codes and ids."""
        return ConsentRecorded(
            consent_id=self.id,
            person_id=self.person_id,
            purpose=self.purpose,
            recipient=self.recipient,
            channel=self.channel,
            decision=decision,
            since=since,
        )

    def words(self) -> Iterator[Statement]:
        """What was said, one word for the consent and one for its withdrawal."""
        about = (self.id, self.person_id, self.purpose.value, self.recipient or self.channel or "")
        yield Statement(*about, Decision(self.decision), self.at)
        if self.withdrawn_at:
            yield Statement(*about, Decision.WITHDRAWN, self.withdrawn_at)


Topic = tuple[Purpose, str]


def states(consents: Iterable[Consent]) -> dict[Topic, Statement]:
    """The word that counts on each purpose, with the recipient or the channel where it has one."""
    words: dict[Topic, list[Statement]] = {}
    for consent in consents:
        for word in consent.words():
            words.setdefault((consent.purpose, word.about), []).append(word)
    return {topic: found for topic, said in words.items() if (found := latest(said))}
