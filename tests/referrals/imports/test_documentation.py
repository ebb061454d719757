"""What `docs/imports.md` and the example promise is so."""

import re

from services.referrals.formats.table.columns import PLACES
from services.referrals.formats.table.foreign_sheet import Mapping
from services.referrals.formats.table.messages import MESSAGES
from services.referrals.store.instruments import SHIPPED
from shared.spreadsheets import LANGUAGES
from shared.testing.harness import UnderTest
from tests.conftest import load
from tests.referrals.imports.files import FAULTS, finished, send

HERE = load("referrals").folder
DOCS = (HERE / "docs" / "imports.md").read_text()


async def test_the_example_enters_whole(referrals: UnderTest) -> None:
    body = (HERE / "examples" / "referrals.csv").read_bytes()
    found = await finished(referrals, await send(referrals, body))
    assert (found["rows"], found["received"]) == (3, 3)
    cards = SHIPPED["eladeb-r", "2011"].cards
    answers = [f"{part}.{card}" for card in cards for part in ("difficulty", "need", "sources", "absent")]
    assert body.decode("utf-8-sig").splitlines()[0].split(";") == [*PLACES, *answers]


def test_the_documentation_names_every_column_and_every_field_of_a_mapping() -> None:
    rows = [line.split("|")[1] for line in DOCS.splitlines() if line.startswith("| `")]
    named = set(re.findall(r"`([a-z_]+)`", " ".join(rows)))
    assert set(PLACES) <= named
    assert set(Mapping.model_fields) <= named


def test_every_code_of_a_spoilt_cell_has_a_meaning_in_four_languages() -> None:
    codes = {code for _, _, code in FAULTS} | {"merged-cells", "too-many-cells", "identifier-reused", "unmapped-label"}
    assert codes <= set(MESSAGES)
    assert all(set(texts) == set(LANGUAGES) and all(texts.values()) for texts in MESSAGES.values())
