"""Who is related to whom: the facts of others tell it, by the rules of `shared/permissions/following.json`."""

from services.referrals.handlers.registry import handlers
from shared.relationships.following import follow

follow(handlers, "referrals")
