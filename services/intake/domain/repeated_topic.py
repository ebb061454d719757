"""A topic that comes back: the same person, the same question, and no contact that solved it (S43)."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import timedelta

from services.intake.events import Outcome

LOOK_BACK = timedelta(days=365)
"""How far back earlier contacts count."""

SIGNAL_AT = 3
"""From this contact on, the same unsolved topic is told."""


def unsolved(topics: Sequence[str], earlier: Iterable[tuple[Sequence[str], Outcome]]) -> dict[str, int]:
    """The topics that now come for at least the third time without an answer, with how often.

    `earlier` are the person's contacts before this one, oldest first. An answer at the line ends a topic's count.
    """
    counts: Counter[str] = Counter()
    for told, outcome in earlier:
        for topic in told:
            counts[topic] = 0 if outcome is Outcome.ANSWERED else counts[topic] + 1
    return {topic: counts[topic] + 1 for topic in topics if counts[topic] + 1 >= SIGNAL_AT}
