"""HL7 v2 at the door: over HTTP, and over a port of its own (MLLP)."""

from services.referrals.api.hl7v2.mllp import listen
from services.referrals.api.hl7v2.over_http import hl7_router

__all__ = ["hl7_router", "listen"]
