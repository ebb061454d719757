"""What an outgoing referral is made from: staff, a contact at the line, an incoming referral, one that failed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from services.referrals.domain.care_service import Channel
from services.referrals.domain.document import Code, Consent, Day, Part, Prose
from services.referrals.domain.exchange import Disclosed, OutgoingFaults
from services.referrals.domain.gap import needs_of
from services.referrals.domain.history import MissingConsent
from services.referrals.domain.outgoing import CONSENT_TO_DISCLOSE, OutgoingReferral
from services.referrals.domain.referral import Referral
from services.referrals.events import Origin, Urgency
from shared.errors import Fault
from shared.ids import new_id

Need = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,63}(\.[a-z0-9_-]{1,64})?$")]
Needs = Annotated[list[Need], Field(max_length=30)]


@dataclass(frozen=True)
class Addressee:
    """Whom a referral goes to, and by which road."""

    organisation: str
    channel: Channel
    service_id: UUID | None = None

    def fields(self) -> dict[str, Any]:
        """The fields of a referral to it."""
        return {"organisation": self.organisation, "channel": self.channel, "service_id": self.service_id}


class Demand(Part):
    """What our staff asks of an organisation. `disclosed` is all that it may read of the person."""

    organisation: Code
    service_id: UUID | None = None
    person_id: UUID | None = None
    case_id: UUID | None = None
    contact_id: UUID | None = None
    needs: Annotated[Needs, Field(min_length=1)]
    commune: Annotated[str, Field(pattern=r"^[0-9]{5}$", description="NIS code of where help is wanted")] | None = None
    reason_text: Prose | None = None
    urgency: Urgency = Urgency.ROUTINE
    disclosed: Disclosed | None = Field(None, description="Null for a demand about nobody in particular")
    consent: Consent | None = None
    answer_by: Day | None = Field(None, description="By default so many working days as the operator set")

    def refuse_wrong(self, today: date) -> None:
        """Raise MissingConsent for a person without their consent, OutgoingFaults for days that cannot be."""
        if self.disclosed and not (self.consent and self.consent.given):
            raise MissingConsent(CONSENT_TO_DISCLOSE)
        faults = []
        if self.disclosed and self.person_id is None:
            faults.append(Fault("/person_id", "required"))
        if self.answer_by and self.answer_by < today:
            faults.append(Fault("/answer_by", "in-past"))
        if self.consent and self.consent.on and self.consent.on > today:
            faults.append(Fault("/consent/on", "in-future"))
        if self.disclosed and self.disclosed.birth_date and self.disclosed.birth_date > today:
            faults.append(Fault("/disclosed/birth_date", "in-future"))
        if faults:
            raise OutgoingFaults(faults=faults)


def begun(to: Addressee, at: datetime, **fields: Any) -> OutgoingReferral:
    """A new referral, with a chain of its own unless it continues one."""
    new = new_id()
    made = {"id": new, "chain_id": new, "prepared_at": at, "updated_at": at, "moves": (), **to.fields(), **fields}
    return OutgoingReferral(**made)


def of_demand(demand: Demand, to: Addressee, at: datetime) -> OutgoingReferral:
    """A referral that staff asks for."""
    names = ("person_id", "case_id", "contact_id", "reason_text", "urgency", "disclosed", "consent", "answer_by")
    said = {name: getattr(demand, name) for name in names}
    commune = demand.commune or (demand.disclosed and demand.disclosed.address and demand.disclosed.address.nis_code)
    return begun(to, at, origin=Origin.STAFF, needs=tuple(demand.needs), commune=commune or None, **said)


@dataclass(frozen=True)
class Orientation:
    """What the line said: which contact, about whom if anybody, and the topics of the talk."""

    contact_id: UUID
    person_id: UUID | None
    topics: Sequence[str]
    card: Disclosed | None = None
    urgency: Urgency = Urgency.ROUTINE


def of_orientation(orientation: Orientation, to: Addressee, at: datetime) -> OutgoingReferral:
    """A referral that follows an orientation by the line.

    The contact says nothing of a consent: whom it is about is kept here, and disclosed once the person has agreed.
    """
    needs = tuple(dict.fromkeys(topic.removeprefix("need.") for topic in orientation.topics))
    address = orientation.card.address if orientation.card else None
    return begun(
        to,
        at,
        origin=Origin.ORIENTATION,
        contact_id=orientation.contact_id,
        person_id=orientation.person_id,
        needs=needs,
        commune=address.nis_code if address else None,
        urgency=orientation.urgency,
        disclosed=orientation.card,
    )


def of_redirection(referral: Referral, to: Addressee, at: datetime) -> OutgoingReferral:
    """A referral that continues an incoming one elsewhere; the sender's consent goes along, if it has one."""
    consent = referral.document.consent
    address = referral.document.person.address
    return begun(
        to,
        at,
        origin=Origin.REDIRECTION,
        chain_id=referral.id,
        based_on=referral.id,
        person_id=referral.person_id,
        needs=tuple(needs_of(referral.document)),
        commune=address.nis_code if address else None,
        reason_text=referral.document.reason.text if referral.consent_given else None,
        urgency=referral.urgency,
        disclosed=Disclosed.least_of(referral.document.person),
        consent=consent.model_copy(update={"given": True}) if referral.consent_given else None,
    )


def of_failed(failed: OutgoingReferral, to: Addressee, at: datetime, consent: Consent | None) -> OutgoingReferral:
    """The same demand to another organisation. The person agreed to one organisation: another needs a word more."""
    if failed.discloses and not (consent and consent.given):
        raise MissingConsent(CONSENT_TO_DISCLOSE)
    names = ("chain_id", "based_on", "contact_id", "case_id", "person_id", "needs", "commune", "urgency", "disclosed")
    taken = {name: getattr(failed, name) for name in (*names, "reason_text")}
    return begun(to, at, origin=Origin.RESENDING, replaces=failed.id, consent=consent, **taken)
