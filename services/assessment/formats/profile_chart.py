"""The chart of a needs profile: squares for difficulty, circles for need, told apart without any colour.

One picture per group of cards. `shapes_of` places everything; `svg_of` writes it as SVG that needs nothing from
outside, and the PDF draws the same shapes.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal
from xml.etree.ElementTree import Element, SubElement, tostring  # nosec B405  # writes only

from services.assessment.formats.profile_page import CardGroup, Chart, Mark

WIDTH = 370.0
ROW, HEAD = 18.0, 20.0
SQUARES_AT, CIRCLES_AT = 216.0, 288.0
PITCH, SIZE = 15.0, 10.0
TOP_LEVEL = 3
SYMBOLS = {"not_applicable": "–", "unanswered": "?"}

Weight = Literal["head", "label", "urgent", "small", "symbol"]
Scale = Literal["difficulty", "need"]


@dataclass(frozen=True)
class Words:
    """A piece of text, its left end on the base line."""

    x: float
    y: float
    text: str
    weight: Weight


@dataclass(frozen=True)
class Dot:
    """One step of a level: a square for difficulty, a circle for need, filled up to the level. (x, y) is its middle."""

    x: float
    y: float
    scale: Scale
    is_filled: bool


Shape = Words | Dot


def height_of(group: CardGroup) -> float:
    """How high the picture of a group is, in the units of its width (370)."""
    return HEAD + ROW * len(group.cards) + 4


def shapes_of(group: CardGroup, chart: Chart) -> Iterator[Shape]:
    """Everything in the picture of a group."""
    yield Words(0, 14, group.label, "head")
    yield Words(SQUARES_AT - SIZE / 2, 14, chart.difficulty, "small")
    if any(card.need for card in group.cards):
        yield Words(CIRCLES_AT - SIZE / 2, 14, chart.need, "small")
    for number, card in enumerate(group.cards):
        middle = HEAD + ROW * number + ROW / 2
        yield Words(0, middle + 4, card.label, "urgent" if card.is_urgent else "label")
        yield from _steps(SQUARES_AT, middle, "difficulty", card.difficulty)
        if card.need:
            yield from _steps(CIRCLES_AT, middle, "need", card.need)


def _steps(x: float, y: float, scale: Scale, mark: Mark) -> Iterator[Shape]:
    if mark.standing != "answered":
        yield Words(x - 3, y + 4, SYMBOLS[mark.standing], "symbol")
        return
    reached = mark.level if mark.level is not None else int(mark.flagged)
    for step in range(TOP_LEVEL):
        yield Dot(x + PITCH * step, y, scale, step < reached)
    if mark.level is None:
        yield Words(x + PITCH * TOP_LEVEL - 3, y + 4, SYMBOLS["unanswered"], "symbol")


def description_of(group: CardGroup, chart: Chart) -> str:
    """The picture in words, card by card."""
    lines = []
    for card in group.cards:
        said = [f"{chart.difficulty}: {card.difficulty.word}"]
        if card.need:
            said.append(f"{chart.need}: {card.need.word}")
        lines.append(f"{card.label} – {', '.join(said)}.")
    return " ".join(lines)


def svg_of(group: CardGroup, chart: Chart) -> str:
    """The picture of a group as inline SVG, with title and description; classes only, no style, no link, no script."""
    height = height_of(group)
    named = f"chart-{group.code}"
    svg = Element(
        "svg",
        {
            "viewBox": f"0 0 {WIDTH:g} {height:g}",
            "role": "img",
            "aria-labelledby": f"{named}-title",
            "aria-describedby": f"{named}-desc",
        },
    )
    SubElement(svg, "title", {"id": f"{named}-title"}).text = f"{chart.title}: {group.label}"
    SubElement(svg, "desc", {"id": f"{named}-desc"}).text = description_of(group, chart)
    for shape in shapes_of(group, chart):
        _write(svg, shape)
    return tostring(svg, encoding="unicode")


def _write(svg: Element, shape: Shape) -> None:
    if isinstance(shape, Words):
        place = {"x": f"{shape.x:g}", "y": f"{shape.y:g}", "class": shape.weight}
        SubElement(svg, "text", place).text = shape.text
        return
    looks = {"class": f"{shape.scale} {'full' if shape.is_filled else 'empty'}"}
    if shape.scale == "need":
        SubElement(svg, "circle", {"cx": f"{shape.x:g}", "cy": f"{shape.y:g}", "r": f"{SIZE / 2:g}", **looks})
    else:
        left, top = f"{shape.x - SIZE / 2:g}", f"{shape.y - SIZE / 2:g}"
        SubElement(svg, "rect", {"x": left, "y": top, "width": f"{SIZE:g}", "height": f"{SIZE:g}", **looks})
