"""Where a client gets its token: the SMART configuration, from what the issuer says of itself."""

import time
from typing import Any

from fastapi import Request, Response

from services.referrals.api.fhir.capability import ForAnyone
from services.referrals.api.fhir.doors import json_bytes, router
from shared.errors import DomainError
from shared.http import PullFailed, fetch_json
from shared.smart import of_discovery

KEEP = 3600.0


class IssuerAway(DomainError):
    """The issuer of tokens cannot be reached just now; try again."""


_kept: dict[str, tuple[float, dict[str, Any]]] = {}


@router.get("/.well-known/smart-configuration", name="fhir_smart_configuration")
async def read_smart_configuration(request: Request, everybody: ForAnyone) -> Response:
    """The token endpoint and what it takes; remembered for an hour."""
    issuer: str = request.app.state.settings.issuers[0]
    at, known = _kept.get(issuer, (-KEEP, {}))
    if time.monotonic() - at > KEEP:
        try:
            known = of_discovery(
                await fetch_json(request.app.state.tokens.client, f"{issuer}/.well-known/openid-configuration")
            )
        except PullFailed:
            raise IssuerAway from None
        _kept[issuer] = (time.monotonic(), known)
    return Response(json_bytes(known), media_type="application/json")
