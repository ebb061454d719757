"""What the other services tell, kept for the timelines of cases: one handler for all of it.

A fact may come before there is a case, or before it is known whose it is. So it is filed under the record that it is
about, and what that record belongs to is kept beside it; a timeline follows these ties when it is read. Nothing
depends on the order in which the facts come.
"""

from services.cases.handlers.registry import handlers
from services.cases.handlers.told import TOLD, Told
from services.cases.store import Heard
from shared.events import Envelope


async def hear(event: Told, heard: Heard, envelope: Envelope) -> None:
    """Keep a fact at its own time, and what its record belongs to."""
    for role, subject_id in event.ties():
        await heard.tie(event.about(), role, subject_id, envelope.time)
    kind = event.type.rsplit(".", 1)[0]
    await heard.file(envelope.id, event.about(), envelope.time, kind, event.facts())


for reading in TOLD:
    handlers.on(reading)(hear)
