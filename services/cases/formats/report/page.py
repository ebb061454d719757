"""A report as one HTML page to print: it needs nothing from outside and runs nothing."""

import base64
import hashlib
from decimal import Decimal
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from services.cases.formats.report.cells import AnyReport, Value, figures_in, keys_of, lines_of, values_of
from services.cases.formats.report.words import Language, heading_of, key_label, label, notes_of, title_of

FOLDER = Path(__file__).resolve().parents[2] / "templates"
STYLE = (FOLDER / "report.css").read_text(encoding="utf-8")
NARROW_SPACE = "\u202f"
SEPARATORS = {"fr": (NARROW_SPACE, ","), "nl": (".", ","), "de": (".", ","), "en": (",", ".")}

_environment = Environment(
    loader=FileSystemLoader(FOLDER), autoescape=True, undefined=StrictUndefined, trim_blocks=False, auto_reload=False
)
_template = _environment.get_template("report.html")


def policy() -> str:
    """The Content-Security-Policy of the page: its own style by hash, and nothing else at all."""
    digest = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )


def html_of(report: AnyReport, language: Language) -> str:
    """The page in one of our languages; every text is escaped."""
    rows = [
        (
            [key_label(dimension, key, language) for dimension, key in zip(report.group_by, keys, strict=True)],
            [shown(value, language) for value in values],
        )
        for keys, values in lines_of(report)
    ]
    return _template.render(
        language=language,
        style=STYLE,
        title=title_of(report, language),
        heading=heading_of(report, language),
        notes=notes_of(report, language),
        keys=[label(key, language) for key in keys_of(report)],
        names=[label(name, language) for name in figures_in(report)],
        rows=rows if report.group_by else [],
        total=label("total", language),
        totals=[shown(value, language) for value in values_of(report.totals)],
    )


def shown(value: Value, language: Language) -> str:
    """A figure as it is written in a language; a dash where nothing is known."""
    if value is None:
        return "–"
    thousands, point = SEPARATORS[language]
    text = f"{value:,}" if isinstance(value, (int, Decimal)) else str(value)
    return "".join({",": thousands, ".": point}.get(character, character) for character in text)
