"""Templates of plans: goals and tasks that come back, as data, filled in for one case as a form to be edited."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Annotated
from uuid import NAMESPACE_URL, UUID, uuid5

from pydantic import BaseModel, Field, StrictBool, StrictInt

from services.cases.domain.agreement import Language
from services.cases.domain.life_domain import LifeDomain
from services.cases.domain.plan import MOST, Plan, References, Resource, Statement
from services.cases.domain.task import MissionReason, Task, TaskTerms
from services.cases.domain.words import Code, Line, Part, refuse
from services.cases.events import Assignee
from shared.errors import Fault

FOLDER = Path(__file__).parents[1] / "plan_templates"
Texts = Annotated[dict[Language, Line], Field(min_length=1, description="By language")]


class TemplateStatement(Part):
    """A goal or a need that comes back."""

    text: Texts
    domain: LifeDomain


class TemplateTask(Part):
    """A task that comes back, due some days after the plan is written."""

    title: Texts
    domain: LifeDomain
    assignee: Assignee
    due_in_days: Annotated[StrictInt, Field(ge=0, le=730)]
    urgent: StrictBool = False
    organisation: Code | None = Field(None, description="Accountable organisation, where it is always the same")
    goals: Annotated[tuple[Annotated[StrictInt, Field(ge=1, le=30)], ...], Field(max_length=30)] = Field(
        (), description="Goals of the template that it serves, counted from 1"
    )


class TemplateContent(Part):
    """What a template holds."""

    title: Texts
    goals: Annotated[tuple[TemplateStatement, ...], Field(min_length=1, max_length=30)]
    needs: Annotated[tuple[TemplateStatement, ...], Field(max_length=MOST)] = ()
    tasks: Annotated[tuple[TemplateTask, ...], Field(max_length=MOST)] = ()

    def check(self) -> None:
        """Raise Unfit where a task serves a goal that the template does not have."""
        refuse(
            [
                Fault(f"/tasks/{task}/goals/{number}", "unknown-goal")
                for task, each in enumerate(self.tasks)
                for number, goal in enumerate(each.goals)
                if goal > len(self.goals)
            ]
        )


class PlanTemplate(BaseModel):
    """One version of a template: shipped, or an organisation's own. A version is never changed."""

    id: UUID
    organisation: str | None = Field(None, description="Null for one that is shipped")
    code: str
    version: int
    content: TemplateContent
    written_by: str | None = None
    written_at: datetime | None = None


class FillIn(Part):
    """Which template to fill in, and how."""

    template: Code
    version: Annotated[StrictInt, Field(ge=1, le=100_000)] | None = Field(None, description="The newest where not said")
    language: Language = Language.FRENCH
    organisation: Code | None = Field(None, description="Accountable for every task that names none")
    keep_current: StrictBool = Field(True, description="Begin with the case's plan and unfinished tasks of now")


class FormTask(Part):
    """A task in a form; `organisation` is empty where somebody still has to say who answers for it."""

    task_id: UUID | None = None
    title: str
    domain: LifeDomain
    organisation: str | None
    assignee: Assignee
    due_on: date
    urgent: bool
    within_mission: bool = True
    mission_reason: MissionReason | None = None
    mission_note: str | None = None
    instead_of: str | None = None
    goals: References = ()
    resources: References = ()


class PlanForm(Part):
    """A plan to be edited and then sent as a draft: the person's words are theirs to say."""

    goals: tuple[Statement, ...]
    needs: tuple[Statement, ...]
    resources: tuple[Resource, ...]
    tasks: tuple[FormTask, ...]
    person_words: str = ""
    language: Language


@dataclass(frozen=True)
class Current:
    """What a case has now: its newest version, and its tasks."""

    plan: Plan | None
    tasks: Sequence[Task]


def fill_in(content: TemplateContent, wish: FillIn, current: Current, today: date) -> PlanForm:
    """A form from a template, behind the plan of now where that is kept. Nothing is stored."""
    kept = current.plan if wish.keep_current else None
    goals = kept.goals if kept else ()
    return PlanForm(
        goals=(*goals, *(_statement(each, wish.language) for each in content.goals)),
        needs=(*(kept.needs if kept else ()), *(_statement(each, wish.language) for each in content.needs)),
        resources=kept.resources if kept else (),
        tasks=(
            *(_kept(task, kept) for task in current.tasks if kept and task.is_open),
            *(_task(each, wish, len(goals), today) for each in content.tasks),
        ),
        language=wish.language,
    )


def said(texts: Mapping[Language, str], language: Language) -> str:
    """A text in a language, or in the first one that it is written in."""
    return texts.get(language) or next(iter(texts.values()))


def _statement(each: TemplateStatement, language: Language) -> Statement:
    return Statement(text=said(each.text, language), domain=each.domain)


def _task(each: TemplateTask, wish: FillIn, behind: int, today: date) -> FormTask:
    return FormTask(
        title=said(each.title, wish.language),
        domain=each.domain,
        organisation=each.organisation or wish.organisation,
        assignee=each.assignee,
        due_on=today + timedelta(days=each.due_in_days),
        urgent=each.urgent,
        goals=tuple(goal + behind for goal in each.goals),
    )


def _kept(task: Task, plan: Plan) -> FormTask:
    goals, resources = {each.id for each in plan.goals}, {each.id for each in plan.resources}
    return FormTask(
        task_id=task.id,
        goals=tuple(id_ for id_ in task.goals if id_ in goals),
        resources=tuple(id_ for id_ in task.resources if id_ in resources),
        **{name: getattr(task, name) for name in TaskTerms.model_fields},
    )


def shipped() -> dict[str, PlanTemplate]:
    """The templates that come with the service, by code, each in its version 1; read and checked."""
    found = {}
    for file in sorted(FOLDER.glob("*.json")):
        content = TemplateContent.model_validate(json.loads(file.read_text()))
        content.check()
        found[file.stem] = PlanTemplate(
            id=uuid5(NAMESPACE_URL, f"plan-template:{file.stem}"), code=file.stem, version=1, content=content
        )
    return found
