"""Every resource that a referral shows to its parties, by type."""

from collections.abc import Callable, Iterator, Mapping

from services.referrals.formats.fhir.outbound_care import communications, episodes, plans, teams
from services.referrals.formats.fhir.outbound_person import patients, practitioners, relatives
from services.referrals.formats.fhir.outbound_request import (
    conditions,
    consents,
    documents,
    encounters,
    provenances,
    service_requests,
)
from services.referrals.formats.fhir.outbound_sheets import observations, responses
from services.referrals.formats.fhir.outbound_task import tasks
from services.referrals.formats.fhir.outside import Outside, Resource

SHOWN: Mapping[str, Callable[[Outside], Iterator[Resource]]] = {
    "Task": tasks,
    "ServiceRequest": service_requests,
    "Patient": patients,
    "Consent": consents,
    "QuestionnaireResponse": responses,
    "Observation": observations,
    "Communication": communications,
    "EpisodeOfCare": episodes,
    "CarePlan": plans,
    "CareTeam": teams,
    "Condition": conditions,
    "DocumentReference": documents,
    "Encounter": encounters,
    "RelatedPerson": relatives,
    "Practitioner": practitioners,
    "Provenance": provenances,
}
"""The types that can be read and searched; each with the resources of one referral, in a lasting order."""


def find(outside: Outside, kind: str, resource_id: str) -> Resource | None:
    """One resource of a referral, if it shows it."""
    return next((each for each in SHOWN[kind](outside) if each["id"] == resource_id), None)
