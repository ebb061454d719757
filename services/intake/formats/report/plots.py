"""Plots as inline SVG: nothing is loaded from anywhere, every text is escaped."""

from collections.abc import Sequence
from html import escape
from itertools import pairwise

WIDTH, LEFT, LINE = 720, 260, 22
HEIGHT = 200


def bars(rows: Sequence[tuple[str, float]], title: str) -> str:
    """A bar per row, the number at its end."""
    most = max((number for _, number in rows), default=1) or 1
    height = LINE * len(rows) + 6
    parts = [f'<svg role="img" aria-label="{escape(title)}" viewBox="0 0 {WIDTH} {height}">']
    for place, (name, number) in enumerate(rows):
        y, length = place * LINE + 3, (WIDTH - LEFT - 60) * number / most
        parts.append(f'<text x="{LEFT - 8}" y="{y + 14}" text-anchor="end">{escape(name)}</text>')
        parts.append(f'<rect x="{LEFT}" y="{y}" width="{length:.1f}" height="{LINE - 5}"/>')
        parts.append(f'<text x="{LEFT + length + 6:.1f}" y="{y + 14}">{number:g}</text>')
    return "".join([*parts, "</svg>"])


def months_between(first: str, last: str) -> list[str]:
    """Every month from one to another, both included."""
    begin, end = (int(month[:4]) * 12 + int(month[5:]) - 1 for month in (first, last))
    return [f"{number // 12:04}-{number % 12 + 1:02}" for number in range(begin, end + 1)]


def trend(rows: Sequence[tuple[str, float]], title: str) -> str:
    """A point per month and a line between months that follow each other; a hidden month leaves a hole."""
    if not rows:
        return ""
    found = dict(rows)
    months = months_between(min(found), max(found))
    most = max(found.values()) or 1
    step = (WIDTH - 80) / max(1, len(months) - 1)
    points = {
        m: (50 + n * step, HEIGHT - 30 - (HEIGHT - 60) * found[m] / most) for n, m in enumerate(months) if m in found
    }
    parts = [f'<svg role="img" aria-label="{escape(title)}" viewBox="0 0 {WIDTH} {HEIGHT}">']
    parts.append(f'<path class="axis" d="M50 20V{HEIGHT - 30}H{WIDTH - 20}"/>')
    for one, other in pairwise(months):
        if one in points and other in points:
            (x1, y1), (x2, y2) = points[one], points[other]
            parts.append(f'<path class="line" d="M{x1:.1f} {y1:.1f}L{x2:.1f} {y2:.1f}"/>')
    for month, (x, y) in points.items():
        parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3"/>')
        parts.append(f'<text x="{x:.1f}" y="{y - 8:.1f}" text-anchor="middle">{found[month]:g}</text>')
    for month in (months[0], months[-1]) if len(months) > 1 else months:
        x = 50 + months.index(month) * step
        parts.append(f'<text x="{x:.1f}" y="{HEIGHT - 10}" text-anchor="middle">{escape(month)}</text>')
    return "".join([*parts, "</svg>"])
