"""What a fact still says once those who are erased are taken out of it, and what is left of values without words."""

import json
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID, uuid4

from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field

from shared.erasure.ended import key_of, without
from shared.erasure.words import without_words

GONE, OTHER, AGGREGATE = uuid4(), uuid4(), uuid4()


def left(fact: Any, aggregate: UUID = AGGREGATE) -> Any:
    """A fact without the one who is erased."""
    data = without(json.dumps(fact, default=str).encode(), aggregate, {GONE})
    return None if data is None else json.loads(data)


def test_a_fact_about_the_erased_is_none() -> None:
    assert left({"person_id": GONE, "on": "2026-11-20"}) is None
    assert left({"on": "2026-11-20"}, aggregate=GONE) is None


def test_a_fact_about_others_loses_only_the_erased() -> None:
    assert left({"case_id": OTHER, "tasks": [GONE, OTHER]}) == {"case_id": str(OTHER), "tasks": [str(OTHER)]}
    items = [{"person_id": GONE, "state": "a"}, {"person_id": OTHER, "state": "b"}]
    assert left({"items": items}) == {"items": [{"person_id": str(OTHER), "state": "b"}]}


def test_whom_a_fact_was_about_before_is_forgotten_and_the_fact_stands() -> None:
    told = left({"person_id": OTHER, "previous_person_id": GONE})
    assert told == {"person_id": str(OTHER), "previous_person_id": None}


@given(st.dictionaries(st.text(max_size=5), st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=9))))
def test_a_fact_that_names_no_erased_one_is_as_it_was(fact: dict[str, Any]) -> None:
    assert left(fact) == fact


def test_the_key_of_another_system_is_remembered_as_postgresql_makes_it() -> None:
    assert key_of("chu", "urn:chu", "é-1") == key_of("chu", "urn:chu", "é-1") != key_of("chu", "urn:chué", "-1")


class Kind(StrEnum):
    """A code."""

    ONE = "one"


class Inner(BaseModel):
    """A part of a value."""

    name: str
    note: str | None = None
    kind: Kind = Kind.ONE
    code: Annotated[str, Field(pattern=r"^[a-z-]+$")] = "a-code"
    email: Annotated[str, Field(pattern=r"@")] | None = None
    words: list[str] = []
    codes: list[Annotated[str, Field(pattern=r"^[a-z]+$")]] = []
    number: int = 3


def test_words_go_and_codes_stay() -> None:
    written = Inner(name="Anna", note="tired", email="a@b.be", words=["hello"], codes=["one"])
    nothing = Inner(name="-", note=None, email=None, words=[], codes=["one"])
    assert without_words((written,)) == (nothing,)
    assert without_words({"a": "Anna", "b": 1, "c": written}) == {"b": 1, "c": nothing}
