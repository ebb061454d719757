"""The codes of what we tell: kinds of outputs, scores, messages, disciplines, reasons of an ending."""

from collections.abc import Mapping

from services.referrals.domain.labels import COURSE, Label
from services.referrals.formats.fhir import codes
from services.referrals.formats.fhir.codes import HL7, PUBLISHED_CODES, PublishedCodes, system
from services.referrals.formats.fhir.outside import Resource, concept

TASK_KIND = system("task-kind")
TASK_OUTPUT = system("task-output")
SCORE = system("score")
MESSAGE_KIND = system("message-kind")
DISCIPLINE = system("discipline")
CLOSING_REASON = system("closing-reason")
PLAN_VERSION = f"{codes.CANONICAL}/NamingSystem/plan-version"
HOSPITAL_NUMBER = f"{codes.CANONICAL}/NamingSystem/hospital-number"
UUIDS = "urn:ietf:rfc:3986"
LANGUAGES = "urn:ietf:bcp:47"

FULFILL: Resource = concept(codes.TASK_CODE, "fulfill")
SURVEY: Resource = concept(f"{HL7}/observation-category", "survey")
NOT_PERFORMED: Resource = concept(f"{HL7}/data-absent-reason", "not-performed")
UNKNOWN: Resource = concept(f"{HL7}/data-absent-reason", "unknown")
PRIVACY: Resource = concept(codes.CONSENT_SCOPE, "patient-privacy")
DISCLOSURE: Resource = concept(codes.ACT_CODE, "IDSCL")
OPT_IN: Resource = concept(codes.ACT_CODE, "OPTIN")
INPATIENT: Resource = {"system": codes.ACT_CODE, "code": "IMP"}
UNPLANNED: Resource = concept(codes.ACT_PRIORITY, "EM")
PLANNED: Resource = concept(codes.ACT_PRIORITY, "EL")

OUTPUTS = {
    "episode-of-care": Label("suivi", "zorgepisode", "Betreuung", "episode of care"),
    "care-plan": Label("plan d'accompagnement", "zorgplan", "Versorgungsplan", "care plan"),
    "care-team": Label("équipe", "zorgteam", "Team", "care team"),
    "closing-reason": Label("raison de la clôture", "reden van afsluiting", "Abschlussgrund", "reason of the ending"),
    "closed-on": Label("clôturé le", "afgesloten op", "abgeschlossen am", "closed on"),
    "follow-up": Label("appel de suivi", "opvolggesprek", "Nachgespräch", "follow-up call"),
    "followed-up-at": Label("suivi le", "opgevolgd op", "nachgefragt am", "followed up at"),
    "score": Label("score", "score", "Punktwert", "score"),
    "redirected-to": Label("réorientée vers", "doorverwezen naar", "weitergeleitet an", "redirected to"),
    "question": Label("question", "vraag", "Frage", "question"),
    "answer": Label("réponse", "antwoord", "Antwort", "answer"),
}
KINDS = {"information-request": Label("demande d'information", "vraag om informatie", "Anfrage", "information request")}
MESSAGES = {
    "question": OUTPUTS["question"],
    "answer": OUTPUTS["answer"],
    "message": Label("message", "bericht", "Nachricht", "message"),
    "follow-up": OUTPUTS["follow-up"],
}
DISCIPLINES = {
    "nurse": Label("infirmier", "verpleegkundige", "Pflegefachkraft", "nurse"),
    "social-worker": Label("assistant social", "maatschappelijk werker", "Sozialarbeiter", "social worker"),
}
ENDINGS = {
    "goals-reached": Label("objectifs atteints", "doelen bereikt", "Ziele erreicht", "goals reached"),
    "handed-over": Label("relais passé", "overgedragen", "übergeben", "handed over"),
    "other": Label("autre", "andere", "andere", "other"),
    **{code: COURSE[code] for code in ("moved", "deceased", "patient-withdrew", "unreachable")},
}
SCALES = {
    "difficulty": Label("difficulté", "moeilijkheid", "Schwierigkeit", "difficulty"),
    "need": Label("besoin d'aide", "hulpbehoefte", "Hilfebedarf", "need of help"),
}
GROUPS = {
    "total": Label("total", "totaal", "gesamt", "total"),
    "living-conditions": Label("conditions de vie", "levensomstandigheden", "Lebensumstände", "living conditions"),
    "daily-pragmatics": Label("vie quotidienne", "dagelijks leven", "Alltag", "daily pragmatics"),
    "relationships": Label("relations", "relaties", "Beziehungen", "relationships"),
    "health": Label("santé", "gezondheid", "Gesundheit", "health"),
}
COUNTS = {
    "max": Label("maximum", "maximum", "Höchstwert", "maximum"),
    "answered-n": Label("cartes répondues", "beantwoorde kaarten", "beantwortete Karten", "cards answered"),
    "expected-n": Label("cartes attendues", "verwachte kaarten", "erwartete Karten", "cards expected"),
    "flagged-n": Label("cartes retenues", "aangeduide kaarten", "genannte Karten", "cards flagged"),
    "sum-lower": Label("somme au moins", "som minstens", "Summe mindestens", "sum at least"),
    "sum-upper": Label("somme au plus", "som hoogstens", "Summe höchstens", "sum at most"),
}


def joined(scale: Label, group: Label) -> Label:
    """The label of one score."""
    pairs = zip((scale.fr, scale.nl, scale.de, scale.en), (group.fr, group.nl, group.de, group.en), strict=True)
    return Label(*(f"{one}, {other}" for one, other in pairs))


SCORES = {
    **{f"{scale}-{group}": joined(SCALES[scale], GROUPS[group]) for scale in SCALES for group in GROUPS},
    **COUNTS,
}

ALL_CODES: Mapping[str, PublishedCodes] = {
    **PUBLISHED_CODES,
    **{
        each.id: each
        for each in (
            PublishedCodes("task-kind", "What a Task of ours asks for", KINDS),
            PublishedCodes("task-output", "What an input or output of a Task is", OUTPUTS),
            PublishedCodes("score", "Computed scores", SCORES),
            PublishedCodes("message-kind", "What a message is for", MESSAGES),
            PublishedCodes("closing-reason", "Why the case ended", ENDINGS),
            PublishedCodes("discipline", "Discipline of who is responsible", DISCIPLINES),
        )
    },
}
"""Every code system of ours, by id."""
