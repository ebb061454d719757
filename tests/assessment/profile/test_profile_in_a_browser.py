"""The profile page in a real browser: four languages, nothing for axe to say, nothing asked of the outside."""

from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from tests.assessment.deliveries import Run
from tests.assessment.profile.browser import look
from tests.assessment.profile.people import consent, profile, somebody

LANGUAGES = ("fr", "nl", "de", "en")
HEADERS = ("content-type", "content-security-policy", "x-frame-options", "x-content-type-options", "referrer-policy")


@pytest.fixture
async def pages(run_service: Run) -> list[dict[str, Any]]:
    """The page as our service answers it, in each language, and the shared one."""
    async with run_service("assessment") as service:
        person = await somebody(service)
        await consent(service, person)
        answers = [(language, await profile(service, person, format="html", lang=language)) for language in LANGUAGES]
        answers.append(("shared", await profile(service, person, "partner-centre", "shared-profile", format="html")))
    return [
        {"name": name, "html": answer.text, "headers": {key: answer.headers[key] for key in HEADERS}}
        for name, answer in answers
    ]


@pytest.mark.timeout(600)
async def test_axe_finds_nothing_in_four_languages_and_nothing_leaves(
    pages: list[dict[str, Any]], tmp_path: Path
) -> None:
    broken = {**pages[0], "name": "broken"}
    broken["html"] = broken["html"].replace(' lang="fr"', "").replace("<style>", '<img src="http://x.invalid/"><style>')

    said = look([*pages, broken], tmp_path)

    print(f"{said['version']}; the pictures are in {tmp_path}")
    *looks, wide, narrow = said["looks"]
    assert {each["name"] for each in looks} == {*LANGUAGES, "shared"}
    for each in looks:
        assert each["violations"] == []
        assert [rule for rule in each["incomplete"] if rule["id"] != "color-contrast"] == []
        assert each["rules"] >= 15
        assert (each["refused"], each["complaints"], each["overflows"]) == ([], [], False)
    printed = [PdfReader(each["printed"]) for each in looks if each["printed"]]
    assert [len(each.pages) for each in printed] == [1] * len(pages)
    assert all(Path(picture).stat().st_size > 20_000 for each in looks for picture in each["pictures"])
    # And both would have been seen: a page without language, and one that asks for a picture.
    assert {rule["id"] for rule in wide["violations"]} >= {"html-has-lang", "image-alt"}
    assert any("Content Security Policy" in complaint for complaint in [*wide["complaints"], *narrow["complaints"]])
