"""What a report says in our four languages."""

from collections.abc import Mapping
from typing import Literal

from services.cases.domain import Dimension, ReportKind
from services.cases.formats.report.cells import AnyReport

Language = Literal["fr", "nl", "de", "en"]
Words = Mapping[Language, str]


def words(fr: str, nl: str, de: str, en: str) -> Words:
    """One meaning in the four languages."""
    return {"fr": fr, "nl": nl, "de": de, "en": en}


LABELS: Mapping[str, Words] = {
    "worker": words("Intervenant", "Medewerker", "Mitarbeiter", "Worker"),
    "case": words("Dossier", "Dossier", "Fall", "Case"),
    "complexity": words("Complexité", "Complexiteit", "Komplexität", "Complexity"),
    "organisation": words("Organisation", "Organisatie", "Organisation", "Organisation"),
    "commune": words("Commune (INS)", "Gemeente (NIS)", "Gemeinde (NIS)", "Municipality (NIS)"),
    "discipline": words("Discipline", "Discipline", "Fachrichtung", "Discipline"),
    "kind": words("Type d'activité", "Soort activiteit", "Art der Tätigkeit", "Kind of activity"),
    "source": words("Source visée", "Beoogde bron", "Angezielte Quelle", "Source aimed at"),
    "month": words("Mois", "Maand", "Monat", "Month"),
    "quarter": words("Trimestre", "Kwartaal", "Quartal", "Quarter"),
    "year": words("Année", "Jaar", "Jahr", "Year"),
    "activities": words("Activités", "Activiteiten", "Tätigkeiten", "Activities"),
    "direct_minutes": words("Temps direct (min)", "Directe tijd (min)", "Direkte Zeit (Min.)", "Direct time (min)"),
    "travel_minutes": words("Déplacement (min)", "Reistijd (min)", "Fahrzeit (Min.)", "Travel time (min)"),
    "total_minutes": words("Temps total (min)", "Totale tijd (min)", "Gesamtzeit (Min.)", "Total time (min)"),
    "km": words("Km", "Km", "Km", "Km"),
    "participants": words("Participants", "Deelnemers", "Teilnehmer", "Participants"),
    "home_visits": words("Visites à domicile", "Huisbezoeken", "Hausbesuche", "Home visits"),
    "visits_missed": words("Visites manquées", "Gemiste bezoeken", "Verpasste Besuche", "Missed visits"),
    "visits_cancelled": words("Visites annulées", "Geannuleerde bezoeken", "Abgesagte Besuche", "Cancelled visits"),
    "accompaniments": words("Accompagnements", "Begeleidingen", "Begleitungen", "Accompaniments"),
    "continuity": words("Continuité", "Continuïteit", "Kontinuität", "Continuity"),
    "amount": words("Montant (€)", "Bedrag (€)", "Betrag (€)", "Amount (€)"),
    "without_rate": words("Sans tarif", "Zonder tarief", "Ohne Tarif", "Without rate"),
    "at_example_rates": words("Au tarif d'exemple", "Aan voorbeeldtarief", "Zum Beispieltarif", "At example rates"),
    "total": words("Total", "Totaal", "Gesamt", "Total"),
    "unknown": words("inconnu", "onbekend", "unbekannt", "unknown"),
    "none": words("sans dossier", "zonder dossier", "ohne Fall", "no case"),
    "home-visit": words("visite à domicile", "huisbezoek", "Hausbesuch", "home visit"),
    "phone": words("téléphone", "telefoon", "Telefon", "phone"),
    "e-mail": words("courriel", "e-mail", "E-Mail", "e-mail"),
    "accompaniment": words("accompagnement", "begeleiding", "Begleitung", "accompaniment"),
    "network-meeting": words("réunion de réseau", "netwerkoverleg", "Netzwerktreffen", "network meeting"),
    "administration": words("administration", "administratie", "Verwaltung", "administration"),
    "training": words("formation", "opleiding", "Weiterbildung", "training"),
    "outreach": words("sensibilisation", "outreach", "Öffentlichkeitsarbeit", "outreach"),
    "other": words("autre", "andere", "andere", "other"),
    "nurse": words("infirmier", "verpleegkundige", "Krankenpflege", "nurse"),
    "social-worker": words("travailleur social", "maatschappelijk werker", "Sozialarbeit", "social worker"),
    "high": words("élevée", "hoog", "hoch", "high"),
    "medium": words("moyenne", "gemiddeld", "mittel", "medium"),
    "low": words("faible", "laag", "niedrig", "low"),
    "hospital": words("hôpital", "ziekenhuis", "Krankenhaus", "hospital"),
    "general-practice": words("médecine générale", "huisartsenpraktijk", "Hausarztpraxis", "general practice"),
    "home-care": words("soins à domicile", "thuiszorg", "häusliche Pflege", "home care"),
    "social-service": words("service social", "sociale dienst", "Sozialdienst", "social service"),
    "association": words("association", "vereniging", "Verein", "association"),
    "municipality": words("commune", "gemeente", "Gemeinde", "municipality"),
    "population": words("population", "bevolking", "Bevölkerung", "population"),
}
TITLES: Mapping[ReportKind, Words] = {
    ReportKind.ACTIVITY: words("Rapport d'activité", "Activiteitenverslag", "Tätigkeitsbericht", "Activity report"),
    ReportKind.FUNDING: words(
        "Rapport de financement", "Financieringsverslag", "Finanzierungsbericht", "Funding report"
    ),
}
HEADINGS: Words = words(
    "Du {first} au {last}", "Van {first} tot en met {last}", "Vom {first} bis zum {last}", "From {first} to {last}"
)
EXAMPLES: Words = words(
    "{count} lignes au tarif d'exemple : ces montants ne servent pas à la comptabilité.",
    "{count} regels aan voorbeeldtarief: deze bedragen dienen niet voor de boekhouding.",
    "{count} Zeilen zum Beispieltarif: diese Beträge taugen nicht zur Abrechnung.",
    "{count} lines at example rates: these amounts are not for accounting.",
)
UNPRICED: Words = words(
    "{count} lignes sans tarif comptent pour 0.",
    "{count} regels zonder tarief tellen voor 0.",
    "{count} Zeilen ohne Tarif zählen mit 0.",
    "{count} lines without a rate count for 0.",
)
CODED = frozenset({Dimension.KIND, Dimension.DISCIPLINE, Dimension.COMPLEXITY, Dimension.SOURCE})


def label(name: str, language: Language) -> str:
    """The name of a column."""
    return LABELS[name][language]


def key_label(dimension: Dimension, key: str, language: Language) -> str:
    """A key of a group: codes in words, all else as it is."""
    is_code = dimension in CODED or key == "unknown" or (dimension is Dimension.CASE and key == "none")
    return LABELS[key][language] if is_code and key in LABELS else key


def title_of(report: AnyReport, language: Language) -> str:
    """The report's title."""
    return TITLES[report.report][language]


def heading_of(report: AnyReport, language: Language) -> str:
    """The days that it is about, and whose work."""
    days = HEADINGS[language].format(first=report.first.isoformat(), last=report.last.isoformat())
    return " · ".join(part for part in (days, report.organisation, report.worker) if part)


def notes_of(report: AnyReport, language: Language) -> list[str]:
    """What a reader must know of the amounts."""
    counts = {"at_example_rates": EXAMPLES, "without_rate": UNPRICED}
    found = {name: getattr(report.totals, name, 0) for name in counts}
    return [counts[name][language].format(count=count) for name, count in found.items() if count]
