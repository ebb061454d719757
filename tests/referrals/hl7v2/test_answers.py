"""Our answers, judged by two parsers that are not ours: hl7apy with its strict rules, and python-hl7."""

from datetime import UTC, datetime
from typing import Any

import hl7
import pytest
from hl7apy.consts import VALIDATION_LEVEL
from hl7apy.parser import parse_message

from services.referrals.domain import Document, Referral, State
from services.referrals.formats.hl7v2 import (
    Envelope,
    Place,
    Refused,
    V2Fault,
    acknowledgement,
    header_of,
    read,
    referral_answer,
    unreadable,
)
from services.referrals.formats.hl7v2.grammar import VERSIONS
from tests.referrals.hl7v2.messages import RICH, SMALL, document_of, edited

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)


def envelope(text: str) -> Envelope:
    return Envelope(header_of(read(text.encode())), "relais", NOW, b"proof")


def referral(document: Document) -> Referral:
    return Referral.model_construct(**Referral.facts_of(document, "chu", NOW, True))


def strictly(content: bytes) -> Any:
    """The message as hl7apy reads it by the standard, every rule checked."""
    return parse_message(content.decode(), validation_level=VALIDATION_LEVEL.STRICT, force_validation=True)


@pytest.mark.parametrize("version", [version for version in VERSIONS if version > "2.4"])
@pytest.mark.parametrize("state", list(State))
def test_an_rri_fits_the_standard_in_every_state(version: str, state: State) -> None:
    subject = referral(document_of(RICH))
    subject.state, subject.cancellation_requested = state, state is State.CASE_OPENED
    warnings = [V2Fault.warning(Place("ZPI"), "segment-ignored")]
    content = referral_answer(envelope(edited(RICH, "MSH-12", version)), subject, warnings)
    strict, loose = strictly(content), hl7.parse(content.decode())
    assert strict.name == "RRI_I12"
    assert strict.rf1.rf1_11.rf1_11_1.value == str(subject.id) == str(loose.segment("RF1")(11)(1)(1))
    assert strict.rf1.rf1_1.rf1_1_4.value == state == str(loose.segment("RF1")(1)(1)(4))
    assert strict.msa.msa_2.value == str(loose.segment("MSA")(2)) == "M-2"


@pytest.mark.parametrize("version", [version for version in VERSIONS if version > "2.4"])
def test_an_ack_fits_the_standard(version: str) -> None:
    faults = [V2Fault(Place("PID").at(7), "wrong-format"), V2Fault(Place("OBX", 12).at(5, 1, 3), "not-one-of")]
    content = acknowledgement(envelope(edited(RICH, "MSH-12", version)), Refused(faults, hint="state: refused"))
    strict, loose = strictly(content), hl7.parse(content.decode())
    assert strict.name == "ACK"
    assert [each.err_2.to_er7() for each in strict.children.get("err")] == ["PID^1^7^1", "OBX^12^5^1^3"]
    assert [str(each(2)) for each in loose.segments("ERR")] == ["PID^1^7^1", "OBX^12^5^1^3"]
    assert strict.msa.msa_1.value == str(loose.segment("MSA")(1)) == "AE"


@pytest.mark.parametrize("version", VERSIONS)
def test_every_version_is_answered_in_its_own(version: str) -> None:
    content = referral_answer(envelope(edited(SMALL, "MSH-12", version)), referral(document_of(SMALL)))
    assert parse_message(content.decode()).msh.msh_12.to_er7() == version


def test_an_answer_is_written_in_the_character_set_of_its_message() -> None:
    text = edited(edited(SMALL, "MSH-18", "8859/1"), "RF1-6", "é-1^urn:chu:referral")
    subject = referral(document_of(text.encode("iso-8859-1")))
    header = header_of(read(text.encode("iso-8859-1")))
    content = referral_answer(Envelope(header, "relais", NOW), subject)
    assert "é-1^urn:chu:referral" in content.decode("iso-8859-1")
    assert "8859/1" in content.decode("iso-8859-1")


def test_marks_in_the_senders_words_are_escaped() -> None:
    text = edited(edited(SMALL, "RF1-6", r"a\F\b\S\c^urn:a\T\b"), "MSH-3", r"E\F\PR^1.2^ISO")
    content = referral_answer(envelope(text), referral(document_of(text)))
    answer = read(content)
    rf1, msh = answer.first("RF1"), answer.first("MSH")
    assert rf1
    assert msh
    assert (rf1.text(6), rf1.text(6, 2), msh.text(5), msh.text(5, 2)) == ("a|b^c", "urn:a&b", "E|PR", "1.2")


def test_the_message_id_of_an_answer_follows_from_the_message() -> None:
    first, second = (referral_answer(envelope(SMALL), referral(document_of(SMALL))) for _ in range(2))
    ids = {str(hl7.parse(each.decode()).segment("MSH")(10)) for each in (first, second)}
    assert len(ids) == 1
    assert len(ids.pop()) == 20


def test_what_is_no_message_is_rejected_in_a_message() -> None:
    content = unreadable("relais", NOW, "not-er7")
    answer = hl7.parse(content.decode())
    assert (str(answer.segment("MSA")(1)), str(answer.segment("ERR")(5))) == ("AR", "not-er7^^99RELAIS")
