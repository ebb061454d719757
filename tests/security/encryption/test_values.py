"""A value is sealed for one column under a named key, and opens nowhere else."""

import json
from base64 import b64encode
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import MetaData
from sqlalchemy.dialects import postgresql

from shared.encryption import EncryptedBytes, EncryptedJson, EncryptedText, Keyring, MissingKeys, Unreadable, give_keys
from shared.encryption.keys import keys_of
from shared.encryption.places import name_places

OLD, NEW = (f"{name}:{b64encode(bytes([number]) * 31 + b'!').decode()}" for name, number in (("old", 1), ("new", 2)))
PLACE = "intake.person.phones"

values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=10,
)


def placed(kind: Any, place: str = PLACE) -> Any:
    """A type as if a service's column had it."""
    kind.place = place
    return kind


@pytest.fixture(scope="module")
def keyring() -> Keyring:
    """A key in use and an old one."""
    return Keyring.read(f"{NEW},{OLD}")


@given(text=st.text())
def test_a_text_comes_back_as_it_was_and_is_not_seen_in_what_is_kept(text: str) -> None:
    keyring, kind = Keyring.read(NEW), placed(EncryptedText())
    kept = kind.sealed(keyring, text)
    assert kind.opened(keyring, kept) == text
    assert kept.startswith("relais:1:new:") or text == ""
    assert len(text) < 4 or text not in kept
    assert kind.sealed(keyring, text) != kept or text == ""


@given(value=values)
def test_a_json_comes_back_as_it_was(value: Any) -> None:
    keyring, kind = Keyring.read(NEW), placed(EncryptedJson(object))
    kept = kind.sealed(keyring, value)
    assert json.loads(kept).startswith("relais:1:new:")
    assert kind.opened(keyring, json.loads(kept)) == value


@given(value=st.lists(st.dictionaries(st.sampled_from(["kind", "text", "at"]), st.text(), max_size=3), max_size=4))
def test_of_a_json_with_open_members_nothing_else_is_seen(value: list[dict[str, str]]) -> None:
    keyring, kind = Keyring.read(NEW), placed(EncryptedJson(object, open=("kind",)))
    kept = json.loads(kind.sealed(keyring, value))
    assert kind.opened(keyring, kept) == value
    for stored, each in zip(kept, value, strict=True):
        assert stored.keys() - {"sealed"} == each.keys() & {"kind"}
        assert stored.get("kind") == each.get("kind")


def test_a_member_of_a_member_is_open_alone() -> None:
    keyring, kind = Keyring.read(NEW), placed(EncryptedJson(object, open=("stay.discharge_on",)))
    kept = json.loads(kind.sealed(keyring, {"stay": {"discharge_on": "2026-11-02", "ward": "4B"}, "niss": "1"}))
    assert kept == {"stay": {"discharge_on": "2026-11-02"}, "sealed": kept["sealed"]}


@given(value=st.binary())
def test_bytes_come_back_as_they_were(value: bytes) -> None:
    keyring, kind = Keyring.read(NEW), placed(EncryptedBytes())
    assert kind.opened(keyring, kind.sealed(keyring, value)) == value


def test_what_stands_in_clear_is_read_as_it_stands(keyring: Keyring) -> None:
    assert placed(EncryptedText()).opened(keyring, "Rue Haute 3") == "Rue Haute 3"
    assert placed(EncryptedBytes()).opened(keyring, b"{}") == b"{}"
    assert placed(EncryptedJson(tuple[str, ...])).opened(keyring, ["+32470000000"]) == ("+32470000000",)


def test_a_value_of_the_old_key_opens_and_new_ones_are_of_the_key_in_use(keyring: Keyring) -> None:
    kept = Keyring.read(OLD).seal(PLACE, b"+32470000000")
    assert keyring.open(PLACE, kept) == b"+32470000000"
    assert placed(EncryptedText()).renewed(keyring, kept).startswith("relais:1:new:")


def test_a_value_of_another_column_does_not_open(keyring: Keyring) -> None:
    kept = keyring.seal("intake.person.email", b"a@example.be")
    with pytest.raises(Unreadable, match="not what was sealed here") as refused:
        keyring.open(PLACE, kept)
    assert "example" not in str(refused.value)


@given(place=st.integers(0, 200))
def test_a_value_of_which_one_letter_was_changed_does_not_open(place: int) -> None:
    keyring = Keyring.read(NEW)
    kept = keyring.seal(PLACE, b"Rue Haute 3, 4020 Liege, second door on the left, ring twice")
    start = len("relais:1:new:")
    at = start + place % (len(kept.rstrip("=")) - 1 - start)
    changed = f"{kept[:at]}{'A' if kept[at] != 'A' else 'B'}{kept[at + 1 :]}"
    with pytest.raises(Unreadable):
        keyring.open(PLACE, changed)


def test_a_value_of_a_key_that_is_gone_is_named_by_column_and_key() -> None:
    kept = Keyring.read(OLD).seal(PLACE, b"+32470000000")
    with pytest.raises(Unreadable, match=r"intake\.person\.phones: no such key \(key old\)"):
        Keyring.read(NEW).open(PLACE, kept)


@pytest.mark.parametrize("short", ["relais:1:", "relais:1:new", "relais:1:new:", "relais:1:new:AAAA", "relais:1:new:%"])
def test_what_only_begins_like_a_value_does_not_open(keyring: Keyring, short: str) -> None:
    with pytest.raises(Unreadable):
        keyring.open(PLACE, short)


def test_a_token_tells_nothing_and_is_the_same_for_the_same_value_of_the_same_column(keyring: Keyring) -> None:
    token = keyring.token(PLACE, "+32470000000")
    assert token == keyring.token(PLACE, "+32470000000")
    assert token != keyring.token("intake.person.marks", "+32470000000")
    assert token != Keyring.read(OLD).token(PLACE, "+32470000000")
    assert keyring.tokens(PLACE, "a") == ["a", keyring.token(PLACE, "a"), keyring.token(PLACE, "a", "old")]


@pytest.mark.parametrize(
    "written",
    ["", "new", "new:", "new:short", f"{NEW},{NEW}", f"New{NEW[3:]}", NEW.replace("new", "a:b"), f"{NEW},old:AAAA"],
)
def test_what_is_no_key_is_refused_without_being_repeated(written: str) -> None:
    with pytest.raises(ValueError, match="written as id:base64") as refused:
        Keyring.read(written)
    assert NEW[4:] not in str(refused.value)


def test_keys_stand_one_after_another_with_commas_or_blanks() -> None:
    assert Keyring.read(f"{NEW}, {OLD}\n").names == Keyring.read(f"{NEW} {OLD}").names == ["new", "old"]


def test_a_column_belongs_to_its_service_and_an_engine_without_keys_opens_nothing(keyring: Keyring) -> None:
    from services.intake.app import service

    name_places("intake", MetaData())
    assert service.metadata.tables["person"].c.phones.type.place == PLACE  # type: ignore[attr-defined]
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    with pytest.raises(MissingKeys):
        keys_of(dialect)
    give_keys(dialect, keyring)
    assert keys_of(dialect) is keyring
    with pytest.raises(ValueError, match="a column that no service has"):
        EncryptedText().sealed(keyring, "x")
