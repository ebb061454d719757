"""Names and numbers in their normal form, with no database."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from services.intake.domain import Identity
from services.intake.domain.identity import valid_niss, valid_phone
from services.intake.domain.name import PARTICLES, Name, close, plain, slips, words
from tests.intake.people import is_niss, niss_of

TODAY = date(2026, 11, 20)

letters = st.characters(max_codepoint=0x17F, categories=["L", "Nd"])
name_texts = st.text(st.one_of(letters, st.sampled_from(" -'’.")), max_size=40)
plain_words = st.text(st.characters(codec="ascii", categories=["Ll"]), min_size=1, max_size=10).filter(
    lambda word: word not in PARTICLES
)
groups = st.builds(
    lambda particles, word: " ".join([*particles, word]),
    st.lists(st.sampled_from(["van", "den", "de", "la"]), max_size=2),
    plain_words.filter(lambda word: len(word) > 2),
)


def identity(family_name: str = "Lambert", given_names: str = "Odette", **facts: Any) -> Identity:
    return Identity.model_validate({"family_name": family_name, "given_names": given_names, **facts})


# Names


@given(name_texts)
def test_a_normalised_name_stays_as_it_is(text: str) -> None:
    assert plain(plain(text)) == plain(text)
    assert words(" ".join(words(text))) == words(text)


@given(st.text(letters, max_size=30))
def test_capitals_do_not_count(text: str) -> None:
    assert plain(text.upper()) == plain(text.lower()) == plain(text)


@given(plain_words, st.lists(st.sampled_from("\u0300\u0301\u0302\u0308\u0327"), max_size=4))
def test_accents_do_not_count(word: str, accents: list[str]) -> None:
    marked = "".join(letter + accent for letter, accent in zip(word, [*accents, *[""] * len(word)], strict=False))
    assert plain(marked) == word


@given(
    st.lists(groups, min_size=1, max_size=5).flatmap(lambda names: st.tuples(st.just(names), st.permutations(names)))
)
def test_order_does_not_count(names: tuple[list[str], list[str]]) -> None:
    one, two = names
    assert words(" ".join(one)) == words("-".join(two))
    assert Name.of(*one).key == Name.of(*two).key


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("Van den Berghe", "VANDENBERGHE"),
        ("De Smet", "Desmet"),
        ("D'Hondt", "d’hondt"),
        ("D'Hondt", "Dhondt"),
        ("Müller-Dupont", "dupont MULLER"),
        ("Lefèvre", "LEFEVRE"),
        ("Bœuf", "Boeuf"),
        ("Yıldız", "YILDIZ"),
        ("Łukasz", "lukasz"),
        ("Marie-Christine", "Marie Christine"),
        ("Aït Ahmed", "aitahmed"),
        ("van 't Hof", "Vanthof"),
    ],
)
def test_spellings_of_one_name_are_one(one: str, two: str) -> None:
    assert words(one) == words(two)


@pytest.mark.parametrize(
    ("one", "two"),
    [
        (("Lambert", "Odette"), ("Lamberd", "Odette")),
        (("Lambert", "Odette"), ("Lambert", "Odette Marie")),
        (("Lambert", "Odette"), ("Lambert", "O.")),
        (("Lambert", "Odette"), ("Lmabert", "Odette")),
        (("Smet", "Luc"), ("De Smet", "Luc")),
    ],
)
def test_slips_initials_and_missing_parts_are_similar(one: tuple[str, str], two: tuple[str, str]) -> None:
    assert not Name.of(*one).same(Name.of(*two))
    assert Name.of(*one).similar(Name.of(*two))
    assert Name.of(*two).similar(Name.of(*one))


@pytest.mark.parametrize(
    ("one", "two"),
    [
        (("Lambert", "Odette"), ("Lambert", "Luc")),
        (("Lambert", "Odette"), ("Dupont", "Odette")),
        (("Lambert", "Lea"), ("Lambert", "Leo")),
        (("?", "?"), ("?", "?")),
    ],
)
def test_other_names_are_neither_same_nor_similar(one: tuple[str, str], two: tuple[str, str]) -> None:
    assert not Name.of(*one).same(Name.of(*two))
    assert not Name.of(*one).similar(Name.of(*two))


def test_each_word_needs_a_counterpart_of_its_own() -> None:
    assert not Name.of("Marie Maria", "Odette").similar(Name.of("Marie", "Lambert Odette"))
    assert Name.of("Marie", "Mariets").similar(Name.of("Mariet", "Marin"))


@given(plain_words, plain_words)
def test_closeness_has_no_direction(one: str, two: str) -> None:
    assert slips(one, two) == slips(two, one)
    assert close(one, two) == close(two, one)


# Numbers


def test_our_own_reckoning_and_the_products_verdict_agree_on_two_thousand_numbers() -> None:
    seen = 0
    for year in range(1920, 2026, 5):
        for place in range(24):
            month, day, shift = place % 13, (place * 7) % 29, (0, 20, 40)[place % 3]
            number = niss_of(year, month, day, 1 + (year * 31 + place * 97) % 997, shift)
            damaged = [number, f"{number[:-2]}{(int(number[-2:]) + 1) % 100:02}", number[1:] + number[0]]
            damaged.append(number[:2] + f"{(int(number[2:4]) + 13) % 100:02}" + number[4:])
            for candidate in damaged:
                assert accepted(candidate) is is_niss(candidate, TODAY), candidate
                seen += 1
            assert accepted(number), number
    assert seen > 2_000


def accepted(number: str) -> bool:
    try:
        return identity(niss=number).niss == number
    except ValidationError:
        return False


@pytest.mark.parametrize("number", ["85073003328", "05073003326", "49221599826", "49421599869", "49000000158"])
def test_the_published_examples_are_valid(number: str) -> None:
    assert valid_niss(f"{number[:2]}.{number[2:4]}.{number[4:6]}-{number[6:9]}.{number[9:]}") == number


@pytest.mark.parametrize("number", ["85073003327", "", "abc", "8507300332", "850730033280"])
def test_a_wrong_niss_is_refused_by_its_code(number: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        identity(niss=number)
    assert refusal.value.errors()[0]["type"] == "niss_check_digits"


def test_a_niss_of_somebody_not_yet_born_is_impossible() -> None:
    unborn = identity(niss=niss_of(2026, 12, 24, 1))
    assert [fault.pointer for fault in unborn.faults_on(TODAY)] == ["/niss"]
    assert not list(unborn.faults_on(date(2026, 12, 24)))


@pytest.mark.parametrize(
    ("written", "kept"),
    [("0470 12 34 56", "+32470123456"), ("+32 4 222 22 22", "+3242222222"), ("00 33 1 23 45 67 89", "+33123456789")],
)
def test_telephone_numbers_have_one_form(written: str, kept: str) -> None:
    assert valid_phone(written) == kept
