"""What intake does for its own index on the clock."""

from services.intake.handlers.registry import handlers
from services.intake.store import Persons

PACE = 60.0


@handlers.every(PACE)
async def mark_people_anew(persons: Persons) -> bool:
    """After a change of the rules people are found by, mark those who bear older marks."""
    return await persons.mark_anew()
