"""The sender's wish and what came with it: as the sender sent it over FHIR, else made from the document.

What the sender owns stays as it was sent; only ids, versions and the request's own status are ours to fill in. We never
revoke a request: `revoked` and `entered-in-error` show what the sender itself declared.
"""

from collections.abc import Iterator

from services.referrals.domain.states import State
from services.referrals.formats.fhir import codes, outbound_codes
from services.referrals.formats.fhir.outbound_task import placer_identifier
from services.referrals.formats.fhir.outside import Outside, Resource, concept, filled, instant, repeated

PRIORITY = {True: outbound_codes.UNPLANNED, False: outbound_codes.PLANNED}


def service_requests(outside: Outside) -> Iterator[Resource]:
    """The one ServiceRequest."""
    sent = outside.sent("ServiceRequest", None, made_request(outside))
    yield {**sent, "status": request_status(outside, str(sent["status"]))}


def request_status(outside: Outside, sent: str) -> str:
    """The request's status as its sender last declared it, by whichever door."""
    if outside.referral.state is State.VOIDED:
        return "entered-in-error"
    return "revoked" if outside.is_revoked else sent


def made_request(outside: Outside) -> Resource:
    """The wish of a document that came by another road."""
    referral, document = outside.referral, outside.referral.document
    return filled(
        **outside.start("ServiceRequest"),
        identifier=[placer_identifier(outside)],
        status="active",
        intent="order",
        priority=referral.urgency.value,
        code={"text": "Case management"},
        subject=outside.patient,
        encounter=outside.reference("Encounter", 1) if document.stay else None,
        authoredOn=instant(referral.received_at),
        requester=outside.sender,
        performer=[outside.programme],
        reasonCode=reasons(outside),
        reasonReference=[outside.reference("Condition", n) for n, _ in enumerate(document.reason.diagnoses, 1)],
        supportingInfo=[
            outside.reference("Consent"),
            *(outside.reference("QuestionnaireResponse", n) for n, _ in enumerate(document.sheets, 1)),
            *(outside.reference("DocumentReference", n) for n, _ in enumerate(document.attachments, 1)),
        ],
    )


def reasons(outside: Outside) -> list[Resource]:
    """Why the person is referred: coded factors, and the words."""
    reason = outside.referral.document.reason
    coded = [concept(codes.FACTOR, factor) for factor in reason.factors]
    return [*coded, {"text": reason.text}] if reason.text else coded


def consents(outside: Outside) -> Iterator[Resource]:
    """The proof of agreement to the transfer; what the sender reported later counts."""
    referral, given = outside.referral, outside.referral.document.consent
    on = given.on.isoformat() if given.on else None
    is_new = referral.consent_given != given.given
    made = filled(
        **outside.start("Consent"),
        status="active" if referral.consent_given else "rejected",
        scope=outbound_codes.PRIVACY,
        category=[outbound_codes.DISCLOSURE, *consent_kind(given.kind)],
        patient=outside.patient,
        dateTime=on,
        performer=[{"display": given.by}] if given.by else None,
        organization=[outside.sender],
        sourceReference={"display": given.evidence} if given.evidence else None,
        policyRule=outbound_codes.OPT_IN,
        verification=[{"verified": True, "verificationDate": on}] if on and given.given else None,
        provision={"type": "permit" if referral.consent_given else "deny"},
    )
    sent = outside.sent("Consent", None, made)
    if is_new:
        sent = {**sent, "status": made["status"], "provision": {**sent.get("provision", {}), **made["provision"]}}
    yield sent


def consent_kind(kind: str | None) -> Iterator[Resource]:
    """How consent was given: coded where the word is one of ours."""
    if kind:
        yield concept(codes.CONSENT_KIND, kind) if kind in codes.CONSENT_KINDS else {"text": kind}


def encounters(outside: Outside) -> Iterator[Resource]:
    """The hospital stay."""
    yield from repeated(outside, "Encounter", [made_stay(outside)] if outside.referral.document.stay else [])


def made_stay(outside: Outside) -> Resource:
    """The stay of a document that came by another road."""
    stay = outside.referral.document.stay
    if stay is None:
        return {}
    has_ended = stay.discharge_on is not None and stay.discharge_on <= outside.referral.updated_at.date()
    return filled(
        **outside.start("Encounter", 1),
        status="finished" if has_ended else "in-progress",
        **{"class": outbound_codes.INPATIENT},
        priority=PRIORITY[stay.unplanned] if stay.unplanned is not None else None,
        subject=outside.patient,
        participant=[{"individual": {"display": stay.unit_contact}}] if stay.unit_contact else None,
        period=filled(
            start=stay.admitted_on.isoformat() if stay.admitted_on else None,
            end=stay.discharge_on.isoformat() if stay.discharge_on else None,
        ),
        location=[{"location": {"display": stay.ward}}] if stay.ward else None,
        serviceProvider=outside.sender,
    )


def conditions(outside: Outside) -> Iterator[Resource]:
    """The diagnoses as the sender coded them."""
    made = [
        filled(
            **outside.start("Condition", number),
            code=concept(diagnosis.system, diagnosis.code, diagnosis.text),
            subject=outside.patient,
        )
        for number, diagnosis in enumerate(outside.referral.document.reason.diagnoses, 1)
    ]
    yield from repeated(outside, "Condition", made)


def provenances(outside: Outside) -> Iterator[Resource]:
    """Who sent or made what, where the sender told it."""
    yield from repeated(outside, "Provenance", [])


def documents(outside: Outside) -> Iterator[Resource]:
    """The letters and reports."""
    made = [
        filled(
            **outside.start("DocumentReference", number),
            status="current",
            subject=outside.patient,
            date=instant(outside.referral.received_at),
            author=[outside.sender],
            content=[{"attachment": {"contentType": each.content_type, "title": each.title, **filled(data=each.data)}}],
        )
        for number, each in enumerate(outside.referral.document.attachments, 1)
    ]
    yield from repeated(outside, "DocumentReference", made)
