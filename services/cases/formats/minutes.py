"""The minutes of a weekly meeting as one printable page that needs nothing from outside and runs nothing."""

import base64
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from services.cases.domain.meeting import Meeting
from services.cases.domain.meeting_codes import OUTCOMES, REASONS
from services.cases.domain.meeting_line import MeetingLine
from shared.clock import BRUSSELS

FOLDER = Path(__file__).resolve().parent.parent / "templates"
STYLE = (FOLDER / "minutes.css").read_text(encoding="utf-8")

_environment = Environment(
    loader=FileSystemLoader(FOLDER), autoescape=True, undefined=StrictUndefined, auto_reload=False
)
_template = _environment.get_template("minutes.html")


class MinutesLanguage(StrEnum):
    """The languages that minutes are printed in (ISO 639-1)."""

    FRENCH = "fr"
    DUTCH = "nl"
    GERMAN = "de"
    ENGLISH = "en"


WORDS: Mapping[str, tuple[str, str, str, str]] = {
    "title": ("Réunion hebdomadaire", "Wekelijkse vergadering", "Wöchentliche Sitzung", "Weekly meeting"),
    "attendees": ("Présents", "Aanwezig", "Anwesend", "Present"),
    "not_quorate": (
        "Quorum non atteint",
        "Quorum niet bereikt",
        "Nicht beschlussfähig",
        "Quorum not reached",
    ),
    "signed": ("Signé par", "Getekend door", "Unterzeichnet von", "Signed by"),
    "position": ("N°", "Nr.", "Nr.", "No."),
    "reason": ("Motif", "Reden", "Grund", "Reason"),
    "case": ("Dossier", "Dossier", "Fall", "Case"),
    "worker": ("Intervenant", "Begeleider", "Begleitperson", "Worker"),
    "since": ("Depuis", "Sinds", "Seit", "Since"),
    "decision": ("Décision", "Beslissing", "Beschluss", "Decision"),
    "tasks": ("Tâches", "Taken", "Aufgaben", "Tasks"),
    "waits": ("Reporté", "Verdaagd", "Vertagt", "Carried over"),
    "answered": ("Répondu entre-temps", "Intussen beantwoord", "Inzwischen beantwortet", "Answered meanwhile"),
    "nothing": ("Aucun point", "Geen punten", "Keine Punkte", "No lines"),
}


def policy() -> str:
    """The Content-Security-Policy of the page: its own style by hash, and nothing else at all."""
    digest = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )


def minutes_page(meeting: Meeting, lines: Sequence[MeetingLine], language: MinutesLanguage) -> str:
    """The page; every text is escaped. It names cases by id and people of the team by subject, never the person."""
    words = {name: texts[list(MinutesLanguage).index(language)] for name, texts in WORDS.items()}
    return _template.render(
        language=language.value,
        words=words,
        style=STYLE,
        meeting=meeting,
        on=written(meeting.on),
        signed=moment(meeting.held_at),
        lines=list(rows(lines, language, words)),
    )


def rows(
    lines: Sequence[MeetingLine], language: MinutesLanguage, words: Mapping[str, str]
) -> Iterator[dict[str, object]]:
    """What the table says of each line."""
    for line in lines:
        decided = getattr(OUTCOMES[line.outcome], language) if line.outcome else ""
        waits = words["waits"] if line.rolls_over else "" if line.outcome else words["answered"]
        yield {
            "position": line.position,
            "reason": getattr(REASONS[line.reason], language),
            "case": line.case_id,
            "worker": line.worker or "–",
            "since": written(line.since),
            "rolled_over": line.rolled_over,
            "decision": decided,
            "waits": waits,
            "texts": [text for text in (line.text, line.summary) if text],
            "orders": [f"{each.title} ({each.assignee}, {written(each.due_on)})" for each in line.orders],
        }


def written(day: date) -> str:
    """A day as it is written in Belgium."""
    return day.strftime("%d/%m/%Y")


def moment(at: datetime | None) -> str:
    """A moment in local time; empty where there is none."""
    return at.astimezone(BRUSSELS).strftime("%d/%m/%Y %H:%M") if at else ""
