"""What a campaign came to, as counts per outcome and reason; small numbers can be hidden so that nobody is told of."""

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict, Field

from services.scheduler.domain.campaign import RISKS, Standing

SMALLEST = 5
"""Counts below this are hidden from whoever may not read the people behind them."""

ALL = "all"

Cell = tuple[str, str]


class OutcomeCount(BaseModel):
    """How many people with one reason came to one outcome; `all` sums up."""

    model_config = ConfigDict(frozen=True)

    outcome: str = Field(examples=["reached"])
    reason: str = Field(description="The one that weighs most; `none` where nothing is known", examples=["open-plan"])
    people: int | None = Field(description="Null where the number is hidden because it is small")


def report(counts: Mapping[tuple[Standing, str], int], hide_small: bool) -> list[OutcomeCount]:
    """Every outcome with every reason that occurs, and their sums."""
    whole: dict[Cell, int] = {(ALL, ALL): 0}
    for (standing, reason), count in counts.items():
        for cell in ((standing.value, reason), (standing.value, ALL), (ALL, reason), (ALL, ALL)):
            whole[cell] = whole.get(cell, 0) + count
    hidden = hidden_cells(whole) if hide_small else set()
    return [
        OutcomeCount(outcome=cell[0], reason=cell[1], people=None if cell in hidden else whole[cell])
        for cell in sorted(whole, key=_place)
    ]


def hidden_cells(whole: Mapping[Cell, int]) -> set[Cell]:
    """The cells to hide: those below five, and others so that no difference of a sum and its parts gives one away.

    Of every row and column with its sum none is hidden or at least two are, and hidden parts of a told sum are
    together no small number.
    """
    hidden = {cell for cell, count in whole.items() if count < SMALLEST}
    lines = _lines(whole)
    changed = True
    while changed:
        changed = False
        for total, parts in lines:
            changed = _protect(total, parts, whole, hidden) or changed
    return hidden


def _lines(whole: Mapping[Cell, int]) -> list[tuple[Cell, list[Cell]]]:
    lines = []
    for place in (0, 1):
        for other in sorted({cell[1 - place] for cell in whole}):
            parts = [cell for cell in whole if cell[1 - place] == other and cell[place] != ALL]
            total = (ALL, other) if place == 0 else (other, ALL)
            lines.append((total, sorted(parts)))
    return lines


def _protect(total: Cell, parts: list[Cell], whole: Mapping[Cell, int], hidden: set[Cell]) -> bool:
    """Hide one more of a sum and its parts where a difference would give a hidden one away; whether it did."""
    covered = [cell for cell in parts if cell in hidden]
    shown = [cell for cell in parts if cell not in hidden]
    if total in hidden:
        is_safe = bool(covered) or not parts
    else:
        is_safe = not covered or (len(covered) > 1 and sum(whole[cell] for cell in covered) >= SMALLEST)
    if is_safe:
        return False
    hidden.add(min(shown, key=lambda cell: (whole[cell], cell)) if shown else total)
    return True


def _place(cell: Cell) -> tuple[int, int, str]:
    outcomes = [standing.value for standing in Standing]
    outcome = outcomes.index(cell[0]) if cell[0] in outcomes else len(outcomes)
    return outcome, (len(RISKS) + 1 if cell[1] == ALL else RISKS.get(cell[1], len(RISKS))), cell[1]
