"""`POST /referrals/hl7v2`: HL7 v2 over HTTP, one message a request."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response

from services.referrals.api.doors import router
from services.referrals.api.hl7v2.exchange import Negative, answer
from services.referrals.formats.hl7v2 import NotEr7, read
from shared.access import May
from shared.audit.entry import entry_of
from shared.auth import Caller
from shared.errors import DomainError, Fault
from shared.requests import Handler, Route

MEDIA_TYPES = ("application/hl7-v2", "x-application/hl7-v2+er7", "application/hl7-v2+er7", "text/hl7v2", "text/plain")

MaySend = Annotated[Caller, Depends(May("referral:push"))]


class NoHl7Message(DomainError):
    """The body is no HL7 v2 message in ER7 that begins with MSH."""


class WrongMediaType(DomainError):
    """Send a message as `application/hl7-v2`, `x-application/hl7-v2+er7`, `text/hl7v2` or `text/plain`."""


class Hl7Route(Route):
    """A route that answers a refusal with its ACK, after everything of the transaction is undone.

    The answer to a message that was understood is HTTP 200 whatever it says: MSA-1 says it. HTTP errors are left for
    the transport, where an engine is right to send again.
    """

    def get_route_handler(self) -> Handler:
        """The kernel's handler, wrapped."""
        inner = super().get_route_handler()

        async def handle(request: Request) -> Response:
            try:
                response = await inner(request)
            except Negative as negative:
                entry_of(request).is_refused = True
                response = Response(negative.answer)
            response.headers["content-type"] = media_type_of(request)
            return response

        return handle


hl7_router = APIRouter(route_class=Hl7Route)
BODY = {"requestBody": {"required": True, "content": {name: {"schema": {"type": "string"}} for name in MEDIA_TYPES}}}
ANSWER: dict[int | str, dict[str, Any]] = {
    200: {"description": "RRI (accepted) or ACK (AE, AR)", "content": {MEDIA_TYPES[0]: {}}}
}


@hl7_router.post("/hl7v2", response_class=Response, openapi_extra=BODY, responses=ANSWER)
async def send_hl7v2_message(request: Request, caller: MaySend) -> Response:
    """REF^I12 new referral, I13 correction, I14 cancellation, I15 status; the answer is RRI, or ACK with ERR."""
    if media_type_of(request) == "":
        raise WrongMediaType
    try:
        message = read(await request.body())
    except NotEr7 as error:
        raise NoHl7Message(faults=[Fault("", error.code)]) from None
    return await answer(message, caller.organisation, request.state.transaction)


def media_type_of(request: Request) -> str:
    """The media type of the request where it is one of ours, without its parameters; empty for any other."""
    given = request.headers.get("content-type", MEDIA_TYPES[0]).partition(";")[0].strip().lower()
    return given if given in MEDIA_TYPES else ""


router.include_router(hl7_router)
