"""A foreign ELADEB sheet becomes ours by a mapping file: nothing is guessed, nothing unmapped is repeated."""

import copy
import json
from typing import Any

import pytest

from services.referrals.domain import Sheet
from services.referrals.domain.sheet_check import check_sheet
from services.referrals.formats.table import convert, shipped_mapping
from services.referrals.formats.table.foreign_sheet import folded
from services.referrals.store.instruments import SHIPPED
from shared.testing.harness import UnderTest
from tests.referrals.imports.files import SMALL, errors, finished, send

ELADEB = SHIPPED["eladeb-r", "2011"]
MAPPING = shipped_mapping("eladeb-browser-form")
JSON = {"content-type": "application/json"}

LABELLED: dict[str, Any] = {
    "id": "mabc123",
    "timestamp": "2026-11-18T23:30:00.000Z",
    "domains": [
        {"label": "Entretien du ménage", "difficulty": 2, "need": {"urgency": 1, "origin": "Famille"}},
        {"label": "DROIT ET JUSTICE", "difficulty": "Pas de problème", "need": "Pas besoin"},
        {"label": "sante psychique", "difficulty": "Très important", "urgency": "Urgent", "origin": ["P", "E"]},
        {"label": "Spiritualité & croyances", "difficulty": {"presence": True, "intensity": 1}},
        {"label": "Temps libre"},
    ],
}


def positional() -> dict[str, Any]:
    """A record as the browser form keeps it: two lists in the order of the cards, without labels."""
    needed = [at % 3 == 1 for at in range(21)]
    return {
        "id": "mabc124",
        "timestamp": "2026-11-18T10:00:00.000Z",
        "data": {
            "initialQuestion": "",
            "difficulties": [{"presence": bool(at % 2), "intensity": at % 4 if at % 2 else 0} for at in range(21)],
            "needs": [{"presence": yes, "urgency": 2 if yes else 0, "origin": "P" if yes else "?"} for yes in needed],
            "priority": "",
        },
    }


def faults(foreign: Any) -> list[tuple[str, str]]:
    """What cannot be mapped, as (pointer, code)."""
    return [(fault.pointer, fault.code) for fault in convert(foreign, MAPPING).faults]


def test_french_labels_words_and_numbers_become_cards_levels_and_sources() -> None:
    converted = convert(LABELLED, MAPPING)
    assert converted.faults == []
    assert converted.answers == {
        "housework": {"difficulty": 2, "need": 1, "sources": ["F"]},
        "law_justice": {"difficulty": 0, "need": 0},
        "mental_health": {"difficulty": 3, "need": 3, "sources": ["P", "E"]},
        "spirituality": {"difficulty": 1},
        "leisure": {},
    }
    assert converted.fields["identifier"] == "mabc123"
    assert converted.fields["filled_on"] == "2026-11-19"


def test_two_lists_in_the_order_of_the_cards_become_a_whole_sheet() -> None:
    converted = convert(positional(), MAPPING)
    assert converted.faults == []
    assert list(converted.answers) == list(ELADEB.cards)
    assert converted.answers["finances"] == {"difficulty": 1, "need": 2, "sources": ["P"]}
    assert converted.answers["living_place"] == {"difficulty": 0, "need": 0}
    sheet = Sheet.model_validate({**converted.fields, "answers": converted.answers})
    assert list(check_sheet(ELADEB, sheet, ("sheets", 0))) == []


def test_every_published_card_has_its_label() -> None:
    assert [card.card for card in MAPPING.cards] == list(ELADEB.cards)
    labels = [folded(label) for card in MAPPING.cards for label in card.labels]
    assert len(labels) == len(set(labels))


@pytest.mark.parametrize(
    ("number", "change", "pointer", "code"),
    [
        (0, {"label": "Jardinage"}, "/domains/0/label", "unmapped-label"),
        (1, {"label": None}, "/domains/1/label", "unmapped-label"),
        (2, {"label": "Ménage"}, "/domains/2/label", "repeated-card"),
        (1, {"difficulty": "bof"}, "/domains/1/difficulty", "unmapped-value"),
        (1, {"difficulty": 4}, "/domains/1/difficulty", "unmapped-value"),
        (1, {"difficulty": 1.5}, "/domains/1/difficulty", "unmapped-value"),
        (0, {"need": {"presence": True, "urgency": 0}}, "/domains/0", "level-missing"),
        (0, {"need": {"presence": False, "urgency": 2}}, "/domains/0", "contradiction"),
        (2, {"origin": "Voisine"}, "/domains/2/origin", "unmapped-value"),
        (1, {"origin": "P"}, "/domains/1/need/origin", "source_without_need"),
    ],
)
def test_what_is_not_mapped_is_named_by_its_place(number: int, change: dict[str, Any], pointer: str, code: str) -> None:
    foreign = copy.deepcopy(LABELLED)
    foreign["domains"][number] |= change
    assert faults(foreign) == [(pointer, code)]


@pytest.mark.parametrize("foreign", [{}, [], None, "x", {"domains": {}}, {"data": {"difficulties": 3}}])
def test_a_record_of_another_shape_is_refused(foreign: Any) -> None:
    assert faults(foreign) == [("", "no-known-layout")]


def test_free_text_has_no_place_in_our_sheet_and_is_said_to_be_left_out() -> None:
    foreign = positional()
    foreign["data"]["needs"][4]["detail"] = "ma voisine Odette"
    converted = convert(foreign, MAPPING)
    assert converted.left_out == ["/data/needs/4/detail"]
    assert "Odette" not in str(converted)


async def test_a_foreign_sheet_is_converted_without_storing_anything(referrals: UnderTest) -> None:
    async with referrals.client("hospital-chu") as client:
        good = await client.post(
            "/referrals/sheets/mapping", json={"mapping": "eladeb-browser-form", "sheet": LABELLED}
        )
        own = {**json.loads(MAPPING.model_dump_json()), "cards": [{"card": "leisure", "labels": ["Temps libre"]}]}
        bad = await client.post("/referrals/sheets/mapping", json={"mapping": own, "sheet": LABELLED})
        unknown = await client.post("/referrals/sheets/mapping", json={"mapping": "other", "sheet": LABELLED})
    assert good.json()["faults"] == []
    assert good.json()["sheet"]["answers"]["housework"] == {"difficulty": 2, "need": 1, "sources": ["F"]}
    assert bad.json()["sheet"] is None
    assert [fault["pointer"] for fault in bad.json()["faults"]] == [f"/domains/{number}/label" for number in range(4)]
    assert "Entretien" not in bad.text
    assert (unknown.status_code, unknown.json()["code"]) == (422, "unknown-mapping")


async def test_rows_bring_their_foreign_sheets_and_a_bad_one_rejects_its_row_alone(referrals: UnderTest) -> None:
    bad = copy.deepcopy(LABELLED)
    bad["domains"][3]["label"] = "Jardinage"
    rows = [
        {**SMALL, "identifier_value": "F-1", "foreign_sheet": LABELLED, "row": 2},
        {**SMALL, "identifier_value": "F-2", "foreign_sheet": bad, "row": 3},
        {**SMALL, "identifier_value": "F-3", "consent_given": True, "row": 4},
    ]
    body = json.dumps(rows).encode()
    found = await finished(referrals, await send(referrals, body, JSON, mapping="eladeb-browser-form"))
    assert (found["received"], found["rejected"]) == (2, 1)
    assert await errors(referrals, found["id"]) == [(3, "foreign_sheet/domains/3/label", "unmapped-label")]
    async with referrals.client("hospital-chu") as client:
        views = [
            (await client.get(f"/referrals/{each['id']}")).json()
            for each in (await client.get("/referrals")).json()["items"]
        ]
    sheets = [view["document"]["sheets"] for view in views if view["identifier_value"] == "F-1"]
    assert sheets[0][0]["answers"]["mental_health"] == {"difficulty": 3, "need": 3, "sources": ["P", "E"]}


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"[]", "no-rows"),
        (b'[{"shoe": 1}]', "unknown-column"),
        (b'[{"niss": {}}]', "wrong-type"),
        (b"[1]", "wrong-type"),
        (b'[{"row": 1}, {"row": 1}]', "repeated"),
    ],
)
async def test_a_list_of_rows_of_the_wrong_shape_is_refused(referrals: UnderTest, body: bytes, code: str) -> None:
    answer = await send(referrals, body, JSON, mapping="eladeb-browser-form")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["code"] == code
