"""The published state table: what each state means outside, and what every wish to move hears."""

from typing import Annotated

from fastapi import Depends
from pydantic import BaseModel, Field

from services.referrals.api.doors import router
from services.referrals.domain.labels import ACTORS, REFUSALS, STATES, Label
from services.referrals.domain.states import NEXT, STANDING, Actor, State
from services.referrals.domain.verdicts import Verdict, verdict
from services.referrals.events import RefusalReason
from shared.access import Anyone

ForAnyone = Annotated[None, Depends(Anyone())]


class Labels(BaseModel):
    """A meaning in four languages."""

    fr: str
    nl: str
    de: str
    en: str

    @classmethod
    def of(cls, label: Label) -> "Labels":
        return cls(fr=label.fr, nl=label.nl, de=label.de, en=label.en)


class StateView(BaseModel):
    """One state and what it means outside."""

    state: State
    labels: Labels
    task_status: str = Field(description="FHIR Task.status, within the Gravity subset")
    referral_status: str = Field(description="HL7 v2 RF1-1 (table 0283)")
    waits_for: Actor | None = Field(description="Who acts next; null where nobody is awaited")
    terminal: bool = Field(description="Never reopens: a new demand is a new referral")


class RefusalView(BaseModel):
    """A coded reason of a refusal."""

    reason: RefusalReason
    labels: Labels


class RoleView(BaseModel):
    """A part in a referral's life."""

    role: Actor
    labels: Labels


class Cell(BaseModel):
    """What somebody hears who wants to move a referral."""

    start: State = Field(serialization_alias="from")
    end: State = Field(serialization_alias="to")
    role: Actor
    verdict: Verdict = Field(
        description="allowed; asked: noted as a wish, somebody else grants it; not-yours: 403; not-now: 409"
    )


class StateTable(BaseModel):
    """The shared state as one table; JSON, FHIR and HL7 v2 all follow it."""

    states: list[StateView]
    refusal_reasons: list[RefusalView]
    roles: list[RoleView]
    cells: list[Cell]


def state_table() -> StateTable:
    """The table, from the domain's own data."""
    return StateTable(
        states=[
            StateView(
                state=state,
                labels=Labels.of(STATES[state]),
                task_status=STANDING[state].task_status,
                referral_status=STANDING[state].referral_status,
                waits_for=STANDING[state].waits_for,
                terminal=not NEXT[state],
            )
            for state in State
        ],
        refusal_reasons=[RefusalView(reason=reason, labels=Labels.of(REFUSALS[reason])) for reason in RefusalReason],
        roles=[RoleView(role=actor, labels=Labels.of(ACTORS[actor])) for actor in Actor],
        cells=[
            Cell(start=start, end=end, role=role, verdict=verdict(start, end, role))
            for start in State
            for end in State
            for role in Actor
        ],
    )


@router.get("/states")
async def read_state_table(everybody: ForAnyone) -> StateTable:
    """The state table: every (from, to, role) cell, with labels in four languages."""
    return state_table()
