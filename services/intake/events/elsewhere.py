"""What intake tells of people whom another programme may follow too: ids, never what that programme knows."""

from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from pydantic import Field

from shared.events import Event


class QuestionState(StrEnum):
    """Where a question for a joint case stands."""

    ASKED = "asked"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class ElsewhereChecked(Event):
    """Somebody asked whether another programme follows a person; the answer is told to nobody else."""

    type: ClassVar[str] = "intake.elsewhere-checked.v1"
    check_id: UUID
    person_id: UUID


class ElsewhereConsentRecorded(Event):
    """A person said whether other programmes may learn that we follow her or him."""

    type: ClassVar[str] = "intake.elsewhere-consent-recorded.v1"
    consent_id: UUID
    person_id: UUID
    given: bool


class JointCaseAsked(Event):
    """With the person's consent another programme is asked for a joint case."""

    type: ClassVar[str] = "intake.joint-case-asked.v1"
    question_id: UUID
    person_id: UUID
    programme: str = Field(description="Code of the programme that is asked", examples=["centre"])


class JointCaseAnswered(Event):
    """The question for a joint case was accepted, declined or withdrawn."""

    type: ClassVar[str] = "intake.joint-case-answered.v1"
    question_id: UUID
    person_id: UUID
    state: QuestionState


ELSEWHERE = (ElsewhereChecked, ElsewhereConsentRecorded, JointCaseAsked, JointCaseAnswered)
