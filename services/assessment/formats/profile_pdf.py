"""The needs profile as a PDF: one A4 page with embedded fonts, its language and title told to screen readers."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, time
from pathlib import Path
from typing import TypeAlias

from fpdf import FPDF, ViewerPreferences

from services.assessment.formats.profile_chart import SIZE, WIDTH, Dot, Shape, Words, height_of, shapes_of
from services.assessment.formats.profile_page import Chart, Line, ProfilePage, Section

FONTS = Path(__file__).resolve().parent.parent / "fonts"
FONT = "DejaVuSansCondensed"
MARGIN, GUTTER, PAGE_WIDTH, PAGE_HEIGHT = 10.0, 6.0, 210.0, 297.0
COLUMN = (PAGE_WIDTH - 2 * MARGIN - GUTTER) / 2
SIZES = (10.0, 9.5, 9.0, 8.5, 8.0, 7.5, 7.0, 6.5, 6.0, 5.5, 5.0)
LEADING = 0.46
"""Millimetres of line height per point of font size."""
MM = COLUMN / WIDTH
POINTS = {"head": 8.0, "label": 7.2, "urgent": 7.2, "small": 6.2, "symbol": 7.5}

Run: TypeAlias = tuple[str, bool]
"""A piece of text, and whether it is bold."""


def pdf_of(page: ProfilePage) -> bytes:
    """The page as PDF, in the largest letters that leave it one page; not tagged beyond language and title."""
    pdf = FPDF(format="A4")
    pdf.set_auto_page_break(False)
    pdf.set_title(page.title)
    pdf.set_lang(page.language)
    pdf.set_creator("Relais")
    pdf.set_creation_date(datetime.combine(page.made_on, time(12), UTC))
    pdf.viewer_preferences = ViewerPreferences(display_doc_title=True)
    for style, name in (("", FONT), ("B", f"{FONT}-Bold")):
        pdf.add_font(FONT, style, FONTS / f"{name}.ttf")
    pdf.add_page()
    lowest = PAGE_HEIGHT - MARGIN
    size = next((size for size in SIZES if _Sheet(pdf, page, size, draws=False).compose() <= lowest), SIZES[-1])
    _Sheet(pdf, page, size, draws=True).compose()
    return bytes(pdf.output())


class _Sheet:
    """The page in one size of letters; without `draws` it is only measured."""

    def __init__(self, pdf: FPDF, page: ProfilePage, size: float, *, draws: bool) -> None:
        self._pdf = pdf
        self._page = page
        self._size = size
        self._draws = draws

    def compose(self) -> float:
        """Put everything in its place; the lowest edge, in millimetres from the top."""
        page, width = self._page, PAGE_WIDTH - 2 * MARGIN
        y = self._paragraph([(page.title, True)], (MARGIN, MARGIN), width, self._size + 6)
        y = self._paragraph([(page.intro, False)], (MARGIN, y), width, self._size + 1)
        y = self._paragraph([(" ".join(page.facts), False)], (MARGIN, y), width, self._size) + 1.5
        y = self._columns(y)
        if page.chart:
            y = self._chart(page.chart, y)
        return self._notices(y)

    def _notices(self, y: float) -> float:
        first, *others = self._page.notices
        self._rule(y, PAGE_WIDTH - 2 * MARGIN)
        y = self._paragraph([(first, True)], (MARGIN, y + 0.8), PAGE_WIDTH - 2 * MARGIN, self._size)
        return self._paragraph([(" ".join(others), False)], (MARGIN, y), PAGE_WIDTH - 2 * MARGIN, self._size - 1)

    def _columns(self, y: float) -> float:
        """The sections in two columns of about the same height, read down the left one first."""
        heights = [
            _Sheet(self._pdf, self._page, self._size, draws=False)._section(each, (0, 0)) for each in self._sections
        ]
        left = split(heights)
        ends = [y]
        for number, sections in enumerate((self._sections[:left], self._sections[left:])):
            place = y
            for section in sections:
                place = self._section(section, (MARGIN + number * (COLUMN + GUTTER), place))
            ends.append(place)
        return max(ends)

    @property
    def _sections(self) -> Sequence[Section]:
        return self._page.sections

    def _section(self, section: Section, at: tuple[float, float]) -> float:
        x, y = at
        is_boxed = section.code == "urgent"
        y = self._paragraph([(section.heading, True)], at, COLUMN, self._size + 1)
        if not is_boxed:
            self._rule(y, COLUMN, x)
        y += 0.6
        for line in section.lines:
            y = self._paragraph(self._runs(line), (x, y), COLUMN, self._size)
        if is_boxed and self._draws:
            self._pdf.set_draw_color(26)
            self._pdf.set_line_width(0.6)
            self._pdf.rect(x - 1.5, at[1] - 0.3, COLUMN + 3, y - at[1] + 1.3)
        return y + 1.8

    def _runs(self, line: Line) -> list[Run]:
        if not line.items and line.text is None:
            return [(line.term, False)]
        items = [f"{item.label} ({item.note})" if item.note else item.label for item in line.items]
        return [(f"{line.term}{self._page.colon}", True), (line.text or self._page.separator.join(items), False)]

    def _paragraph(self, runs: Iterable[Run], at: tuple[float, float], width: float, size: float) -> float:
        x, y = at
        for line in self._wrapped(runs, width, size):
            y += size * LEADING
            place = x
            for text, is_bold in line:
                place += self._text(text, (place, y - size * LEADING * 0.25), size, is_bold=is_bold)
        return y

    def _text(self, text: str, at: tuple[float, float], size: float, *, is_bold: bool) -> float:
        self._pdf.set_font(FONT, "B" if is_bold else "", size)
        if self._draws and text.strip():
            self._pdf.text(*at, text)
        return self._pdf.get_string_width(text)

    def _wrapped(self, runs: Iterable[Run], width: float, size: float) -> Iterator[list[Run]]:
        line: list[Run] = []
        used = 0.0
        for word, is_bold in words_of(runs):
            self._pdf.set_font(FONT, "B" if is_bold else "", size)
            needed = self._pdf.get_string_width(word)
            if line and used + self._pdf.get_string_width(word.rstrip()) > width:
                yield line
                line, used = [], 0.0
            if line and line[-1][1] == is_bold:
                line[-1] = (line[-1][0] + word, is_bold)
            else:
                line.append((word, is_bold))
            used += needed
        if line:
            yield line

    def _rule(self, y: float, width: float, x: float = MARGIN) -> None:
        if self._draws:
            self._pdf.set_draw_color(26)
            self._pdf.set_line_width(0.3)
            self._pdf.line(x, y + 0.2, x + width, y + 0.2)

    def _chart(self, chart: Chart, y: float) -> float:
        y = self._paragraph([(chart.title, True)], (MARGIN, y), PAGE_WIDTH - 2 * MARGIN, self._size + 1)
        y = self._paragraph([(chart.text, False)], (MARGIN, y), PAGE_WIDTH - 2 * MARGIN, self._size - 0.5) + 1
        left = split([height_of(group) for group in chart.groups])
        ends = [y]
        for number, groups in enumerate((chart.groups[:left], chart.groups[left:])):
            place = y
            for group in groups:
                for shape in shapes_of(group, chart) if self._draws else ():
                    self._shape(shape, (MARGIN + number * (COLUMN + GUTTER), place))
                place += height_of(group) * MM
            ends.append(place)
        return max(ends) + 1

    def _shape(self, shape: Shape, origin: tuple[float, float]) -> None:
        x, y = origin[0] + shape.x * MM, origin[1] + shape.y * MM
        if isinstance(shape, Words):
            self._text(shape.text, (x, y), POINTS[shape.weight], is_bold=shape.weight in ("head", "urgent", "symbol"))
            return
        self._dot(shape, (x, y), SIZE * MM)

    def _dot(self, dot: Dot, middle: tuple[float, float], size: float) -> None:
        self._pdf.set_line_width(0.2)
        full = (31, 78, 121) if dot.scale == "difficulty" else (138, 61, 0)
        self._pdf.set_draw_color(*(full if dot.is_filled else (107, 107, 107)))
        self._pdf.set_fill_color(*(full if dot.is_filled else (255, 255, 255)))
        draw = self._pdf.rect if dot.scale == "difficulty" else self._pdf.ellipse
        draw(middle[0] - size / 2, middle[1] - size / 2, size, size, style="DF")


def words_of(runs: Iterable[Run]) -> Iterator[Run]:
    """The words, each with the space behind it; a word that no line could hold is cut in pieces."""
    for text, is_bold in runs:
        for word in text.split(" "):
            for start in range(0, len(word), 40):
                piece = word[start : start + 40]
                yield (piece if start + 40 < len(word) else f"{piece} "), is_bold


def split(heights: Sequence[float]) -> int:
    """After how many parts the second column begins, so that the taller column is as low as can be."""
    return min(range(len(heights) + 1), key=lambda left: max(sum(heights[:left]), sum(heights[left:])))
