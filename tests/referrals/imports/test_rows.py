"""What a cell means: the traps that spreadsheets lay."""

import csv
import io
import random
import zipfile
from contextlib import suppress
from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.referrals.domain import Document
from services.referrals.domain.document import fingerprint
from services.referrals.formats.table import columns_with, document_of
from services.referrals.store.instruments import SHIPPED
from shared.spreadsheets import TableRefused, Unreadable, plain, read_csv, read_xlsx
from shared.spreadsheets.cells import neutral
from shared.spreadsheets.values import letters, position_of
from tests.referrals.imports.files import FAULTS, FULL, SMALL, TWIN, csv_of, xlsx_of

CARDS = columns_with(frozenset(SHIPPED["eladeb-r", "2011"].cards))


def at_the_door(column: str, value: str, code: str) -> bool:
    """Whether only the day or the instrument can tell that it is wrong."""
    return "." in column or code in ("in-future", "before-admission")


def judged(row: dict[str, Any], workbook: bool = False) -> tuple[Document | None, list[tuple[str, str]]]:
    """What becomes of one row that comes in a file."""
    table = read_xlsx(xlsx_of([row]), CARDS) if workbook else read_csv(csv_of([row]), CARDS)
    document, faults = document_of(table.rows[0])
    return document, [(fault.column, fault.code) for fault in faults]


def refused(body: bytes, workbook: bool = False) -> set[tuple[str, str]]:
    """The faults for which a file as a whole is refused."""
    with pytest.raises(TableRefused) as raised:
        (read_xlsx if workbook else read_csv)(body, CARDS)
    return {(fault.pointer, fault.code) for fault in raised.value.faults}


@pytest.mark.parametrize("workbook", [False, True])
def test_a_row_is_the_document_of_its_json_twin(workbook: bool) -> None:
    document, faults = judged(dict(FULL), workbook)
    assert faults == []
    assert document is not None
    assert fingerprint(document.content()) == fingerprint(Document.model_validate(TWIN).content())


def test_empty_cells_are_left_out_fields() -> None:
    document, _ = judged({**dict.fromkeys(FULL, ""), **SMALL})
    twin = Document.model_validate(
        {
            "identifier": {"system": "urn:chu:referral", "value": "S-1"},
            "person": {"family_name": "Lambert", "given_names": "Odette"},
            "consent": {"given": False},
        }
    )
    assert document == twin


@pytest.mark.parametrize(("column", "value", "code"), [each for each in FAULTS if not at_the_door(*each)])
@pytest.mark.parametrize("workbook", [False, True])
def test_a_bad_cell_is_named_by_its_column_alone(column: str, value: str, code: str, workbook: bool) -> None:
    assert judged({**FULL, column: value}, workbook)[1] == [(column, code)]


@pytest.mark.parametrize(
    ("column", "value", "place", "meant"),
    [
        ("postal_code", "4000.0", ("person", "address", "postal_code"), "4000"),
        ("postal_code", 4000.0, ("person", "address", "postal_code"), "4000"),
        ("house_number", 12, ("person", "address", "house_number"), "12"),
        ("niss", 85073003328, ("person", "niss"), "85073003328"),
        ("niss", "85.07.30-033.28", ("person", "niss"), "85073003328"),
        ("phone", "'+32 471 98 76 54", ("person", "phones"), ["+32 471 98 76 54"]),
        ("phone", "04 000 00 01|+32 471 98 76 54", ("person", "phones"), ["04 000 00 01", "+32 471 98 76 54"]),
        ("birth_date", date(1950, 2, 3), ("person", "birth_date"), "1950-02-03"),
        ("birth_date", datetime(1950, 2, 3), ("person", "birth_date"), "1950-02-03"),  # noqa: DTZ001 - as Excel has it
        ("birth_date", "03/02/1950", ("person", "birth_date"), "1950-02-03"),
        ("unplanned", True, ("stay", "unplanned"), True),
        ("unplanned", "ONWAAR", ("stay", "unplanned"), False),
        ("difficulty.housework", 2.0, ("sheets", "0", "answers", "housework", "difficulty"), 2),
        ("reason_text", "'- une fois", ("reason", "text"), "- une fois"),
        ("family_name", "  Lambert ", ("person", "family_name"), "Lambert"),
    ],
)
def test_a_cell_is_read_as_it_was_meant(column: str, value: Any, place: tuple[str, ...], meant: Any) -> None:
    document, faults = judged({**FULL, column: value}, workbook=True)
    assert faults == []
    assert document is not None
    found: Any = document.model_dump(mode="json")
    for step in place:
        found = found[int(step)] if isinstance(found, list) else found[step]
    assert found == meant


@pytest.mark.parametrize(
    ("column", "value", "code"),
    [
        ("niss", 5073003326, "leading-zero-lost"),
        ("niss", 101123, "niss-check-digits"),
        ("phone", 471987654, "leading-zero-lost"),
        ("birth_date", 18297, "wrong-format"),
        ("birth_date", datetime(1950, 2, 3, 12, 30), "wrong-format"),  # noqa: DTZ001 - as Excel has it
        ("family_name", "=A1", "formula"),
        ("difficulty.housework", 1.5, "level_out_of_range"),
        ("difficulty.housework", True, "level_out_of_range"),
    ],
)
def test_a_cell_that_lost_its_meaning_is_refused(column: str, value: Any, code: str) -> None:
    assert judged({**FULL, column: value}, workbook=True)[1] == [(column, code)]


def test_rows_count_as_the_spreadsheet_counts_them_and_blank_ones_are_left_out() -> None:
    body = csv_of([SMALL, dict.fromkeys(SMALL, " "), SMALL]) + b";;;;\r\n\r\n"
    assert [row.number for row in read_csv(body, CARDS).rows] == [2, 4]
    rows: list[dict[str, Any]] = [dict(SMALL), dict.fromkeys(SMALL), dict(SMALL), dict.fromkeys(SMALL, "  ")]
    assert [row.number for row in read_xlsx(xlsx_of(rows), CARDS).rows] == [2, 4]


@pytest.mark.parametrize("separator", [";", ","])
@pytest.mark.parametrize("before", [b"", b"\xef\xbb\xbf", b"sep=SEP\r\n"])
def test_both_separators_are_understood_with_and_without_a_byte_order_mark(separator: str, before: bytes) -> None:
    body = before.replace(b"SEP", separator.encode()) + csv_of([FULL], separator=separator)
    document, faults = document_of(read_csv(body, CARDS).rows[0])
    assert document is not None, faults
    assert fingerprint(document.content()) == fingerprint(Document.model_validate(TWIN).content())


def test_an_unknown_column_is_refused_by_its_letter_and_never_by_its_name() -> None:
    assert refused(csv_of([{**SMALL, "Odette Lambert": "x"}])) == {("/columns/F", "unknown-column")}
    assert refused(csv_of([{**SMALL, "difficulty.cooking": "1"}])) == {("/columns/F", "unknown-column")}
    assert refused(xlsx_of([{**SMALL, "shoe_size": 41}]), workbook=True) == {("/columns/F", "unknown-column")}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (csv_of([SMALL], [*SMALL, "niss", "niss"]), ("/columns/G", "repeated-column")),
        (csv_of([{"identifier_system": "x"}]), ("/columns/consent_given", "missing-column")),
        (csv_of([], list(SMALL)), ("", "no-rows")),
        (b"", ("/columns/family_name", "missing-column")),
        (csv_of([{**SMALL, "family_name": "Lefèvre"}]).decode().encode("latin-1"), ("", "not-utf8")),
        (csv_of([SMALL]).decode().encode("utf-16"), ("", "nul-character")),
        (csv_of([SMALL]) + b'x;"unclosed', ("/rows/3", "malformed-csv")),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_as_a_whole(body: bytes, expected: tuple[str, str]) -> None:
    assert expected in refused(body)


@pytest.mark.parametrize("body", [b"", b"PK\x03\x04nonsense", csv_of([SMALL]), xlsx_of([SMALL])[:2000]])
def test_what_is_no_workbook_is_refused(body: bytes) -> None:
    assert refused(body, workbook=True) == {("", "not-a-workbook")}


def parts_of(workbook: bytes) -> dict[str, bytes]:
    """The parts of a workbook."""
    with zipfile.ZipFile(io.BytesIO(workbook)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(parts: dict[str, bytes]) -> bytes:
    """A workbook of these parts."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return written.getvalue()


@pytest.mark.parametrize("far", [b"XFD1048576", b"AA900000", b"SA49000", b"ZZZZ2"])
def test_a_cell_far_outside_refuses_the_workbook_before_all_before_it_is_unfolded(far: bytes) -> None:
    parts = parts_of(xlsx_of([{**SMALL, "niss": "x"}]))
    sheet = "xl/worksheets/sheet1.xml"
    parts[sheet] = parts[sheet].replace(b'r="F2"', b'r="' + far + b'"')
    assert refused(zipped(parts), workbook=True) in ({("", "too-many-rows")}, {("", "too-many-columns")})


def test_a_small_file_that_unfolds_beyond_measure_is_refused() -> None:
    parts = parts_of(xlsx_of([SMALL]))
    parts["xl/sharedStrings.xml"] = b" " * 150_000_001
    assert refused(zipped(parts), workbook=True) == {("", "too-many-rows")}


def test_broken_files_are_refused_and_never_break_the_reader() -> None:
    chance = random.Random(5)
    whole = {True: xlsx_of([FULL, SMALL]), False: csv_of([FULL, SMALL])}
    parts = parts_of(whole[True])
    for number in range(400):
        name = chance.choice(list(parts))
        content = bytearray(parts[name] if number % 2 else whole[number % 4 == 0])
        for _ in range(chance.randint(1, 8)):
            content[chance.randrange(len(content))] = chance.randrange(256)
        body = zipped({**parts, name: bytes(content)}) if number % 2 else bytes(content)
        with suppress(TableRefused):
            table = (read_xlsx if number % 2 or number % 4 == 0 else read_csv)(body, CARDS)
            for row in table.rows:
                document_of(row)


def test_a_header_of_a_million_empty_names_takes_no_time() -> None:
    assert ("/columns/family_name", "missing-column") in refused(b";" * 1_000_000)


def test_merged_cells_spoil_the_header_or_their_rows() -> None:
    assert ("/columns/B", "merged-cells") in refused(xlsx_of([SMALL], merged="B1:C1"), workbook=True)
    table = read_xlsx(xlsx_of([SMALL, SMALL, SMALL], merged="C3:C4"), CARDS)
    faults = {row.number: [(each.column, each.code) for each in document_of(row)[1]] for row in table.rows}
    assert faults == {2: [], 3: [("family_name", "merged-cells")], 4: [("family_name", "merged-cells")]}


def test_a_cell_beyond_the_header_spoils_its_row_and_a_blank_one_does_not() -> None:
    first, *_ = csv_of([SMALL]).decode().splitlines()
    row = ";".join(SMALL.values())
    table = read_csv(f"{first};;\n{row};;\n{row};;stray\n".encode(), CARDS)
    assert document_of(table.rows[0])[1] == []
    assert [(each.column, each.code) for each in document_of(table.rows[1])[1]] == [("", "too-many-cells")]


@given(text=st.text(alphabet=" '=+-@\t\rab1", max_size=8))
def test_what_is_exported_computes_nothing_and_is_read_as_what_came(text: str) -> None:
    def reading(cell: str) -> str:
        try:
            return plain(cell)
        except Unreadable as error:
            return f"refused: {error}"

    assert not neutral(text).lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r"))
    assert reading(neutral(text)) == reading(text)


def test_columns_are_lettered_as_a_spreadsheet_does() -> None:
    assert [letters(at) for at in (0, 25, 26, 51, 52, 701, 702)] == ["A", "Z", "AA", "AZ", "BA", "ZZ", "AAA"]
    assert all(position_of(letters(at)) == at for at in range(800))


def test_a_separator_inside_quotes_and_a_line_break_in_a_cell_are_text() -> None:
    written = io.StringIO()
    csv.writer(written, delimiter=";", quoting=csv.QUOTE_ALL).writerows([list(FULL), list(FULL.values())])
    assert document_of(read_csv(written.getvalue().encode(), CARDS).rows[0])[1] == []
