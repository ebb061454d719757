"""The route that shows at once what is known of somebody who turns to the line again."""

from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel, Field

from services.intake.api.contacts import ContactSummary
from services.intake.api.doors import CallBacksDep, ContactsDep, MayReadOverview, PersonsDep, StandingsDep, router
from services.intake.api.persons import Card
from services.intake.domain import Choice, Ground, Option, guide
from services.intake.store import KnownCaseRow, WantedContacts
from shared.requests import ClockDep

LAST = 5


class KnownCase(BaseModel):
    """A case of the person, as cases tells of it."""

    case_id: UUID
    opened_at: datetime
    closed_at: datetime | None
    urgent: bool
    owner: str | None = Field(description="Subject of who answers for it; null while nobody does")
    organisation: str | None

    @classmethod
    def of(cls, row: KnownCaseRow) -> "KnownCase":
        return cls(case_id=row.id, **row.model_dump(exclude={"id"}, include=set(cls.model_fields)))


class OwedCall(BaseModel):
    """A call that the line owes the person."""

    id: UUID
    due_at: datetime
    state: str


class OptionView(BaseModel):
    """One thing that can be done."""

    choice: Choice
    reasons: list[Ground]
    case_id: UUID | None

    @classmethod
    def of(cls, option: Option) -> "OptionView":
        return cls(choice=option.choice, reasons=list(option.grounds), case_id=option.case_id)


class Overview(BaseModel):
    """What is known of a returning caller."""

    person: Card
    deceased_on: date | None
    contacts: list[ContactSummary] = Field(description="The last five, the latest first, without notes")
    cases: list[KnownCase] = Field(description="The open first, then the latest")
    call_backs: list[OwedCall] = Field(description="Still owed, the first due first")
    options: list[OptionView] = Field(description="What can be done, the advised first; the nurse decides")


@router.get("/persons/{person_id:uuid}/overview")
async def read_overview(
    person_id: UUID,
    persons: PersonsDep,
    contacts: ContactsDep,
    standings: StandingsDep,
    call_backs: CallBacksDep,
    clock: ClockDep,
    caller: MayReadOverview,
) -> Overview:
    """A known caller: last contacts, cases, calls owed, and whether this is a contact, a reopening or a new case."""
    person = await persons.current(person_id, caller)
    cases = await standings.cases_of(person.id)
    owed = await call_backs.open_of(person.id, person.programme)
    last = await contacts.page(caller, WantedContacts(person_id=person.id), LAST, None)
    options = guide(
        [row.followed() for row in cases],
        owed=bool(owed),
        deceased=person.deceased_on is not None,
        now=clock.now(),
    )
    return Overview(
        person=Card.of(person),
        deceased_on=person.deceased_on,
        contacts=[ContactSummary.of(row) for row in last[:LAST]],
        cases=[KnownCase.of(row) for row in cases],
        call_backs=[OwedCall.model_validate(row, from_attributes=True) for row in owed],
        options=[OptionView.of(option) for option in options],
    )
