"""A contact while it is written: saved as typed, told to nobody, made final once."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from services.intake.domain.draft import merged
from tests.intake.contacts.desk import RELAYED, Desk
from tests.intake.people import CALL, faults

Open = Callable[..., AbstractAsyncContextManager[Desk]]
DRAFTS = "/intake/contacts/drafts"


async def test_a_call_is_typed_bit_by_bit_and_made_final(open_desk: Open) -> None:
    async with open_desk() as desk:
        opened = await desk.nurse.post(DRAFTS)
        assert opened.status_code == 201, opened.text
        path, draft = opened.headers["location"], opened.json()
        tag = opened.headers["etag"]
        patches: list[dict[str, Any]] = [
            {"note": "Asks ab", "caller": {"kind": "rel"}},
            {"note": "Asks about the pill box", "caller": {"kind": "relative", "relation": "son"}, "language": "f"},
            {**CALL, "language": "fr", "caller": {"relation": None}},
        ]
        for patch in patches:
            saved = await desk.nurse.patch(path, json=patch, headers={"if-match": tag})
            assert saved.status_code == 200, saved.text
            tag = saved.headers["etag"]
        assert saved.json()["content"]["caller"] == {"kind": "relative"}
        assert (await desk.read(path)) == saved.json()
        assert await desk.intake.types() == []
        final = await desk.nurse.post(f"{path}/finalisation", headers={"if-match": tag})
        assert final.status_code == 201, final.text
        assert final.json()["id"] == draft["id"]
        assert await desk.intake.types() == ["intake.contact-recorded.v1"]
        assert (await desk.nurse.get(path)).status_code == 404


async def test_a_draft_with_faults_stays_and_says_all_of_them(open_desk: Open) -> None:
    async with open_desk() as desk:
        body = {"note": "kept", "caller": {"kind": "dog"}, "started_at": "yesterday", "outcome": "relayed"}
        path = (await desk.nurse.post(DRAFTS, json=body)).headers["location"]
        answer = await desk.post(f"{path}/finalisation")
        assert answer.status_code == 422
        assert {("/caller/kind", "not-one-of"), ("/reason", "required"), ("/channel", "required")} <= faults(answer)
        assert (await desk.read(path))["content"] == body
        without = (await desk.nurse.post(DRAFTS, json=RELAYED)).headers["location"]
        assert faults(await desk.post(f"{without}/finalisation")) == {("/person_id", "required")}


async def test_made_final_twice_is_one_contact(open_desk: Open) -> None:
    async with open_desk() as desk:
        body = {**RELAYED, "person_id": await desk.person()}
        path = (await desk.nurse.post(DRAFTS, json=body)).headers["location"]
        answers = await asyncio.gather(*(desk.post(f"{path}/finalisation") for _ in range(4)))
        assert {answer.status_code for answer in answers} == {201}
        assert len({answer.content for answer in answers}) == 1
        assert len(await desk.told("case-management-requested")) == 1
        assert len(await desk.told("contact-recorded")) == 1


async def test_two_screens_do_not_overwrite_each_other(open_desk: Open) -> None:
    async with open_desk() as desk:
        path = (await desk.nurse.post(DRAFTS, json={"note": "a"})).headers["location"]
        first = await desk.nurse.patch(path, json={"note": "b"}, headers={"if-match": '"1"'})
        second = await desk.nurse.patch(path, json={"note": "c"}, headers={"if-match": '"1"'})
        assert (first.status_code, second.status_code) == (200, 412)
        assert (await desk.nurse.patch(path, json={"note": "c"})).status_code == 428
        assert (await desk.nurse.post(f"{path}/finalisation")).status_code == 428
        assert (await desk.post(f"{path}/finalisation")).status_code == 412


async def test_what_no_contact_has_or_is_too_much_is_refused_and_what_was_there_stays(open_desk: Open) -> None:
    async with open_desk() as desk:
        path = (await desk.nurse.post(DRAFTS, json={"note": "a"})).headers["location"]
        bad: list[tuple[dict[str, Any], tuple[str, str]]] = [
            ({"mood": "calm"}, ("/mood", "unknown-field")),
            ({"no field": 1}, ("", "unknown-field")),
            ({"note": "x" * 20_001}, ("/note", "too-long")),
            ({"topics": ["x" * 90_000]}, ("", "too-long")),
        ]
        for patch, fault in bad:
            answer = await desk.nurse.patch(path, json=patch, headers={"if-match": '"1"'})
            assert (answer.status_code, faults(answer)) == (422, {fault})
        assert (await desk.nurse.post(DRAFTS, json={"note": "x" * 1_100_000})).status_code == 413
        assert (await desk.read(path))["content"] == {"note": "a"}


async def test_drafts_left_behind_are_seen_by_the_line_and_by_nobody_else(open_desk: Open) -> None:
    async with open_desk() as desk:
        mine = (await desk.nurse.post(DRAFTS, json={"note": "secret"})).json()["id"]
        desk.intake.clock.move(hours=13)
        async with desk.intake.client("line-nurse", sub="nurse-two") as colleague:
            theirs = (await colleague.post(DRAFTS)).json()["id"]
            assert [item["id"] for item in (await colleague.get(DRAFTS)).json()["items"]] == [theirs]
            everybody = (await colleague.get(f"{DRAFTS}?of=all")).json()["items"]
            assert [(item["id"], item["is_left_behind"]) for item in everybody] == [(mine, True), (theirs, False)]
            assert "secret" not in str(everybody)
            gone = await colleague.delete(f"{DRAFTS}/{theirs}", headers={"if-match": '"1"'})
            assert gone.status_code == 204
        async with desk.intake.client("line-nurse", org_id="other") as stranger:
            assert (await stranger.get(f"{DRAFTS}/{mine}")).status_code == 404
            assert (await stranger.get(f"{DRAFTS}?of=all")).json()["items"] == []
        async with desk.intake.client("coordinator") as coordinator:
            assert (await coordinator.get(DRAFTS)).status_code == 403


async def test_a_colleague_finishes_and_the_contact_stays_hers_who_had_it(open_desk: Open) -> None:
    async with open_desk() as desk:
        draft = (await desk.nurse.post(DRAFTS, json=CALL)).json()
        async with desk.intake.client("line-nurse", sub="nurse-two") as colleague:
            path = f"{DRAFTS}/{draft['id']}/finalisation"
            final = await colleague.post(path, headers={"if-match": '"1"'})
        assert final.json()["agent"] == draft["agent"] != "nurse-two"


JSON = st.recursive(
    st.none() | st.integers() | st.text(max_size=3),
    lambda inner: st.dictionaries(st.sampled_from("abc"), inner, max_size=3) | st.lists(inner, max_size=2),
    max_leaves=8,
)


@given(JSON, st.dictionaries(st.sampled_from("abc"), JSON, max_size=3))
def test_a_merge_patch_sets_what_it_says_and_saying_it_twice_changes_nothing(
    before: Any, patch: dict[str, Any]
) -> None:
    once = merged(before, patch)
    assert merged(once, patch) == once
    for name, value in patch.items():
        assert (name not in once) if value is None else isinstance(value, dict) or once[name] == value
    untouched = set(before) - set(patch) if isinstance(before, dict) else set()
    assert all(once[name] == before[name] for name in untouched)
