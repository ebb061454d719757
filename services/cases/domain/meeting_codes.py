"""The codes of the weekly meeting in the four languages of the region: reasons, outcomes, states."""

from collections.abc import Mapping
from enum import StrEnum

from services.cases.domain.agenda import Reason
from services.cases.domain.labels import Label
from services.cases.events.meeting import LineOutcome


class MeetingState(StrEnum):
    """Where one meeting stands. Its agenda is frozen when it opens, its minutes when it has been held."""

    PLANNED = "planned"
    OPEN = "open"
    HELD = "held"
    CANCELLED = "cancelled"


SETTLING = frozenset({LineOutcome.TASK, LineOutcome.NO_ACTION})
"""Outcomes that answer a line. A proposal or a watch comes back at the next meeting until a fact answers it."""

WORDLESS = frozenset({LineOutcome.TASK, LineOutcome.KEEP_WATCHING})
"""Outcomes that need no text: the task says what is to be done, and a watch changes nothing."""


class MemberRole(StrEnum):
    """In what capacity somebody takes part."""

    CHAIR = "chair"
    CASE_MANAGER = "case-manager"
    LINE_NURSE = "line-nurse"
    COORDINATOR = "coordinator"
    PHYSICIAN = "physician"
    GUEST = "guest"


class About(StrEnum):
    """What kind of thing a line is about, or was raised by."""

    CASE = "case"
    TASK = "task"
    FOLLOW_UP = "follow-up"
    REFERRAL = "referral"
    OUTGOING = "outgoing-referral"
    HELP_REQUEST = "help-request"
    TRANSFER = "transfer"
    TOPIC = "topic"
    CONTACT = "contact"


SUBJECTS: Mapping[Reason, About] = {
    Reason.PERSON_DECEASED: About.CASE,
    Reason.DEATH_WITHDRAWN: About.CASE,
    Reason.CONSENT_WITHDRAWN: About.CASE,
    Reason.PERSON_UNREACHABLE: About.CASE,
    Reason.ITEM_LOST: About.TASK,
    Reason.RELAY_REPEATED: About.CASE,
    Reason.HELP_REQUESTED: About.HELP_REQUEST,
    Reason.FOLLOW_UP_MISSED: About.FOLLOW_UP,
    Reason.STEP_OVERDUE: About.CASE,
    Reason.TASK_OVERDUE: About.TASK,
    Reason.REFERRAL_REFUSED: About.OUTGOING,
    Reason.TOPIC_REPEATED: About.TOPIC,
    Reason.CANCELLATION_REQUESTED: About.REFERRAL,
    Reason.REFERRAL_CANCELLED: About.REFERRAL,
    Reason.RELAY_WITHDRAWN: About.CONTACT,
    Reason.CASELOAD_OVER_CAP: About.CASE,
    Reason.TRANSFER_WAITING: About.TRANSFER,
    Reason.SAME_PERSON: About.CASE,
    Reason.REQUEST_NEW: About.CASE,
    Reason.FOLLOW_UP_DUE: About.FOLLOW_UP,
}
"""What the `subject_id` of a line names."""

RAISED_BY_CALL = frozenset({Reason.PERSON_UNREACHABLE, Reason.ITEM_LOST})
"""Reasons whose `source_id` is the follow-up that found it."""


REASONS: Mapping[Reason, Label] = {
    Reason.PERSON_DECEASED: Label(
        fr="Personne décédée", nl="Persoon overleden", de="Person verstorben", en="Person deceased"
    ),
    Reason.DEATH_WITHDRAWN: Label(
        fr="Décès annoncé par erreur",
        nl="Overlijden ten onrechte gemeld",
        de="Todesfall irrtümlich gemeldet",
        en="Death told by mistake",
    ),
    Reason.CONSENT_WITHDRAWN: Label(
        fr="Plus d'accord pour la gestion de cas",
        nl="Geen toestemming meer voor casemanagement",
        de="Keine Einwilligung mehr in das Case-Management",
        en="No more consent to case management",
    ),
    Reason.PERSON_UNREACHABLE: Label(
        fr="Personne injoignable", nl="Persoon onbereikbaar", de="Person nicht erreichbar", en="Person unreachable"
    ),
    Reason.ITEM_LOST: Label(
        fr="Élément du plan perdu",
        nl="Onderdeel van het plan verloren",
        de="Teil des Plans verloren",
        en="Plan item lost",
    ),
    Reason.RELAY_REPEATED: Label(
        fr="La ligne redemande", nl="De lijn vraagt opnieuw", de="Die Linie fragt erneut", en="The line asks again"
    ),
    Reason.HELP_REQUESTED: Label(fr="Aide demandée", nl="Hulp gevraagd", de="Hilfe erbeten", en="Help requested"),
    Reason.FOLLOW_UP_MISSED: Label(
        fr="Appel de suivi manqué", nl="Opvolggesprek gemist", de="Nachfrage verpasst", en="Follow-up missed"
    ),
    Reason.STEP_OVERDUE: Label(
        fr="Prochaine étape en retard",
        nl="Volgende stap te laat",
        de="Nächster Schritt überfällig",
        en="Next step overdue",
    ),
    Reason.TASK_OVERDUE: Label(fr="Tâche en retard", nl="Taak te laat", de="Aufgabe überfällig", en="Task overdue"),
    Reason.REFERRAL_REFUSED: Label(
        fr="Orientation refusée ou sans réponse",
        nl="Verwijzing geweigerd of onbeantwoord",
        de="Überweisung abgelehnt oder unbeantwortet",
        en="Referral refused or unanswered",
    ),
    Reason.TOPIC_REPEATED: Label(
        fr="Thème répété", nl="Terugkerend thema", de="Wiederkehrendes Thema", en="Repeated topic"
    ),
    Reason.CANCELLATION_REQUESTED: Label(
        fr="Annulation demandée", nl="Annulering gevraagd", de="Stornierung erbeten", en="Cancellation requested"
    ),
    Reason.REFERRAL_CANCELLED: Label(
        fr="Demande annulée", nl="Aanmelding geannuleerd", de="Anmeldung storniert", en="Referral cancelled"
    ),
    Reason.RELAY_WITHDRAWN: Label(
        fr="Relais retiré : autre personne",
        nl="Doorverwijzing ingetrokken: andere persoon",
        de="Weiterleitung zurückgezogen: andere Person",
        en="Relay withdrawn: another person",
    ),
    Reason.CASELOAD_OVER_CAP: Label(
        fr="Charge au-delà du plafond",
        nl="Werklast boven het maximum",
        de="Fallzahl über der Grenze",
        en="Caseload over the cap",
    ),
    Reason.TRANSFER_WAITING: Label(
        fr="Transfert en attente", nl="Overdracht in afwachting", de="Übergabe wartet", en="Transfer waiting"
    ),
    Reason.SAME_PERSON: Label(
        fr="Deux dossiers, une personne",
        nl="Twee dossiers, één persoon",
        de="Zwei Fälle, eine Person",
        en="Two cases, one person",
    ),
    Reason.REQUEST_NEW: Label(fr="Nouvelle demande", nl="Nieuwe aanvraag", de="Neue Anfrage", en="New request"),
    Reason.FOLLOW_UP_DUE: Label(
        fr="Appel de suivi à faire", nl="Opvolggesprek te doen", de="Nachfrage fällig", en="Follow-up due"
    ),
}

OUTCOMES: Mapping[LineOutcome, Label] = {
    LineOutcome.TASK: Label(fr="Tâche", nl="Taak", de="Aufgabe", en="Task"),
    LineOutcome.REOPEN_PROPOSED: Label(
        fr="Réouverture proposée",
        nl="Heropening voorgesteld",
        de="Wiederaufnahme vorgeschlagen",
        en="Reopening proposed",
    ),
    LineOutcome.NEW_REFERRAL: Label(
        fr="Nouvelle orientation", nl="Nieuwe verwijzing", de="Neue Überweisung", en="New referral"
    ),
    LineOutcome.CLOSE_PROPOSED: Label(
        fr="Clôture proposée", nl="Afsluiting voorgesteld", de="Abschluss vorgeschlagen", en="Closing proposed"
    ),
    LineOutcome.KEEP_WATCHING: Label(fr="À suivre", nl="Op te volgen", de="Weiter beobachten", en="Keep watching"),
    LineOutcome.NO_ACTION: Label(fr="Aucune action", nl="Geen actie", de="Keine Maßnahme", en="No action"),
}
