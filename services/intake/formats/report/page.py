"""The report as a page to print: its own style, plots as inline SVG, and no other resource at all."""

import base64
import hashlib
from collections.abc import Iterator, Sequence
from html import escape

from services.intake.domain.figures import Report
from services.intake.domain.gap import Dimension
from services.intake.formats.report.plots import bars, trend
from services.intake.formats.report.words import Language, word

STYLE = """body{font:14px sans-serif;margin:2em auto;max-width:760px;color:#222}h1{font-size:1.6em}
h2{font-size:1.15em;margin-top:1.6em;break-after:avoid}table{border-collapse:collapse;width:100%}
th,td{border:1px solid #bbb;padding:3px 6px;text-align:left}td.n{text-align:right}svg{width:100%;font-size:12px}
rect,circle{fill:#2b6a99}.axis{fill:none;stroke:#888}.line{fill:none;stroke:#2b6a99;stroke-width:2}
.s1{background:#e3eef6}.s2{background:#bcd6e8}.s3{background:#8db9d8}.s4{background:#5f9cc7}
@media print{body{margin:0}section{break-inside:avoid}}"""
POLICY = (
    "default-src 'none'; style-src 'sha256-"
    + base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
    + "'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
MOST = 25
"""How many bars a plot has at most."""

Line = Sequence[str | float | None]


def page(report: Report, language: Language) -> str:
    """The whole page."""

    def say(code: str) -> str:
        return escape(word(code, language))

    sections = "".join(
        f"<section><h2>{say(name)}</h2>{body}</section>" for name, body in bodies(report, language) if body
    )
    as_of = f" {say('population')} {report.population_as_of}." if report.population_as_of else ""
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8"><title>{say("title")}</title>'
        f"<style>{STYLE}</style></head><body><h1>{say('title')}</h1>"
        f"<p>{say('before')} {report.before}.{as_of} {say('note')}</p>{sections}</body></html>"
    )


def bodies(report: Report, language: Language) -> Iterator[tuple[str, str]]:
    """Each section's heading and what stands under it."""
    tables = {tuple(each.by): each for each in report.gaps}

    def rows(by: Dimension, field: str) -> list[tuple[str, float]]:
        found = tables.get((by,))
        return [(word(getattr(row, field), language), row.count) for row in found.rows] if found else []

    yield "topics", plotted(rows(Dimension.TOPIC, "topic"), word("topics", language))
    yield "reasons", plotted(rows(Dimension.REASON, "reason"), word("reasons", language))
    yield "trend", trend(rows(Dimension.MONTH, "month"), word("trend", language))
    yield "communes", communes(report, dict(rows(Dimension.COMMUNE, "commune")), language)
    sources = [(word(f.source, language), f.contacts) for f in report.demand if f.source and not f.commune]
    yield "demand", plotted(sources, word("demand", language))
    line: list[Line] = [
        (word(f.topic or "all", language), f.contacts, f.solved, percent(f.share)) for f in report.line if not f.month
    ]
    yield "line", table(("topic", "contacts", "solved", "share"), line, language)
    again: list[Line] = [
        (word(f.discipline or f.month or "all", language), f.repeats, f.same, percent(f.share))
        for f in report.continuity
    ]
    yield "continuity", table(("discipline", "repeats", "same", "share"), again, language)
    equity: list[Line] = [
        (
            ": ".join(word(part, language) for part in (f.by, f.group) if part) or word("all", language),
            f.demands,
            percent(f.acceptance),
            percent(f.refusal),
            f.median_days,
            word("yes", language) if f.differs else "",
        )
        for f in report.equity
    ]
    headings = ("group", "demands", "acceptance", "refusal", "median_days", "differs")
    yield "equity", table(headings, equity, language)
    offer: list[Line] = [(word(f.topic, language), f.unmet, f.services, f.with_room) for f in report.offer]
    yield "offer", table(("topic", "unmet", "services", "with_room"), offer, language)


def plotted(rows: Sequence[tuple[str, float]], title: str) -> str:
    """Bars of the largest; nothing where there is nothing to tell."""
    return bars(sorted(rows, key=lambda row: (-row[1], row[0]))[:MOST], title) if rows else ""


def percent(share: float | None) -> str | None:
    """A share in percent."""
    return None if share is None else f"{100 * share:.1f} %"


def communes(report: Report, unmet: dict[str, float], language: Language) -> str:
    """A map-like table: the communes in the order of their NIS codes, which puts neighbours together, by shade."""
    found = {f.commune: f for f in report.demand if f.commune and not f.source}
    codes = sorted({*found, *unmet})
    rates = {code: found[code].per_1000 if code in found else None for code in codes}
    most = max((rate for rate in rates.values() if rate), default=0) or 0
    rows = []
    for code in codes:
        contacts = found[code].contacts if code in found else None
        rate = rates[code]
        shade = f' class="s{min(4, 1 + int(4 * rate / most))}"' if rate and most else ""
        numbers = "".join(f'<td class="n">{shown(each)}</td>' for each in (contacts, unmet.get(code), rate))
        rows.append(f"<tr{shade}><td>{escape(word(code, language))}</td>{numbers}</tr>")
    return framed(("commune", "contacts", "unmet", "per_1000"), rows, language)


def table(headings: Sequence[str], lines: Sequence[Line], language: Language) -> str:
    """Lines under headings; a dot where a figure is hidden."""
    rows = [
        f"<tr><td>{escape(str(line[0]))}</td>"
        + "".join(f'<td class="n">{shown(each)}</td>' for each in line[1:])
        + "</tr>"
        for line in lines
    ]
    return framed(headings, rows, language)


def shown(value: str | float | None) -> str:
    """A figure; a dot where it is hidden."""
    if value is None:
        return "·"
    return escape(value) if isinstance(value, str) else f"{value:g}"


def framed(headings: Sequence[str], rows: Sequence[str], language: Language) -> str:
    """A table; nothing where it has no rows."""
    if not rows:
        return ""
    head = "".join(f"<th>{escape(word(each, language))}</th>" for each in headings)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"
