"""One message and its answer, the same over HTTP and MLLP: read it, act once, answer."""

from datetime import datetime, timedelta

from starlette.responses import Response

from services.referrals.api.hl7v2.desk import Desk
from services.referrals.formats.hl7v2 import (
    Envelope,
    Er7,
    Place,
    Refused,
    V2Fault,
    acknowledgement,
    check_header,
    fingerprint_of,
    header_of,
    read_demand,
    referral_answer,
)
from shared.kept import answered_once
from shared.problems import KEY_REUSED, Problem
from shared.settings import Environment, ServiceSettings
from shared.store import Transaction

KEEP = timedelta(days=30)
MEDIA_TYPE = "application/hl7-v2"
MESSAGE_ID = Place("MSH").at(10)
RETRY = "Nothing was stored. Send the message again."


class Negative(Exception):
    """The answer is AE or AR. Raised, so that nothing of the transaction stays and the message id stays free."""

    def __init__(self, answer: bytes) -> None:
        super().__init__("negative acknowledgement")
        self.answer = answer


def envelope_of(message: Er7, settings: ServiceSettings, at: datetime) -> Envelope:
    """What goes around the answer to a message."""
    return Envelope(header_of(message), settings.organisation, at, fingerprint_of(message))


async def answer(message: Er7, organisation: str, transaction: Transaction) -> Response:
    """The positive answer to an organisation's message, its first one byte for byte for 30 days.

    Raises Negative with the ACK of a refusal.
    """
    settings = transaction.settings
    assert settings is not None
    envelope = envelope_of(message, settings, transaction.clock.now())

    async def first() -> Response:
        demand = read_demand(message, envelope.header)
        referral = await Desk(transaction, organisation).act(demand)
        return Response(referral_answer(envelope, referral, demand.warnings), media_type=MEDIA_TYPE)

    try:
        check_header(message, only_production=settings.environment is Environment.PRODUCTION)
        caller, header = f"organisation:{organisation}", envelope.header
        other = Problem(KEY_REUSED)
        return await answered_once(transaction, caller, header.key, envelope.fingerprint, first, KEEP, other)
    except Refused as refused:
        raise Negative(acknowledgement(envelope, refused)) from None
    except Problem as problem:
        is_reused = problem.kind is KEY_REUSED
        fault = V2Fault(MESSAGE_ID, "message-id-reused" if is_reused else "locked")
        raise Negative(acknowledgement(envelope, Refused([fault], hint="" if is_reused else RETRY))) from None
