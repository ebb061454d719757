"""The texts, the chart and the PDF of the profile."""

import io
import string
from collections.abc import Iterator
from xml.etree.ElementTree import fromstring

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader

from services.assessment.domain.instrument import LanguageCode
from services.assessment.formats.profile_chart import Dot, shapes_of, svg_of
from services.assessment.formats.profile_page import CardGroup, CardRow, Chart, Item, Line, Mark, ProfilePage, Section
from services.assessment.formats.profile_pdf import pdf_of, split
from services.assessment.formats.words import catalogue
from tests.assessment.deliveries import Run
from tests.assessment.profile.people import SENSITIVE, consent, profile, somebody

LANGUAGES: tuple[LanguageCode, ...] = ("fr", "nl", "de", "en")


def blanks(text: str) -> set[str]:
    """The names of what a text leaves open."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_every_text_is_there_in_four_languages_with_the_same_blanks() -> None:
    texts = catalogue("profile")
    assert len(texts) > 50
    for key, by_language in texts.items():
        assert tuple(by_language) == LANGUAGES, key
        assert all(text.strip() for text in by_language.values()), key
        assert len({frozenset(blanks(text)) for text in by_language.values()}) == 1, key
    assert {len(months.split()) for months in texts["months"].values()} == {12}


def test_sentences_are_short() -> None:
    for key, by_language in catalogue("profile").items():
        for text in by_language.values() if key not in ("months", "chart_text") else ():
            for sentence in text.replace("?", ".").split("."):
                assert len(sentence.split()) <= 15, (key, sentence)


# Chart

LEVELS = st.integers(0, 3)
MARKS = st.one_of(
    LEVELS.map(lambda level: Mark(standing="answered", flagged=level > 0, level=level, word="w")),
    st.just(Mark(standing="answered", flagged=True, level=None, word="w")),
    st.sampled_from(["not_applicable", "unanswered"]).map(
        lambda standing: Mark.model_validate({"standing": standing, "flagged": False, "level": None, "word": "w"})
    ),
)
ROWS = st.builds(
    CardRow, code=st.just("card"), label=st.text(string.printable.strip(), min_size=1), difficulty=MARKS, need=MARKS
)


def chart(group: CardGroup) -> Chart:
    """A chart of one group."""
    words = {"title": "t", "text": "x", "table": "y", "topic": "z", "difficulty": "d", "need": "n"}
    return Chart(**words, groups=(group,))


def reached(group: CardGroup) -> Iterator[int]:
    """How many steps of the group are to be filled."""
    for card in group.cards:
        for mark in (card.difficulty, card.need):
            if mark and mark.standing == "answered":
                yield int(mark.flagged) if mark.level is None else mark.level


@given(st.lists(ROWS, min_size=1, max_size=8))
def test_the_chart_fills_as_many_steps_as_the_levels_say_and_tells_the_scales_apart_by_shape(
    rows: list[CardRow],
) -> None:
    group = CardGroup(code="g", label="G & <g>", cards=tuple(rows))
    dots = [shape for shape in shapes_of(group, chart(group)) if isinstance(shape, Dot)]
    assert sum(dot.is_filled for dot in dots) == sum(reached(group))
    svg = fromstring(svg_of(group, chart(group)))
    assert len(svg.findall("rect")) == sum(dot.scale == "difficulty" for dot in dots)
    assert len(svg.findall("circle")) == sum(dot.scale == "need" for dot in dots)
    assert svg.findtext("title") == "t: G & <g>"
    assert (svg.findtext("desc") or "").count("d: w") >= len(rows)
    assert {name for each in svg.iter() for name in each.attrib} & {"style", "href", "onclick"} == set()


# PDF


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_pdf_is_one_page_with_the_needs_its_language_and_its_title(
    run_service: Run, language: LanguageCode
) -> None:
    async with run_service("assessment") as service:
        person = await somebody(service)
        await consent(service, person)
        own = PdfReader(io.BytesIO((await profile(service, person, format="pdf", lang=language)).content))
        answer = await profile(service, person, "partner-centre", "shared-profile", format="pdf", lang=language)
        page = (await profile(service, person, lang=language)).json()
    shared = PdfReader(io.BytesIO(answer.content))
    assert (len(own.pages), len(shared.pages)) == (1, 1)
    assert str(own.root_object["/Lang"]) == language
    assert own.metadata
    assert own.metadata.title == page["title"]
    text, shared_text = (" ".join(each.pages[0].extract_text().split()) for each in (own, shared))
    for card in [item["label"] for each in page["sections"][:2] for line in each["lines"] for item in line["items"]]:
        assert card in text
    assert "logement sûr avant l’hiver" in text
    assert "CHUV Lausanne" in shared_text
    assert [label for label in SENSITIVE[language] if label in text] == SENSITIVE[language]
    assert not [label for label in SENSITIVE[language] if label in shared_text]
    assert "logement sûr" not in shared_text
    fonts = own.pages[0]["/Resources"]["/Font"]  # type: ignore[index]
    assert len(fonts) == 2
    for font in fonts.values():
        assert "/FontFile2" in font.get_object()["/DescendantFonts"][0].get_object()["/FontDescriptor"].get_object()


def test_the_fullest_page_still_is_one_page_and_its_last_line_is_on_it() -> None:
    """Every card flagged, every list full, four open answers as long as they are shown."""
    items = tuple(
        Item(code=f"c{n}", label="Bekanntschaften und Freundschaften", note="Fachpersonen, Familie") for n in range(21)
    )
    full = Line(code="a", term="Ein Begriff", items=items)
    sections = [Section(code=f"s{n}", heading="Bereich", lines=(full,)) for n in range(9)]
    words = Line(code="w", term="Text", text="Wort " * 80 + "x" * 400)
    sections.append(Section(code="own_words", heading="Text", lines=(words, words)))
    mark = Mark(standing="answered", flagged=True, level=3, word="w")
    rows = tuple(CardRow(code=f"c{n}", label="Karte", difficulty=mark, need=mark) for n in range(5))
    groups = tuple(CardGroup(code=f"g{n}", label="Gruppe", cards=rows) for n in range(4))
    page = ProfilePage.model_validate(
        {
            "language": "de",
            "audience": "team",
            "made_on": "2026-11-20",
            "title": "T",
            "intro": "I",
            "facts": ["F."] * 4,
            "sections": sections,
            "chart": chart(groups[0]).model_copy(update={"groups": groups}),
            "sources": [],
            "notices": ["N.", "Quelle: " + "x " * 100, "Letzte Zeile"],
            "colon": ": ",
            "separator": "; ",
        }
    )
    read = PdfReader(io.BytesIO(pdf_of(page)))
    assert len(read.pages) == 1
    lowest: list[float] = []
    read.pages[0].extract_text(visitor_text=lambda text, cm, tm, *_: lowest.append(tm[5]) if text.strip() else None)
    assert min(lowest) >= 20
    assert "Letzte Zeile" in " ".join(read.pages[0].extract_text().split())


@given(st.lists(st.floats(1, 100), max_size=9))
def test_two_columns_are_as_even_as_they_can_be(heights: list[float]) -> None:
    taller = max(sum(heights[: split(heights)]), sum(heights[split(heights) :]))
    assert all(taller <= max(sum(heights[:n]), sum(heights[n:])) for n in range(len(heights) + 1))
