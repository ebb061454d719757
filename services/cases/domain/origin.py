"""What a case comes from, with what became known of it before there was a case."""

from uuid import UUID

from pydantic import BaseModel, ConfigDict

from services.cases.domain.agenda import Reason, more_urgent
from services.cases.events import OriginKind, Urgency


class Terms(BaseModel):
    """On what terms a request becomes a case: the organisation that answers for it, and the pathway in force."""

    model_config = ConfigDict(frozen=True)

    organisation: str
    protocol_version: str = "1"
    pathway_id: UUID | None = None


class Origin(BaseModel):
    """A referral or a contact. Facts about it come over several topics, in any order.

    `repeated_by` is the contact at which the line asked again last, `repeated_urgency` the highest that it named.
    """

    kind: OriginKind
    id: UUID
    person_id: UUID | None = None
    cancellation: Reason | None = None
    repeated_by: UUID | None = None
    repeated_urgency: Urgency | None = None

    def person(self, told: UUID | None) -> UUID | None:
        """Whom it is about: an identification goes before what came with the request itself."""
        self.person_id = self.person_id or told
        return self.person_id

    def repeat(self, contact_id: UUID, urgency: Urgency) -> None:
        """The line asked again, at this contact."""
        self.repeated_by = contact_id
        self.repeated_urgency = more_urgent(urgency, self.repeated_urgency or urgency)
