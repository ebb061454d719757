"""A case with its tasks and plans kept by hand, and made-up steps for it."""

from datetime import UTC, date, datetime

from services.cases.domain import (
    Agreement,
    Assignment,
    Case,
    Closing,
    Declining,
    LifeDomain,
    Load,
    NextStep,
    Origin,
    Plan,
    PlanContent,
    Standing,
    Statement,
    StepKind,
    Task,
    TaskDescription,
    VisitReport,
    add_task,
    agree,
    draft,
)
from services.cases.domain.agreement import AgreedBy, HowAgreed
from services.cases.domain.origin import Terms
from services.cases.domain.plan import PlannedTask
from services.cases.events import (
    Assignee,
    ClosingReason,
    DeclineReason,
    Discipline,
    OriginKind,
    Urgency,
    VisitKind,
    VisitStatus,
)
from shared.events import Event
from shared.ids import new_id

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
TODAY = date(2026, 11, 20)
ROOM = Load(open=0, cap=40)


def opened(at: datetime = NOW) -> Case:
    case, _ = Case.open(
        Origin(kind=OriginKind.REFERRAL, id=new_id()), Urgency.ROUTINE, Terms(organisation="relais"), at
    )
    return case


def assignment(worker: str = "anne", reason: str | None = None, due_on: date = TODAY) -> Assignment:
    step = NextStep(kind=StepKind.HOME_VISIT, due_on=due_on)
    return Assignment(worker=worker, discipline=Discipline.NURSE, next_step=step, over_cap_reason=reason)


def visit(status: VisitStatus = VisitStatus.DONE, on: date = TODAY) -> VisitReport:
    return VisitReport(kind=VisitKind.HOME_VISIT, status=status, on=on)


def task(domain: LifeDomain = LifeDomain.FOOD, **changes: object) -> PlannedTask:
    words = {"title": "Repas", "organisation": "centre", "assignee": Assignee.LINE, "due_on": TODAY, **changes}
    return PlannedTask.model_validate({"domain": domain, **words})


def content(*tasks: PlannedTask) -> PlanContent:
    goal = Statement(text="Cuisiner", domain=LifeDomain.FOOD)
    return PlanContent(goals=(goal,), tasks=tasks, person_words="Je veux cuisiner.")


def agreement(number: int, on: date = TODAY) -> Agreement:
    return Agreement(plan_version=number, agreed_by=AgreedBy.PERSON, how=HowAgreed.ORAL, on=on)


def closing(on: date = TODAY, reason: str | None = None) -> Closing:
    return Closing(closed_on=on, reason=ClosingReason.GOALS_REACHED, summary="Fini", open_tasks_reason=reason)


def declining(reason: DeclineReason = DeclineReason.NOT_COMPLEX) -> Declining:
    return Declining(reason=reason, onward_path="Le centre de coordination")


class Record:
    """A case with its tasks and plans, kept by hand as the store keeps them."""

    def __init__(self, case: Case | None = None) -> None:
        self.case = case or opened()
        self.tasks: list[Task] = []
        self.plans: list[Plan] = []
        self.facts: list[Event] = []

    def assign(self, worker: str = "anne") -> "Record":
        self.facts.append(self.case.assign(assignment(worker), ROOM, TODAY))
        return self

    def draft(self, *tasks: PlannedTask) -> Plan:
        plan, fact = draft(self.case, content(*tasks), Standing(self.tasks, self.plans), "anne", NOW)
        self.plans.append(plan)
        self.facts.append(fact)
        return plan

    def agree(self, number: int) -> list[Event]:
        plan = next((plan for plan in self.plans if plan.number == number), None)
        new, facts = agree(self.case, plan, self.tasks, agreement(number), TODAY)
        self.tasks += new
        self.facts += facts
        return facts

    def add(self, description: TaskDescription) -> Task:
        agreed = next((plan for plan in self.plans if plan.number == self.case.agreed_version), None)
        added, fact = add_task(self.case, agreed, description, TODAY)
        self.tasks.append(added)
        self.facts.append(fact)
        return added

    def in_force(self, *tasks: PlannedTask) -> "Record":
        self.assign()
        self.agree(self.draft(*tasks).number)
        return self
