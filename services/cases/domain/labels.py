"""What the codes of a case's life mean, in the four languages of the region."""

from collections.abc import Mapping

from services.cases.domain.states import Move, Phase, State
from services.cases.domain.transfer import TransferReason
from services.cases.domain.words import Line, Part
from services.cases.events import ClosingReason, DeclineReason, PauseReason


class Label(Part):
    """One meaning in French, Dutch, German and English."""

    fr: Line
    nl: Line
    de: Line
    en: Line


def label(fr: str, nl: str, de: str, en: str) -> Label:
    """A meaning as it is written in the tables below."""
    return Label(fr=fr, nl=nl, de=de, en=en)


STATES: Mapping[State, Label] = {
    State.REQUESTED: label("demandé", "aangevraagd", "angefragt", "requested"),
    State.WAITING: label("en attente d'un intervenant", "wacht op een begeleider", "wartet", "waiting for a worker"),
    State.OPEN: label("ouvert", "geopend", "eröffnet", "open"),
    State.IN_CARE: label("suivi en cours", "in begeleiding", "in Begleitung", "in care"),
    State.PAUSED: label("suspendu", "gepauzeerd", "unterbrochen", "paused"),
    State.CLOSED: label("clôturé", "afgesloten", "abgeschlossen", "closed"),
    State.DECLINED: label("non retenu", "niet weerhouden", "nicht übernommen", "declined"),
}

PHASES: Mapping[Phase, Label] = {
    Phase.PLAN: label("planifier", "plannen", "planen", "plan"),
    Phase.COORDINATE: label("coordonner", "coördineren", "koordinieren", "coordinate"),
    Phase.FOLLOW: label("suivre", "opvolgen", "begleiten", "follow"),
    Phase.EVALUATE: label("évaluer", "evalueren", "auswerten", "evaluate"),
}

MOVES: Mapping[Move, Label] = {
    Move.WAITING_LIST: label("mettre en attente", "op de wachtlijst zetten", "auf die Warteliste setzen", "let wait"),
    Move.DECLINE: label("ne pas retenir", "niet weerhouden", "nicht übernehmen", "decline"),
    Move.ASSIGNMENT: label("attribuer", "toewijzen", "zuweisen", "assign"),
    Move.CARE_START: label("première visite faite", "eerste bezoek afgelegd", "erster Besuch erfolgt", "start care"),
    Move.PAUSE: label("suspendre", "pauzeren", "unterbrechen", "pause"),
    Move.RESUMPTION: label("reprendre", "hervatten", "wieder aufnehmen", "resume"),
    Move.CLOSURE: label("clôturer", "afsluiten", "abschließen", "close"),
    Move.REOPENING: label("rouvrir", "heropenen", "wieder eröffnen", "reopen"),
}

PAUSES: Mapping[PauseReason, Label] = {
    PauseReason.READMITTED: label("réhospitalisé", "opnieuw opgenomen", "wieder im Krankenhaus", "back in hospital"),
    PauseReason.UNREACHABLE: label("injoignable", "onbereikbaar", "nicht erreichbar", "cannot be reached"),
    PauseReason.PATIENT_REQUEST: label(
        "à la demande de la personne", "op vraag van de persoon", "auf Wunsch der Person", "the person asked for it"
    ),
}

CLOSINGS: Mapping[ClosingReason, Label] = {
    ClosingReason.GOALS_REACHED: label("objectifs atteints", "doelen bereikt", "Ziele erreicht", "goals reached"),
    ClosingReason.MOVED: label("déménagé", "verhuisd", "umgezogen", "moved away"),
    ClosingReason.DECEASED: label("décédé", "overleden", "verstorben", "deceased"),
    ClosingReason.PATIENT_WITHDREW: label(
        "la personne arrête", "de persoon stopt", "die Person hört auf", "the person withdrew"
    ),
    ClosingReason.UNREACHABLE: label("injoignable", "onbereikbaar", "nicht erreichbar", "cannot be reached"),
    ClosingReason.HANDED_OVER: label(
        "repris par un autre service", "overgenomen door een andere dienst", "an einen anderen Dienst", "handed over"
    ),
    ClosingReason.OTHER: label("autre", "andere", "anderes", "other"),
}

DECLINES: Mapping[DeclineReason, Label] = {
    DeclineReason.NOT_COMPLEX: label(
        "situation pas assez complexe", "situatie niet complex genoeg", "Lage nicht komplex genug", "not complex enough"
    ),
    DeclineReason.OUTSIDE_AREA: label(
        "hors de la zone desservie", "buiten het werkgebied", "außerhalb des Gebiets", "outside the area served"
    ),
    DeclineReason.FOLLOWED_ELSEWHERE: label(
        "suivi ailleurs", "elders opgevolgd", "anderswo begleitet", "followed elsewhere"
    ),
    DeclineReason.PERSON_DECLINES: label(
        "la personne refuse", "de persoon weigert", "die Person lehnt ab", "the person declines"
    ),
    DeclineReason.AT_CAPACITY: label("plus de place", "volzet", "keine freien Plätze", "at capacity"),
    DeclineReason.REQUEST_WITHDRAWN: label(
        "demande retirée", "aanvraag ingetrokken", "Anfrage zurückgezogen", "request withdrawn"
    ),
    DeclineReason.DECEASED: label("décédé", "overleden", "verstorben", "deceased"),
    DeclineReason.OTHER: label("autre", "andere", "anderes", "other"),
}

TRANSFERS: Mapping[TransferReason, Label] = {
    TransferReason.WORKER_LEAVES: label(
        "l'intervenant part", "de begeleider vertrekt", "die Begleitperson geht", "the worker leaves"
    ),
    TransferReason.LONG_ABSENCE: label("longue absence", "lange afwezigheid", "lange Abwesenheit", "long absence"),
    TransferReason.WORKLOAD: label("charge de travail", "werklast", "Arbeitslast", "workload"),
    TransferReason.DISCIPLINE: label(
        "autre profil nécessaire", "ander profiel nodig", "anderes Profil nötig", "another discipline is needed"
    ),
    TransferReason.PERSON_MOVED: label(
        "la personne a déménagé", "de persoon is verhuisd", "die Person ist umgezogen", "the person moved"
    ),
    TransferReason.PERSON_ASKED: label(
        "à la demande de la personne", "op vraag van de persoon", "auf Wunsch der Person", "the person asked for it"
    ),
    TransferReason.KNOWS_THE_PERSON: label(
        "connaît déjà la personne", "kent de persoon al", "kennt die Person bereits", "knows the person already"
    ),
    TransferReason.OUTSIDE_MISSION: label(
        "hors mission", "buiten de opdracht", "außerhalb des Auftrags", "outside the mission"
    ),
    TransferReason.OTHER: label("autre", "andere", "anderes", "other"),
}
