"""The audit is chained: whatever is done to a row of it afterwards is named, and where."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.audit.chain import FIRST, Sealed, link_after
from shared.audit.entry import Entry
from shared.audit.keys import Keys
from shared.audit.record import INSERT
from shared.ids import new_id
from tests.conftest import Databases, load
from tests.security.audit.chained import LONG_AGO, Chain
from tests.server import TestServer
from tests.shared.toy_service import run_counting

COUNT = 12
ROW_OF = "(SELECT record FROM audit_seal WHERE sequence = {})"
FORGED = f"""
    INSERT INTO audit_record SELECT (r).* FROM (
        SELECT jsonb_populate_record(r, jsonb_build_object('id', gen_random_uuid())) r FROM audit_record r
        WHERE id = {ROW_OF.format(4)}
    ) made
"""


@pytest.fixture
async def chain(postgres: TestServer) -> AsyncIterator[Chain]:
    """Twelve sealed records."""
    async with run_counting(postgres) as counting:
        chain = Chain(counting, postgres)
        await chain.write(COUNT)
        await chain.sealer.run()
        yield chain


async def test_an_untouched_chain_is_whole(chain: Chain) -> None:
    verdict = await chain.verify()
    assert (verdict.links, verdict.waiting, verdict.finding) == (COUNT, 0, None)


EDITS = {
    "subject": "'somebody-else'",
    "entities": "ARRAY[gen_random_uuid()]",
    "at": "at - interval '1 day'",
    "outcome": "'refused'",
    "route": "'/elsewhere'",
    "mac": "'\\x00'::bytea",
    "break_glass": "gen_random_uuid()",
}


async def test_an_edited_row_is_named_whatever_was_edited(chain: Chain) -> None:
    await chain.by_superuser("CREATE TABLE kept AS TABLE audit_record")
    for column, value in EDITS.items():
        await chain.by_superuser(f"UPDATE audit_record SET {column} = {value} WHERE id = {ROW_OF.format(5)}")
        assert await chain.found() == (5, "edited"), column
        await chain.by_superuser("TRUNCATE audit_record", "INSERT INTO audit_record TABLE kept")
    assert await chain.found() is None


async def test_an_edited_row_whose_seal_was_made_to_fit_is_named(chain: Chain) -> None:
    await chain.by_superuser(
        f"UPDATE audit_record SET subject = 'x', mac = '\\x01' WHERE id = {ROW_OF.format(5)}",
        "UPDATE audit_seal SET mac = '\\x01' WHERE sequence = 5",
    )
    assert await chain.found() == (5, "edited")


async def test_a_deleted_row_is_named(chain: Chain) -> None:
    await chain.by_superuser(f"DELETE FROM audit_record WHERE id = {ROW_OF.format(7)}")
    assert await chain.found() == (7, "deleted")


async def test_a_row_deleted_with_its_link_is_named(chain: Chain) -> None:
    await chain.by_superuser(
        f"DELETE FROM audit_record WHERE id = {ROW_OF.format(7)}", "DELETE FROM audit_seal WHERE sequence = 7"
    )
    assert await chain.found() == (7, "deleted")


async def test_a_row_deleted_with_its_link_and_the_gap_closed_is_named(chain: Chain) -> None:
    await chain.by_superuser(
        f"DELETE FROM audit_record WHERE id = {ROW_OF.format(7)}",
        "DELETE FROM audit_seal WHERE sequence = 7",
        "UPDATE audit_seal SET sequence = sequence + 1000 WHERE sequence > 7",
        "UPDATE audit_seal SET sequence = sequence - 1001 WHERE sequence > 1000",
    )
    assert await chain.found() == (7, "deleted")


async def test_an_inserted_row_is_named_and_never_sealed(chain: Chain) -> None:
    await chain.by_superuser(FORGED)
    await chain.sealer.run()
    finding = (await chain.verify()).finding
    assert finding is not None
    assert finding.wrong == "inserted"
    await chain.write(2)
    await chain.sealer.run()
    assert (await chain.verify()).links == COUNT + 2


async def test_a_row_inserted_into_the_chain_is_named(chain: Chain) -> None:
    await chain.by_superuser(
        FORGED,
        "UPDATE audit_seal SET sequence = sequence + 1000 WHERE sequence >= 6",
        "UPDATE audit_seal SET sequence = sequence - 999 WHERE sequence > 1000",
        "INSERT INTO audit_seal SELECT 6, r.id, r.at, r.xid, r.mac, r.key_id, '\\x02' FROM audit_record r "
        "WHERE NOT EXISTS (SELECT FROM audit_seal WHERE record = r.id)",
    )
    assert await chain.found() == (6, "inserted")


@pytest.mark.parametrize(("one", "other"), [(3, 4), (3, 9)])
async def test_reordered_rows_are_named(chain: Chain, one: int, other: int) -> None:
    await chain.by_superuser(
        f"UPDATE audit_seal SET sequence = -1 WHERE sequence = {one}",
        f"UPDATE audit_seal SET sequence = {one} WHERE sequence = {other}",
        f"UPDATE audit_seal SET sequence = {other} WHERE sequence = -1",
    )
    assert await chain.found() == (one, "reordered")


async def test_of_several_the_first_is_named(chain: Chain) -> None:
    await chain.by_superuser(
        f"DELETE FROM audit_record WHERE id = {ROW_OF.format(8)}",
        f"UPDATE audit_record SET status = 404 WHERE id = {ROW_OF.format(2)}",
    )
    assert await chain.found() == (2, "edited")


async def test_an_end_that_was_cut_off_is_missed_by_the_anchor(chain: Chain) -> None:
    chain.running.clock.move(hours=2)
    assert await chain.sealer.anchor()
    assert not await chain.sealer.anchor()
    [(kind, fact)] = await chain.running.announced()
    assert (kind, fact["sequence"]) == ("counting.audit-anchored.v1", COUNT)

    cut = f"DELETE FROM audit_record WHERE id IN (SELECT record FROM audit_seal WHERE sequence > {COUNT - 3})"
    await chain.by_superuser(cut, f"DELETE FROM audit_seal WHERE sequence > {COUNT - 3}")
    assert await chain.found() == (COUNT - 2, "truncated")
    await chain.by_superuser("DELETE FROM audit_anchor")
    assert await chain.found() == (COUNT - 2, "truncated")
    await chain.by_superuser("DELETE FROM outbox")
    assert await chain.found() is None, "what is left in the database says nothing of it"
    assert await chain.found([(COUNT, fact["link"])]) == (COUNT - 2, "truncated")


async def test_a_chain_written_anew_is_not_as_anchored(chain: Chain) -> None:
    chain.running.clock.move(hours=2)
    await chain.sealer.anchor()
    await chain.by_superuser("TRUNCATE audit_record, audit_seal")
    await chain.write(COUNT + 1)
    await chain.sealer.run()
    assert await chain.found() == (COUNT, "not-as-anchored")


async def test_an_anchor_is_told_of_once_an_hour_and_only_where_the_chain_has_moved(chain: Chain) -> None:
    assert not await chain.sealer.anchor()
    chain.running.clock.move(hours=1)
    assert await chain.sealer.anchor()
    chain.running.clock.move(hours=1)
    assert not await chain.sealer.anchor()
    await chain.write(1)
    await chain.sealer.run()
    assert await chain.sealer.anchor()
    assert [fact["number"] for _, fact in await chain.running.announced()] == [1, 2]


async def test_what_commits_late_is_sealed_in_its_turn_and_nobody_waits(chain: Chain) -> None:
    state = chain.running.app.state
    row = Entry("counting", state.audit_keys, "GET").row(200, state.database.clock.now())
    async with state.database.raw() as connection:
        late = connection.transaction()
        await late.start()
        await connection.execute(INSERT, *row)
        await chain.write(3)
        await chain.sealer.run()
        assert (await chain.verify()).links == COUNT
        await late.commit()
    await chain.sealer.run()
    verdict = await chain.verify()
    assert (verdict.links, verdict.waiting, verdict.finding) == (COUNT + 4, 0, None)


async def test_several_sealers_make_one_chain(chain: Chain) -> None:
    async def write() -> None:
        for _ in range(5):
            await chain.write(4)

    async def seal() -> None:
        sealer = chain.sealer
        for _ in range(20):
            await sealer.run()
            await asyncio.sleep(0.005)

    await asyncio.gather(write(), write(), seal(), seal(), seal())
    await chain.sealer.run()
    verdict = await chain.verify()
    assert (verdict.links, verdict.waiting, verdict.finding) == (COUNT + 40, 0, None)


async def test_what_is_older_than_it_must_be_kept_may_be_gone(chain: Chain) -> None:
    await chain.by_superuser(f"DELETE FROM audit_record WHERE id = {ROW_OF.format(1)}")
    assert (await chain.verify()).finding is not None
    assert (await chain.verify(since=chain.running.clock.now() + timedelta(days=1))).finding is None


async def test_the_application_may_add_and_read_and_no_more(databases: Databases) -> None:
    urls = await databases.fresh(load("scheduler"))
    connection = await asyncpg.connect(urls.app_url.replace("+asyncpg", ""))
    try:
        for table in ("audit_record", "audit_seal", "audit_anchor"):
            assert await connection.fetchval(f"SELECT count(*) FROM {table}") == 0
            for act in ("UPDATE {} SET at = now()", "DELETE FROM {}", "TRUNCATE {}", "DROP TABLE {}"):
                with pytest.raises(asyncpg.InsufficientPrivilegeError):
                    await connection.execute(act.format(table))
        granted = await connection.fetch(
            "SELECT DISTINCT privilege_type AS kind FROM information_schema.table_privileges "
            "WHERE table_name LIKE 'audit\\_%' AND grantee = current_user"
        )
        assert {row["kind"] for row in granted} == {"INSERT", "SELECT"}
    finally:
        await connection.close()


KEYS = Keys("scheduler", "now:a key for tests that is long enough,old:another key that is long enough")
records = st.builds(
    Sealed,
    st.builds(new_id),
    st.datetimes(min_value=LONG_AGO.replace(tzinfo=None)).map(lambda at: at.replace(tzinfo=LONG_AGO.tzinfo)),
    st.binary(min_size=32, max_size=32),
    st.sampled_from(["now", "old"]),
)


def links(sealed: list[Sealed]) -> list[bytes]:
    """The links of a chain."""
    found = [FIRST]
    for each in sealed:
        found.append(link_after(KEYS, found[-1], each))
    return found[1:]


@given(st.lists(records, min_size=2, max_size=8, unique_by=lambda each: each.record), st.data())
def test_every_change_of_a_chain_changes_every_link_from_there_on(sealed: list[Sealed], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(sealed) - 2))
    changed = data.draw(
        st.sampled_from(
            [
                sealed[:place] + sealed[place + 1 :],
                [*sealed[:place], sealed[place + 1], sealed[place], *sealed[place + 2 :]],
                [*sealed[:place], sealed[place]._replace(mac=bytes(32)), *sealed[place + 1 :]],
                [*sealed[:place], sealed[place]._replace(record=new_id()), *sealed[place + 1 :]],
            ]
        )
    )
    before, after = links(sealed), links(changed)
    if changed == sealed:
        assert before == after
        return
    assert before[:place] == after[:place]
    assert not set(before[place:]) & set(after[place:])


def test_a_key_is_of_one_service_and_of_one_use() -> None:
    other = Keys("cases", KEYS.written)
    content = b"the same"
    made = {KEYS.mac(content, "now"), other.mac(content, "now"), KEYS.mac(content, "old"), KEYS.terms([content])}
    assert len({*made, KEYS.link(b"", content, "now")}) == 5


@pytest.mark.parametrize("written", ["secret", "id:", ":secret", "one:x,one:y"])
def test_keys_that_cannot_be_read_are_refused(written: str) -> None:
    with pytest.raises(ValueError, match="id:secret"):
        Keys("scheduler", written)
