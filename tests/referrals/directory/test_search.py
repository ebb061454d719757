"""Search: a need at a place, whom to ask first, and why."""

import random
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from services.referrals.domain.care_service import CareService
from services.referrals.domain.municipality import Municipalities
from services.referrals.domain.service_search import Place, Reach
from services.referrals.store import municipalities
from shared.testing.harness import UnderTest
from tests.referrals.directory.entries import (
    LIEGE,
    SAINT_NICOLAS,
    SERAING,
    SERVICES,
    SPA,
    codes,
    found,
    offered,
    registered,
    send,
)
from tests.referrals.pushes import faults


@pytest.fixture
def listed() -> Municipalities:
    """The municipality list that is shipped."""
    return municipalities()


async def test_a_need_at_a_place_finds_what_covers_both(referrals: UnderTest) -> None:
    await offered(referrals, "here")
    await offered(referrals, "elsewhere", communes=[SPA])
    await offered(referrals, "other-need", domains=["transport"])
    await offered(referrals, "everywhere", communes=[], whole_region=True)
    await offered(referrals, "ended", active=False)
    assert await codes(referrals, domain="housework", commune=LIEGE) == ["here", "everywhere"]
    assert await codes(referrals, domain="transport") == ["other-need"]
    assert await codes(referrals, commune=SPA) == ["elsewhere", "everywhere"]


async def test_whoever_has_room_comes_first_and_whoever_is_full_last(referrals: UnderTest) -> None:
    for code, room in (
        ("e", "full"), ("d", None), ("c", "waiting-list"), ("a", "available"), ("b", "assessment-needed"),
    ):  # fmt: skip
        await offered(referrals, code, room)
    rows = await found(referrals, domain="food", commune=LIEGE, language="fr")
    assert [row["code"] for row in rows] == ["a", "b", "c", "d", "e"]
    why = ["covers-place", "speaks-language", "verified-recently"]
    assert [row["because"] for row in rows] == [
        ["has-room", *why],
        ["assesses-first", *why],
        ["has-waiting-list", *why],
        ["capacity-unknown", *why],
        ["full", *why],
    ]
    assert await codes(referrals, capacity="waiting-list") == ["c"]


async def test_among_equals_a_named_place_comes_first_and_then_the_freshest(referrals: UnderTest) -> None:
    await offered(referrals, "old")
    referrals.clock.move(days=200)
    await offered(referrals, "region", communes=[], whole_region=True)
    await offered(referrals, "new")
    rows = await found(referrals, commune=LIEGE)
    assert [(row["code"], row["because"][1:]) for row in rows] == [
        ("new", ["covers-place", "verified-recently"]),
        ("old", ["covers-place", "to-be-verified"]),
        ("region", ["covers-region", "verified-recently"]),
    ]
    assert await codes(referrals, stale="true") == ["old"]
    assert set(await codes(referrals, stale="false")) == {"new", "region"}


async def test_a_postal_code_and_a_commune_are_never_taken_for_each_other(referrals: UnderTest) -> None:
    """4000 is a postal code of Liège and of Saint-Nicolas."""
    await offered(referrals, "by-commune", communes=[LIEGE])
    await offered(referrals, "by-postal-code", communes=[], postal_codes=["4000"])
    here = await found(referrals, commune=SAINT_NICOLAS)
    assert [(row["code"], row["because"][1]) for row in here] == [("by-postal-code", "may-cover-place")]
    there = await found(referrals, postal_code="4000")
    assert [(row["code"], row["because"][1]) for row in there] == [
        ("by-postal-code", "covers-place"),
        ("by-commune", "may-cover-place"),
    ]
    both = await found(referrals, commune=SAINT_NICOLAS, postal_code="4420")
    assert both == []


async def test_words_languages_and_organisations_narrow_a_search(referrals: UnderTest) -> None:
    await offered(referrals, "home-help")
    await offered(referrals, "meals", name="Repas à domicile", mission="Un repas chaud.", languages=["nl"])
    await offered(referrals, "chu-desk", organisation="chu", name="Écoute")
    assert await codes(referrals, q="menagere") == ["home-help"]
    assert await codes(referrals, q="REPAS domicile") == ["meals"]
    assert await codes(referrals, q="100%") == []
    assert await codes(referrals, language="nl") == ["meals"]
    assert await codes(referrals, organisation="chu") == ["chu-desk"]


REFUSED: list[tuple[str, tuple[str, str]]] = [
    ("domain=singing", ("/query/domain", "unknown_domain")),
    ("commune=99999", ("/query/commune", "unknown-commune")),
    ("comune=62063", ("/query/comune", "unknown-parameter")),
    ("capacity=some", ("/query/capacity", "not-one-of")),
]


async def test_a_search_for_what_does_not_exist_is_refused_not_answered_with_nothing(
    referrals: UnderTest,
) -> None:
    for query, fault in REFUSED:
        answer = await send(referrals, "line-nurse", "GET", f"{SERVICES}?{query}")
        assert (answer.status_code, faults(answer)) == (422, {fault}), query


async def test_pages_follow_the_order_and_hold_everything_once(referrals: UnderTest) -> None:
    rooms = ["full", None, "available"]
    for number in range(11):
        await offered(referrals, f"s{number}", rooms[number % 3], communes=[LIEGE] if number % 2 else [SERAING, LIEGE])
        referrals.clock.move(days=number % 3)
    whole = await codes(referrals, commune=LIEGE, limit=200)
    seen: list[str] = []
    path: str | None = f"{SERVICES}?commune={LIEGE}&limit=3"
    while path:
        answer = await send(referrals, "line-nurse", "GET", path)
        seen += [item["code"] for item in answer.json()["items"]]
        path = answer.headers["link"].removeprefix("<").split(">")[0] if answer.json()["next"] else None
    assert seen == whole
    assert len(set(seen)) == 11


def covers(
    communes: tuple[str, ...] = (), postal_codes: tuple[str, ...] = (), whole_region: bool = False
) -> CareService:
    """A service that covers just this."""
    return CareService(
        id=uuid4(),
        organisation="centre",
        code="x",
        communes=communes,
        postal_codes=postal_codes,
        whole_region=whole_region,
        updated_at=datetime(2026, 1, 1, tzinfo=UTC),
    )


def test_a_place_is_reached_by_name_by_region_or_perhaps(listed: Municipalities) -> None:
    liege, code, both = (
        Place.of(LIEGE, None, listed),
        Place.of(None, "4000", listed),
        Place.of(SAINT_NICOLAS, "4420", listed),
    )
    assert Place.of(None, None, listed) is None
    assert liege is not None
    assert code is not None
    assert both is not None
    cases = [
        (liege, covers(communes=(LIEGE,)), Reach.NAMED),
        (liege, covers(postal_codes=("4030",)), Reach.POSSIBLE),
        (liege, covers(postal_codes=("4420",)), None),
        (liege, covers(whole_region=True), Reach.REGION),
        (liege, covers(whole_region=True, communes=(LIEGE,)), Reach.NAMED),
        (code, covers(communes=(SAINT_NICOLAS,)), Reach.POSSIBLE),
        (code, covers(postal_codes=("4000",)), Reach.NAMED),
        (both, covers(communes=(LIEGE,), postal_codes=("4000",)), None),
        (both, covers(postal_codes=("4420",)), Reach.NAMED),
    ]
    assert [place.reach(service) for place, service, _ in cases] == [reach for _, _, reach in cases]


async def test_the_database_finds_exactly_what_the_rule_says(referrals: UnderTest, listed: Municipalities) -> None:
    chance = random.Random(11)
    communes, postal_codes = [LIEGE, SAINT_NICOLAS, SERAING, SPA], ["4000", "4420", "4100", "4900", "4030"]
    services: dict[str, CareService] = {}
    for number in range(40):
        near = tuple(chance.sample(communes, chance.randint(0, 2)))
        posts = tuple(chance.sample(postal_codes, chance.randint(0, 2)))
        whole = chance.random() < 0.2
        if near or posts or whole:
            code = f"s{number}"
            await registered(referrals, code=code, communes=near, postal_codes=posts, whole_region=whole)
            services[code] = covers(near, posts, whole)
    for commune in [None, *communes]:
        for postal_code in [None, *postal_codes]:
            place = Place.of(commune, postal_code, listed)
            if place is None:
                continue
            expected = {code: reach for code, service in services.items() if (reach := place.reach(service))}
            wanted = {"commune": commune, "postal_code": postal_code}
            asked = {name: value for name, value in wanted.items() if value}
            rows = await found(referrals, limit=200, **asked)
            ranks = [list(Reach).index(expected[row["code"]]) for row in rows]
            assert {row["code"] for row in rows} == set(expected)
            assert ranks == sorted(ranks)
