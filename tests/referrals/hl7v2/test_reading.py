"""What a v2 message says: each field's meaning, and the same document as its twin in JSON."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.referrals.domain import Document
from services.referrals.formats.hl7v2 import NotEr7, Refused, check_header, read
from services.referrals.formats.hl7v2.er7 import STANDARD, Delimiters, escape, unescape
from services.referrals.formats.hl7v2.header import fingerprint_of
from tests.referrals.hl7v2.messages import (
    EXAMPLE,
    EXAMPLES,
    PDF,
    RICH,
    SMALL,
    all_of,
    demand_of,
    document_of,
    edited,
    plain,
    with_segment,
)
from tests.referrals.pushes import FULL, SHEET


def test_the_published_example_says_what_its_twin_in_json_says() -> None:
    twin = Document.model_validate(json.loads((EXAMPLES / "referral.json").read_text()))
    assert document_of(EXAMPLE).content() == twin.content()
    assert demand_of(EXAMPLE).warnings == []


def test_a_rich_message_says_what_its_twin_in_json_says() -> None:
    assert document_of(RICH).content() == Document.model_validate({**FULL, "sheets": [SHEET]}).content()
    assert demand_of(RICH).warnings == []


SAYS: Mapping[str, tuple[Mapping[str, str], str, Any]] = {
    "urgent by A": ({"RF1-2": "A"}, "urgency", "urgent"),
    "urgent by S": ({"RF1-2": "S^Stat"}, "urgency", "urgent"),
    "routine": ({"RF1-2": "R"}, "urgency", "routine"),
    "no urgency": ({"RF1-2": ""}, "urgency", "routine"),
    "identifier by an OID": ({"RF1-6": "7^^1.2.3^ISO"}, "identifier", {"system": "urn:oid:1.2.3", "value": "7"}),
    "identifier by a URI": ({"RF1-6": "7^^urn:a^URI"}, "identifier", {"system": "urn:a", "value": "7"}),
    "identifier by both": ({"RF1-6": "7^CHU^1.2.3^ISO"}, "identifier", {"system": "CHU", "value": "7"}),
    "a NISS by OID": ({"PID-3": "50020300103^^^&2.16.840.1.113883.3.6777.5.1&ISO"}, "person.niss", "50020300103"),
    "a NISS by type": ({"PID-3": "50020300103^^^^NNBEL"}, "person.niss", "50020300103"),
    "a NISS by its Belgian name": ({"PID-3": "50020300103^^^INSZ"}, "person.niss", "50020300103"),
    "a BIS number": ({"PID-3": "49421599869^^^NISS"}, "person.niss", "49421599869"),
    "no NISS": ({}, "person.niss", None),
    "a number of the hospital": ({}, "person.hospital_number", "H-9"),
    "a record number": ({"PID-3": "V9^^^CHU^VN~M-1^^^CHU^MR"}, "person.hospital_number", "M-1"),
    "no number at all": ({"PID-3": ""}, "person.hospital_number", None),
    "two given names": ({"PID-5": "Lambert^Odette^Marie"}, "person.given_names", "Odette Marie"),
    "the legal name of several": ({"PID-5": "Alias^A^^^^^A~Lambert^Odette^^^^^L"}, "person.family_name", "Lambert"),
    "a family name in parts": ({"PID-5": "van den Berg&van den&Berg^Odette"}, "person.family_name", "van den Berg"),
    "a birth with its time": ({"PID-7": "194802291430+0100"}, "person.birth_date", "1948-02-29"),
    "a birth by its year": ({"PID-7": "1948"}, "person.birth_date", None),
    "a birth by its month": ({"PID-7": "194802"}, "person.birth_date", None),
    "a birth without a day": ({"PID-7": "19480200"}, "person.birth_date", None),
    "a birth without a month": ({"PID-7": "19480000"}, "person.birth_date", None),
    "no birth": ({"PID-7": ""}, "person.birth_date", None),
    "a null birth": ({"PID-7": '""'}, "person.birth_date", None),
    "a man": ({"PID-8": "M"}, "person.gender", "male"),
    "ambiguous": ({"PID-8": "A"}, "person.gender", "other"),
    "unknown": ({"PID-8": "U"}, "person.gender", "unknown"),
    "not said": ({"PID-8": ""}, "person.gender", None),
    "Dutch of Belgium": ({"PID-15": "nl-be"}, "person.language", "nl-BE"),
    "French in capitals": ({"PID-15": "FR^French"}, "person.language", "fr"),
    "a mobile and a phone at work": ({"PID-13": "0470^PRN", "PID-14": "04 1"}, "person.phones", ["0470", "04 1"]),
    "a phone in parts": ({"PID-13": "^PRN^PH^^32^4^0000001"}, "person.phones", ["+32 4 0000001"]),
    "a phone of 2.6": ({"PID-13": "^PRN^PH^^^^^^^^^04 00"}, "person.phones", ["04 00"]),
    "a street on one line": ({"PID-11": "Rue Haute 3"}, "person.address.street", "Rue Haute 3"),
    "a box": ({"PID-11": "Rue Haute 3^2b"}, "person.address.box", "2b"),
    "the home of two addresses": ({"PID-11": "A^^^^^^B~C^^^^^^H"}, "person.address.street", "C"),
    "an accent by its bytes": ({"PID-5": r"Li\XC3A9\geois^O"}, "person.family_name", "Liégeois"),
    "marks in a name": ({"PID-5": r"A\F\B\S\C\T\D\R\E\E\F^O"}, "person.family_name", "A|B^C&D~E\\F"),
    "a lone backslash": ({"PID-5": r"A\B^O"}, "person.family_name", r"A\B"),
    "what is no escape": ({"PID-5": r"A\Zed\B^O"}, "person.family_name", r"A\Zed\B"),
}


@pytest.mark.parametrize("name", SAYS)
def test_a_field_means(name: str) -> None:
    parts, path, value = SAYS[name]
    found: Any = plain(document_of(all_of(parts.items())))
    for step in path.split("."):
        found = found[step]
    assert found == value


def test_a_message_without_a_word_about_consent_reads_as_not_given() -> None:
    assert plain(document_of(SMALL))["consent"] == {"given": False, **dict.fromkeys(("kind", "by", "on", "evidence"))}


@pytest.mark.parametrize(("kind", "unplanned"), [("E", True), ("U", True), ("C", False), ("R", False), ("L", None)])
def test_the_kind_of_admission_says_whether_it_was_planned(kind: str, unplanned: bool | None) -> None:
    stay = document_of(edited(RICH, "PV1-4", kind)).stay
    assert stay
    assert stay.unplanned is unplanned


def test_an_actual_discharge_stands_in_for_the_expected_one() -> None:
    stay = document_of(edited(edited(RICH, "PV2", None), "PV1-45", "20261124")).stay
    assert stay
    assert str(stay.discharge_on) == "2026-11-24"


def test_diagnoses_in_icd_10_carry_the_system_that_fhir_knows() -> None:
    text = with_segment(SMALL, "DG1|1||I10^Hypertension^I10|||F\rDG1|2||F32^^XYZ|Low|", after="PID")
    icd = {"system": "http://hl7.org/fhir/sid/icd-10", "code": "I10", "text": "Hypertension"}
    other = {"system": "XYZ", "code": "F32", "text": "Low"}
    assert plain(document_of(text))["reason"]["diagnoses"] == [icd, other]


def test_a_letter_is_an_attachment_wherever_its_obx_stands() -> None:
    letter = f"OBX|9|ED|LTR^Lettre de sortie^L||EPR^AP^PDF^Base64^{PDF}||||||F"
    wanted = [{"title": "Lettre de sortie", "content_type": "application/pdf", "data": PDF}]
    assert plain(document_of(with_segment(RICH, letter, after="OBX")))["attachments"] == wanted
    alone = with_segment(SMALL, f"OBR|1|||11488-4^Letter^LN\r{letter}", after="PID")
    assert plain(document_of(alone))["attachments"] == wanted
    wrapped = letter.replace(PDF, f"{PDF[:10]}\\.br\\{PDF[10:]}")
    assert plain(document_of(with_segment(RICH, wrapped, after="OBX")))["attachments"] == wanted


def test_several_notes_are_one_text_and_line_breaks_stay() -> None:
    text = SMALL + "NTE|1|P|one\\.br\\two~three\rNTE|2|P|A & B ^ C\r"
    assert document_of(text).reason.text == "one\ntwo\nthree\nA & B ^ C"


def warned(text: str) -> set[tuple[str, str]]:
    return {("^".join(fault.place.parts), fault.code) for fault in demand_of(text).warnings}


def test_what_is_left_out_is_said() -> None:
    assert warned(with_segment(SMALL, "ZPI|secret", after="PID")) == {("ZPI^1", "segment-ignored")}
    assert warned(with_segment(SMALL, "AL1|1||X", after="PID")) == {("AL1^1", "segment-ignored")}
    assert warned(edited(SMALL, "PID-7", "1948")) == {("PID^1^7^1", "date-incomplete")}
    assert warned(edited(SMALL, "PID-3", "V9^^^CHU^VN")) == {("PID^1^3^1", "identifier-ignored")}
    assert warned(edited(RICH, "PRD[2]-7", "12345678901^NIHDI")) == {("PRD^2^7^1^1", "nihdi-check-digits")}
    laboratory = "OBR|1|||2345-7^Glucose^LN\rOBX|1|NM|2345-7^Glucose^LN||5.1||||||F"
    assert warned(with_segment(SMALL, laboratory, after="PID")) == {("OBR^1", "observation-ignored")}


@pytest.mark.parametrize("version", ["2.3", "2.3.1", "2.4", "2.5", "2.5.1", "2.6"])
def test_every_version_from_2_3_to_2_6_is_read_alike(version: str) -> None:
    assert document_of(edited(RICH, "MSH-12", version)).content() == document_of(RICH).content()


@pytest.mark.parametrize("end", ["\r", "\n", "\r\n"])
@pytest.mark.parametrize("frame", [("", ""), ("\x0b", "\x1c\r"), ("\ufeff", ""), ("\r\n", "\n\n")])
def test_line_ends_and_frames_do_not_matter(end: str, frame: tuple[str, str]) -> None:
    text = frame[0] + RICH.replace("\r", end) + frame[1]
    assert document_of(text).content() == document_of(RICH).content()
    assert fingerprint_of(read(text.encode())) == fingerprint_of(read(RICH.encode()))


@pytest.mark.parametrize(("name", "codec"), [("8859/1", "iso-8859-1"), ("8859/15", "iso-8859-15"), ("", "utf-8")])
def test_a_character_set_is_read_as_msh_18_names_it(name: str, codec: str) -> None:
    text = edited(RICH, "MSH-18", name)
    assert document_of(text.encode(codec)).content() == document_of(RICH).content()


def test_bytes_in_another_character_set_than_msh_18_says_are_refused_there() -> None:
    with pytest.raises(Refused) as refused:
        check_header(read(RICH.encode("iso-8859-1")), only_production=True)
    assert [(fault.place.parts, fault.code) for fault in refused.value.faults] == [
        (("MSH", "1", "18", "1"), "wrong-charset")
    ]


@pytest.mark.parametrize(
    ("processing", "production", "taken"),
    [("P", True, True), ("T", True, False), ("D", True, False), ("T", False, True)],
)
def test_test_messages_are_refused_in_production(processing: str, production: bool, taken: bool) -> None:
    message = read(edited(SMALL, "MSH-11", processing).encode())
    if taken:
        assert check_header(message, only_production=production).processing_id == processing
        return
    with pytest.raises(Refused) as refused:
        check_header(message, only_production=production)
    assert refused.value.is_rejected
    assert [fault.code for fault in refused.value.faults] == ["unsupported-processing-id"]


NO_MESSAGES = {
    "nothing": b"",
    "words": b"hello",
    "JSON": b'{"MSH": 1}',
    "a frame of nothing": b"\x0b\x1c\r",
    "MSH alone": b"MSH",
    "MSH without an end of its marks": b"MSH|^~\\&",
    "marks that are the same": b"MSH|^^\\&|A|B\r",
    "letters for marks": b"MSHa^~\\&a1a2\r",
    "a batch": b"BHS|^~\\&|A\rMSH|^~\\&|A\r",
    "a NUL": SMALL.replace("Odette", "Od\x00tte").encode(),
    "two thousand segments": (SMALL + "NTE|1\r" * 2000).encode(),
    "a hundred thousand parts": (SMALL + "NTE|1||" + "a^b&c~" * 20_000).encode(),
}


@pytest.mark.parametrize("name", NO_MESSAGES)
def test_what_is_no_message_is_refused_whole(name: str) -> None:
    with pytest.raises(NotEr7):
        read(NO_MESSAGES[name])


@given(st.binary(max_size=300))
@settings(max_examples=300, deadline=None)
def test_whatever_bytes_come_the_reader_says_no_or_reads(content: bytes) -> None:
    for attempt in (content, b"MSH" + content, SMALL.encode() + content, SMALL.encode()[:60] + content):
        try:
            message = read(attempt)
            check_header(message, only_production=False)
            demand_of(attempt)
        except (NotEr7, Refused):
            pass


MARKS = st.lists(st.sampled_from("|^~\\&#$*!%@;:/?+=<>{}[]_-"), min_size=5, max_size=5, unique=True)
TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=40)


@given(TEXT, MARKS)
@settings(max_examples=300, deadline=None)
def test_a_text_survives_its_escapes_whatever_the_delimiters(text: str, marks: list[str]) -> None:
    delimiters = Delimiters(*marks)
    written = escape(text, delimiters)
    assert unescape(written, delimiters) == text
    assert not any(mark in written for mark in delimiters.all if mark != delimiters.escape)


@given(MARKS)
@settings(max_examples=60, deadline=None)
def test_a_message_says_the_same_in_any_delimiters(marks: list[str]) -> None:
    delimiters = Delimiters(*marks)
    text = edited(RICH, "NTE-3", r"a \F\ b \S\ c \T\ d \R\ e \E\ f")
    assert document_of(rewritten(text, delimiters)).content() == document_of(text).content()


def rewritten(text: str, marks: Delimiters) -> str:
    """A message in other delimiters, value by value."""
    lines = []
    for segment in read(text.encode()).segments:
        fields = [
            marks.repetition.join(
                marks.component.join(
                    marks.subcomponent.join(escape(unescape(part, STANDARD), marks) for part in component)
                    for component in repetition
                )
                for repetition in field
            )
            for field in segment.fields
        ]
        if segment.name == "MSH":
            fields[1:3] = [marks.component + marks.repetition + marks.escape + marks.subcomponent]
        lines.append(marks.field.join(fields))
    return "\r".join(lines) + "\r"
