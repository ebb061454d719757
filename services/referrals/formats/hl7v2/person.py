"""PID, NK1 and PRD: the person, who is close to them, and who sends."""

import re
from collections.abc import Mapping

from pydantic_core import PydanticCustomError

from services.referrals.domain.identifiers import nihdi_is_odd, valid_cbe, valid_nihdi
from services.referrals.formats.hl7v2.draft import Draft, day_of
from services.referrals.formats.hl7v2.er7 import Er7, Segment

SSIN_OID = "2.16.840.1.113883.3.6777.5.1"
SSIN_SYSTEM = "https://www.ehealth.fgov.be/standards/fhir/core/NamingSystem/ssin"
SSIN_NAMES = frozenset({"SSIN", "NISS", "INSZ", SSIN_OID, SSIN_SYSTEM.upper()})
SSIN_TYPES = frozenset({"NNBEL", "NNBE", "SS"})
"""CX-5 of a national number (HL7 table 0203: NN with the country, SS social security)."""

GENDERS: Mapping[str, str] = {
    "F": "female",
    "M": "male",
    "O": "other",
    "A": "other",
    "N": "other",
    "U": "unknown",
}
"""HL7 table 0001."""

PRIMARY_CARE = "PP"
"""PRD-1, HL7 table 0286: primary care provider; RP referring, RT referred to."""


def read_person(draft: Draft, pid: Segment) -> None:
    """PID: identifiers, names, birth, sex, language, address, phones."""
    draft.note("/person", pid.place)
    _identifiers(draft, pid)
    _name(draft, pid)
    draft.put("/person/birth_date", day_of(draft, pid, 7), pid.place.at(7))
    sex = pid.text(8).upper()
    if sex and sex not in GENDERS:
        draft.fault(pid.place.at(8), "not-one-of")
    draft.put("/person/gender", GENDERS.get(sex, ""), pid.place.at(8))
    language, _, region = pid.text(15).replace("_", "-").partition("-")
    spoken = f"{language.lower()}-{region.upper()}" if region else language.lower()
    draft.put("/person/language", spoken, pid.place.at(15))
    _address(draft, pid)
    for number in (13, 14):
        for repetition in pid.repetitions(number):
            _telecom(draft, pid, number, repetition)


def read_relative(draft: Draft, nk1: Segment) -> None:
    """NK1: somebody close to the person."""
    entry = draft.append("/person/relatives", {}, nk1.place)
    draft.note(f"{entry}/name", nk1.place.at(2))
    draft.put(f"{entry}/name", f"{nk1.text(2, 2)} {nk1.text(2)}".strip(), nk1.place.at(2))
    draft.put(f"{entry}/relation", nk1.text(3, 2) or nk1.text(3), nk1.place.at(3))
    draft.put(f"{entry}/phone", number_of(nk1, 5, 1), nk1.place.at(5))


def read_providers(draft: Draft, message: Er7) -> None:
    """PRD: the general practitioner is kept (role PP); of all, the numbers in PRD-7 are checked."""
    for prd in message.named("PRD"):
        nihdi = _provider_number(draft, prd)
        if not prd.text(1):
            draft.fault(prd.place.at(1), "required")
        elif prd.text(1) == PRIMARY_CARE and draft.has("/person/general_practitioner"):
            draft.fault(prd.place.at(1), "repeated")
        elif prd.text(1) == PRIMARY_CARE:
            pointer = "/person/general_practitioner"
            draft.note(pointer, prd.place)
            draft.note(f"{pointer}/name", prd.place.at(2))
            name = " ".join(filter(None, (prd.text(2, 5), prd.text(2, 2), prd.text(2))))
            draft.put(f"{pointer}/name", name, prd.place.at(2))
            draft.put(f"{pointer}/nihdi", nihdi, prd.place.at(7))
            draft.put(f"{pointer}/phone", number_of(prd, 5, 1), prd.place.at(5))


def _provider_number(draft: Draft, prd: Segment) -> str:
    """The NIHDI number in PRD-7 (type `NIHDI` or `RIZIV`); a CBE is strict, a NIHDI's check digits only warn."""
    nihdi = ""
    for repetition in prd.repetitions(7):
        value, kind = prd.text(7, 1, 1, repetition), prd.text(7, 2, 1, repetition).upper()
        place = prd.place.at(7, repetition, 1)
        try:
            if kind in ("NIHDI", "RIZIV", "INAMI"):
                nihdi = valid_nihdi(value)
                if nihdi_is_odd(nihdi):
                    draft.warn(place, "nihdi-check-digits")
            elif kind in ("CBE", "KBO", "BCE"):
                valid_cbe(value)
        except PydanticCustomError as error:
            draft.fault(place, error.type.replace("_", "-"))
    return nihdi


def _identifiers(draft: Draft, pid: Segment) -> None:
    """PID-3: the NISS by its authority or type, and the hospital's own number."""
    own: dict[str, int] = {}
    for repetition in pid.repetitions(3):
        value, kind = pid.text(3, 1, 1, repetition), pid.text(3, 5, 1, repetition).upper()
        authority = {pid.text(3, 4, sub, repetition).upper() for sub in (1, 2)}
        if not value:
            continue
        if not authority & SSIN_NAMES and kind not in SSIN_TYPES:
            own.setdefault("PI" if kind in ("PI", "MR", "") else kind, repetition)
        elif draft.has("/person/niss"):
            draft.fault(pid.place.at(3, repetition), "repeated")
        else:
            draft.put("/person/niss", value, pid.place.at(3, repetition, 1))
    if "PI" in own:
        draft.put("/person/hospital_number", pid.text(3, 1, 1, own["PI"]), pid.place.at(3, own["PI"], 1))
    for kind, repetition in own.items():
        if kind != "PI":
            draft.warn(pid.place.at(3, repetition), "identifier-ignored")


def _name(draft: Draft, pid: Segment) -> None:
    """PID-5: the legal name (type L), else the first."""
    kinds = {pid.text(5, 7, 1, repetition): repetition for repetition in reversed(pid.repetitions(5))}
    chosen = kinds.get("L", 1)
    place = pid.place.at(5, chosen, 1)
    draft.note("/person/family_name", place)
    draft.note("/person/given_names", pid.place.at(5, chosen, 2))
    draft.put("/person/family_name", pid.text(5, 1, 1, chosen), place)
    given = " ".join(filter(None, (pid.text(5, 2, 1, chosen), pid.text(5, 3, 1, chosen))))
    draft.put("/person/given_names", given, pid.place.at(5, chosen, 2))


def _address(draft: Draft, pid: Segment) -> None:
    """PID-11: the home address (type H), else the first. XAD-9 is the NIS code of the commune."""
    kinds = {pid.text(11, 7, 1, repetition): repetition for repetition in reversed(pid.repetitions(11))}
    chosen = kinds.get("H", 1)
    text = {
        "street": (pid.text(11, 1, 2, chosen) or pid.text(11, 1, 1, chosen), 1),
        "house_number": (pid.text(11, 1, 3, chosen), 1),
        "box": (pid.text(11, 2, 1, chosen), 2),
        "city": (pid.text(11, 3, 1, chosen), 3),
        "postal_code": (pid.text(11, 5, 1, chosen), 5),
        "nis_code": (pid.text(11, 9, 1, chosen), 9),
    }
    for name, (value, component) in text.items():
        draft.put(f"/person/address/{name}", value, pid.place.at(11, chosen, component))


def _telecom(draft: Draft, segment: Segment, number: int, repetition: int) -> None:
    place = segment.place.at(number, repetition)
    email = segment.text(number, 4, 1, repetition)
    if email and draft.has("/person/email"):
        draft.warn(place, "repetition-ignored")
    elif email:
        draft.put("/person/email", email, place)
    phone = number_of(segment, number, repetition)
    if phone:
        draft.append("/person/phones", phone, place)


def number_of(segment: Segment, number: int, repetition: int) -> str:
    """A phone number: XTN-1 as written, XTN-12, or country, area and local number."""
    whole = segment.text(number, 1, 1, repetition) or segment.text(number, 12, 1, repetition)
    if whole:
        return whole
    country, area, local = (segment.text(number, component, 1, repetition) for component in (5, 6, 7))
    prefix = f"+{country}" if re.fullmatch(r"[0-9]{1,3}", country) else country
    return " ".join(filter(None, (prefix, area, local)))
