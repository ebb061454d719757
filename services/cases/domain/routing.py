"""Which organisation answers for a new request: what the request itself says, else the first rule that fits."""

from typing import Annotated

from pydantic import Field

from services.cases.domain.words import Code, Part
from services.cases.events import OriginKind, Urgency


class Request(Part):
    """What a routing rule may look at."""

    origin_kind: OriginKind
    urgency: Urgency
    programme: str | None = None
    organisation: str | None = None


class RoutingRule(Part):
    """Requests that fit all that is said here go to this organisation."""

    organisation: Code
    programme: Code | None = None
    origin_kind: OriginKind | None = None
    urgency: Urgency | None = None

    def fits(self, request: Request) -> bool:
        """Whether nothing that the rule names differs from the request."""
        named = (
            (self.programme, request.programme),
            (self.origin_kind, request.origin_kind),
            (self.urgency, request.urgency),
        )
        return all(wanted is None or wanted == found for wanted, found in named)


class Routing(Part):
    """The rules, the first that fits wins; `default` is the programme's own organisation where it is not named."""

    rules: Annotated[tuple[RoutingRule, ...], Field(max_length=200)] = ()
    default: Code | None = None

    def responsible(self, request: Request, programme_owner: str) -> str:
        """The organisation that answers for a request."""
        if request.organisation:
            return request.organisation
        fitting = (rule.organisation for rule in self.rules if rule.fits(request))
        return next(fitting, self.default or programme_owner)

    def named(self) -> dict[str, str]:
        """The organisations that it names, by where it does."""
        rules = {f"/rules/{number}/organisation": rule.organisation for number, rule in enumerate(self.rules)}
        return rules | ({"/default": self.default} if self.default else {})
