"""The copy of all that is held of a person as one page that needs nothing from outside and runs nothing."""

import base64
import hashlib
import re
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from services.intake.formats.export import ExportDocument, texts
from shared.clock import BRUSSELS
from shared.rights.holdings import MASKED

FOLDER = Path(__file__).resolve().parent.parent / "templates"
STYLE = (FOLDER / "export.css").read_text(encoding="utf-8")
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d")

_environment = Environment(
    loader=FileSystemLoader(FOLDER), autoescape=True, undefined=StrictUndefined, auto_reload=False
)
_template = _environment.get_template("export.html")


def policy() -> str:
    """The Content-Security-Policy of the page: its own style by hash, and nothing else at all."""
    digest = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )


def page_of(document: ExportDocument) -> str:
    """The page; every text is escaped. Ids are left out: they tell a reader nothing and stand in the JSON."""
    said = texts()[document.language]
    return _template.render(
        language=document.language.value,
        said=said,
        style=STYLE,
        document=document,
        services=[
            {
                "held": service,
                "title": said["services"][service.service],
                "tables": [
                    {"held": table, "rows": [readable(row, service.words, said) for row in table.rows]}
                    for table in service.tables
                ],
            }
            for service in document.services
        ],
        looks=[{"look": look, "at": plain(look.at.isoformat(), said)} for look in document.accesses],
        sent=[{"what": each, "at": plain(each.at, said) if each.at else ""} for each in document.disclosures],
        day=plain(document.asked_on.isoformat(), said),
    )


def readable(value: Any, words: Mapping[str, str], said: Mapping[str, Any]) -> Any:
    """A value as it is read: lists stay lists, an object becomes pairs of name and value, anything else a text."""
    if isinstance(value, dict):
        if MASKED in value:
            return said["masked"][value[MASKED]]
        inner = ((words.get(name, name), readable(each, words, said)) for name, each in value.items())
        return Pairs((name, each) for name, each in inner if each not in ("", [], ()))
    if isinstance(value, list):
        return [found for each in value if (found := readable(each, words, said)) not in ("", [], ())]
    return plain(value, said)


class Pairs(tuple[Any, ...]):
    """Names with their values."""


def plain(value: Any, said: Mapping[str, Any]) -> str:
    """One value as text: days and moments as they are written in Belgium, in local time."""
    if isinstance(value, bool):
        return str(said["yes"] if value else said["no"])
    text = str(value)
    if _ID.fullmatch(text):
        return ""
    if _DAY.fullmatch(text):
        return date.fromisoformat(text).strftime("%d/%m/%Y")
    if _MOMENT.match(text):
        return written(text)
    return text


def written(text: str) -> str:
    """A moment in local time; a text that only begins like one as it is."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return text
    return at.astimezone(BRUSSELS).strftime("%d/%m/%Y %H:%M") if at.tzinfo else text


_environment.tests["pairs"] = lambda value: isinstance(value, Pairs)
