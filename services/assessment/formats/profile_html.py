"""The needs profile as one HTML page that needs nothing from outside and runs nothing."""

import base64
import hashlib
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from services.assessment.formats.profile_chart import svg_of
from services.assessment.formats.profile_page import ProfilePage

FOLDER = Path(__file__).resolve().parent.parent / "templates"
STYLE = (FOLDER / "profile.css").read_text(encoding="utf-8")

_environment = Environment(
    loader=FileSystemLoader(FOLDER), autoescape=True, undefined=StrictUndefined, trim_blocks=False, auto_reload=False
)
_template = _environment.get_template("profile.html")


def policy() -> str:
    """The Content-Security-Policy of the page: its own style by hash, and nothing else at all."""
    digest = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )


def html_of(page: ProfilePage) -> str:
    """The page; every text is escaped, those of the person and of loaded instruments too."""
    pictures = [svg_of(group, page.chart) for group in page.chart.groups] if page.chart else []
    return _template.render(page=page, style=STYLE, pictures=pictures)
