"""The decision log of a shared case: what was decided, remarked or disputed between organisations, and who must act."""

import json
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, Field, StrictBool

from services.cases.domain.case import Case
from services.cases.domain.words import Code, Day, Line, Part, Prose, refuse
from services.cases.events import DecisionAnswered, DecisionKind, DecisionRecorded, DecisionStatus, DecisionSubject
from shared.clock import BRUSSELS
from shared.errors import DomainError, Fault
from shared.ids import new_id

MOST = 20


class NotWaiting(DomainError):
    """This decision waits for no answer: it holds already, was refused or corrected, or was only noted."""


class AlreadyAmended(DomainError):
    """This decision was corrected already; correct the newest one."""


class AnswerRule(StrEnum):
    """Whose yes a joint decision needs before it is in force."""

    EVERY = "every"
    RESPONSIBLE = "responsible"


class DecisionRules(Part):
    """The working rules for shared cases: per subject, whose yes a joint decision needs."""

    version: Line
    needs_yes_of: dict[DecisionSubject, AnswerRule]

    def needed(self, subject: DecisionSubject, organisations: Iterable[str], responsible: str) -> set[str]:
        """The organisations whose yes a decision on this subject needs: every one, where no rule is known."""
        if self.needs_yes_of.get(subject) is AnswerRule.RESPONSIBLE:
            return {responsible}
        return set(organisations)


RULES = DecisionRules.model_validate(json.loads(Path(__file__).with_name("shared_case_rules.json").read_text()))
"""The rules in force; each decision keeps whose yes it needed when it was recorded."""


class Act(Part):
    """What follows from a decision: one organisation answers for it."""

    organisation: Code = Field(description="Code of the one accountable organisation")
    what: Line
    due_on: Day | None = None


class Answer(Part):
    """An organisation's yes or no, who gave it and when."""

    organisation: Code
    agreed: StrictBool
    on: Day
    given_by: Line | None = Field(None, description="Who spoke for the organisation; stays with the decision")
    note: Prose | None = None


Answers = Annotated[tuple[Answer, ...], Field(max_length=MOST)]


class DecisionReport(Part):
    """What is noted of a decision, a remark or a disagreement."""

    kind: DecisionKind
    subject: DecisionSubject
    on: Day
    text: Prose = Field(description="What was decided, remarked or disputed")
    organisations: Annotated[tuple[Code, ...], Field(min_length=1, max_length=MOST)]
    acts: Annotated[tuple[Act, ...], Field(max_length=MOST)] = ()
    answers: Answers = ()
    amends: UUID | None = Field(None, description="The decision that this one corrects; it stays readable")
    amendment_reason: Prose | None = None

    def faults(self, opened_on: date, today: date) -> list[Fault]:
        """What cannot be right."""
        found = [Fault("/on", "in-future")] if self.on > today else []
        found += [Fault("/on", "before-opening")] if self.on < opened_on else []
        if len(set(self.organisations)) != len(self.organisations):
            found.append(Fault("/organisations", "repeated"))
        if self.kind is DecisionKind.JOINT_DECISION and len(self.organisations) < 2:
            found.append(Fault("/organisations", "too-short"))
        if self.amends and not self.amendment_reason:
            found.append(Fault("/amendment_reason", "required"))
        return found + self._strangers() + self._answer_faults(today)

    def named(self) -> dict[str, str]:
        """Every organisation named, by the pointer to it."""
        return {f"/organisations/{number}": code for number, code in enumerate(self.organisations)}

    def _strangers(self) -> list[Fault]:
        parts: dict[str, Sequence[Act | Answer]] = {"acts": self.acts, "answers": self.answers}
        return [
            Fault(f"/{name}/{number}/organisation", "not-concerned")
            for name, listed in parts.items()
            for number, each in enumerate(listed)
            if each.organisation not in self.organisations
        ]

    def _answer_faults(self, today: date) -> list[Fault]:
        answered = [each.organisation for each in self.answers]
        only_noted = self.kind is not DecisionKind.JOINT_DECISION and self.answers
        twice = len(set(answered)) != len(answered)
        late = [n for n, each in enumerate(self.answers) if each.on > today]
        return ([Fault("/answers", "not-a-joint-decision")] if only_noted else []) + (
            [Fault("/answers", "repeated")] if twice else [Fault(f"/answers/{n}/on", "in-future") for n in late]
        )


class Decision(BaseModel):
    """An entry of the log. It is never changed but by answers; a correction is an entry of its own that amends it."""

    id: UUID
    case_id: UUID
    kind: DecisionKind
    subject: DecisionSubject
    on: date
    text: str
    organisations: tuple[str, ...]
    needed: tuple[str, ...] = Field(description="Organisations whose yes it needs before it is in force")
    acts: tuple[Act, ...]
    answers: tuple[Answer, ...]
    status: DecisionStatus
    amends: UUID | None
    amendment_reason: str | None
    amended_by: UUID | None = None
    rules_version: str
    recorded_by: str
    recorded_at: datetime

    @classmethod
    def of(cls, case: Case, report: DecisionReport, by: str, now: datetime) -> Self:
        """A new entry."""
        is_joint = report.kind is DecisionKind.JOINT_DECISION
        needed = RULES.needed(report.subject, report.organisations, case.organisation) if is_joint else set()
        decision = cls(
            id=new_id(),
            case_id=case.id,
            needed=tuple(sorted(needed)),
            status=DecisionStatus.NOTED,
            rules_version=RULES.version,
            recorded_by=by,
            recorded_at=now,
            **dict(report),
        )
        decision.status = decision.standing() if is_joint else DecisionStatus.NOTED
        return decision

    def standing(self) -> DecisionStatus:
        """Where a joint decision stands by its answers: one no refuses it, every needed yes puts it in force."""
        newest = {answer.organisation: answer.agreed for answer in self.answers}
        if any(newest.get(code) is False for code in self.needed):
            return DecisionStatus.REFUSED
        return DecisionStatus.IN_FORCE if all(newest.get(code) for code in self.needed) else DecisionStatus.WAITING


def record_decision(
    case: Case, report: DecisionReport, amended: Decision | None, by: str, now: datetime
) -> tuple[Decision, DecisionRecorded]:
    """Note a decision, a remark or a disagreement; a correction marks the entry that it amends.

    Raises Unfit for what cannot be right, AlreadyAmended where the entry was corrected already.
    """
    refuse(report.faults(case.opened_on, now.astimezone(BRUSSELS).date()))
    if report.amends and amended is None:
        refuse([Fault("/amends", "unknown-decision")])
    if amended is not None and amended.amended_by is not None:
        raise AlreadyAmended
    decision = Decision.of(case, report, by, now)
    if amended is not None:
        amended.amended_by, amended.status = decision.id, DecisionStatus.AMENDED
    fact = DecisionRecorded(
        case_id=case.id,
        decision_id=decision.id,
        kind=decision.kind,
        subject=decision.subject,
        organisations=list(decision.organisations),
        on=decision.on,
        status=decision.status,
        amends=decision.amends,
    )
    return decision, fact


def answer_decision(case: Case, decision: Decision, answer: Answer, today: date) -> DecisionAnswered:
    """Take an organisation's yes or no over. Raises NotWaiting, Unfit for one that is not concerned or a wrong day."""
    if decision.status is not DecisionStatus.WAITING:
        raise NotWaiting(facts={"state": decision.status})
    refuse([Fault("/organisation", "not-concerned")] if answer.organisation not in decision.organisations else [])
    refuse([Fault("/on", "in-future")] if answer.on > today else [])
    refuse([Fault("/on", "before-decision")] if answer.on < decision.on else [])
    decision.answers = (*decision.answers, answer)
    decision.status = decision.standing()
    return DecisionAnswered(
        case_id=case.id,
        decision_id=decision.id,
        organisation=answer.organisation,
        agreed=answer.agreed,
        on=answer.on,
        status=decision.status,
    )
