"""Two people with a mark in every personal field walk the whole road: the copy of one has all of hers, none of his."""

import re
from dataclasses import dataclass
from typing import Any

import pytest

from shared.local.road import Road
from tests.security.canaries.walking import Walk
from tests.security.export.asking import OFFICER
from tests.town import Town

OF_OTHERS = frozenset(
    {
        "Document.person.relatives[].name",
        "Document.person.relatives[].phone",
        "Document.stay.unit_contact",
        "Minutes.summary",
    }
)
"""Fields about somebody else: a relative, a colleague on the ward, and what a meeting says of nobody in particular."""
DAY = re.compile(r"\b(\d\d)/(\d\d)/(\d{4})\b")


@dataclass
class Person(Walk):
    """Somebody who walks the road without mistakes; only one is spoken about at the meeting."""

    id: str = ""
    is_met: bool = False

    async def errors(self, document: dict[str, Any], referral: str, person: str) -> None:
        """No mistakes: all that is sown stands somewhere."""
        self.id = person

    async def met(self, case: str) -> None:
        """The meeting of today is held once."""
        if self.is_met:
            await super().met(case)

    def own(self) -> dict[str, str]:
        """The marks that are hers to know; a word in the place of her NISS gave way to a number that is one."""
        known = {mark: where for mark, where in self.marks.sown.items() if where not in OF_OTHERS}
        return {mark: where for mark, where in known.items() if mark.isdigit() or not where.endswith(".niss")}


async def copy_of(road: Road, person: str) -> tuple[str, str]:
    """Her copy as JSON and as a page, once it is complete."""
    client = await road.client(OFFICER)
    made = await client.post(f"/intake/persons/{person}/exports", json={"asked_by": "person", "language": "nl"})
    assert made.status_code == 202, made.text
    path = made.headers["location"]

    async def complete() -> bool:
        return bool((await road.get(OFFICER, path))["state"] == "complete")

    await road.until("the copy", complete)
    document = await client.get(f"{path}/document")
    page = await client.get(f"{path}/document.html")
    assert (document.status_code, page.status_code) == (200, 200)
    return document.text, DAY.sub(r"\3-\2-\1", page.text)


@pytest.mark.timeout(900)
async def test_a_copy_holds_all_of_a_person_and_nothing_of_another(town: Town, road: Road) -> None:
    odette, marcel = Person(town, road, is_met=True), Person(town, road)
    for each in (odette, marcel):
        await each.whole()
        assert len(each.own()) > 40
    for one, other in ((odette, marcel), (marcel, odette)):
        for copy in await copy_of(road, one.id):
            found = one.marks.found_in(copy)
            assert {mark: where for mark, where in one.own().items() if mark not in found} == {}, "all of hers"
            assert other.marks.found_in(copy) == {}, "none of another's"
            assert not set(found.values()) & OF_OTHERS, "third parties are masked"
            assert "case-manager-nurse-1" not in copy
        document, _ = await copy_of(road, one.id)
        for service in ("intake", "referrals", "assessment", "cases", "scheduler"):
            assert f'"service":"{service}"' in document.replace(" ", "")
        assert '"purpose":"' in document.replace(" ", "")
