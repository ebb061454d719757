"""The rules of a merge without a database: what is taken can be given back, and every place of an id is named."""

from datetime import UTC, date, datetime
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from services.intake.domain import ContactPoint, Gender, HospitalNumber, Person, PreferredChannel
from services.intake.domain.merge import SEVERAL, SINGLE, Contradiction, Ground, Merge
from services.intake.domain.person import DeathSource
from services.intake.events import MergeReason, UndoReason
from services.intake.store import Table
from services.intake.store.relinks import LEFT_IN_PLACE, PERSON_COLUMNS
from shared.relationships.links import SUBJECT_COLUMNS
from shared.relinks import place

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
NUMBERS = [f"+3247012345{last}" for last in range(8)]
GROUND = Ground(MergeReason.ENTERED_TWICE, tuple(Contradiction))


def maybe(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Something or nothing."""
    return st.none() | strategy


@st.composite
def persons(draw: st.DrawFn) -> Person:
    """Anybody, as the index may hold them."""
    phones = tuple(draw(st.lists(st.sampled_from(NUMBERS), unique=True, max_size=8)))
    kinds = draw(st.lists(st.sampled_from(phones), unique=True)) if phones else []
    first = draw(st.booleans())
    died = draw(maybe(st.dates(date(2020, 1, 1), date(2026, 1, 1))))
    return Person(
        programme="relais",
        registered_at=NOW,
        family_name=draw(st.sampled_from(["Lambert", "Lambrecht", "El Amrani"])),
        given_names="Anne",
        birth_date=draw(maybe(st.sampled_from([date(1950, 2, 3), date(1950, 3, 2)]))),
        niss=draw(maybe(st.sampled_from(["50020301289", "50020303467"]))),
        phones=phones,
        contact_points=tuple(ContactPoint(phone=each, preferred=first and not n) for n, each in enumerate(kinds)),
        hospital_numbers=tuple(
            HospitalNumber(organisation="chu", number=each)
            for each in draw(st.lists(st.sampled_from("123456"), unique=True))
        ),
        email=draw(maybe(st.just("anne@example.org"))),
        gender=draw(maybe(st.sampled_from(Gender))),
        language=draw(maybe(st.sampled_from(["fr", "nl"]))),
        preferred_channel=draw(maybe(st.sampled_from(PreferredChannel))),
        lives_alone=draw(maybe(st.booleans())),
        deceased_on=died,
        death_source=DeathSource.HOSPITAL if died else None,
    )


@given(persons(), persons())
def test_undoing_a_merge_restores_both_people_exactly(kept: Person, merged: Person) -> None:
    assume(kept.niss is None or kept.niss != merged.niss)
    before = kept.model_dump(), merged.model_dump()
    merge, _ = Merge.of(kept, merged, GROUND, "coordinator", NOW)
    merge.step_back(merged)
    merge.complete(kept)
    assert kept.niss is None or kept.niss != merged.niss
    assert sum(point.preferred for point in kept.contact_points) <= 1
    assert {point.phone for point in kept.contact_points} <= set(kept.phones)
    merge = Merge.model_validate_json(merge.model_dump_json())
    merge.undo(UndoReason.DIFFERENT_PERSONS, "coordinator", NOW)
    merge.give_back(kept)
    merge.come_forward(merged)
    assert (kept.model_dump(), merged.model_dump()) == before


@given(persons(), persons())
def test_nothing_that_the_kept_person_has_is_overwritten(kept: Person, merged: Person) -> None:
    before = kept.model_copy(deep=True)
    merge, _ = Merge.of(kept, merged, GROUND, "coordinator", NOW)
    merge.complete(kept)
    for name in SINGLE:
        had = getattr(before, name)
        assert had in (None, Gender.UNKNOWN) or getattr(kept, name) == had
    for name in SEVERAL:
        assert getattr(kept, name)[: len(getattr(before, name))] == getattr(before, name)


@given(persons(), persons())
def test_what_contradicts_is_the_same_whichever_is_kept(one: Person, two: Person) -> None:
    there, _ = Merge.of(one, two, GROUND, "coordinator", NOW)
    back, _ = Merge.of(two, one, GROUND, "coordinator", NOW)
    assert there.confirmed == back.confirmed


def test_every_column_with_a_persons_id_is_moved_or_left_for_a_reason() -> None:
    named = {
        f"{table.name}.{column.name}"
        for table in Table.metadata.sorted_tables
        for column in table.columns
        if column.name in ("person_id", "other_id", "target_id", "caller_person_id")
        or any(key.column.table.name == "person" for key in column.foreign_keys)
    }
    moved = {str(place(kind, name)) for kind, name in PERSON_COLUMNS if (kind, name) not in SUBJECT_COLUMNS}
    assert moved.isdisjoint(LEFT_IN_PLACE)
    assert named == moved | LEFT_IN_PLACE.keys()
