"""What the codes of a referral mean, in the four languages of the region: for screens, answers and code systems."""

from collections.abc import Mapping
from dataclasses import dataclass

from services.referrals.domain.states import Actor, State
from services.referrals.events import CancellationCode, RefusalReason


@dataclass(frozen=True)
class Label:
    """One meaning in French, Dutch, German and English."""

    fr: str
    nl: str
    de: str
    en: str

    def in_language(self, language: str) -> str:
        """The text in one of the four; another language gets English."""
        return {"fr": self.fr, "nl": self.nl, "de": self.de}.get(language, self.en)


STATES: Mapping[State, Label] = {
    State.RECEIVED: Label("reçue", "ontvangen", "eingegangen", "received"),
    State.IN_TRIAGE: Label("à l'examen", "in beoordeling", "in Prüfung", "in triage"),
    State.INFORMATION_REQUESTED: Label(
        "information demandée", "informatie gevraagd", "Auskunft erbeten", "information requested"
    ),
    State.WAITING_LIST: Label("sur liste d'attente", "op de wachtlijst", "auf der Warteliste", "on the waiting list"),
    State.ACCEPTED: Label("acceptée", "aanvaard", "angenommen", "accepted"),
    State.REFUSED: Label("refusée", "geweigerd", "abgelehnt", "refused"),
    State.REDIRECTED: Label("réorientée", "doorverwezen", "weitergeleitet", "redirected"),
    State.CASE_OPENED: Label("dossier ouvert", "dossier geopend", "Fall eröffnet", "case opened"),
    State.FIRST_CONTACT: Label("premier contact pris", "eerste contact gelegd", "erster Kontakt", "first contact made"),
    State.HOME_VISIT_DONE: Label(
        "visite à domicile faite", "huisbezoek afgelegd", "Hausbesuch erfolgt", "home visit done"
    ),
    State.CARE_PLAN_SHARED: Label(
        "plan d'accompagnement partagé", "zorgplan gedeeld", "Versorgungsplan geteilt", "care plan shared"
    ),
    State.PAUSED: Label("suspendue", "gepauzeerd", "unterbrochen", "paused"),
    State.CLOSED: Label("clôturée", "afgesloten", "abgeschlossen", "closed"),
    State.NOT_ACHIEVED: Label("non aboutie", "niet bereikt", "nicht erreicht", "not achieved"),
    State.CANCELLED: Label("annulée", "geannuleerd", "storniert", "cancelled"),
    State.VOIDED: Label("saisie par erreur", "foutief ingevoerd", "irrtümlich erfasst", "entered in error"),
}

REFUSALS: Mapping[RefusalReason, Label] = {
    RefusalReason.AT_CAPACITY: Label("plus de place", "volzet", "keine freien Plätze", "at capacity"),
    RefusalReason.OUTSIDE_AREA: Label(
        "hors de la zone desservie", "buiten het werkgebied", "außerhalb des Gebiets", "outside the area served"
    ),
    RefusalReason.OUTSIDE_MISSION: Label(
        "hors mission", "buiten de opdracht", "außerhalb des Auftrags", "outside the mission"
    ),
    RefusalReason.EXISTING_CASE_MANAGER: Label(
        "déjà suivie par un case manager",
        "heeft al een casemanager",
        "hat bereits einen Fallmanager",
        "already has a case manager",
    ),
    RefusalReason.PATIENT_REFUSED: Label(
        "refus de la personne", "persoon weigert", "Person lehnt ab", "the person refused"
    ),
    RefusalReason.NO_CONSENT: Label(
        "pas de consentement", "geen toestemming", "keine Einwilligung", "no consent to the transfer"
    ),
    RefusalReason.INSUFFICIENT_INFORMATION: Label(
        "information insuffisante", "onvoldoende informatie", "unzureichende Angaben", "insufficient information"
    ),
    RefusalReason.DUPLICATE: Label("en double", "dubbel", "doppelt", "duplicate"),
}

CANCELLATIONS: Mapping[CancellationCode, Label] = {
    CancellationCode.BY_SENDER: Label(
        "retirée par l'envoyeur", "ingetrokken door de verwijzer", "vom Absender zurückgezogen", "taken back by sender"
    ),
    CancellationCode.GRANTED: Label(
        "annulation accordée", "annulering toegestaan", "Stornierung gewährt", "cancellation granted"
    ),
    CancellationCode.ENTERED_IN_ERROR: STATES[State.VOIDED],
}

COURSE: Mapping[str, Label] = {
    "cancellation-requested": Label(
        "annulation demandée", "annulering gevraagd", "Stornierung erbeten", "cancellation requested"
    ),
    "recall-requested": Label("rappel demandé", "terugroeping gevraagd", "Rückruf erbeten", "recall requested"),
    "readmitted": Label("réhospitalisée", "heropgenomen", "wieder aufgenommen", "readmitted"),
    "unreachable": Label("injoignable", "onbereikbaar", "nicht erreichbar", "unreachable"),
    "patient-request": Label(
        "à la demande de la personne", "op vraag van de persoon", "auf Wunsch der Person", "at the person's request"
    ),
    "deceased": Label("décédée", "overleden", "verstorben", "deceased"),
    "moved": Label("déménagée", "verhuisd", "verzogen", "moved away"),
    "patient-withdrew": Label(
        "retrait de la personne", "persoon trekt zich terug", "Person zieht sich zurück", "the person withdrew"
    ),
}
"""Reasons that the case gives for a pause or an end, and the flag of a sender's wish to cancel."""

ACTORS: Mapping[Actor, Label] = {
    Actor.SENDER: Label("envoyeur", "verwijzer", "Absender", "sender"),
    Actor.LINE_NURSE: Label(
        "infirmier de la ligne", "verpleegkundige van de lijn", "Pflegekraft der Linie", "line nurse"
    ),
    Actor.COORDINATOR: Label("coordinateur", "coördinator", "Koordinator", "coordinator"),
    Actor.SYSTEM: Label("système", "systeem", "System", "system"),
}

FINE_STEPS: Mapping[str, Label] = {
    **{state.value: label for state, label in STATES.items()},
    **{reason.value: label for reason, label in REFUSALS.items()},
    **{code.value: label for code, label in CANCELLATIONS.items() if code is not CancellationCode.ENTERED_IN_ERROR},
    **COURSE,
}
"""Every code that a referral's fine step (FHIR `Task.businessStatus`) can have."""
