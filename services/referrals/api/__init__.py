"""The routes of referrals: the JSON push, the shared state, the pulls of our neighbours, the directory."""

from services.referrals.api import directory, pulls, push, steps
from services.referrals.api.doors import router

__all__ = ["directory", "pulls", "push", "router", "steps"]
