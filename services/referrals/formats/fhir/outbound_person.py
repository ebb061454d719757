"""Whom a referral is about and who is close to them, in the shape of the Belgian core profiles (BePatient)."""

from collections.abc import Iterator

from services.referrals.domain.document import Address, Person
from services.referrals.formats.fhir import codes, outbound_codes
from services.referrals.formats.fhir.outside import Outside, Resource, filled, repeated

BELGIAN = frozenset({"fr", "nl", "de"})


def patients(outside: Outside) -> Iterator[Resource]:
    """The person, as sent or as told in the document."""
    yield outside.sent("Patient", None, made_patient(outside))


def made_patient(outside: Outside) -> Resource:
    """The person of a document that came by another road."""
    person = outside.referral.document.person
    return filled(
        **outside.start("Patient"),
        identifier=list(person_identifiers(outside, person)),
        name=[{"use": "official", "family": person.family_name, "given": [person.given_names]}],
        telecom=[*({"system": "phone", "value": phone} for phone in person.phones), *emails(person)],
        gender=person.gender.value if person.gender else None,
        birthDate=person.birth_date.isoformat() if person.birth_date else None,
        address=[address(person.address)] if person.address else None,
        communication=[{"language": language(person.language)}] if person.language else None,
        generalPractitioner=[outside.reference("Practitioner", 1)] if person.general_practitioner else None,
    )


def person_identifiers(outside: Outside, person: Person) -> Iterator[Resource]:
    """The national number where it is known, and the hospital's own."""
    if person.niss:
        yield {"use": "official", "system": codes.SSIN, "value": person.niss}
    if person.hospital_number:
        number = {"system": outbound_codes.HOSPITAL_NUMBER, "value": person.hospital_number, "assigner": outside.sender}
        yield {"type": {"coding": [{"system": codes.IDENTIFIER_TYPE, "code": "MR"}]}, **number}


def emails(person: Person) -> Iterator[Resource]:
    """The e-mail address, if any."""
    if person.email:
        yield {"system": "email", "value": person.email}


def language(code: str) -> Resource:
    """A language with its country: the Belgian core profiles ask for fr-BE, nl-BE or de-BE."""
    full = f"{code}-BE" if code in BELGIAN else code
    return {"coding": [{"system": outbound_codes.LANGUAGES, "code": full}]}


def address(known: Address) -> Resource:
    """An address whose street, house number and box stand beside the line, each in its ISO 21090 extension."""
    parts = {"streetName": known.street, "houseNumber": known.house_number, "postBox": known.box}
    extensions = [{"url": f"{codes.ADDRESS_PART}{name}", "valueString": part} for name, part in parts.items() if part]
    line = " ".join(part for part in parts.values() if part)
    made = filled(line=[line] if line else None, city=known.city, postalCode=known.postal_code)
    if extensions:
        made["_line"] = [{"extension": extensions}]
    if known.nis_code:
        made["extension"] = [{"url": codes.NIS_CODE, "valueCode": known.nis_code}]
    return {**made, "country": "BE"}


def relatives(outside: Outside) -> Iterator[Resource]:
    """Those close to the person."""
    made = [
        filled(
            **outside.start("RelatedPerson", number),
            patient=outside.patient,
            relationship=[{"text": each.relation}] if each.relation else None,
            name=[{"text": each.name}],
            telecom=[{"system": "phone", "value": each.phone}] if each.phone else None,
        )
        for number, each in enumerate(outside.referral.document.person.relatives, 1)
    ]
    yield from repeated(outside, "RelatedPerson", made)


def practitioners(outside: Outside) -> Iterator[Resource]:
    """The general practitioner."""
    known = outside.referral.document.person.general_practitioner
    made = filled(
        **outside.start("Practitioner", 1),
        identifier=[{"system": codes.NIHDI, "value": known.nihdi}] if known and known.nihdi else None,
        name=[{"text": known.name}] if known else None,
        telecom=[{"system": "phone", "value": known.phone}] if known and known.phone else None,
    )
    yield from repeated(outside, "Practitioner", [made] if known else [])
