"""The circle of care of a case: who comes, changes and leaves, and what a closing or a reopening does to it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from pydantic import Field

from services.cases.domain.case import Case
from services.cases.domain.membership import (
    BY_OTHER_STEPS,
    Earlier,
    Leave,
    Member,
    MemberTerms,
    NewMember,
    Period,
)
from services.cases.domain.states import ENDED, OWNED
from services.cases.domain.words import Code, Day, Part, refuse
from services.cases.events import (
    CaseAssigned,
    CaseClosed,
    CaseDeclined,
    CaseReopened,
    CircleMemberAdded,
    CircleMemberChanged,
    CircleMemberEnded,
    Discipline,
    GpIdentified,
    GpStatus,
    Leaving,
    MemberKind,
    Role,
    SecondWorkerAssigned,
)
from shared.errors import DomainError, Fault
from shared.events import Event

MOVES_CIRCLE: tuple[type[Event], ...] = (CaseAssigned, SecondWorkerAssigned, CaseClosed, CaseDeclined, CaseReopened)
"""The facts of a case that change who belongs to its circle."""

MOST = 200
"""Members of one circle, past ones included."""


class AlreadyMember(DomainError):
    """This one belongs to the circle already; end that membership, or change it."""


class MembershipEnded(DomainError):
    """This membership has ended; add a new one."""


class CircleFull(DomainError):
    """The circle has as many members, past ones included, as one case can have."""


class GeneralPractitioner(Part):
    """Who the person's general practitioner is: the practice, the person of intake, or both; or that there is none."""

    status: GpStatus
    organisation: Code | None = Field(None, description="Directory code of the practice")
    person_id: UUID | None = Field(None, description="Person of intake, where that is where the doctor is known")
    since: Day | None = Field(None, description="Since when; by default since the case's first day")
    consent_to_share: bool | None = Field(None, description="Whether the person lets us share with this one")

    def faults(self, today: date) -> list[Fault]:
        """A known one is named by a code or an id, the others by nothing."""
        named = self.organisation or self.person_id
        if self.status is GpStatus.KNOWN:
            found = [] if named else [Fault("/organisation", "missing")]
        else:
            given = {"organisation": self.organisation, "person_id": self.person_id, "since": self.since}
            found = [Fault(f"/{field}", "not-for-this-status") for field, value in given.items() if value]
        return [*found, Fault("/since", "in-future")] if self.since and self.since > today else found


@dataclass(frozen=True)
class Circle:
    """The members of a case, past ones included, as they stand on a day."""

    case: Case
    members: Sequence[Member]
    today: date

    @property
    def interval(self) -> int:
        """The number of the case's current interval; 0 before it has begun."""
        return len(self.case.intervals)

    def current(self) -> list[Member]:
        """Those whose membership has not ended."""
        return [member for member in self.members if member.current]

    def gp(self) -> Member | None:
        """The general practitioner, also of a closed case: the one whose membership ended with the closing."""
        return next((member for member in self.members if member.is_gp and (member.current or member.goes_on)), None)

    def needs_life(self) -> None:
        """Raises IllegalStep once the case has ended: its circle is what it was."""
        if self.case.state in ENDED:
            raise self.case.illegal()

    def add(self, new: NewMember) -> tuple[Member, list[Event]]:
        """Take somebody in. Raises IllegalStep, Unfit, AlreadyMember, CircleFull."""
        self.needs_life()
        refuse(new.faults(self.today))
        period = Period(
            interval=self.interval,
            since=new.since or self.today,
            until=new.until,
            reason=Leaving.SERVICE_ENDED if new.until else None,
        )
        member = Member(
            case_id=self.case.id,
            periods=(period,),
            terms=terms_of(new),
            **new.model_dump(include={"kind", "role", "relation", "worker", "person_id", "organisation"}),
        )
        self._admit(member)
        facts: list[Event] = [added(member)]
        if new.until:
            facts.append(ended(member))
        return member, facts

    def change(self, member: Member, terms: MemberTerms, by: str, at: datetime) -> list[Event]:
        """Put other terms in place of a membership's; what was stays in its history. Nothing new is no fact.

        Raises IllegalStep, MembershipEnded, Unfit.
        """
        self.needs_life()
        if not member.current:
            raise MembershipEnded
        refuse(terms.faults(self.today))
        changed = [name for name in MemberTerms.model_fields if getattr(terms, name) != getattr(member.terms, name)]
        if not changed:
            return []
        member.history = (*member.history, Earlier(terms=member.terms, changed_at=at, changed_by=by))
        member.terms = terms
        return [CircleMemberChanged(case_id=self.case.id, member_id=member.id, changed=changed)]

    def end(self, member: Member, leave: Leave) -> list[Event]:
        """Let somebody go. Raises IllegalStep, MembershipEnded, Unfit for days or reasons that cannot be."""
        self.needs_life()
        if not member.current:
            raise MembershipEnded
        found = []
        if leave.until < member.last.since:
            found.append(Fault("/until", "before-start"))
        if leave.until > self.today:
            found.append(Fault("/until", "in-future"))
        if leave.reason in BY_OTHER_STEPS or member.is_team:
            found.append(Fault("/reason", "own-route"))
        refuse(found)
        member.end(leave.until, leave.reason)
        return [ended(member)]

    def identify_gp(self, gp: GeneralPractitioner) -> tuple[Member | None, list[Event]]:
        """Note who the general practitioner is; another one than before takes that one's place.

        Raises IllegalStep, Unfit, AlreadyMember when it is the same one.
        """
        self.needs_life()
        refuse(gp.faults(self.today))
        before = next((member for member in self.current() if member.is_gp), None)
        after = self._known_gp(gp, replacing=before) if gp.status is GpStatus.KNOWN else None
        if after and before and before.same_as(after):
            raise AlreadyMember
        facts: list[Event] = []
        if before:
            before.end(self.today, Leaving.REPLACED)
            facts.append(ended(before))
        if after:
            self._admit(after)
            facts.append(added(after))
        member_id = after.id if after else None
        return after, [GpIdentified(case_id=self.case.id, status=gp.status, member_id=member_id), *facts]

    def _known_gp(self, gp: GeneralPractitioner, replacing: Member | None) -> Member:
        first = self.today if replacing else min(self.case.opened_on, self.today)
        return Member(
            case_id=self.case.id,
            kind=MemberKind.PROFESSIONAL,
            role=Role.GENERAL_PRACTITIONER,
            organisation=gp.organisation,
            person_id=gp.person_id,
            terms=MemberTerms(consent_to_share=gp.consent_to_share),
            periods=(Period(interval=self.interval, since=gp.since or first),),
        )

    def _admit(self, member: Member) -> None:
        if member.current and any(other.same_as(member) for other in self.current()):
            raise AlreadyMember
        if len(self.members) >= MOST:
            raise CircleFull(facts={"most": MOST})

    def follow(self, facts: Sequence[Event], registered: Mapping[str, MemberTerms]) -> tuple[list[Member], list[Event]]:
        """What these facts of the case do to its circle: new members, and the facts about others."""
        told: list[Event] = []
        for fact in facts:
            if isinstance(fact, CaseClosed):
                told += self.close(fact.closed_on)
            elif isinstance(fact, CaseDeclined):
                told += self.close(self.today)
            elif isinstance(fact, CaseReopened):
                told += self.reopen()
        new, gone = self.follow_team(registered)
        return new, [*told, *gone]

    def close(self, on: date) -> list[Event]:
        """End every membership with the case. The closing itself tells of those it is assigned to."""
        leaving = self.current()
        for member in leaving:
            member.end(on, Leaving.CLOSING)
        return [ended(member) for member in leaving if not member.is_team]

    def reopen(self) -> list[Event]:
        """Bring back, in the new interval, those whom nothing but the closing had ended."""
        back = [member for member in self.members if member.goes_on]
        for member in back:
            member.resume(self.interval, self.today)
        return [added(member, restored=True) for member in back if not member.is_team]

    def follow_team(self, registered: Mapping[str, MemberTerms]) -> tuple[list[Member], list[Event]]:
        """Let those whom the case is assigned to be of the circle, and nobody who was; the assignments tell of it.

        `registered` is what the register says of workers. Whoever belonged in another capacity leaves that one.
        """
        wanted = self._team()
        facts: list[Event] = []
        for member in [member for member in self.current() if member.worker]:
            role = wanted.get(member.worker or "")
            if role and role is member.role:
                self._keep_up(member)
                del wanted[member.worker or ""]
            elif role or member.is_team:
                member.end(self.today, Leaving.REASSIGNED)
                facts += [] if member.is_team else [ended(member)]
        return [
            self._worker(worker, role, registered.get(worker, MemberTerms())) for worker, role in wanted.items()
        ], facts

    def _team(self) -> dict[str, Role]:
        if self.case.state not in OWNED:
            return {}
        both = {self.case.second_worker: Role.SECOND_WORKER, self.case.worker: Role.CASE_MANAGER}
        return {worker: role for worker, role in both.items() if worker}

    def _discipline(self, role: Role | None) -> Discipline | None:
        return self.case.discipline if role is Role.CASE_MANAGER else self.case.second_discipline

    def _keep_up(self, member: Member) -> None:
        discipline = self._discipline(member.role)
        if member.terms.discipline != discipline:
            member.terms = member.terms.model_copy(update={"discipline": discipline})

    def _worker(self, worker: str, role: Role, registered: MemberTerms) -> Member:
        own = {
            "discipline": self._discipline(role),
            "responsible_organisation": registered.responsible_organisation or self.case.organisation,
        }
        return Member(
            case_id=self.case.id,
            kind=MemberKind.PROFESSIONAL,
            role=role,
            worker=worker,
            terms=registered.model_copy(update=own),
            periods=(Period(interval=self.interval, since=self.today),),
        )


def terms_of(new: NewMember) -> MemberTerms:
    """The terms among what was said of a new member."""
    return MemberTerms(**{name: getattr(new, name) for name in MemberTerms.model_fields})


def added(member: Member, *, restored: bool = False) -> CircleMemberAdded:
    """The fact that somebody belongs to the circle."""
    return CircleMemberAdded(
        case_id=member.case_id,
        member_id=member.id,
        kind=member.kind,
        role=member.role,
        organisation=member.organisation,
        since=member.last.since,
        restored=restored,
    )


def ended(member: Member) -> CircleMemberEnded:
    """The fact that a membership ended. It has a last day and a reason."""
    if member.last.until is None or member.last.reason is None:
        raise ValueError("the membership goes on")
    return CircleMemberEnded(
        case_id=member.case_id, member_id=member.id, until=member.last.until, reason=member.last.reason
    )
