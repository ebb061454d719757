"""The person's own word on a version of the plan: agreed or refused, signed off by whom, when and how."""

from datetime import date
from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, StrictInt, model_validator
from pydantic_core import PydanticCustomError

from services.cases.domain.steps import NextStep
from services.cases.domain.words import Day, Line, Part, Prose, Subject
from shared.errors import DomainError, Fault

PlanNumber = Annotated[StrictInt, Field(ge=1, le=100_000)]


class Language(StrEnum):
    """The language that a text is written in (ISO 639-1)."""

    FRENCH = "fr"
    DUTCH = "nl"
    GERMAN = "de"
    ENGLISH = "en"


class HowAgreed(StrEnum):
    """How the word was given: said before a witness, signed on paper, or signed electronically."""

    ORAL = "oral"
    WRITTEN = "written"
    ELECTRONIC = "electronic"


class AgreedBy(StrEnum):
    """Who gave it."""

    PERSON = "person"
    REPRESENTATIVE = "representative"


class Relation(StrEnum):
    """What a representative is to the person."""

    PARTNER = "partner"
    CHILD = "child"
    PARENT = "parent"
    SIBLING = "sibling"
    OTHER_RELATIVE = "other-relative"
    FRIEND = "friend"
    ADMINISTRATOR = "administrator"
    GUARDIAN = "guardian"
    PROXY = "proxy"
    OTHER = "other"


class NotTheNewestPlan(DomainError):
    """Only the newest version of the plan can be agreed, and only once."""


class PersonsWord(Part):
    """Who spoke on which version, how and when; a representative says what they are to the person."""

    plan_version: PlanNumber
    agreed_by: AgreedBy
    relation: Relation | None = Field(None, description="What the representative is to the person")
    representative: Line | None = Field(None, description="The representative's name; stays with the plan")
    how: HowAgreed
    witness: Subject | None = Field(None, description="The worker who heard it; the caller where oral and not said")
    on: Day
    language: Language | None = Field(None, description="Language of the text that was read or signed")

    @model_validator(mode="after")
    def represented(self) -> Self:
        """Only a representative has a relation, and a name, of their own."""
        if self.agreed_by is AgreedBy.PERSON and (self.relation or self.representative):
            raise PydanticCustomError("no_representative", "the person speaks for themselves")
        return self

    def witnessed(self, by: str) -> Self:
        """The same word, heard by the worker who records it where nobody else is named."""
        return self.model_copy(update={"witness": self.witness or by}) if self.how is HowAgreed.ORAL else self

    def faults(self, opened_on: date, today: date) -> list[Fault]:
        """What cannot be right: a day to come or before the opening, a representative without a relation."""
        found = []
        if self.on > today:
            found.append(Fault("/on", "in-future"))
        if self.on < opened_on:
            found.append(Fault("/on", "before-opening"))
        if self.agreed_by is AgreedBy.REPRESENTATIVE and self.relation is None:
            found.append(Fault("/relation", "required"))
        return found


class Agreement(PersonsWord):
    """Who agreed to which version, how and when."""

    words: Prose | None = Field(None, description="What the person said, in their own words")
    next_step: NextStep | None = Field(None, description="What comes next, where the agreement changes it")


class Refusal(PersonsWord):
    """Who did not agree to a version, and what they said: it stays a draft, to be written anew or agreed later."""

    words: Prose = Field(description="What the person said, in their own words")
