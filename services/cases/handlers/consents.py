"""What people agree to: shares end with the consent, and a case without consent comes before whoever leads it."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from services.cases.domain import Reason
from services.cases.domain.purposes import CASE_MANAGEMENT, SHARING
from services.cases.events import ShareEnd
from services.cases.handlers.registry import handlers
from services.cases.store import Agenda, CaseRow, Cases, Shares
from shared.agreements import Agreements, Decision, Statement
from shared.clock import local_date
from shared.events import Reading


class ConsentRecorded(Reading):
    """A person agreed to a purpose, refused it or withdrew a consent."""

    type: ClassVar[str] = "intake.consent-recorded.v1"
    consent_id: UUID
    person_id: UUID
    purpose: str
    recipient: str | None = None
    channel: str | None = None
    decision: Decision
    since: datetime

    def word(self) -> Statement:
        """The word itself."""
        about = self.recipient or self.channel or ""
        return Statement(self.consent_id, self.person_id, self.purpose, about, self.decision, self.since)


@handlers.on(ConsentRecorded)
async def follow_consent(event: ConsentRecorded, agreements: Agreements, cases: Cases) -> None:
    """Keep it, and put the person's open cases right by the words that count now."""
    await agreements.learn(event.word())
    if event.purpose in (CASE_MANAGEMENT, SHARING):
        for case in await cases.open_of(event.person_id):
            await align(case, cases)


async def align(case: CaseRow, cases: Cases) -> None:
    """Put a case right by what its person, who may have become known only now, agrees to today.

    A case without consent comes before whoever leads it; to organisations that are not to know of it, it is closed.
    """
    if case.person_id is None:
        return
    agreements, agenda = Agreements(cases.transaction), Agenda(cases.transaction)
    denied = await agreements.denied(case.person_id, CASE_MANAGEMENT)
    if denied:
        await agenda.raise_line(case.id, Reason.CONSENT_WITHDRAWN, case.id, denied.source_id)
    else:
        await agenda.settle(case.id, [Reason.CONSENT_WITHDRAWN])
    for share in await Shares(cases.transaction).standing(case.id):
        if await agreements.denied(case.person_id, SHARING, share.organisation):
            today = local_date(cases.transaction.clock)
            await cases.keep(case, None, share.end(ShareEnd.CONSENT_WITHDRAWN, today))
