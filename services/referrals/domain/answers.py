"""What an organisation answers to an outgoing referral: the same words in its inbox and on its behalf."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from services.referrals.domain.document import Part, Prose
from services.referrals.domain.exchange import Hand
from services.referrals.domain.outgoing import OutgoingReferral
from services.referrals.domain.states import State
from services.referrals.events import RefusalReason
from shared.events import Event

Short = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=320)]
Onward = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]


class Acknowledgement(Part):
    """We have it and look at it."""

    kind: Literal["acknowledgement"] = "acknowledgement"

    def act(self, referral: OutgoingReferral, by: Hand, at: datetime) -> Event:
        """Take the step."""
        return referral.acknowledge(by, at)


class Acceptance(Part):
    """We take the person on."""

    kind: Literal["acceptance"] = "acceptance"
    note: Prose | None = None

    def act(self, referral: OutgoingReferral, by: Hand, at: datetime) -> Event:
        """Take the step."""
        return referral.accept(by, at, self.note)


class Waiting(Part):
    """We keep it for a free place."""

    kind: Literal["waiting-list"] = "waiting-list"
    note: Prose | None = None

    def act(self, referral: OutgoingReferral, by: Hand, at: datetime) -> Event:
        """Take the step."""
        return referral.wait_list(by, at, self.note)


class PartnerRefusal(Part):
    """We cannot, why, and where the person could turn instead."""

    kind: Literal["refusal"] = "refusal"
    reason: RefusalReason
    onward_path: Onward

    def act(self, referral: OutgoingReferral, by: Hand, at: datetime) -> Event:
        """Take the step."""
        return referral.refuse(by, at, self.reason, self.onward_path)


class PartnerQuestion(Part):
    """We need to know something first (at most 320 characters, as in the Belgian Communication profile)."""

    kind: Literal["question"] = "question"
    question: Short

    def act(self, referral: OutgoingReferral, by: Hand, at: datetime) -> Event:
        """Take the step."""
        return referral.ask(by, at, self.question)


class Stage(StrEnum):
    """How far an organisation is with what it does for the person."""

    STARTED = "started"
    FIRST_CONTACT = "first-contact"
    VISIT_DONE = "visit-done"
    PLAN_SHARED = "plan-shared"
    PAUSED = "paused"
    RESUMED = "resumed"
    DONE = "done"
    NOT_ACHIEVED = "not-achieved"


STATES = {
    Stage.STARTED: State.CASE_OPENED,
    Stage.FIRST_CONTACT: State.FIRST_CONTACT,
    Stage.VISIT_DONE: State.HOME_VISIT_DONE,
    Stage.PLAN_SHARED: State.CARE_PLAN_SHARED,
    Stage.PAUSED: State.PAUSED,
    Stage.RESUMED: State.CASE_OPENED,
    Stage.DONE: State.CLOSED,
    Stage.NOT_ACHIEVED: State.NOT_ACHIEVED,
}


class ProgressReason(StrEnum):
    """Why it rests, or how it ended: the reasons that cases knows for pauses and closings."""

    READMITTED = "readmitted"
    UNREACHABLE = "unreachable"
    PATIENT_REQUEST = "patient-request"
    GOALS_REACHED = "goals-reached"
    HANDED_OVER = "handed-over"
    DECEASED = "deceased"
    MOVED = "moved"
    PATIENT_WITHDREW = "patient-withdrew"
    OTHER = "other"


class Progress(Part):
    """What has begun, how far it is, or how it ended, with the result in words."""

    kind: Literal["progress"] = "progress"
    stage: Stage
    reason: ProgressReason | None = None
    result: Prose | None = None

    def act(self, referral: OutgoingReferral, by: Hand, at: datetime) -> Event:
        """Take the step."""
        return referral.progress(by, at, STATES[self.stage], self.reason, self.result)


class CancellationGrant(Part):
    """We end it, as we were asked."""

    kind: Literal["cancellation-grant"] = "cancellation-grant"
    note: Prose | None = None

    def act(self, referral: OutgoingReferral, by: Hand, at: datetime) -> Event:
        """Take the step."""
        return referral.grant_cancellation(by, at, self.note)


class PartnerMessage(Part):
    """Something to tell that moves nothing."""

    kind: Literal["message"] = "message"
    text: Short

    def act(self, referral: OutgoingReferral, by: Hand, at: datetime) -> Event:
        """Take the step."""
        return referral.write(by, at, self.text)


SomeAnswer = (
    Acknowledgement
    | Acceptance
    | Waiting
    | PartnerRefusal
    | PartnerQuestion
    | Progress
    | CancellationGrant
    | PartnerMessage
)
Answer = Annotated[SomeAnswer, Field(discriminator="kind")]
"""Any answer, told apart by its `kind`."""
