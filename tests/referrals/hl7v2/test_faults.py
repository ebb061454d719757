"""Planted faults: each refused with AE or AR, naming the segment and field, with nothing stored and nothing echoed."""

from collections.abc import Mapping

from services.referrals.formats.hl7v2 import code_0357
from shared.testing.harness import UnderTest
from tests.referrals.hl7v2.messages import MEDIA, PDF, RICH, Answer, edited, fresh, send, with_segment
from tests.referrals.pushes import CANARIES, count

DIAGNOSIS = with_segment(RICH, "DG1|1||I10^Hypertension^I10", after="NK1")
LETTER = with_segment(RICH, f"OBX|9|ED|LTR^Lettre^L||EPR^AP^PDF^Base64^{PDF}||||||F", after="OBX")

Planted = tuple[str, str, str | None, str, str]
PLANTED: Mapping[str, Planted] = {
    "another message": (RICH, "MSH-9", "ADT^A01^ADT_A01", "MSH^1^9^1^1", "unsupported-type"),
    "another event": (RICH, "MSH-9", "REF^I16^REF_I12", "MSH^1^9^1^2", "unsupported-event"),
    "another structure": (RICH, "MSH-9", "REF^I12^ORU_R01", "MSH^1^9^1^3", "unsupported-type"),
    "no message id": (RICH, "MSH-10", "", "MSH^1^10^1", "required"),
    "a message id without end": (RICH, "MSH-10", "9" * 101, "MSH^1^10^1", "wrong-format"),
    "no facility": (RICH, "MSH-4", "", "MSH^1^4^1", "required"),
    "no processing id": (RICH, "MSH-11", "", "MSH^1^11^1", "unsupported-processing-id"),
    "an unknown processing id": (RICH, "MSH-11", "X", "MSH^1^11^1", "unsupported-processing-id"),
    "an old version": (RICH, "MSH-12", "2.1", "MSH^1^12^1", "unsupported-version"),
    "a new version": (RICH, "MSH-12", "2.9", "MSH^1^12^1", "unsupported-version"),
    "an unknown character set": (RICH, "MSH-18", "ISO IR87", "MSH^1^18^1", "unsupported-charset"),
    "another organisation's facility": (RICH, "MSH-4", "CENTRE", "MSH^1^4^1", "sender-mismatch"),
    "no RF1": (RICH, "RF1", None, "RF1^1", "missing-segment"),
    "an identifier without its system": (RICH, "RF1-6", "2026-1", "RF1^1^6^1^2", "required"),
    "an identifier without its value": (RICH, "RF1-6", "^urn:chu:referral", "RF1^1^6^1^1", "required"),
    "an identifier without end": (RICH, "RF1-6", "9" * 201 + "^urn:a", "RF1^1^6^1^1", "too-long"),
    "an unknown urgency": (RICH, "RF1-2", "NOW", "RF1^1^2^1", "not-one-of"),
    "no provider": (edited(RICH, "PRD", None), "PRD", None, "PRD^1", "missing-segment"),
    "a provider without a role": (RICH, "PRD-1", "", "PRD^1^1^1", "required"),
    "two general practitioners": (RICH, "PRD-1", "PP", "PRD^2^1^1", "repeated"),
    "a wrong CBE": (RICH, "PRD-7", "0403019262^CBE", "PRD^1^7^1^1", "cbe-check-digits"),
    "a short NIHDI": (RICH, "PRD-7", "123^NIHDI", "PRD^1^7^1^1", "wrong-format"),
    "no PID": (RICH, "PID", None, "PID^1", "missing-segment"),
    "a wrong NISS": (RICH, "PID-3", "50020300104^^^SSIN", "PID^1^3^1^1", "niss-check-digits"),
    "a wrong NISS in second place": (RICH, "PID-3", "H-1^^^CHU^PI~x^^^SSIN", "PID^1^3^2^1", "niss-check-digits"),
    "two NISS": (RICH, "PID-3", "50020300103^^^SSIN~49421599869^^^SSIN", "PID^1^3^2", "repeated"),
    "no family name": (RICH, "PID-5", "^Odette", "PID^1^5^1^1", "required"),
    "no given name": (RICH, "PID-5", "Lambert", "PID^1^5^1^2", "required"),
    "a name without end": (RICH, "PID-5", "L" * 201 + "^Odette", "PID^1^5^1^1", "too-long"),
    "a birth in words": (RICH, "PID-7", "third of May", "PID^1^7^1", "wrong-format"),
    "a birth with slashes": (RICH, "PID-7", "03/02/1950", "PID^1^7^1", "wrong-format"),
    "a birth that is no day": (RICH, "PID-7", "19500230", "PID^1^7^1", "wrong-format"),
    "a birth in the future": (RICH, "PID-7", "20261231", "PID^1^7^1", "in-future"),
    "a birth before 1900": (RICH, "PID-7", "18991231", "PID^1^7^1", "out-of-range"),
    "an unknown sex": (RICH, "PID-8", "X", "PID^1^8^1", "not-one-of"),
    "a language in words": (RICH, "PID-15", "français", "PID^1^15^1", "wrong-format"),
    "a postal code abroad": (RICH, "PID-11", "Rue A^^B^^L-1234", "PID^1^11^1^5", "wrong-format"),
    "a NIS code in words": (RICH, "PID-11", "Rue A^^B^^4000^^^^Liège", "PID^1^11^1^9", "wrong-format"),
    "a phone of one digit": (RICH, "PID-13", "1", "PID^1^13^1", "too-short"),
    "an e-mail that is none": (RICH, "PID-13", "^NET^Internet^nobody", "PID^1^13^1", "wrong-format"),
    "a relative without a name": (RICH, "NK1-2", "", "NK1^1^2^1", "required"),
    "a diagnosis without its code": (DIAGNOSIS, "DG1-3", "^Hypertension^I10", "DG1^1^3^1^1", "required"),
    "a diagnosis without its system": (DIAGNOSIS, "DG1-3", "I10", "DG1^1^3^1^3", "required"),
    "a consent in words": (RICH, "OBX[1]-5", "yes", "OBX^1^5^1", "not-one-of"),
    "a consent of nothing": (RICH, "OBX[1]-5", "", "OBX^1^5^1", "required"),
    "a consent of tomorrow": (RICH, "OBX[4]-5", "20261121", "OBX^4^5^1", "in-future"),
    "an unknown detail": (RICH, "OBX[2]-3", "consent.mood^^99RELAIS", "OBX^2^3^1", "unknown-code"),
    "a detail twice": (RICH, "OBX[2]-3", "consent.given^^99RELAIS", "OBX^2^3^1", "repeated"),
    "a factor in words": (RICH, "OBX[5]-5", "carer_burden~Très seul", "OBX^5^5^2", "wrong-format"),
    "a code of another system": (RICH, "OBX[2]-3", "consent.kind^^LN", "OBX^2^3^1^3", "unknown-code"),
    "a sheet without identifier": (RICH, "OBR[2]-2", "", "OBR^2^2^1", "required"),
    "a sheet without its day": (RICH, "OBR[2]-7", "", "OBR^2^7^1", "required"),
    "a sheet of tomorrow": (RICH, "OBR[2]-7", "20261121", "OBR^2^7^1", "in-future"),
    "a sheet without edition": (RICH, "OBX[6]", None, "OBR^2^4^1", "required"),
    "an unknown rater": (RICH, "OBX[7]-5", "nurse", "OBX^7^5^1", "not-one-of"),
    "an unknown card": (RICH, "OBX[8]-3", "gardening.difficulty^^99RELAIS", "OBX^8^3^1", "unknown_domain"),
    "an unknown scale": (RICH, "OBX[8]-3", "housework.mood^^99RELAIS", "OBX^8^3^1", "unknown-code"),
    "a card in capitals": (RICH, "OBX[8]-3", "Housework.need^^99RELAIS", "OBX^8^3^1", "unknown-code"),
    "an answer twice": (RICH, "OBX[9]-3", "housework.difficulty^^99RELAIS", "OBX^9^3^1", "repeated"),
    "a level beyond": (RICH, "OBX[8]-5", "4", "OBX^8^5^1", "level_out_of_range"),
    "a level below": (RICH, "OBX[9]-5", "-1", "OBX^9^5^1", "level_out_of_range"),
    "a level and a half": (RICH, "OBX[8]-5", "1.5", "OBX^8^5^1", "wrong-format"),
    "a level in words": (RICH, "OBX[8]-5", "two", "OBX^8^5^1", "wrong-format"),
    "a level of nothing": (RICH, "OBX[8]-5", "", "OBX^8^5^1", "required"),
    "an unknown source": (RICH, "OBX[10]-5", "X", "OBX^10^5^1", "not-one-of"),
    "unknown and known sources": (RICH, "OBX[10]-5", "?~F", "OBX^10^5^1", "source_unknown_combined"),
    "a source without a need": (RICH, "OBX[9]-5", "0", "OBX^10^5^1", "source_without_need"),
    "an unknown reason of absence": (RICH, "OBX[13]-5", "shy", "OBX^13^5^1", "not-one-of"),
    "absent and answered": (RICH, "OBX[12]-5", "1", "OBX^13^5^1", "absent_reason_with_answer"),
    "a deleted result": (RICH, "OBX[8]-11", "D", "OBX^8^11^1", "not-one-of"),
    "a letter in hexadecimal": (LETTER, "OBX[14]-5", "EPR^AP^PDF^Hex^2550", "OBX^14^5^1^4", "not-one-of"),
    "a letter of broken base64": (LETTER, "OBX[14]-5", f"EPR^AP^PDF^Base64^{PDF}!", "OBX^14^5^1^5", "wrong-format"),
    "a letter that is no PDF": (LETTER, "OBX[14]-5", "EPR^AP^PDF^Base64^aGVsbG8=", "OBX^14^5^1^5", "wrong-format"),
    "an empty letter": (LETTER, "OBX[14]-5", "EPR^AP^PDF^Base64^", "OBX^14^5^1^5", "required"),
    "a letter of another kind": (LETTER, "OBX[14]-5", f"EPR^AP^EXE^Base64^{PDF}", "OBX^14^5^1^3", "not-one-of"),
    "a letter as sound": (LETTER, "OBX[14]-5", f"EPR^AU^PDF^Base64^{PDF}", "OBX^14^5^1^2", "not-one-of"),
    "a letter without a title": (LETTER, "OBX[14]-3", "^^L", "OBX^14^3^1", "required"),
    "an admission of tomorrow": (RICH, "PV1-44", "20261121", "PV1^1^44^1", "in-future"),
    "a discharge before the admission": (RICH, "PV2-9", "20261101", "PV2^1^9^1", "before-admission"),
    "an admission in words": (RICH, "PV1-44", "Monday", "PV1^1^44^1", "wrong-format"),
}

MISPLACED: Mapping[str, tuple[str, str, str]] = {
    "a second PID": (with_segment(RICH, "PID|2||X||A^B", after="PID"), "PID^2", "unexpected-segment"),
    "a second RF1": (with_segment(RICH, "RF1||R||||9^urn:a", after="RF1"), "RF1^2", "unexpected-segment"),
    "an OBX without its OBR": (with_segment(RICH, "OBX|1|ST|a^^L||b", after="PRD"), "OBX^1", "unexpected-segment"),
    "the visit before the person": (with_segment(RICH, "PV1|1|I", after="RF1"), "PV1^1", "unexpected-segment"),
    "an order among the referral": (with_segment(RICH, "ORC|NW", after="PID"), "ORC^1", "unexpected-segment"),
    "a consent segment": (with_segment(RICH, "CON|1||||||||||A", after="PID"), "CON^1", "unexpected-segment"),
    "a segment nobody knows": (with_segment(RICH, "QQQ|1", after="PID"), "QQQ^1", "unknown-segment"),
    "a segment of a later version": (with_segment(RICH, "ARV|1", after="PID"), "ARV^1", "unknown-segment"),
    "a line break in a note": (RICH + "and lives alone\r", "NTE^1", "broken-segment"),
    "two messages in one": (RICH + RICH, "MSH^2", "unexpected-segment"),
}

REJECTED = {"unsupported-type", "unsupported-event", "unsupported-version", "unsupported-processing-id"}
HEADER = ("MSH^1^10^1", "MSH^1^18^1")


async def test_every_planted_fault_is_refused_with_its_place(referrals: UnderTest) -> None:
    wrong = []
    async with referrals.client("hospital-chu") as client:
        for name, (text, place, value, where, code) in PLANTED.items():
            answer = await send(client, edited(text, place, value))
            assert (answer.status_code, answer.headers["content-type"]) == (200, "application/hl7-v2"), name
            told = Answer(answer.content)
            rejected = code in REJECTED or where in HEADER or (where, code) == ("MSH^1^4^1", "required")
            if told.code != ("AR" if rejected else "AE") or told.faults != {(where, code)}:
                wrong.append((name, told.code, told.faults, (where, code)))
            assert not [word for word in CANARIES.values() if word in answer.text], name
            assert (told.text("ERR-3").partition("^")[0], told.text("ERR-4")) == (str(code_0357(code)), "E"), name
    assert wrong == []
    assert len(PLANTED) >= 80
    assert await count(referrals) == 0


async def test_a_segment_out_of_its_place_is_named(referrals: UnderTest) -> None:
    async with referrals.client("hospital-chu") as client:
        for name, (text, where, code) in MISPLACED.items():
            told = Answer((await send(client, text)).content)
            assert told.code == "AE", name
            assert (where, code) in told.faults, (name, told.faults)
            assert len(told.faults) == 1 or where == "MSH^2", (name, told.faults)
    assert await count(referrals) == 0


async def test_several_faults_are_told_at_once(referrals: UnderTest) -> None:
    text = edited(edited(edited(RICH, "PID-7", "x"), "OBX[8]-5", "9"), "RF1-2", "Q")
    text = edited(text, "PID-8", "?")
    async with referrals.client("hospital-chu") as client:
        told = Answer((await send(client, text)).content)
    assert {("PID^1^7^1", "wrong-format"), ("PID^1^8^1", "not-one-of"), ("RF1^1^2^1", "not-one-of")} <= told.faults


async def test_a_corrected_message_is_taken_under_the_id_of_the_refused_one(referrals: UnderTest) -> None:
    async with referrals.client("hospital-chu") as client:
        assert Answer((await send(client, edited(RICH, "PID-8", "X"))).content).code == "AE"
        assert Answer((await send(client, RICH)).content).code == "AA"
    assert await count(referrals) == 1


async def test_an_old_version_gets_its_faults_in_err_1_too(referrals: UnderTest) -> None:
    async with referrals.client("hospital-chu") as client:
        told = Answer((await send(client, edited(edited(RICH, "MSH-12", "2.3"), "PID-8", "X"))).content)
    assert (told.text("MSH-12"), told.text("MSH-9")) == ("2.3", "ACK^I12")
    assert told.text("ERR-1") == "PID^1^8^103&Table value not found&HL70357"


TRANSPORT: Mapping[str, tuple[bytes, Mapping[str, str], int, str]] = {
    "no HL7": (b"hello", MEDIA, 400, "not-er7"),
    "an empty body": (b"", MEDIA, 400, "not-er7"),
    "JSON": (RICH.encode(), {"content-type": "application/json"}, 415, "unsupported-media-type"),
    "XML": (RICH.encode(), {"content-type": "application/hl7-v2+xml"}, 415, "unsupported-media-type"),
    "more than a megabyte": (RICH.encode() + b"x" * 1024 * 1024, MEDIA, 413, "body-too-large"),
}


async def test_what_is_wrong_with_the_transport_is_an_http_error(referrals: UnderTest) -> None:
    async with referrals.client("hospital-chu") as client:
        for name, (content, headers, status, code) in TRANSPORT.items():
            answer = await client.post("/referrals/hl7v2", content=content, headers=dict(headers))
            assert (answer.status_code, answer.json()["code"]) == (status, code), name
    for persona, status in ((None, 401), ("coordinator", 403), ("line-nurse", 403)):
        async with referrals.client(persona) as client:
            assert (await send(client, RICH)).status_code == status


async def test_every_media_type_of_the_field_is_taken_and_given_back(referrals: UnderTest) -> None:
    names = ("application/hl7-v2", "x-application/hl7-v2+er7", "text/hl7v2", "text/plain", "application/hl7-v2+er7")
    async with referrals.client("hospital-chu") as client:
        for number, name in enumerate(names):
            text = fresh(RICH, f"N-{number}")
            headers = {"content-type": f"{name}; charset=UTF-8"}
            answer = await client.post("/referrals/hl7v2", content=text.encode(), headers=headers)
            assert (answer.status_code, answer.headers["content-type"]) == (200, name)
    assert await count(referrals) == 1
