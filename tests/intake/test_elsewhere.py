"""Already followed elsewhere: yes, maybe or no, and not a word more before the person agrees."""

import asyncio
import hashlib
import hmac
import json
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from shared.testing.harness import UnderTest
from tests.intake.people import ODETTE, faults, niss_of, registered, told

Run = Callable[..., AbstractAsyncContextManager[UnderTest]]

NISS = niss_of(1950, 2, 3, 12)
OLD, NEW = "an old secret that programmes share", "a new secret that programmes share"
CONSENT = {"given": True, "kind": "oral", "on": "2026-11-18", "by": "person"}


@pytest.fixture
def keys(tmp_path: Path) -> str:
    """The file of the shared keys, the newest last."""
    path = tmp_path / "keys.json"
    path.write_text(json.dumps({"2025": OLD, "2026": NEW}))
    return str(path)


def niss_mark(niss: str, key: str = NEW) -> str:
    """The mark of a NISS as another programme makes it."""
    return hmac.new(key.encode(), f"niss:{niss}".encode(), hashlib.sha256).hexdigest()


async def tell(intake: UnderTest, programme: str = "centre", persona: str = "partner-centre", **marks: Any) -> Any:
    """Another programme tells its marks."""
    async with intake.client(persona) as partner:
        return await partner.put(f"/intake/elsewhere/{programme}/marks", json={"key_id": "2026", **marks})


async def check(client: httpx.AsyncClient, person_id: str) -> httpx.Response:
    """Ask whether another programme follows a person."""
    return await client.post(f"/intake/persons/{person_id}/elsewhere-check")


async def our_marks(intake: UnderTest) -> list[dict[str, Any]]:
    """What a partner may fetch."""
    async with intake.client("partner-centre") as partner:
        found: list[dict[str, Any]] = (await partner.get("/intake/elsewhere/marks")).json()["items"]
        return found


async def test_the_same_niss_is_yes_whatever_the_name_and_by_an_older_key_too(run_service: Run, keys: str) -> None:
    async with run_service("intake", elsewhere_keys=keys) as intake, intake.client("line-nurse") as nurse:
        person = await registered(intake, ODETTE, niss=NISS)
        assert (await check(nurse, person)).json() == {"answer": "no"}
        assert (await tell(intake, niss=[niss_mark(NISS)])).json() == {"marks": 1}
        assert (await check(nurse, person)).json() == {"answer": "yes"}
        await tell(intake, niss=[])
        assert (await check(nurse, person)).json() == {"answer": "no"}
        await tell(intake, key_id="2025", niss=[niss_mark(NISS, OLD)])
        assert (await check(nurse, person)).json() == {"answer": "yes"}
        await tell(intake, key_id="2025", niss=[niss_mark(NISS, NEW)])
        assert (await check(nurse, person)).json() == {"answer": "no"}


async def test_the_same_name_by_ear_and_the_same_birth_date_is_maybe(run_service: Run, keys: str) -> None:
    async with run_service("intake", elsewhere_keys=keys) as intake, intake.client("line-nurse") as nurse:
        mohamed = {"family_name": "El Amrani", "given_names": "Mohammed", "birth_date": "1960-05-06"}
        person = await registered(intake, mohamed)
        await nurse.put(f"/intake/persons/{person}/elsewhere-consent", json=CONSENT)
        [mark] = await our_marks(intake)
        assert (mark["key_id"], mark["niss"]) == ("2026", None)
        await tell(intake, name=[mark["name"]])
        twin = await registered(intake, {**mohamed, "given_names": "Mohamed"} | {"niss": niss_of(1960, 5, 6, 11)})
        other = await registered(intake, {**mohamed, "birth_date": "1961-05-06"})
        assert (await check(nurse, twin)).json() == {"answer": "maybe"}
        assert (await check(nurse, other)).json() == {"answer": "no"}


async def test_an_answer_tells_nothing_else_and_the_asking_is_on_record(run_service: Run, keys: str) -> None:
    async with run_service("intake", elsewhere_keys=keys) as intake, intake.client("line-nurse") as nurse:
        person = await registered(intake, ODETTE, niss=NISS)
        await tell(intake, niss=[niss_mark(NISS)])
        answer = await check(nurse, person)
        assert answer.json() == {"answer": "yes"}
        assert "centre" not in answer.text + str(answer.headers)
        [fact] = await told(intake, "elsewhere-checked")
        assert fact.keys() == {"check_id", "person_id"}
        assert fact["person_id"] == person


async def test_nobody_asks_about_everybody(run_service: Run, keys: str) -> None:
    settings = {"elsewhere_keys": keys, "elsewhere_checks_per_hour": 3}
    async with run_service("intake", **settings) as intake, intake.client("line-nurse") as nurse:
        person = await registered(intake, ODETTE, niss=NISS)
        answers = await asyncio.gather(*(check(nurse, person) for _ in range(5)))
        assert sorted(answer.status_code for answer in answers) == [200, 200, 200, 429, 429]
        asked = await nurse.post("/intake/joint-case-questions", json={"person_id": person, "consent": CONSENT})
        assert (asked.status_code, asked.json()["code"]) == (429, "too-many-checks")
        intake.clock.move(hours=1, seconds=1)
        assert (await check(nurse, person)).status_code == 200


async def test_only_people_who_agree_are_in_the_list_that_partners_fetch(run_service: Run, keys: str) -> None:
    async with run_service("intake", elsewhere_keys=keys) as intake, intake.client("line-nurse") as nurse:
        person = await registered(intake, ODETTE, niss=NISS)
        await registered(intake, {"family_name": "Dupont", "given_names": "Luc", "birth_date": "1944-01-01"})
        assert await our_marks(intake) == []
        path = f"/intake/persons/{person}/elsewhere-consent"
        assert (await nurse.put(path, json=CONSENT)).status_code == 204
        [mark] = await our_marks(intake)
        assert mark["niss"] == niss_mark(NISS)
        assert (await nurse.put(path, json={**CONSENT, "given": False})).status_code == 204
        assert await our_marks(intake) == []
        late = await nurse.put(path, json={**CONSENT, "on": "2031-01-01"})
        assert (late.status_code, faults(late)) == (422, {("/on", "in-future")})


async def test_a_joint_case_is_asked_with_consent_alone_and_answered_once(run_service: Run, keys: str) -> None:
    async with run_service("intake", elsewhere_keys=keys) as intake, intake.client("line-nurse") as nurse:
        person = await registered(intake, ODETTE, niss=NISS)
        await tell(intake, niss=[niss_mark(NISS)])
        question = {"person_id": person, "consent": {**CONSENT, "given": False}}
        refused = await nurse.post("/intake/joint-case-questions", json=question)
        assert (refused.status_code, faults(refused)) == (422, {("/consent/given", "consent-required")})
        assert "centre" not in refused.text
        asked = await nurse.post("/intake/joint-case-questions", json={**question, "consent": CONSENT})
        again = await nurse.post("/intake/joint-case-questions", json={**question, "consent": CONSENT})
        [view] = asked.json()["items"]
        assert (view["asked_programme"], view["person_id"], view["mark"]) == ("centre", person, None)
        assert again.json()["items"] == [view]
        facts = await told(intake, "joint-case-asked")
        assert facts == [{"question_id": view["id"], "person_id": person, "programme": "centre"}]
        path = f"/intake/joint-case-questions/{view['id']}"
        async with intake.client("partner-centre") as partner, intake.client("partner-other") as stranger:
            [seen] = (await partner.get("/intake/joint-case-questions")).json()["items"]
            assert (seen["mark"], seen["person_id"]) == (niss_mark(NISS), None)
            assert (await stranger.get(path)).status_code == 404
            assert (await stranger.get("/intake/joint-case-questions")).json()["items"] == []
            yes, version = {"answer": "accepted"}, {"if-match": '"1"'}
            assert (await stranger.post(f"{path}/answer", json=yes, headers=version)).status_code == 404
            accepted = await partner.post(f"{path}/answer", json=yes, headers=version)
            assert (accepted.status_code, accepted.json()["state"]) == (201, "accepted")
            twice = await partner.post(f"{path}/answer", json=yes, headers={"if-match": '"2"'})
            assert (twice.status_code, twice.json()["code"]) == (409, "question-over")
        late = await nurse.post(f"{path}/withdrawal", headers={"if-match": '"2"'})
        assert late.status_code == 409
        answered = await told(intake, "joint-case-answered")
        assert answered == [{"question_id": view["id"], "person_id": person, "state": "accepted"}]


async def test_without_a_match_or_without_keys_nobody_is_asked(run_service: Run, keys: str, tmp_path: Path) -> None:
    async with run_service("intake", elsewhere_keys=keys) as intake, intake.client("line-nurse") as nurse:
        person = await registered(intake, ODETTE, niss=NISS)
        body = {"person_id": person, "consent": CONSENT}
        answer = await nurse.post("/intake/joint-case-questions", json=body)
        assert (answer.status_code, answer.json()["code"]) == (409, "not-followed-elsewhere")
        body["person_id"] = str(uuid4())
        assert (await nurse.post("/intake/joint-case-questions", json=body)).status_code == 422
    (tmp_path / "short.json").write_text('{"2026": "short"}')
    for path in ("", str(tmp_path / "none.json"), str(tmp_path / "short.json")):
        async with run_service("intake", elsewhere_keys=path) as intake, intake.client("line-nurse") as nurse:
            person = await registered(intake, ODETTE, niss=NISS)
            answer = await check(nurse, person)
            assert (answer.status_code, answer.json()["code"]) == (409, "no-shared-keys")


async def test_a_partner_tells_its_own_marks_alone(run_service: Run, keys: str) -> None:
    async with run_service("intake", elsewhere_keys=keys) as intake:
        assert (await tell(intake, "partner-other")).status_code == 404
        assert (await tell(intake, "relais", "operator")).status_code == 404
        assert (await tell(intake, "partner-other", "operator")).status_code == 200
        assert (await tell(intake, persona="line-nurse")).status_code == 403
        wrong = await tell(intake, niss=[NISS])
        assert (wrong.status_code, faults(wrong)) == (422, {("/niss/0", "wrong-format")})
        assert NISS not in wrong.text
