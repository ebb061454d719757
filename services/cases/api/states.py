"""The published table of a case's states: where each leads, by which step, and the coded reasons."""

from typing import Annotated

from fastapi import Depends
from pydantic import BaseModel, Field

from services.cases.api.doors import router
from services.cases.domain.labels import CLOSINGS, DECLINES, MOVES, PAUSES, PHASES, STATES, TRANSFERS, Label
from services.cases.domain.states import ARCS, ENDED, NEXT, OWNED, Move, Phase, State, moves_from
from services.cases.domain.transfer import TransferReason
from services.cases.events import ClosingReason, DeclineReason, PauseReason
from shared.access import Anyone

ForAnyone = Annotated[None, Depends(Anyone())]


class StateView(BaseModel):
    """One state."""

    state: State
    labels: Label
    is_owned: bool = Field(description="It has an owner, a next step and its day")
    is_ended: bool = Field(description="Nobody works on it, unless it is reopened")
    allowed: list[Move] = Field(description="The steps that lead on from it")
    next: list[State] = Field(description="Where they lead")


class MoveView(BaseModel):
    """One step, with what it is called."""

    move: Move
    labels: Label


class PhaseView(BaseModel):
    """One of the four phases."""

    phase: Phase
    labels: Label


class ArcView(BaseModel):
    """One line of the table: from any of these states to any of those."""

    move: Move
    start: list[State] = Field(serialization_alias="from")
    end: list[State] = Field(serialization_alias="to")


class PauseReasonView(BaseModel):
    """Why a case rests."""

    reason: PauseReason
    labels: Label


class ClosingReasonView(BaseModel):
    """Why a case ends."""

    reason: ClosingReason
    labels: Label


class DeclineReasonView(BaseModel):
    """Why a request is not taken."""

    reason: DeclineReason
    labels: Label


class TransferReasonView(BaseModel):
    """Why a case changes hands."""

    reason: TransferReason
    labels: Label


class StateTable(BaseModel):
    """The life of a case as one table."""

    states: list[StateView]
    moves: list[MoveView]
    phases: list[PhaseView]
    arcs: list[ArcView]
    pause_reasons: list[PauseReasonView]
    closing_reasons: list[ClosingReasonView]
    decline_reasons: list[DeclineReasonView]
    transfer_reasons: list[TransferReasonView]


@router.get("/states")
async def read_states(everybody: ForAnyone) -> StateTable:
    """The one table of a case's life, with labels in four languages."""
    return StateTable(
        states=[
            StateView(
                state=state,
                labels=STATES[state],
                is_owned=state in OWNED,
                is_ended=state in ENDED,
                allowed=moves_from(state),
                next=[each for each in State if each in NEXT[state]],
            )
            for state in State
        ],
        moves=[MoveView(move=move, labels=MOVES[move]) for move in Move],
        phases=[PhaseView(phase=phase, labels=PHASES[phase]) for phase in Phase],
        arcs=[
            ArcView(
                move=arc.move,
                start=[state for state in State if state in arc.start],
                end=[state for state in State if state in arc.end],
            )
            for arc in ARCS
        ],
        pause_reasons=[PauseReasonView(reason=reason, labels=PAUSES[reason]) for reason in PauseReason],
        closing_reasons=[ClosingReasonView(reason=reason, labels=CLOSINGS[reason]) for reason in ClosingReason],
        decline_reasons=[DeclineReasonView(reason=reason, labels=DECLINES[reason]) for reason in DeclineReason],
        transfer_reasons=[TransferReasonView(reason=reason, labels=TRANSFERS[reason]) for reason in TransferReason],
    )
