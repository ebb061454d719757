"""The rules of identification, with no database."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from services.intake.domain import Identity, Person, compare, identify, understood
from services.intake.domain.identity import HospitalNumber
from services.intake.domain.marks import locks, shared_marks
from services.intake.domain.resemblance import Grade, Reason, Terms
from tests.intake.people import niss_of

TODAY = date(2026, 11, 20)
NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)


def identity(family_name: str = "Lambert", given_names: str = "Odette", **facts: Any) -> Identity:
    return Identity.model_validate({"family_name": family_name, "given_names": given_names, **facts})


def person(one: Identity) -> Person:
    return Person.register(one, "relais", NOW)[0]


numbers_of_people = st.builds(
    niss_of, st.integers(1930, 2020), st.integers(1, 12), st.integers(1, 28), st.integers(1, 997)
)
identities = st.builds(
    lambda family, given, born, niss, number, phones: Identity(
        family_name=family,
        given_names=given,
        birth_date=born,
        niss=niss,
        hospital_numbers=() if number is None else (HospitalNumber(organisation="chu", number=number),),
        phones=phones,
    ),
    st.sampled_from(["Lambert", "Lamberte", "De Smet", "Desmet", "Smet", "?"]),
    st.sampled_from(["Odette", "Odette Marie", "O.", "Luc"]),
    st.sampled_from([None, date(1950, 2, 3), date(1950, 3, 2)]),
    st.one_of(st.none(), numbers_of_people),
    st.sampled_from([None, "1", "2"]),
    st.sampled_from([(), ("+3242222222",)]),
)


# Identification


@given(identities, identities)
def test_resemblance_has_no_direction(one: Identity, two: Identity) -> None:
    there, back = compare(one, two), compare(two, one)
    assert (there and (there.grade, set(there.reasons))) == (back and (back.grade, set(back.reasons)))


@given(identities, identities)
def test_two_different_niss_are_never_certainly_one_person(one: Identity, two: Identity) -> None:
    found = compare(one, two)
    verdict = identify(one, [person(two)])
    if one.niss and two.niss and one.niss != two.niss:
        assert found is None or found.grade is Grade.POSSIBLE
        assert verdict.known is None


@given(identities, identities)
def test_whoever_resembles_is_found_and_held_by_a_common_mark(one: Identity, two: Identity) -> None:
    if compare(one, two):
        assert shared_marks(one) & shared_marks(two) or one.niss == two.niss
        assert {*locks(one)} & {*locks(two)}


@given(identities)
def test_everybody_with_a_name_resembles_oneself(one: Identity) -> None:
    found = compare(one, one)
    if one.niss or one.birth_date or one.hospital_numbers:
        assert found is not None
        assert found.grade is Grade.CERTAIN


NISS, OTHER_NISS = niss_of(1950, 2, 3, 12), niss_of(1950, 2, 3, 14)
AT_OTHER = ({"organisation": "other", "number": "A1"},)
AT_CHU = ({"organisation": "chu", "number": "A1"},)
NUMBERED = {"hospital_numbers": AT_CHU}
BORN = "1950-02-03"


@pytest.mark.parametrize(
    ("known", "incoming", "grade"),
    [
        ({"niss": NISS}, {"niss": NISS, "family_name": "Dupont", "birth_date": "1951-01-01"}, Grade.CERTAIN),
        ({"hospital_numbers": AT_CHU}, {"hospital_numbers": AT_CHU}, Grade.CERTAIN),
        (
            {"hospital_numbers": AT_CHU, "birth_date": BORN},
            {"hospital_numbers": AT_CHU, "birth_date": "1950-02-04"},
            Grade.PROBABLE,
        ),
        ({"hospital_numbers": AT_CHU, "niss": NISS}, {"hospital_numbers": AT_CHU, "niss": OTHER_NISS}, Grade.POSSIBLE),
        ({"hospital_numbers": AT_CHU}, {"hospital_numbers": AT_CHU, "family_name": "Dupont"}, Grade.POSSIBLE),
        ({"birth_date": BORN}, {"birth_date": BORN, "family_name": "LAMBERT"}, Grade.CERTAIN),
        ({"birth_date": BORN, "niss": NISS}, {"birth_date": BORN}, Grade.CERTAIN),
        ({"birth_date": BORN, "niss": NISS}, {"birth_date": BORN, "niss": OTHER_NISS}, None),
        ({"birth_date": BORN}, {"birth_date": BORN, "family_name": "Lamberd"}, Grade.PROBABLE),
        ({"birth_date": BORN}, {}, Grade.POSSIBLE),
        ({}, {}, Grade.POSSIBLE),
        ({"phones": ["042222222"]}, {"phones": ["+32 4 222 22 22"]}, Grade.PROBABLE),
        ({"birth_date": BORN}, {"birth_date": BORN, "given_names": "Luc"}, None),
        ({"birth_date": BORN}, {"birth_date": "1961-04-09"}, None),
        ({"birth_date": BORN}, {"birth_date": "1951-02-03"}, Grade.POSSIBLE),
        ({"birth_date": BORN}, {"birth_date": "1950-03-02"}, Grade.PROBABLE),
        ({"birth_date": BORN}, {"birth_date": "1950-03-02", "family_name": "Lambaert"}, Grade.POSSIBLE),
        ({"birth_date": BORN}, {"birth_date": "1951-02-03", "given_names": "Luc"}, None),
        ({"family_name": "Lambaert"}, {}, Grade.POSSIBLE),
        ({"family_name": "Lamberd"}, {}, None),
        (
            {"hospital_numbers": AT_CHU},
            {"hospital_numbers": ({"organisation": "other", "number": "A1"},), "given_names": "Luc"},
            None,
        ),
    ],
)
def test_the_identification_rule(known: dict[str, Any], incoming: dict[str, Any], grade: Grade | None) -> None:
    found = compare(identity(**incoming), identity(**known))
    assert (found and found.grade) == grade


def test_one_certain_candidate_among_doubtful_ones_is_known() -> None:
    certain, doubtful = person(identity(birth_date=BORN)), person(identity())
    verdict = identify(identity(birth_date=BORN), [doubtful, certain])
    assert verdict.known is not None
    assert verdict.known.person_id == certain.id
    assert verdict.known.reasons == (Reason.NAME_SAME, Reason.BIRTH_SAME)


def test_two_certain_candidates_are_for_a_person_to_decide() -> None:
    twice = [person(identity(birth_date=BORN)) for _ in range(2)]
    verdict = identify(identity(birth_date=BORN), twice)
    assert verdict.known is None
    assert {each.person_id for each in verdict.candidates} == {each.id for each in twice}


def test_a_hospital_number_that_names_somebody_else_makes_it_unsure() -> None:
    named, numbered = person(identity(birth_date=BORN)), person(identity("Dupont", "Luc", hospital_numbers=AT_CHU))
    assert identify(identity(birth_date=BORN, hospital_numbers=AT_CHU), [named, numbered]).known is None


def test_a_corrected_sender_still_means_the_one_who_is_known_not_to_be_the_other() -> None:
    meant, other = person(identity(birth_date=BORN)), person(identity(birth_date=BORN))
    apart = frozenset({frozenset({meant.id, other.id})})
    incoming = identity(birth_date=BORN)
    assert identify(incoming, [meant, other], apart).known is None
    verdict = identify(incoming, [meant, other], apart, before=meant.id)
    assert verdict.known is not None
    assert verdict.known.person_id == meant.id
    assert identify(incoming, [meant, other], before=meant.id).known is None


def test_a_niss_decides_alone() -> None:
    by_niss, by_name = person(identity("Dupont", "Luc", niss=NISS)), person(identity(birth_date=BORN))
    verdict = identify(identity(birth_date=BORN, niss=NISS), [by_name, by_niss])
    assert verdict.known is not None
    assert verdict.known.person_id == by_niss.id


def test_nobody_resembling_is_somebody_new() -> None:
    verdict = identify(identity("Dupont", "Luc", birth_date=BORN), [person(identity(birth_date=BORN))])
    assert (verdict.known, verdict.candidates) == (None, ())


# What is kept


@given(identities, identities)
def test_completing_never_overwrites_and_is_told_once(known: Identity, incoming: Identity) -> None:
    somebody = person(known)
    somebody.complete(incoming)
    for name in ("family_name", "given_names", "birth_date", "niss"):
        if getattr(known, name) is not None:
            assert getattr(somebody, name) == getattr(known, name)
    assert set(known.phones) <= set(somebody.phones)
    assert {*known.hospital_numbers, *incoming.hospital_numbers} == {*somebody.hospital_numbers}
    assert somebody.complete(incoming) == []


def test_completing_adds_what_was_missing() -> None:
    somebody = person(identity(gender="unknown"))
    facts = somebody.complete(identity(birth_date=BORN, phones=["042222222"], gender="female", email="a@example.org"))
    assert [fact.person_id for fact in facts] == [somebody.id]
    assert (somebody.birth_date, somebody.phones, somebody.gender, somebody.email) == (
        date(1950, 2, 3),
        ("+3242222222",),
        "female",
        "a@example.org",
    )


def test_what_a_sender_wrote_wrongly_is_left_out_and_the_rest_is_kept() -> None:
    found = understood(
        {
            "family_name": "Lambert",
            "given_names": "Odette",
            "birth_date": "2027-01-01",
            "niss": "85073003327",
            "hospital_number": " A1 ",
            "phones": ["no number", "0470 12 34 56"],
            "email": None,
            "relatives": [],
            "address": {"city": "Liège", "planet": "Earth"},
            "language": "fr",
        },
        "chu",
        TODAY,
    )
    assert found == identity(hospital_numbers=AT_CHU, phones=["0470123456"], language="fr")


def test_demographics_without_a_name_are_refused() -> None:
    with pytest.raises(ValidationError):
        understood({"given_names": "Odette", "niss": "1"}, "chu", TODAY)


# Search


@pytest.mark.parametrize(
    ("terms", "grade"),
    [
        (Terms(name="odette LAMBERT", birth_date=date(1950, 2, 3)), Grade.CERTAIN),
        (Terms(niss=NISS), Grade.CERTAIN),
        (Terms(niss=OTHER_NISS, name="Odette Lambert"), None),
        (Terms(name="Lambert", birth_date=date(1950, 2, 3)), Grade.PROBABLE),
        (Terms(name="Odette Lamberd"), Grade.POSSIBLE),
        (Terms(name="Odette Lambert"), Grade.PROBABLE),
        (Terms(name="Lambert"), Grade.POSSIBLE),
        (Terms(name="Lambert", birth_date=date(1960, 1, 1)), None),
        (Terms(phone="+3242222222"), Grade.PROBABLE),
        (Terms(birth_date=date(1950, 2, 3)), Grade.POSSIBLE),
        (Terms(name="Dupont"), None),
    ],
)
def test_search_grades(terms: Terms, grade: Grade | None) -> None:
    found = terms.fit(identity(birth_date=BORN, niss=NISS, phones=["042222222"]))
    assert (found and found.grade) == grade


def test_a_verdict_names_the_surest_first() -> None:
    people = [person(identity()), person(identity("Lamberd", birth_date=BORN))]
    verdict = identify(identity(birth_date=BORN), people)
    assert [each.grade for each in verdict.candidates] == [Grade.PROBABLE, Grade.POSSIBLE]
