"""The page of a copy: readable in four languages, closed, and harmless whatever somebody wrote."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from html.parser import HTMLParser

import pytest

from shared.testing.harness import UnderTest
from tests.intake.people import CALL, ODETTE, registered
from tests.security.export.asking import OFFICER, answering, asked, collected

Run = Callable[..., AbstractAsyncContextManager[UnderTest]]
HOSTILE = "<script>alert('é')</script><img src=x onerror=alert(1)>{{ 7 * 7 }}"
VOID = {"meta", "br", "img", "link"}


class Page(HTMLParser):
    """The elements of a page, each closed where it must be."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.mark.parametrize(
    ("language", "title", "masked"),
    [
        ("fr", "Copie de vos données", "un membre du personnel"),
        ("nl", "Kopie van uw gegevens", "een personeelslid"),
        ("de", "Kopie Ihrer Daten", "eine Mitarbeiterin oder ein Mitarbeiter"),
        ("en", "Copy of your data", "a member of staff"),
    ],
)
async def test_a_page_is_read_in_four_languages_and_runs_nothing(
    run_service: Run, language: str, title: str, masked: str
) -> None:
    async with run_service("intake") as intake, intake.client(OFFICER) as officer:
        person = await registered(intake, {**ODETTE, "family_name": "O'Brien & Söhne"})
        async with intake.client("line-nurse") as nurse:
            assert (
                await nurse.post("/intake/contacts", json={**CALL, "person_id": person, "note": HOSTILE})
            ).is_success
        answering(intake, person, cases={"note": HOSTILE})
        made = await asked(officer, person, language=language)
        await collected(intake)
        answer = await officer.get(f"/intake/exports/{made['id']}/document.html")
        assert answer.headers["content-language"] == language
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert answer.headers["cache-control"] == "no-store"
        page = Page(answer.text)
        assert page.open == []
        tags = [tag for tag, _ in page.seen]
        assert (tags[0], page.seen[0][1]["lang"]) == ("html", language)
        assert tags.count("h1") == tags.count("main") == tags.count("title") == 1
        assert not {"script", "img", "link", "iframe", "a", "form"} & set(tags)
        assert not [
            name for _, held in page.seen for name in held if name in ("src", "href", "style") or "on" in name[:2]
        ]
        assert all(held.get("scope") == "col" for tag, held in page.seen if tag == "th")
        assert page.text.count(HOSTILE) == 2, "told as it was written"
        for said in (title, masked, "O'Brien & Söhne", "03/02/1950"):
            assert said in page.text, said
        assert person not in page.text, "ids tell a reader nothing"
        assert "family_name" not in page.text
        other = await officer.get(f"/intake/exports/{made['id']}/document.html", params={"lang": "de"})
        assert "Kopie Ihrer Daten" in other.text
