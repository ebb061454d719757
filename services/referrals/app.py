"""The referrals service as a value."""

from pathlib import Path

from services.referrals.api import router
from services.referrals.api.fhir.doors import fhir_problem
from services.referrals.api.fhir.smart import IssuerAway
from services.referrals.api.hl7v2 import listen
from services.referrals.api.hl7v2.over_http import NoHl7Message, WrongMediaType
from services.referrals.domain import (
    AlreadyRegistered,
    DirectoryFaults,
    IdentifierReused,
    IllegalMove,
    MissingConsent,
    NotYourMove,
    NotYourOrganisation,
    SheetFaults,
    TooManyNotes,
)
from services.referrals.domain.capacity import AnsweredAlready
from services.referrals.domain.exchange import AlreadyReferred, OutgoingFaults
from services.referrals.domain.imports import TableRefused, UnsupportedTable
from services.referrals.domain.subscription import EndpointRefused, SubscriptionOff, TooManySubscriptions
from services.referrals.events import PUBLISHED
from services.referrals.formats.fhir.outcome import (
    BadRequest,
    RefusedResource,
    SeveralMatches,
    TooManyEntries,
    UnknownReference,
)
from services.referrals.formats.fhir.patches import PatchRefused, PatchTestFailed
from services.referrals.formats.fhir.search_parameters import NumberInAddress, SearchRefused
from services.referrals.formats.fhir.task_wish import WishRefused
from services.referrals.formats.table import UnknownMapping
from services.referrals.handlers import handlers
from services.referrals.settings import Settings
from services.referrals.store import Table, UnknownOrganisation
from shared.problems import UNSUPPORTED, kind
from shared.service import Service

service = Service(
    name="referrals",
    title="Relais referrals",
    router=router,
    handlers=handlers,
    metadata=Table.metadata,
    publishes=PUBLISHED,
    settings=Settings,
    folder=Path(__file__).parent,
    dialects={"/referrals/fhir": fhir_problem},
    companions=(listen,),
    errors={
        EndpointRefused: kind(
            422,
            "endpoint-refused",
            "Cette adresse n'est pas de celles que nous appelons",
            "Dit adres is er geen dat wij oproepen",
            "Diese Adresse rufen wir nicht auf",
            "This address is not one that we call",
        ),
        SubscriptionOff: kind(
            409,
            "subscription-off",
            "Cet abonnement a pris fin",
            "Dit abonnement is beëindigd",
            "Dieses Abonnement ist beendet",
            "This subscription has ended",
        ),
        TooManySubscriptions: kind(
            409,
            "too-many-subscriptions",
            "Trop d'abonnements pour cette organisation",
            "Te veel abonnementen voor deze organisatie",
            "Zu viele Abonnements für diese Organisation",
            "Too many subscriptions for this organisation",
        ),
        IllegalMove: kind(
            409,
            "illegal-move",
            "L'état de la demande ne permet pas cette étape",
            "De staat van de verwijzing laat deze stap niet toe",
            "Der Stand der Überweisung erlaubt diesen Schritt nicht",
            "The referral's state does not allow this step",
        ),
        NotYourMove: kind(
            403,
            "not-your-move",
            "Cette étape revient à quelqu'un d'autre",
            "Deze stap is aan iemand anders",
            "Dieser Schritt steht jemand anderem zu",
            "This step belongs to somebody else",
        ),
        MissingConsent: kind(
            409,
            "consent-missing",
            "Accord de la personne manquant",
            "Toestemming van de persoon ontbreekt",
            "Einwilligung der Person fehlt",
            "The person's consent is missing",
        ),
        IdentifierReused: kind(
            409,
            "identifier-reused",
            "Identifiant déjà employé pour un autre contenu",
            "Identificatie al gebruikt voor een andere inhoud",
            "Kennung bereits für anderen Inhalt verwendet",
            "Identifier already used for other content",
        ),
        UnknownOrganisation: kind(
            422,
            "unknown-organisation",
            "Organisation inconnue de l'annuaire",
            "Organisatie onbekend in de gids",
            "Organisation im Verzeichnis unbekannt",
            "Organisation unknown to the directory",
        ),
        NotYourOrganisation: kind(
            403,
            "not-your-organisation",
            "Cette fiche appartient à une autre organisation",
            "Deze fiche is van een andere organisatie",
            "Dieser Eintrag gehört einer anderen Organisation",
            "This entry belongs to another organisation",
        ),
        AlreadyRegistered: kind(
            409,
            "already-registered",
            "Service déjà enregistré sous ce code",
            "Dienst al geregistreerd onder deze code",
            "Dienst unter diesem Code bereits eingetragen",
            "Service already registered under this code",
        ),
        TooManyNotes: kind(
            409,
            "too-many-notes",
            "Trop de notes sur cette organisation",
            "Te veel notities over deze organisatie",
            "Zu viele Notizen zu dieser Organisation",
            "Too many notes about this organisation",
        ),
        DirectoryFaults: kind(
            422,
            "invalid-input",
            "Données refusées",
            "Gegevens geweigerd",
            "Daten abgelehnt",
            "Input refused",
        ),
        NoHl7Message: kind(
            400,
            "not-er7",
            "Ce n'est pas un message HL7 v2",
            "Dit is geen HL7 v2-bericht",
            "Das ist keine HL7-v2-Nachricht",
            "This is no HL7 v2 message",
        ),
        WrongMediaType: kind(
            415,
            "unsupported-media-type",
            "Type de contenu non pris en charge",
            "Inhoudstype niet ondersteund",
            "Inhaltstyp nicht unterstützt",
            "Unsupported media type",
        ),
        TableRefused: kind(
            422,
            "table-refused",
            "Fichier refusé",
            "Bestand geweigerd",
            "Datei abgelehnt",
            "The file cannot be taken",
        ),
        UnsupportedTable: UNSUPPORTED,
        UnknownMapping: kind(
            422,
            "unknown-mapping",
            "Grille de conversion inconnue",
            "Omzettingstabel onbekend",
            "Zuordnung unbekannt",
            "There is no mapping of this name",
        ),
        AlreadyReferred: kind(
            409,
            "already-referred",
            "Ce contact est déjà orienté vers cette organisation",
            "Dit contact is al naar deze organisatie verwezen",
            "Dieser Kontakt ist bereits an diese Organisation verwiesen",
            "This contact was oriented to this organisation already",
        ),
        AnsweredAlready: kind(
            409,
            "answered-already",
            "Cette question a déjà sa réponse",
            "Deze vraag is al beantwoord",
            "Diese Frage ist schon beantwortet",
            "This question has its answer already",
        ),
        OutgoingFaults: kind(
            422,
            "invalid-input",
            "Données refusées",
            "Gegevens geweigerd",
            "Daten abgelehnt",
            "Input refused",
        ),
        SearchRefused: kind(
            400,
            "search-refused",
            "Paramètre de recherche inconnu ou invalide",
            "Zoekparameter onbekend of ongeldig",
            "Suchparameter unbekannt oder ungültig",
            "Search parameter unknown or invalid",
        ),
        NumberInAddress: kind(
            400,
            "number-in-address",
            "Un numéro national n'a pas sa place dans une adresse : POST _search",
            "Een rijksregisternummer hoort niet in een adres: POST _search",
            "Eine Nationalregisternummer gehört nicht in eine Adresse: POST _search",
            "A national number has no place in an address: use POST _search",
        ),
        PatchRefused: kind(
            422,
            "patch-refused",
            "Modification refusée",
            "Wijziging geweigerd",
            "Änderung abgelehnt",
            "Patch refused",
        ),
        PatchTestFailed: kind(
            412,
            "patch-test-failed",
            "La ressource a changé entre-temps",
            "De resource is intussen gewijzigd",
            "Die Ressource hat sich inzwischen geändert",
            "The resource has changed meanwhile",
        ),
        WishRefused: kind(
            422,
            "task-refused",
            "Ce que demande la Task n'est pas possible ainsi",
            "Wat de Task vraagt, kan zo niet",
            "Was die Task verlangt, geht so nicht",
            "What the Task asks for cannot be done so",
        ),
        IssuerAway: kind(
            503,
            "issuer-unavailable",
            "Le service d'identité ne répond pas",
            "De identiteitsdienst antwoordt niet",
            "Der Identitätsdienst antwortet nicht",
            "The issuer of tokens does not answer",
        ),
        BadRequest: kind(
            400,
            "bad-request",
            "Cette requête n'est pas du FHIR que nous comprenons",
            "Dit verzoek is geen FHIR die wij begrijpen",
            "Diese Anfrage ist kein FHIR, das wir verstehen",
            "This request is no FHIR that we understand",
        ),
        RefusedResource: kind(
            422,
            "resource-refused",
            "La ressource enfreint une règle",
            "De resource breekt een regel",
            "Die Ressource verletzt eine Regel",
            "The resource breaks a rule",
        ),
        UnknownReference: kind(
            404,
            "unknown-reference",
            "Ressource inconnue",
            "Onbekende resource",
            "Unbekannte Ressource",
            "Unknown resource",
        ),
        TooManyEntries: kind(
            413,
            "too-many-entries",
            "Plus de 100 entrées",
            "Meer dan 100 entries",
            "Mehr als 100 Einträge",
            "More than 100 entries",
        ),
        SeveralMatches: kind(
            412,
            "several-matches",
            "Plusieurs ressources correspondent à la condition",
            "Meerdere resources voldoen aan de voorwaarde",
            "Mehrere Ressourcen erfüllen die Bedingung",
            "Several resources match the condition",
        ),
        SheetFaults: kind(
            422,
            "invalid-input",
            "Données refusées",
            "Gegevens geweigerd",
            "Daten abgelehnt",
            "Input refused",
        ),
    },
)
