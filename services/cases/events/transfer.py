"""What cases tells when a case changes hands, and of what is written down for it."""

from datetime import date
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from pydantic import Field

from shared.events import Event


class TransferKind(StrEnum):
    """Who asks: the side that has the case, or somebody who wants to take it over."""

    TRANSFER = "transfer"
    TAKEOVER_REQUEST = "takeover-request"


class TransferOutcome(StrEnum):
    """How a transfer ended; `lapsed` when the case ended or went to somebody else meanwhile."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"


class NextStepSet(Event):
    """Another step comes next, or by another day."""

    type: ClassVar[str] = "cases.next-step-set.v1"
    case_id: UUID
    kind: str = Field(description="What comes next", examples=["home-visit"])
    due_on: date


class CaseTransferOffered(Event):
    """A case is offered to somebody, or asked for by somebody: the other side has to answer."""

    type: ClassVar[str] = "cases.case-transfer-offered.v1"
    case_id: UUID
    transfer_id: UUID
    kind: TransferKind
    organisation: str = Field(description="The organisation that would have the case", examples=["relais"])
    worker: str | None = Field(description="Who would own it; null where the organisation decides")


class CaseTransferEnded(Event):
    """A transfer was answered, taken back, or overtaken by events."""

    type: ClassVar[str] = "cases.case-transfer-ended.v1"
    case_id: UUID
    transfer_id: UUID
    outcome: TransferOutcome


class CaseHandedOver(Event):
    """The case went from one worker to another who agreed to take it, maybe in another organisation."""

    type: ClassVar[str] = "cases.case-handed-over.v1"
    case_id: UUID
    transfer_id: UUID
    from_organisation: str = Field(examples=["relais"])
    organisation: str = Field(description="The organisation that the case belongs to from now on", examples=["relais"])
    worker: str = Field(description="The new owner's subject", examples=["case-manager-social-worker"])


class HandOverWritten(Event):
    """A version of the hand-over sheet was written."""

    type: ClassVar[str] = "cases.hand-over-written.v1"
    case_id: UUID
    hand_over_version: int


class ChecklistItemTicked(Event):
    """An item of a phase's checklist was done, or turned out not to be."""

    type: ClassVar[str] = "cases.checklist-item-ticked.v1"
    case_id: UUID
    item: str = Field(description="Code of the item", examples=["gp-informed"])
    is_done: bool


TRANSFER = (NextStepSet, CaseTransferOffered, CaseTransferEnded, CaseHandedOver, HandOverWritten, ChecklistItemTicked)
