"""What intake does for its own index on the clock."""

from services.intake.handlers.registry import handlers
from services.intake.store import Duplicates, Persons

PACE = 60.0
COMPARING_PACE = 30.0
"""With `duplicates.AT_ONCE` people each time: 400 a minute, so that a large import leaves the line its database."""


@handlers.every(PACE)
async def mark_people_anew(persons: Persons) -> bool:
    """After a change of the rules people are found by, mark those who bear older marks."""
    return await persons.mark_anew()


@handlers.every(COMPARING_PACE)
async def find_duplicates(duplicates: Duplicates) -> bool:
    """Hold people who are new or changed against the index; the next ones at the next time."""
    await duplicates.look()
    return False
