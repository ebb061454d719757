"""Whether another programme follows somebody too: found by keyed hashes that tell nothing but "the same"."""

import hashlib
import hmac
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Protocol, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, SecretStr, TypeAdapter, ValidationError

from services.intake.domain.identity import Day, Identity
from services.intake.domain.person import Person
from services.intake.events import (
    ElsewhereChecked,
    ElsewhereConsentRecorded,
    JointCaseAnswered,
    JointCaseAsked,
    QuestionState,
)
from shared.errors import DomainError, Fault
from shared.ids import new_id


class NoSharedKeys(DomainError):
    """This programme shares no key with others, so it cannot ask them."""


class TooManyChecks(DomainError):
    """You have asked as often as one may in an hour."""


class NotFollowedElsewhere(DomainError):
    """No other programme is known to follow this person."""


class QuestionOver(DomainError):
    """The question is answered or withdrawn already."""


class ConsentMissing(DomainError):
    """Without the person's consent no other programme is asked."""


class MarkKind(StrEnum):
    """What a mark is made of."""

    NISS = "niss"
    NAME = "name"


class Answer(StrEnum):
    """Whether another programme follows a person: `yes` by the NISS, `maybe` by the name's sound and birth date."""

    YES = "yes"
    MAYBE = "maybe"
    NO = "no"


class ConsentKind(StrEnum):
    """How a consent was given."""

    ORAL = "oral"
    WRITTEN = "written"


class ConsentBy(StrEnum):
    """Who gave it."""

    PERSON = "person"
    REPRESENTATIVE = "representative"


class ElsewhereConsent(BaseModel):
    """What somebody said to it that another programme learns of her or him."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    given: bool
    kind: ConsentKind
    on: Day
    by: ConsentBy

    def refuse_missing(self, today: date) -> None:
        """Raise ConsentMissing unless it was given, by now."""
        if not self.given:
            raise ConsentMissing(faults=[Fault("/consent/given", "consent-required")])
        self.refuse_future(today, "/consent/on")

    def refuse_future(self, today: date, pointer: str = "/on") -> None:
        """Raise ConsentMissing for a day to come."""
        if self.on > today:
            raise ConsentMissing(faults=[Fault(pointer, "in-future")])


Mark = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
KeyId = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]
_KEYS = TypeAdapter(dict[KeyId, Annotated[SecretStr, Field(min_length=32)]])


@dataclass(frozen=True)
class SharedKeys:
    """The keys that programmes share, oldest first: marks are compared by all, given out by the newest."""

    keys: Mapping[str, bytes]

    @classmethod
    def read(cls, path: str) -> Self:
        """The keys in a JSON file, `{"id": "secret of 32 characters or more", ...}`; raises NoSharedKeys."""
        try:
            found = _KEYS.validate_python(json.loads(Path(path).read_text())) if path else {}
        except (OSError, ValueError, ValidationError):
            raise NoSharedKeys from None
        if not found:
            raise NoSharedKeys
        return cls({key_id: secret.get_secret_value().encode() for key_id, secret in found.items()})

    @property
    def newest(self) -> str:
        """The id of the key by which marks are given out."""
        return list(self.keys)[-1]

    def marks(self, identity: Identity, key_id: str) -> dict[MarkKind, str]:
        """The marks of somebody by one key: HMAC-SHA-256 (RFC 2104), as hexadecimal digits."""
        key = self.keys[key_id]
        return {
            kind: hmac.new(key, f"{kind}:{text}".encode(), hashlib.sha256).hexdigest() for kind, text in told(identity)
        }

    def all_marks(self, identity: Identity) -> list[tuple[str, MarkKind, str]]:
        """The marks by every key, with the key's id and what they are made of."""
        return [(key_id, kind, mark) for key_id in self.keys for kind, mark in self.marks(identity, key_id).items()]


def told(identity: Identity) -> Iterator[tuple[MarkKind, str]]:
    """What marks are made of: the NISS, and the sound of the name with the birth date."""
    if identity.niss:
        yield MarkKind.NISS, identity.niss
    if identity.birth_date and identity.name.sound:
        yield MarkKind.NAME, f"{identity.name.sound}:{identity.birth_date.isoformat()}"


def answer_of(kinds: Iterable[MarkKind]) -> Answer:
    """The answer when these marks were found in another programme's list."""
    found = set(kinds)
    if MarkKind.NISS in found:
        return Answer.YES
    return Answer.MAYBE if found else Answer.NO


class ElsewhereCheck(BaseModel):
    """That somebody asked, and about whom: for the audit, and so that nobody asks about all. No answer is kept."""

    id: UUID = Field(default_factory=new_id)
    programme: str
    person_id: UUID
    asked_by: str
    asked_at: datetime

    @classmethod
    def ask(cls, person_id: UUID, programme: str, by: str, at: datetime) -> tuple[Self, ElsewhereChecked]:
        """Somebody asks."""
        check = cls(id=new_id(), programme=programme, person_id=person_id, asked_by=by, asked_at=at)
        return check, ElsewhereChecked(check_id=check.id, person_id=person_id)


class PersonConsent(BaseModel):
    """A person's own word on whether other programmes may learn that we follow her or him."""

    id: UUID = Field(default_factory=new_id)
    person_id: UUID
    programme: str
    consent: ElsewhereConsent

    @classmethod
    def of(cls, person: Person, consent: ElsewhereConsent) -> Self:
        """What somebody says for the first time."""
        return cls(id=new_id(), person_id=person.id, programme=person.programme, consent=consent)

    def say(self, consent: ElsewhereConsent) -> ElsewhereConsentRecorded:
        """Keep what was said last."""
        self.consent = consent
        return ElsewhereConsentRecorded(consent_id=self.id, person_id=self.person_id, given=consent.given)


class Match(Protocol):
    """A mark of another programme that is somebody's of ours."""

    programme: str
    key_id: str
    mark: str


class JointCaseQuestion(BaseModel):
    """A question to another programme for a joint case. It knows the person by its own mark, and learns no more."""

    id: UUID = Field(default_factory=new_id)
    person_id: UUID
    programme: str
    asked_programme: str
    key_id: str
    mark: str
    consent: ElsewhereConsent
    state: QuestionState = QuestionState.ASKED
    asked_by: str
    asked_at: datetime
    ended_at: datetime | None = None

    @classmethod
    def ask(cls, person: Person, match: Match, consent: ElsewhereConsent, by: str, at: datetime) -> Self:
        """A question about a person to the programme that has the same mark."""
        return cls(
            id=new_id(),
            person_id=person.id,
            programme=person.programme,
            asked_programme=match.programme,
            key_id=match.key_id,
            mark=match.mark,
            consent=consent,
            asked_by=by,
            asked_at=at,
        )

    def fact(self) -> JointCaseAsked:
        """That it was asked."""
        return JointCaseAsked(question_id=self.id, person_id=self.person_id, programme=self.asked_programme)

    def end(self, state: QuestionState, at: datetime) -> JointCaseAnswered:
        """Answer or withdraw it, once; raises QuestionOver."""
        if self.state is not QuestionState.ASKED:
            raise QuestionOver(facts={"state": self.state, "allowed": []})
        self.state, self.ended_at = state, at
        return JointCaseAnswered(question_id=self.id, person_id=self.person_id, state=state)
