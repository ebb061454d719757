"""What differs between two versions of a plan. Pure: the difference applied to the one gives the other."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Generic, TypeVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from services.cases.domain.plan import KnownResource, KnownStatement, Plan, PlanParts
from services.cases.domain.task import PlanTask

P = TypeVar("P", KnownStatement, KnownResource, PlanTask)
TEXT = ("person_words", "language")


class FieldChange(BaseModel):
    """A field with what it said before and after."""

    model_config = ConfigDict(frozen=True)

    field: str
    before: JsonValue
    after: JsonValue


class Changed(BaseModel):
    """A part that both versions hold, with the fields that differ."""

    model_config = ConfigDict(frozen=True)

    id: UUID
    fields: tuple[FieldChange, ...]


class PartsDiff(BaseModel, Generic[P]):
    """What was added, removed and changed among the parts of one kind; the same id is the same part."""

    model_config = ConfigDict(frozen=True)

    added: tuple[P, ...] = ()
    removed: tuple[P, ...] = ()
    changed: tuple[Changed, ...] = ()
    order: tuple[UUID, ...] | None = Field(None, description="The new order, where it is not the old one, then the new")


class PlanDiff(BaseModel):
    """What differs between two versions, `text` being the person's words and the language."""

    model_config = ConfigDict(frozen=True)

    from_version: int
    to_version: int
    text: tuple[FieldChange, ...]
    goals: PartsDiff[KnownStatement]
    needs: PartsDiff[KnownStatement]
    resources: PartsDiff[KnownResource]
    tasks: PartsDiff[PlanTask]

    @property
    def is_empty(self) -> bool:
        """Whether the two versions say the same."""
        return not self.text and all(
            part == type(part)() for part in (self.goals, self.needs, self.resources, self.tasks)
        )


def compare(before: Plan, after: Plan) -> PlanDiff:
    """What differs between two versions of the same plan."""
    return PlanDiff(
        from_version=before.number,
        to_version=after.number,
        text=tuple(_fields(before, after, TEXT)),
        goals=_parts(before.goals, after.goals),
        needs=_parts(before.needs, after.needs),
        resources=_parts(before.resources, after.resources),
        tasks=_parts(before.tasks, after.tasks),
    )


def applied(diff: PlanDiff, before: PlanParts) -> PlanParts:
    """The parts of the version after, from those of the version before."""
    return PlanParts(
        goals=_applied(diff.goals, before.goals),
        needs=_applied(diff.needs, before.needs),
        resources=_applied(diff.resources, before.resources),
        tasks=_applied(diff.tasks, before.tasks),
    )


def _parts(before: Sequence[P], after: Sequence[P]) -> PartsDiff[P]:
    old = {each.id: each for each in before}
    new = {each.id: each for each in after}
    differing = {id_: tuple(_fields(old[id_], new[id_], type(new[id_]).model_fields)) for id_ in new if id_ in old}
    usual = _usual_order(old, new)
    return PartsDiff(
        added=tuple(each for each in after if each.id not in old),
        removed=tuple(each for each in before if each.id not in new),
        changed=tuple(Changed(id=id_, fields=fields) for id_, fields in differing.items() if fields),
        order=None if usual == list(new) else tuple(new),
    )


def _usual_order(old: Iterable[UUID], new: Mapping[UUID, object]) -> list[UUID]:
    kept = [id_ for id_ in old if id_ in new]
    return kept + [id_ for id_ in new if id_ not in set(kept)]


def _fields(before: BaseModel, after: BaseModel, names: Iterable[str]) -> list[FieldChange]:
    said, says = before.model_dump(mode="json"), after.model_dump(mode="json")
    return [FieldChange(field=name, before=said[name], after=says[name]) for name in names if said[name] != says[name]]


def _applied(diff: PartsDiff[P], before: Sequence[P]) -> tuple[P, ...]:
    gone = {each.id for each in diff.removed}
    changed = {each.id: {field.field: field.after for field in each.fields} for each in diff.changed}
    parts = {each.id: _with(each, changed.get(each.id)) for each in before if each.id not in gone}
    parts |= {each.id: each for each in diff.added}
    return tuple(parts[id_] for id_ in diff.order or parts)


def _with(part: P, changes: Mapping[str, JsonValue] | None) -> P:
    return type(part).model_validate({**part.model_dump(mode="json"), **changes}) if changes else part
