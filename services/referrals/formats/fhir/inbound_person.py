"""Patient, RelatedPerson, Practitioner -> the person of a referral."""

from collections.abc import Sequence
from typing import Any

from services.referrals.formats.fhir.codes import (
    ADDRESS_PART,
    NAMING,
    NIHDI_SYSTEMS,
    NIS_CODE,
    NISS_SYSTEMS,
)
from services.referrals.formats.fhir.elements import (
    Address,
    CodeableConcept,
    ContactPoint,
    ContactSystem,
    HumanName,
    Identifier,
)
from services.referrals.formats.fhir.resources import Patient, Practitioner, PractitionerRole, RelatedPerson
from services.referrals.formats.fhir.resources.people import PatientContact
from services.referrals.formats.fhir.sketch import Path, Sketch
from services.referrals.formats.fhir.submission import Entry, Submission

PHONES = (ContactSystem.PHONE, ContactSystem.SMS)
HERE = (None, "BE", "BEL", "Belgique", "België", "Belgien", "Belgium")
"""Countries whose postal codes are ours; the address of another country keeps its code in the Patient as received."""


def read_person(sketch: Sketch, submission: Submission, entry: Entry, patient: Patient) -> None:
    """Fill `person` from the Patient and those around it."""
    place = entry.place
    sketch.put(("person",), {}, place)
    read_numbers(sketch, patient.identifier, place)
    read_name(sketch, patient.name, place)
    if patient.birth_date is None or len(patient.birth_date) == 10:
        sketch.put(("person", "birth_date"), patient.birth_date, f"{place}.birthDate")
    sketch.put(("person", "gender"), patient.gender, f"{place}.gender")
    read_language(sketch, patient, place)
    read_telecom(sketch, patient.telecom, place)
    read_address(sketch, patient.address, place)
    read_relatives(sketch, submission, entry, patient)
    read_practitioner(sketch, submission, entry, patient)


def read_numbers(sketch: Sketch, found: Sequence[Identifier], place: str) -> None:
    """The NISS, and the hospital's own number: the one typed MR, else the first that is no national number."""
    own: list[tuple[int, Identifier]] = []
    for number, each in enumerate(found):
        if each.system in NISS_SYSTEMS:
            sketch.put(("person", "niss"), each.value, f"{place}.identifier[{number}].value")
        elif each.value and not (each.system or "").startswith(NAMING):
            own.append((number, each))
    typed = [pair for pair in own if any(code.code == "MR" for code in (pair[1].type.coding if pair[1].type else []))]
    for number, each in (typed or own)[:1]:
        sketch.put(("person", "hospital_number"), each.value, f"{place}.identifier[{number}].value")


def best(found: Sequence[Any], *uses: str) -> int:
    """The index of the entry with the first of these uses, else the first that is not old, else 0."""
    for use in uses:
        for number, each in enumerate(found):
            if each.use == use:
                return number
    return next((number for number, each in enumerate(found) if each.use not in ("old", "maiden")), 0)


def read_name(sketch: Sketch, names: Sequence[HumanName], place: str) -> None:
    """The official name."""
    number = best(names, "official", "usual")
    at = f"{place}.name[{number}]" if names else f"{place}.name"
    name = names[number] if names else HumanName()
    sketch.put(("person", "family_name"), name.family, f"{at}.family" if names else at)
    sketch.put(("person", "given_names"), " ".join(name.given) or None, f"{at}.given" if names else at)


def read_language(sketch: Sketch, patient: Patient, place: str) -> None:
    """The preferred language, else the first."""
    spoken = patient.communication
    for number in [number for number, each in enumerate(spoken) if each.preferred] or list(range(len(spoken))):
        at = f"{place}.communication[{number}].language"
        for inner, coding in enumerate(spoken[number].language.coding):
            sketch.put(("person", "language"), coding.code, f"{at}.coding[{inner}].code")
            return


def read_telecom(sketch: Sketch, telecom: Sequence[ContactPoint], place: str) -> None:
    """Telephone numbers in their order, and the first e-mail address."""
    phones = 0
    mailed = False
    for number, each in enumerate(telecom):
        at = f"{place}.telecom[{number}].value"
        if each.system in PHONES and each.use != "old" and each.value:
            sketch.put(("person", "phones", phones), each.value, at)
            phones += 1
        elif each.system is ContactSystem.EMAIL and not mailed:
            sketch.put(("person", "email"), each.value, at)
            mailed = True


def phone_of(telecom: Sequence[ContactPoint]) -> tuple[str | None, int]:
    """The first telephone number and its index."""
    for number, each in enumerate(telecom):
        if each.system in PHONES and each.value:
            return each.value, number
    return None, 0


def read_address(sketch: Sketch, addresses: Sequence[Address], place: str) -> None:
    """Where the person lives: street, number and box by the ISO 21090 extensions, else the lines as they are."""
    if not addresses:
        return
    number = best(addresses, "home")
    address, at = addresses[number], f"{place}.address[{number}]"
    parts = street_parts(address)
    plain = None if parts.get("streetName") else ", ".join(address.line) or None
    sketch.put(("person", "address", "street"), parts.get("streetName") or plain, f"{at}.line[0]")
    sketch.put(("person", "address", "house_number"), parts.get("houseNumber"), f"{at}.line[0]")
    sketch.put(("person", "address", "box"), parts.get("postBox") or parts.get("unitID"), f"{at}.line[0]")
    if address.country in HERE:
        sketch.put(("person", "address", "postal_code"), address.postal_code, f"{at}.postalCode")
    sketch.put(("person", "address", "city"), address.city, f"{at}.city")
    for inner, extension in enumerate(address.extension):
        if extension.url == NIS_CODE:
            value = extension.value_code or extension.value_string
            sketch.put(("person", "address", "nis_code"), value, f"{at}.extension[{inner}].value")


def street_parts(address: Address) -> dict[str, str]:
    """What the ISO 21090 extensions beside `line` say: `streetName`, `houseNumber`, `postBox`, ..."""
    parts: dict[str, str] = {}
    for sibling in address.siblings.get("_line") or []:
        for extension in (sibling or {}).get("extension", []):
            url, value = str(extension.get("url", "")), extension.get("valueString")
            if url.startswith(ADDRESS_PART) and isinstance(value, str) and value.strip():
                parts.setdefault(url.removeprefix(ADDRESS_PART), value)
    return parts


def name_of(names: Sequence[HumanName]) -> str | None:
    """A name in one line."""
    if not names:
        return None
    name = names[best(names, "official", "usual")]
    return name.text or " ".join([*name.prefix, *name.given, *([name.family] if name.family else [])]) or None


def read_relatives(sketch: Sketch, submission: Submission, entry: Entry, patient: Patient) -> None:
    """Those close to the person: the Patient's contacts, then the RelatedPerson entries in an order of their own."""
    for number, contact in enumerate(patient.contact):
        name = name_of([contact.name] if contact.name else [])
        path: Path = ("person", "relatives", number)
        _relative(sketch, path, f"{entry.place}.contact[{number}]", name, contact)
    related = sorted(submission.all(RelatedPerson), key=lambda pair: pair[1].model_dump_json(exclude={"patient"}))
    for number, (other, person) in enumerate(related, start=len(patient.contact)):
        _relative(sketch, ("person", "relatives", number), other.place, name_of(person.name), person)


def _relative(sketch: Sketch, path: Path, at: str, name: str | None, found: PatientContact | RelatedPerson) -> None:
    """One of them; somebody without a name goes by the relation."""
    relation = next(filter(None, map(words_of, found.relationship)), None)
    sketch.put((*path, "name"), name or relation, f"{at}.name")
    sketch.put((*path, "relation"), relation, f"{at}.relationship[0]")
    phone, index = phone_of(found.telecom)
    sketch.put((*path, "phone"), phone, f"{at}.telecom[{index}].value")


def words_of(meaning: CodeableConcept) -> str | None:
    """A meaning in words, or its code where there are none."""
    return meaning.text or next((coding.display or coding.code for coding in meaning.coding), None)


def read_practitioner(sketch: Sketch, submission: Submission, entry: Entry, patient: Patient) -> None:
    """The general practitioner: an entry of the body, or what the reference itself says."""
    if not patient.general_practitioner:
        return
    reference, at = patient.general_practitioner[0], f"{entry.place}.generalPractitioner[0]"
    path: Path = ("person", "general_practitioner")
    found = submission.target(reference)
    if found and isinstance(found.resource, PractitionerRole):
        found = submission.target(found.resource.practitioner) or found
    if found and isinstance(found.resource, Practitioner):
        doctor = found.resource
        phone, index = phone_of(doctor.telecom)
        sketch.put((*path, "name"), name_of(doctor.name), f"{found.place}.name")
        sketch.put((*path, "phone"), phone, f"{found.place}.telecom[{index}].value")
        for number, each in enumerate(doctor.identifier):
            if each.system in NIHDI_SYSTEMS:
                sketch.put((*path, "nihdi"), each.value, f"{found.place}.identifier[{number}].value")
    elif reference.display:
        sketch.put((*path, "name"), reference.display, f"{at}.display")
        if reference.identifier and reference.identifier.system in NIHDI_SYSTEMS:
            sketch.put((*path, "nihdi"), reference.identifier.value, f"{at}.identifier.value")
