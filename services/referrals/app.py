"""The referrals service as a value."""

from pathlib import Path

from services.referrals.api import router
from services.referrals.domain import IdentifierReused, IllegalMove, MissingConsent, NotYourMove, SheetFaults
from services.referrals.events import PUBLISHED
from services.referrals.handlers import handlers
from services.referrals.settings import Settings
from services.referrals.store import Table, UnknownOrganisation
from shared.problems import kind
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
    errors={
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
