"""Notes about somebody who refuses statistics are not read by a topic model; contacts are counted as before."""

from services.intake.store import TopicNotes
from shared.testing.harness import UnderTest
from tests.intake.people import CALL, registered
from tests.security.consent.saying import say, word


async def test_notes_of_who_refuses_are_left_out(intake: UnderTest) -> None:
    people = [await registered(intake), await registered(intake, given_names="Odile", birth_date="1941-05-06")]
    async with intake.client("line-nurse") as nurse:
        contacts = [
            (await nurse.post("/intake/contacts", json={**CALL, "person_id": person})).json()["id"] for person in people
        ]
        await say(nurse, people[0], word("statistics", "refused"))
    async with intake.app.state.database.transaction() as transaction:
        notes, _, _ = await TopicNotes(transaction).page("relais", None, None)
    assert [str(note.contact_id) for note in notes] == [contacts[1]]
