"""Taking in what came by FHIR: the checks of every door, one referral, and the resources as received."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Request

from services.referrals.api.doors import InstrumentsDep, OrganisationsDep, ReferralsDep
from services.referrals.api.fhir.doors import base_url
from services.referrals.api.fhir.views import RESOURCE_ID
from services.referrals.domain import Actor, Document, Door, IdentifierReused, SheetFaults
from services.referrals.formats.fhir.condition import Condition, check_condition, read_condition
from services.referrals.formats.fhir.elements import Reference, parse
from services.referrals.formats.fhir.inbound import NOBODY, Inbound, content_key
from services.referrals.formats.fhir.keeping import ids_of, kept
from services.referrals.formats.fhir.outcome import SeveralMatches
from services.referrals.formats.fhir.reading import raise_for
from services.referrals.formats.fhir.resources import Patient
from services.referrals.formats.fhir.submission import Entry, Submission, identifiers
from services.referrals.store import (
    Instruments,
    Organisations,
    Received,
    ReceivedIdentifierRow,
    ReferralRow,
    Referrals,
)
from shared.auth import Caller
from shared.clock import local_date
from shared.errors import Fault, NotFound
from shared.requests import opened

NAMED_ONCE = ("QuestionnaireResponse", "Consent", "Task", "Communication")
"""Types whose identifier, once used by a sender, stands for that content."""
DIRECTORY = ("PractitionerRole", "HealthcareService", "Location", "Endpoint", "Device")
"""Types that live in the directory or nowhere with us: who is named there is not checked here."""


@dataclass(frozen=True)
class Receipt:
    """What became of a submission: the referral, each entry's id by its place, and what looks odd in it."""

    referral_id: UUID
    at: datetime
    is_new: bool
    ids: dict[str, str]
    warnings: tuple[Fault, ...] = ()


@dataclass(frozen=True)
class Desk:
    """What it takes to receive: the collections of this request's transaction and the address of our door."""

    referrals: Referrals
    received: Received
    instruments: Instruments
    organisations: Organisations
    base: str

    @property
    def now(self) -> datetime:
        """The moment of receipt."""
        return self.referrals.transaction.clock.now()

    async def confirm(self, submission: Submission, caller: Caller) -> None:
        """Every reference to something of ours leads to something that the caller may see; others are noted."""
        for expression, kind, resource_id in submission.ours:
            if not await self._is_known(kind, resource_id, caller):
                submission.fail(expression, "unknown-reference")

    async def _is_known(self, kind: str, resource_id: str, caller: Caller) -> bool:
        if kind == "Organization":
            organisation = await self.organisations.find(resource_id)
            return organisation is not None and organisation.active
        if kind in DIRECTORY:
            return True
        return await self.referral_of(resource_id, caller) is not None

    async def referral_of(self, resource_id: str, caller: Caller) -> ReferralRow | None:
        """The referral of one of our ids, if the caller is party to it."""
        match = RESOURCE_ID.fullmatch(resource_id)
        try:
            return await self.referrals.get(UUID(match[1]), caller) if match else None
        except NotFound:
            return None

    async def take(self, submission: Submission, inbound: Inbound, caller: Caller) -> Receipt:
        """Store a submission as one referral, once; the same content again gets the same receipt.

        Raises one error with all faults; IdentifierReused for other content under a known identifier.
        """
        await self.organisations.check_sender(caller.organisation)
        document = await self.checked(inbound)
        sender = caller.organisation
        try:
            checked = all([await self.instruments.find(each.instrument, each.edition) for each in document.sheets])
            referral_id, at, is_new = await self.referrals.receive(document, sender, checked, Door.FHIR)
        except IdentifierReused:
            raise reused(inbound.sketch.place_of(("identifier", "value"))) from None
        ids = ids_of(submission, inbound, referral_id, sender)
        receipt = Receipt(referral_id, at, is_new, ids, tuple(inbound.sketch.told(document.warnings())))
        if is_new:
            await self.received.keep(referral_id, kept(submission, ids))
            for entry in submission.entries:
                await self.name(entry, receipt, sender)
        await self._tell(inbound, receipt)
        return receipt

    async def checked(self, inbound: Inbound) -> Document:
        """The document, with the checks that every door makes; all faults at their places in the body."""
        document = inbound.document()
        if document:
            document = await self.instruments.by_edition(document)
            try:
                await self.instruments.check(document, local_date(self.referrals.transaction.clock))
            except SheetFaults as error:
                told_already = any(fault.code == "identifier-repeated" for fault in inbound.faults)
                faults = [fault for fault in error.faults if not (told_already and fault.code == "repeated")]
                inbound.faults += inbound.sketch.told(faults)
        raise_for(list(dict.fromkeys(inbound.faults)))
        assert document
        return document

    async def name(self, entry: Entry, receipt: Receipt, sender: str, version: int = 1) -> ReceivedIdentifierRow | None:
        """Note the sender's identifiers of a resource; what one first stood for, if that was the same content.

        Raises IdentifierReused where one stands for other content.
        """
        digest = digest_of(entry)
        for each in identifiers(entry) if entry.kind in NAMED_ONCE else ():
            if not each.system or not each.value:
                continue
            row = ReceivedIdentifierRow(
                sender=sender,
                resource_type=entry.kind,
                system=each.system,
                value=each.value,
                digest=digest,
                resource_id=receipt.ids[entry.place],
                version=version,
                at=receipt.at,
                referral_id=receipt.referral_id,
            )
            first = await self.received.claim(row)
            if first and first.digest != digest:
                raise reused(f"{entry.place}.identifier")
            if first:
                return first
        return None

    async def _tell(self, inbound: Inbound, receipt: Receipt) -> None:
        """Messages that came along stand on the referral; a repeat must bring the same ones."""
        if not inbound.messages:
            return
        referral = await self.referrals.get(receipt.referral_id)
        if receipt.is_new:
            events = [referral.write(Actor.SENDER, receipt.at, text) for _, text in inbound.messages]
            await self.referrals.record(referral, *events)
            return
        told = [message.text for message in referral.messages if message.actor is Actor.SENDER]
        for entry, text in inbound.messages:
            if text not in told:
                raise reused(f"{entry.place}.payload")

    async def existing_request(self, condition: Condition, sender: str, place: str) -> ReferralRow | None:
        """The referral that a condition on its request finds; SeveralMatches for more than one."""
        found = await self.received.requests(sender, condition.system, condition.value)
        if len(found) > 1:
            raise SeveralMatches(faults=[Fault(place, "several-matches")])
        return found[0] if found else None

    async def existing(self, kind: str, condition: Condition, sender: str, place: str) -> ReceivedIdentifierRow | None:
        """The resource that a condition finds; SeveralMatches for more than one."""
        found = await self.received.named(sender, kind, condition.system, condition.value)
        if len({row.resource_id for row in found}) > 1:
            raise SeveralMatches(faults=[Fault(place, "several-matches")])
        return found[0] if found else None


async def add_person(desk: Desk, caller: Caller, submission: Submission, inbound: Inbound, subject: Reference) -> None:
    """The person of the earlier referral, with the Patient as it was received then."""
    at = f"{inbound.request.place}.subject"
    earlier = await referral_named(desk, caller, subject, "Patient")
    if earlier is None:
        inbound.sketch.put(("person",), NOBODY, at)
        if not submission.faults:
            submission.fail(at, "person-missing")
        return
    inbound.sketch.put(("person",), earlier.document.person.model_dump(mode="json"), at)
    for raw in await desk.received.of(earlier.id):
        if raw["resourceType"] == "Patient":
            known = Entry(at, patient_of(raw), raw)
            submission.entries = [*submission.entries, known]
            submission.targets[subject.reference or ""] = known


def patient_of(raw: Mapping[str, Any]) -> Patient:
    """A Patient as we keep it."""
    return parse(Patient, {name: part for name, part in raw.items() if name != "meta"})


async def referral_named(desk: Desk, caller: Caller, reference: Reference | None, *kinds: str) -> ReferralRow | None:
    """The referral that a reference to one of these types belongs to, if the caller may see it."""
    text = (reference.reference if reference else None) or ""
    kind, _, resource_id = text.removeprefix(f"{desk.base}/").partition("/_history/")[0].partition("/")
    return await desk.referral_of(resource_id, caller) if kind in kinds else None


async def current_desk(
    request: Request, referrals: ReferralsDep, instruments: InstrumentsDep, organisations: OrganisationsDep
) -> Desk:
    """The desk of this request."""
    received = await opened(Received)(request)
    assert referrals.session  # begun here, so that a receipt and its resources are one transaction
    return Desk(referrals, received, instruments, organisations, base_url(request))


DeskDep = Annotated[Desk, Depends(current_desk)]


def reused(place: str) -> IdentifierReused:
    """Other content under a known identifier, at its place."""
    return IdentifierReused(faults=[Fault(place, "identifier-reused")])


def digest_of(entry: Entry) -> str:
    """A short proof of a resource's content."""
    return hashlib.sha256(content_key(entry).encode()).hexdigest()


def condition_of(entry: Entry) -> Condition | None:
    """The condition of an entry, on its own identifier."""
    if entry.condition is None:
        return None
    condition = read_condition(entry.condition, entry.kind, entry.condition_place)
    check_condition(condition, identifiers(entry), entry.condition_place)
    return condition
