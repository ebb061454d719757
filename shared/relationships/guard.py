"""What it does to a request to be made under an emergency access: that has to stand, and the audit names it."""

from shared.audit.entry import Entry
from shared.auth import Caller
from shared.problems import BREAK_GLASS_OVER, Problem
from shared.relationships.break_glass import Emergencies
from shared.store import Transaction


async def check(caller: Caller | None, transaction: Transaction, entry: Entry) -> None:
    """Raise a 403 problem unless the access that a request names stands; the audit of the request names it."""
    if caller is None or caller.break_glass is None:
        return
    grant = await Emergencies(transaction).standing(caller)
    if grant is None:
        raise Problem(BREAK_GLASS_OVER)
    entry.break_glass, entry.reason = grant.id, grant.reason
