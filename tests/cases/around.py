"""A case with its circle of care and its tellings, kept by hand as the store keeps them."""

from datetime import date, timedelta
from typing import Any

import pytest

from services.cases.domain import Case, Reopening, Unfit
from services.cases.domain.circle import Circle, GeneralPractitioner
from services.cases.domain.informing import (
    Information,
    InformationGiven,
    InformConsent,
    Missing,
    inform,
    missing,
)
from services.cases.domain.membership import Member, MemberTerms, NewMember
from services.cases.events import (
    GpStatus,
    InformedBy,
    KeyStep,
    MemberKind,
    Relation,
    Role,
)
from shared.events import Event
from tests.cases.record import NOW, ROOM, TODAY, assignment, closing, opened

DAY = timedelta(days=1)
HOME_NURSE = NewMember(kind=MemberKind.PROFESSIONAL, role=Role.HOME_NURSE, organisation="centre")
DAUGHTER = NewMember(kind=MemberKind.INFORMAL, relation=Relation.CHILD)
GP = GeneralPractitioner(status=GpStatus.KNOWN, organisation="practice")


class Around:
    """A case with its circle and its tellings, kept by hand as the store keeps them."""

    def __init__(self, *, assigned: bool = True) -> None:
        self.case: Case = opened()
        self.members: list[Member] = []
        self.told: list[Information] = []
        self.status: GpStatus | None = None
        self.facts: list[Event] = []
        if assigned:
            self.follow(self.case.assign(assignment(), ROOM, TODAY))

    def circle(self, today: date = TODAY) -> Circle:
        return Circle(self.case, self.members, today)

    def follow(self, *facts: Event, today: date = TODAY, registered: dict[str, MemberTerms] | None = None) -> None:
        new, told = self.circle(today).follow(facts, registered or {})
        self.members += new
        self.facts += told

    def add(self, new: NewMember, today: date = TODAY) -> Member:
        member, facts = self.circle(today).add(new)
        self.members.append(member)
        self.facts += facts
        return member

    def identify(self, gp: GeneralPractitioner = GP, today: date = TODAY) -> Member | None:
        member, facts = self.circle(today).identify_gp(gp)
        self.members += [member] if member else []
        self.status = gp.status
        self.facts += facts
        return member

    def tell(self, step: KeyStep, today: date = TODAY, **changes: Any) -> Information:
        words = {"step": step, "channel": InformedBy.PHONE, "on": today, "consent": InformConsent.ORAL, **changes}
        information, fact = inform(self.circle(today), InformationGiven(**words), "anne", NOW)
        self.told.append(information)
        self.facts.append(fact)
        return information

    def close(self, on: date = TODAY) -> None:
        self.follow(self.case.close(closing(on), [], on), today=on)

    def reopen(self, on: date = TODAY) -> None:
        self.follow(self.case.reopen(Reopening(reason="Rechute"), [], on), today=on)

    def current(self) -> set[Any]:
        return {member.id for member in self.circle().current()}

    def missing(self) -> list[Missing]:
        return list(missing(self.circle(), self.status, self.told))


def faults(refused: pytest.ExceptionInfo[Unfit]) -> list[tuple[str, str]]:
    return [(fault.pointer, fault.code) for fault in refused.value.faults]
