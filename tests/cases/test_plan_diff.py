"""What differs between two versions: applied to the one it gives the other, and between equals it is empty."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from services.cases.domain import KnownResource, KnownStatement, LifeDomain, Plan, PlanTask
from services.cases.domain.plan import PlanParts
from services.cases.domain.plan_diff import Changed, FieldChange, PlanDiff, applied, compare
from services.cases.events import Assignee
from tests.cases.record import NOW, TODAY

IDS = [UUID(int=number) for number in range(1, 7)]
WORDS = st.sampled_from(["Cuisiner", "Sortir", "Dormir"])
DOMAINS = st.sampled_from(list(LifeDomain))
SOME_IDS = st.lists(st.sampled_from(IDS), unique=True, max_size=3).map(tuple)


def parts(kind: type, **fields: st.SearchStrategy[object]) -> st.SearchStrategy[tuple[object, ...]]:
    """Some parts of a kind, each id once, in any order."""
    chosen = st.lists(st.sampled_from(IDS), unique=True, max_size=len(IDS))
    return chosen.flatmap(lambda ids: st.tuples(*(st.builds(kind, id=st.just(id_), **fields) for id_ in ids)))


PLANS = st.builds(
    Plan,
    case_id=st.just(IDS[0]),
    number=st.integers(1, 3),
    goals=parts(KnownStatement, text=WORDS, domain=DOMAINS),
    needs=parts(KnownStatement, text=WORDS, domain=DOMAINS),
    resources=parts(KnownResource, text=WORDS, domain=st.none() | DOMAINS),
    tasks=parts(
        PlanTask,
        title=WORDS,
        domain=DOMAINS,
        organisation=st.sampled_from(["centre", "cpas"]),
        assignee=st.sampled_from(list(Assignee)),
        due_on=st.integers(0, 3).map(lambda days: TODAY + timedelta(days=days)),
        urgent=st.booleans(),
        goals=SOME_IDS,
        resources=SOME_IDS,
    ),
    person_words=WORDS,
    language=st.none(),
    drafted_by=st.just("anne"),
    drafted_at=st.just(NOW),
    agreement=st.none(),
    refusals=st.just(()),
)


def parts_of(plan: Plan) -> PlanParts:
    return PlanParts(goals=plan.goals, needs=plan.needs, resources=plan.resources, tasks=plan.tasks)


@given(PLANS, PLANS)
def test_the_difference_applied_to_the_old_version_gives_the_new_one(old: Plan, new: Plan) -> None:
    diff = compare(old, new)

    assert applied(diff, parts_of(old)) == parts_of(new)
    sent = PlanDiff.model_validate_json(diff.model_dump_json())
    assert applied(sent, parts_of(old)) == parts_of(new)


@given(PLANS, PLANS)
def test_the_difference_is_empty_between_equals_and_only_there(old: Plan, new: Plan) -> None:
    assert compare(old, old).is_empty
    same = (parts_of(old), old.person_words) == (parts_of(new), new.person_words)
    assert compare(old, new).is_empty is same


@given(PLANS, PLANS)
def test_the_way_back_swaps_what_was_added_and_removed(old: Plan, new: Plan) -> None:
    there, back = compare(old, new), compare(new, old)

    def ids(found: Sequence[KnownStatement]) -> set[UUID]:
        return {each.id for each in found}

    assert ids(there.goals.added) == ids(back.goals.removed)
    assert {each.id for each in there.goals.changed} == {each.id for each in back.goals.changed}


def test_a_changed_field_says_before_and_after() -> None:
    goal = KnownStatement(id=IDS[0], text="Cuisiner", domain=LifeDomain.FOOD)
    old = Plan(
        case_id=IDS[0],
        number=1,
        goals=(goal,),
        needs=(),
        resources=(),
        tasks=(),
        person_words="Oui",
        drafted_by="anne",
        drafted_at=NOW,
    )
    new = old.model_copy(
        update={"number": 2, "goals": (goal.model_copy(update={"text": "Sortir"}),), "person_words": "Non"}
    )

    diff = compare(old, new)

    assert diff.goals.changed == (
        Changed(id=IDS[0], fields=(FieldChange(field="text", before="Cuisiner", after="Sortir"),)),
    )
    assert diff.text == (FieldChange(field="person_words", before="Oui", after="Non"),)
    assert (diff.from_version, diff.to_version, diff.goals.order) == (1, 2, None)
