"""An outgoing referral as the organisation that is asked sees it over FHIR: we request, it owns the Task."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from services.referrals.domain.exchange import Disclosed, OutgoingMove
from services.referrals.domain.history import Message, MessageKind
from services.referrals.domain.labels import FINE_STEPS, STATES, Label
from services.referrals.domain.outgoing import OutgoingReferral
from services.referrals.domain.states import STANDING, Actor, State
from services.referrals.formats.fhir import codes, outbound_codes
from services.referrals.formats.fhir.outbound_care import payload
from services.referrals.formats.fhir.outbound_person import address, language
from services.referrals.formats.fhir.outbound_task import ALWAYS_WITH_REASON
from services.referrals.formats.fhir.outside import Resource, concept, filled, instant, organisation

OURS = f"{codes.CANONICAL}/NamingSystem/outgoing-referral"
DATA_ABSENT = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"


@dataclass(frozen=True)
class Addressed:
    """A referral to a partner, seen by it: `programme` is us, `language` the reader's."""

    referral: OutgoingReferral
    programme: str
    language: str = "fr"

    def all(self) -> Iterator[Resource]:
        """Its resources; no Patient where nobody is disclosed."""
        yield self.task()
        yield self.request()
        if self.referral.discloses and self.referral.disclosed:
            yield self.patient(self.referral.disclosed)
        yield from map(self.communication, self.referral.readable_messages)

    def find(self, kind: str, resource_id: str) -> Resource | None:
        """One of them."""
        return next((each for each in self.all() if (each["resourceType"], each["id"]) == (kind, resource_id)), None)

    def versions(self) -> dict[int, Resource]:
        """The Task in the versions that are kept: each that a move made, and the present one."""
        made = {move.version: self._at(move).task() for move in self.referral.moves}
        return {**made, self.referral.version: self.task()}

    def task(self) -> Resource:
        """The shared state, in Gravity's shape."""
        referral = self.referral
        status = STANDING[referral.state].task_status
        made = filled(
            **self._start("Task"),
            identifier=[self._identifier()],
            partOf=self._continued("Task"),
            status=status,
            statusReason=self._reason(status),
            businessStatus=self._fine_step(),
            intent="order",
            priority=referral.urgency.value,
            code=outbound_codes.FULFILL,
            focus=self._reference("ServiceRequest"),
            authoredOn=instant(referral.sent_at or referral.prepared_at),
            lastModified=instant(referral.updated_at),
            requester=organisation(self.programme),
            owner=organisation(referral.organisation),
            restriction={"period": {"end": instant(referral.due_at)}} if referral.due_at else None,
            input=[self._said("question", message) for message in referral.readable_messages if is_question(message)],
            output=[
                self._said("answer", message)
                for message in referral.readable_messages
                if message.kind is MessageKind.ANSWER
            ],
        )
        if referral.discloses:
            made["for"] = self._reference("Patient")
        return made

    def request(self) -> Resource:
        """Our wish: which needs, where, and why. Without consent it says nothing of who."""
        referral = self.referral
        over = {State.VOIDED: "entered-in-error", State.CANCELLED: "revoked"}
        reasons = [concept(codes.system("need"), need) for need in referral.needs]
        if referral.reason_text and (referral.discloses or referral.disclosed is None):
            reasons.append({"text": referral.reason_text})
        subject = (
            self._reference("Patient") if referral.discloses else absent("masked" if referral.disclosed else "unknown")
        )
        return filled(
            **self._start("ServiceRequest"),
            identifier=[self._identifier()],
            basedOn=self._continued("ServiceRequest"),
            status=over.get(referral.state, "active"),
            intent="order",
            priority=referral.urgency.value,
            code={"text": "Referral for help"},
            subject=subject,
            authoredOn=instant(referral.sent_at or referral.prepared_at),
            requester=organisation(self.programme),
            performer=[organisation(referral.organisation)],
            reasonCode=reasons,
        )

    def patient(self, person: Disclosed) -> Resource:
        """Whom it is about: what the person agreed to disclose."""
        return filled(
            **self._start("Patient"),
            identifier=[{"use": "official", "system": codes.SSIN, "value": person.niss}] if person.niss else None,
            name=[{"use": "official", "family": person.family_name, "given": [person.given_names]}],
            telecom=[{"system": "phone", "value": phone} for phone in person.phones],
            gender=person.gender.value if person.gender else None,
            birthDate=person.birth_date.isoformat() if person.birth_date else None,
            address=[address(person.address)] if person.address else None,
            communication=[{"language": language(person.language)}] if person.language else None,
        )

    def communication(self, message: Message) -> Resource:
        """What one side told the other."""
        by_us = message.actor is Actor.SENDER
        programme, partner = organisation(self.programme), organisation(self.referral.organisation)
        answered = {"reference": f"Communication/{self.referral.id}.{message.answers}"} if message.answers else None
        return filled(
            **self._start("Communication", message.number),
            basedOn=[self._reference("ServiceRequest")],
            partOf=[self._reference("Task")],
            inResponseTo=[answered] if answered else None,
            status="completed",
            category=[concept(outbound_codes.MESSAGE_KIND, message.kind.value)],
            subject=self._reference("Patient") if self.referral.discloses else None,
            about=[self._reference("Task")],
            sent=instant(message.at),
            recipient=[partner if by_us else programme],
            sender=programme if by_us else partner,
            payload=payload(message.text or ""),
        )

    def _at(self, move: OutgoingMove) -> "Addressed":
        """The same referral as it stood after one of its moves."""
        past = OutgoingReferral.model_construct(**{name: getattr(self.referral, name) for name in KEPT})
        past.moves = tuple(each for each in past.moves if each.version <= move.version)
        past.messages = tuple(each for each in past.messages if each.at <= move.at)
        past.state, past.version, past.updated_at = move.state, move.version, move.at
        past.cancellation_requested, past.due_at = False, None
        return replace(self, referral=past)

    def _continued(self, kind: str) -> list[Resource]:
        """What this continues, where it is a referral to us that was redirected: told by our number, not to be read."""
        incoming = self.referral.based_on
        return [continued(kind, incoming)] if incoming else []

    def _start(self, kind: str, number: int | None = None) -> Resource:
        referral = self.referral
        meta = {"versionId": str(referral.version), "lastUpdated": instant(referral.updated_at)}
        return {"resourceType": kind, "id": f"{referral.id}.{number}" if number else str(referral.id), "meta": meta}

    def _reference(self, kind: str) -> Resource:
        return {"reference": f"{kind}/{self.referral.id}"}

    def _identifier(self) -> Resource:
        placer = {"coding": [{"system": codes.IDENTIFIER_TYPE, "code": "PLAC"}]}
        return {"type": placer, "system": OURS, "value": str(self.referral.id)}

    def _fine_step(self) -> Resource | None:
        referral = self.referral
        reason = referral.moves[-1].reason or ""
        has_reason = reason in FINE_STEPS and referral.state in (State.REFUSED, State.PAUSED, State.NOT_ACHIEVED)
        step = reason if has_reason else referral.state
        if referral.cancellation_requested:
            step = "cancellation-requested"
        if referral.recall_requested_at:
            step = "recall-requested"
        if referral.state is State.VOIDED or step not in FINE_STEPS:
            return None
        return concept(codes.BUSINESS_STATUS, step, self._label(FINE_STEPS, step))

    def _reason(self, status: str) -> Resource | None:
        move = self.referral.moves[-1]
        if self.referral.recall_requested_at:
            move = move.model_copy(update={"note": None})
        if not (move.note or status in ALWAYS_WITH_REASON):
            return None
        text = move.note or self._label(FINE_STEPS, move.reason or "") or STATES[move.state].in_language(self.language)
        if move.reason in FINE_STEPS and status != "entered-in-error":
            return concept(codes.BUSINESS_STATUS, str(move.reason), text)
        return {"text": text}

    def _label(self, labels: Mapping[Any, Label], code: str) -> str:
        return labels[code].in_language(self.language) if code in labels else ""

    @staticmethod
    def _said(kind: str, message: Message) -> Resource:
        return {"type": concept(outbound_codes.TASK_OUTPUT, kind), "valueString": message.text}


KEPT = frozenset(OutgoingReferral.model_fields)


def continued(kind: str, incoming: UUID) -> Resource:
    """A resource of an incoming referral, which the organisation that is asked now may not read."""
    return {"type": kind, "identifier": {"system": outbound_codes.UUIDS, "value": f"urn:uuid:{incoming}"}}


def absent(why: str) -> Resource:
    """A reference that is not given, and why (FHIR data-absent-reason)."""
    return {"extension": [{"url": DATA_ABSENT, "valueCode": why}]}


def is_question(message: Message) -> bool:
    """Whether a message asks something."""
    return message.kind is MessageKind.QUESTION
