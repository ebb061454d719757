"""At least 95 % of those told twice are found again, at most 5 % of different people are taken for one."""

from collections import Counter
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime
from uuid import UUID

import pytest

from services.intake.domain import Grade, Identity, Person, Terms, compare, identify
from services.intake.domain.marks import all_marks, shared_marks
from services.intake.store import PersonRow, PersonSearch
from shared.access import Scope
from shared.auth import Caller
from shared.testing.harness import UnderTest
from tests.intake.matching.pairs import ROOTS, Pair, Telling, kinds, labelled

Run = Callable[..., AbstractAsyncContextManager[UnderTest]]

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
CALLER = Caller("line-nurse", "line-nurse", "relais", frozenset({"line-nurse"}), "nurse", Scope.ORGANISATION)
SHOWN = 50


def identity(told: Telling) -> Identity:
    return Identity.model_validate(
        {
            "family_name": told.family,
            "given_names": told.given,
            "birth_date": told.born,
            "niss": told.niss,
            "phones": told.shown_phone,
        }
    )


def terms(told: Telling, *, with_phone: bool = True) -> Terms:
    """What a nurse types who hears this."""
    heard = identity(told)
    phone = heard.phones[0] if heard.phones and with_phone else None
    return Terms(f"{heard.given_names} {heard.family_name}", heard.birth_date, phone, heard.niss)


def share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0


def test_the_set_is_large_has_four_roots_and_is_the_same_each_time() -> None:
    pairs = labelled()
    assert len(pairs) >= 2_000
    assert pairs == labelled()
    assert pairs != labelled(seed=1)
    for root in ROOTS:
        of_root = [pair for pair in pairs if pair.root == root]
        assert sum(pair.same for pair in of_root) == sum(not pair.same for pair in of_root) >= 250


@pytest.mark.timeout(900)
async def test_those_told_twice_are_candidates_and_others_are_not_certain(run_service: Run) -> None:
    pairs = labelled()
    grades: Counter[tuple[str, bool, Grade | None]] = Counter()
    without_phone = 0
    async with run_service("intake") as intake, intake.app.state.database.transaction() as transaction:
        known = [new(pair) for pair in pairs]
        transaction.session.add_all(known)
        await transaction.session.flush()
        index = PersonSearch(transaction)

        async def grade_of(pair: Pair, person: UUID, *, with_phone: bool = True) -> Grade | None:
            found = await index.search(terms(pair.incoming, with_phone=with_phone), CALLER, SHOWN)
            return next((fit.grade for each, fit in found if each.id == person), None)

        for number, (pair, person) in enumerate(zip(pairs, known, strict=True)):
            grades[pair.root, pair.same, await grade_of(pair, person.id)] += 1
            if pair.same and number % 3 == 0:
                without_phone += await grade_of(pair, person.id, with_phone=False) is not None

    total = {root: counted(grades, root) for root in (*ROOTS, "all")}
    print("", *kinds(pairs), sep="\n")
    for root, (true, found, other, mistaken) in total.items():
        print(
            f"{root}: {share(found, true):.1%} of true pairs are candidates, {share(mistaken, other):.1%} false certain"
        )
    true, found, other, mistaken = total["all"]
    asked_again = sum(pair.same for pair in pairs[::3])
    certain = sum(number for (_, same, grade), number in grades.items() if same and grade is Grade.CERTAIN)
    print(f"by name and birth date alone: {share(without_phone, asked_again):.1%}")
    print(f"of all that is certain {share(mistaken, mistaken + certain):.1%} is false")
    assert min(share(each[1], each[0]) for each in total.values()) >= 0.95
    assert share(without_phone, asked_again) >= 0.95
    assert max(share(each[3], each[2]) for each in total.values()) <= 0.05
    assert share(mistaken, mistaken + certain) <= 0.05


def counted(grades: Counter[tuple[str, bool, Grade | None]], root: str) -> tuple[int, int, int, int]:
    """True pairs, those found, false pairs, those certain."""
    mine = [(same, grade, number) for (of, same, grade), number in grades.items() if root in (of, "all")]
    true = sum(number for same, _, number in mine if same)
    found = sum(number for same, grade, number in mine if same and grade)
    other = sum(number for same, _, number in mine if not same)
    return true, found, other, sum(number for same, grade, number in mine if not same and grade is Grade.CERTAIN)


def test_a_referral_is_identified_with_the_wrong_person_only_where_name_and_birth_date_are_the_same() -> None:
    pairs = labelled()
    mistaken = [pair for pair in pairs if not pair.same and certain(pair)]
    print(f"\nidentification: {share(len(mistaken), len(pairs) // 2):.1%} of false pairs certain")
    assert {pair.why for pair in mistaken} <= {"double"}
    assert share(len(mistaken), len(pairs) // 2) <= 0.05


def test_whoever_resembles_another_shares_a_mark_that_is_held() -> None:
    for pair in labelled():
        one, two = identity(pair.known), identity(pair.incoming)
        if compare(one, two):
            assert shared_marks(one) & shared_marks(two) or one.niss == two.niss


def certain(pair: Pair) -> bool:
    """Whether a referral that tells of the one would be settled on the other."""
    person = Person.register(identity(pair.known), "relais", NOW)[0]
    return identify(identity(pair.incoming), [person]).known is not None


def new(pair: Pair) -> PersonRow:
    """The person whom the index knows."""
    person, _ = PersonRow.register(identity(pair.known), "relais", NOW)
    person.marks, person.version = all_marks(person), 1
    return person
