"""Belgian identifiers: 100,000 made-up numbers get the verdict of an independent generator."""

import calendar
import random
from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from pydantic import TypeAdapter, ValidationError

from services.referrals.domain import Document
from services.referrals.domain.identifiers import Cbe, Nihdi, Niss, nihdi_is_odd, niss_is_of_the_future
from shared.testing.harness import UnderTest
from tests.referrals.pushes import fresh

TODAY = date.today()  # noqa: DTZ011 - the library under judgement asks the machine's clock which years have come
NISS, CBE, NIHDI = TypeAdapter(Niss), TypeAdapter(Cbe), TypeAdapter(Nihdi)


def numbered(year: int, month: int, day: int, sequence: int, plus: int = 0) -> str:
    """A number as the register makes it: from 2000 on a 2 stands before the nine digits that are divided."""
    nine = f"{year % 100:02}{month + plus:02}{day:02}{sequence:03}"
    return f"{nine}{97 - int(('2' if year >= 2000 else '') + nine) % 97:02}"


def verdict(number: str, today: date) -> bool:
    """Whether some legal birth in the past would have been given this number."""
    year, month, day, sequence = (int(number[a:b]) for a, b in ((0, 2), (2, 4), (4, 6), (6, 9)))
    plus = month // 20 * 20
    for century in (1900, 2000):
        if plus > 40 or month - plus > 12 or numbered(century + year, month - plus, day, sequence, plus) != number:
            continue
        last = calendar.monthrange(century + year, month - plus)[1] if month > plus else 99
        known = 1 <= day <= last and month > plus
        if known or day == 0 or month == plus or day > last:
            return date(century + year, (month - plus) or 1, day if known else 1) <= today
    return False


def generated(chance: random.Random, count: int) -> Iterator[str]:
    """Numbers of all kinds, about half of them right."""
    first, last = date(1900, 1, 1).toordinal(), (TODAY + timedelta(days=800)).toordinal()
    for number in range(count):
        kind = number % 8
        born = (
            TODAY - timedelta(days=chance.randrange(3)) if kind == 1 else date.fromordinal(chance.randint(first, last))
        )
        if kind == 2:
            born = date(1900 + chance.randrange(100), born.month, min(born.day, 28))
        unknown = chance.randrange(3) if kind == 3 else 0
        month, day = (0 if unknown == 2 else born.month), (0 if unknown else born.day)
        made = numbered(born.year, month, day, chance.randint(1, 998), chance.choice((0, 0, 20, 40)))
        if kind in (4, 5):
            place = chance.randrange(11)
            made = made[:place] + str((int(made[place]) + chance.randint(1, 9)) % 10) + made[place + 1 :]
        if kind == 6:
            made = f"{chance.randrange(10**11):011}"
        if kind == 7:
            place = chance.randrange(10)
            made = made[:place] + made[place + 1] + made[place] + made[place + 2 :]
        yield made


def taken(kind: TypeAdapter[str], value: str) -> bool:
    """Whether the product takes it."""
    try:
        kind.validate_python(value)
    except ValidationError:
        return False
    return True


def test_a_hundred_thousand_numbers_get_the_verdict_of_the_independent_generator() -> None:
    counts = {True: 0, False: 0}
    for number in generated(random.Random(20261122), 100_000):
        expected = verdict(number, TODAY)
        counts[expected] += 1
        found = taken(NISS, number) and not niss_is_of_the_future(number, TODAY)
        assert found is expected, f"{number} should be {expected}"
    assert min(counts.values()) > 30_000, counts


@pytest.mark.parametrize(
    "number", ["85073003328", "05073003326", "49221599826", "49421599869", "49000000158", "85.07.30-033.28"]
)
def test_the_published_examples_are_valid(number: str) -> None:
    assert NISS.validate_python(number) == "".join(each for each in number if each.isdigit())


@pytest.mark.parametrize(
    "number",
    ["85073003327", "8507300332", "850730033280", "", "00000000000", "8507300332a", "８５073003328", "85--073003328"],
)
def test_what_is_no_number_is_refused(number: str) -> None:
    assert not taken(NISS, number)


def test_twenty_thousand_enterprise_numbers_get_the_right_verdict() -> None:
    chance = random.Random(4)
    for number in range(20_000):
        eight = chance.randrange(3 * 10**7)
        check = 97 - eight % 97 if number % 2 else chance.randrange(100)
        made = f"{eight:08}{check:02}"
        expected = made[0] in "01" and eight > 0 and check == 97 - eight % 97
        written = chance.choice((made, f"{made[:4]}.{made[4:7]}.{made[7:]}", f"BE{made}", f"BE {made}"))
        assert taken(CBE, written) is expected, made
        assert not expected or CBE.validate_python(written) == made


@pytest.mark.parametrize("number", ["403019261", "BE403019261", "NL0403019261", "0403019262", "2403019261", ""])
def test_an_enterprise_number_has_ten_digits_and_begins_with_0_or_1(number: str) -> None:
    assert taken(CBE, "0403019261")
    assert not taken(CBE, number)


def test_a_practitioners_number_is_strict_in_shape_and_lenient_in_its_check_digits() -> None:
    by_97, by_89, odd = (f"123456{check:02}004" for check in (97 - 123456 % 97, 89 - 123456 % 89, 1))
    assert [nihdi_is_odd(number) for number in (by_97, by_89, odd)] == [False, False, True]
    assert NIHDI.validate_python(f"1-23456-{by_97[6:8]}-004") == by_97
    assert not any(taken(NIHDI, number) for number in ("1234567890", "123456789012", "1234567890a", ""))


async def test_an_odd_practitioners_number_is_taken_with_a_warning_and_a_replay_says_the_same(
    referrals: UnderTest,
) -> None:
    document = fresh()
    document["person"] = {**document["person"], "general_practitioner": {"name": "Dr Gris", "nihdi": "12345601004"}}
    async with referrals.client("hospital-chu") as client:
        answers = [await client.post("/referrals", json=document) for _ in range(2)]
        seen = (await client.get(answers[0].headers["location"])).json()
    warning = [{"pointer": "/person/general_practitioner/nihdi", "code": "nihdi-check-digits"}]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].content == answers[1].content
    assert answers[0].json()["warnings"] == seen["warnings"] == warning


async def test_a_person_without_a_number_is_received_and_shown_as_unverified(referrals: UnderTest) -> None:
    known, unknown = fresh(), fresh()
    known["person"] = {**known["person"], "niss": "85073003328"}
    async with referrals.client("hospital-chu") as client:
        places = [(await client.post("/referrals", json=each)).headers["location"] for each in (known, unknown)]
        views = [(await client.get(place)).json() for place in places]
    assert [view["identity_unverified"] for view in views] == [False, True]
    assert all(view["warnings"] == [] for view in views)


async def test_a_number_of_somebody_born_tomorrow_is_refused(referrals: UnderTest) -> None:
    tomorrow = referrals.clock.now().date() + timedelta(days=1)
    document = fresh()
    document["person"] = {**document["person"], "niss": numbered(tomorrow.year, tomorrow.month, tomorrow.day, 1)}
    async with referrals.client("hospital-chu") as client:
        answer = await client.post("/referrals", json=document)
    assert answer.status_code == 422
    assert answer.json()["errors"] == [{"pointer": "/person/niss", "code": "in-future"}]


def test_a_newborns_number_of_today_is_no_number_of_the_future() -> None:
    niss = numbered(TODAY.year, TODAY.month, TODAY.day, 2)
    document = Document.model_validate(fresh(person={"family_name": "A", "given_names": "B", "niss": niss}))
    assert not list(document.faults_on(TODAY))
