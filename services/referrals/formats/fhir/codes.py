"""The systems and codes of our FHIR surface: Belgian identifiers, HL7's own systems, and our published code systems."""

from collections.abc import Mapping
from dataclasses import dataclass

from services.referrals.domain import OrganisationKind
from services.referrals.domain.labels import FINE_STEPS, REFUSALS, Label

CANONICAL = "https://relais.example/fhir"
"""The base of our canonical urls. It names; nothing need answer there."""

NAMING = "https://www.ehealth.fgov.be/standards/fhir/core/NamingSystem"
SSIN = f"{NAMING}/ssin"
NIHDI = f"{NAMING}/nihdi"
NIHDI_PROFESSIONAL = f"{NAMING}/nihdi-professional"
NIHDI_ORGANIZATION = f"{NAMING}/nihdi-organization"
CBE = f"{NAMING}/cbe"
NISS_SYSTEMS = frozenset(
    {SSIN, "https://www.ehealth.fgov.be/standards/fhir/NamingSystem/ssin"} | {"urn:oid:2.16.840.1.113883.3.6777.5.1"}
)
NIHDI_SYSTEMS = frozenset({NIHDI, NIHDI_PROFESSIONAL, "urn:oid:2.16.840.1.113883.3.6777.5.2"})
CBE_SYSTEMS = frozenset({CBE, "urn:oid:2.16.840.1.113883.3.6777.5.5"})

HL7 = "http://terminology.hl7.org/CodeSystem"
TASK_CODE = "http://hl7.org/fhir/CodeSystem/task-code"
IDENTIFIER_TYPE = f"{HL7}/v2-0203"
CONDITION_CLINICAL = f"{HL7}/condition-clinical"
CONDITION_VERIFICATION = f"{HL7}/condition-ver-status"
CONSENT_SCOPE = f"{HL7}/consentscope"
ACT_CODE = f"{HL7}/v3-ActCode"
ACT_PRIORITY = f"{HL7}/v3-ActPriority"
DATA_ABSENT_REASON = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
ADDRESS_PART = "http://hl7.org/fhir/StructureDefinition/iso21090-ADXP-"

ORGANISATION = f"{CANONICAL}/NamingSystem/organisation"
"""Identifiers of organisations by their code in our directory."""
NIS_CODE = f"{CANONICAL}/StructureDefinition/nis-code"
"""Extension of Address: the municipality's NIS code (REFNIS), `valueCode`."""


def system(name: str) -> str:
    """The url of one of our code systems."""
    return f"{CANONICAL}/CodeSystem/{name}"


BUSINESS_STATUS = system("business-status")
HELP_SOURCE = system("help-source")
LEVEL = system("card-level")
ABSENT_REASON = system("absent-reason")
CARD = system("card")
FACTOR = system("complexity-factor")
ORGANISATION_KIND = system("organisation-kind")
CONSENT_KIND = system("consent-kind")
CAPACITY = system("capacity")
CHANNEL = system("delivery-channel")
FUNCTION = system("organisation-function")
ISSUE = system("issue")

LEVELS = {
    "0": Label("aucune", "geen", "keine", "none"),
    "1": Label(
        "peu important ou non urgent", "minder belangrijk of niet dringend", "gering oder nicht dringend", "low"
    ),
    "2": Label("important ou moyennement urgent", "belangrijk of matig dringend", "mittel", "moderate"),
    "3": Label("très important ou urgent", "zeer belangrijk of dringend", "hoch oder dringend", "high"),
}
SOURCES = {
    "P": Label("professionnels", "professionals", "Fachleute", "professionals"),
    "F": Label("famille", "familie", "Familie", "family"),
    "E": Label("entourage", "omgeving", "Umfeld", "wider circle"),
    "?": Label("non précisé", "niet gespecificeerd", "nicht angegeben", "not specified"),
}
ABSENCES = {
    "refused": Label("refus de répondre", "weigert te antwoorden", "Antwort verweigert", "declined to answer"),
    "unknown": Label("inconnu", "onbekend", "unbekannt", "unknown"),
    "not-applicable": Label("sans objet", "niet van toepassing", "nicht zutreffend", "not applicable"),
}
FACTORS = {
    "multimorbidity": Label("multimorbidité", "multimorbiditeit", "Multimorbidität", "multimorbidity"),
    "unstable_condition": Label("état instable", "onstabiele toestand", "instabiler Zustand", "unstable condition"),
    "cognitive_difficulty": Label(
        "difficultés cognitives", "cognitieve moeilijkheden", "kognitive Schwierigkeiten", "cognitive difficulty"
    ),
    "carer_burden": Label("charge de l'aidant", "belasting mantelzorger", "Belastung der Angehörigen", "carer burden"),
    "difficult_family_situation": Label(
        "situation familiale difficile", "moeilijke gezinssituatie", "schwierige Familienlage", "difficult family"
    ),
    "social_vulnerability": Label("précarité sociale", "sociale kwetsbaarheid", "soziale Not", "social vulnerability"),
}
CONSENT_KINDS = {
    "oral": Label("oral", "mondeling", "mündlich", "oral"),
    "written": Label("écrit", "schriftelijk", "schriftlich", "written"),
    "tacit": Label("tacite", "stilzwijgend", "stillschweigend", "tacit"),
}
CONSENT_POLICIES = {
    "transfer": Label(
        "transmission au programme", "overdracht aan het programma", "Weitergabe an das Programm", "transfer of data"
    ),
}
KINDS = {
    OrganisationKind.HOSPITAL: Label("hôpital", "ziekenhuis", "Krankenhaus", "hospital"),
    OrganisationKind.CASE_MANAGEMENT: Label("case management", "casemanagement", "Case Management", "case management"),
    OrganisationKind.COORDINATION_CENTRE: Label(
        "centre de coordination", "coördinatiecentrum", "Koordinationszentrum", "coordination centre"
    ),
    OrganisationKind.PATIENT_ASSOCIATION: Label(
        "association de patients", "patiëntenvereniging", "Patientenverein", "patient association"
    ),
    OrganisationKind.HEALTH_CENTRE: Label("maison médicale", "wijkgezondheidscentrum", "Ärztehaus", "health centre"),
    OrganisationKind.GENERAL_PRACTICE: Label(
        "médecine générale", "huisartsenpraktijk", "Hausarztpraxis", "general practice"
    ),
    OrganisationKind.HEALTH_INSURANCE_FUND: Label("mutualité", "ziekenfonds", "Krankenkasse", "health insurance fund"),
    OrganisationKind.HOME_CARE: Label("soins et aide à domicile", "thuiszorg", "häusliche Pflege", "home care"),
    OrganisationKind.SOCIAL_SERVICE: Label("service social", "sociale dienst", "Sozialdienst", "social service"),
    OrganisationKind.LOCAL_INITIATIVE: Label(
        "initiative locale", "lokaal initiatief", "örtliche Initiative", "local initiative"
    ),
    OrganisationKind.OTHER: Label("autre", "andere", "andere", "other"),
}
"""CD-HCPARTY has no code for a coordination centre, a patient association or case management: these are ours."""


CAPACITIES = {
    "available": Label("places disponibles", "plaats beschikbaar", "freie Plätze", "has capacity"),
    "full": Label("plus de place", "volzet", "voll", "full"),
    "waiting-list": Label("liste d'attente", "wachtlijst", "Warteliste", "waiting list"),
    "assessment-needed": Label("après évaluation", "na evaluatie", "nach Beurteilung", "assessment needed first"),
}
CHANNELS = {
    "fhir-rest-hook": Label("notification FHIR", "FHIR-melding", "FHIR-Meldung", "FHIR rest-hook"),
    "email-notice": Label("avis par e-mail", "bericht per e-mail", "Hinweis per E-Mail", "e-mail notice"),
    "ehealthbox": Label("eHealthBox", "eHealthBox", "eHealthBox", "eHealthBox"),
    "manual": Label("par une personne", "door een mens", "durch einen Menschen", "by a human"),
}
FUNCTIONS = {"service-desk": Label("secrétariat", "secretariaat", "Sekretariat", "service desk")}


@dataclass(frozen=True)
class PublishedCodes:
    """One of our code systems; its id is the last part of its url. Without concepts it is defined elsewhere."""

    id: str
    title: str
    concepts: Mapping[str, Label]

    @property
    def url(self) -> str:
        """Its canonical url."""
        return system(self.id)


PUBLISHED_CODES: Mapping[str, PublishedCodes] = {
    each.id: each
    for each in (
        PublishedCodes("business-status", "Fine step of a referral", FINE_STEPS),
        PublishedCodes("refusal-reason", "Reason of a refusal", {code.value: text for code, text in REFUSALS.items()}),
        PublishedCodes("help-source", "Wished source of help", SOURCES),
        PublishedCodes("card-level", "Level of a card, 0 to 3", LEVELS),
        PublishedCodes("absent-reason", "Why a card has no answer", ABSENCES),
        PublishedCodes("complexity-factor", "Factor of complexity", FACTORS),
        PublishedCodes("organisation-kind", "Kind of organisation", {kind.value: KINDS[kind] for kind in KINDS}),
        PublishedCodes("capacity", "Room of a service", CAPACITIES),
        PublishedCodes("delivery-channel", "How an organisation wants to be asked", CHANNELS),
        PublishedCodes("organisation-function", "Function within an organisation", FUNCTIONS),
        PublishedCodes("consent-kind", "How consent was given", CONSENT_KINDS),
        PublishedCodes("consent-policy", "What was agreed to", CONSENT_POLICIES),
    )
}
"""Our code systems by id. The cards are the instrument's own codes, published with its Questionnaire."""
