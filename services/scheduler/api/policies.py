"""The routes of policies."""

from pydantic import Field

from services.scheduler.api.doors import MayRead, PoliciesDep, router
from services.scheduler.domain import Policy
from shared.cursors import Page


class PolicyView(Policy):
    """One version of a policy."""

    in_force: bool = Field(description="Whether new follow-ups are planned by it")


@router.get("/policies")
async def list_policies(policies: PoliciesDep, _: MayRead) -> Page[PolicyView]:
    """Every version of every policy, by code and version."""
    known = await policies.all()
    current = known.current()
    ordered = sorted(known.versions, key=lambda policy: (policy.code, policy.version))
    views = [PolicyView(**dict(policy), in_force=policy in current) for policy in ordered]
    return Page(items=views, next=None)
