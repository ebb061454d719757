"""The routes of policies: every version is kept, the newest of each is in force."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import BaseModel, Field

from services.scheduler.api.doors import (
    MayReadPolicies,
    MayWritePolicies,
    PlansDep,
    PoliciesDep,
    SettingsDep,
    router,
)
from services.scheduler.domain import ApplyTo, Code, Policies, Policy, Terms, WrongInput
from services.scheduler.store import Changes, Numbered
from shared.access import Scope
from shared.auth import Caller
from shared.clock import local_date
from shared.cursors import Page, PagingDep
from shared.errors import Fault
from shared.requests import ClockDep, IfMatchSaid, Tag

REACH = ("trigger", "organisation", "programme")


class PolicyView(Policy):
    """One version of a policy."""

    in_force: bool = Field(description="Whether new follow-ups are planned by it")


class ChangedPolicyView(PolicyView):
    """A policy as it is now, and what following it did to planned follow-ups."""

    planned: Annotated[Changes | None, Field(description="Null where planned follow-ups stay as they were")] = None


class PolicyBody(Terms):
    """The next version of a policy."""

    apply_to: ApplyTo = ApplyTo.FUTURE

    @property
    def terms(self) -> Terms:
        """What it asks for, without whom it is applied to."""
        return Terms.model_construct(**{name: getattr(self, name) for name in Terms.model_fields})


class Preview(BaseModel):
    """What a change would do to planned follow-ups; nothing of it is done."""

    version: int = Field(description="The version that it would be")
    planned: Changes


@router.get("/policies")
async def list_policies(policies: PoliciesDep, paging: PagingDep, _: MayReadPolicies) -> Page[PolicyView]:
    """Every version of every policy, by code and version."""
    known = await policies.all()
    ordered = sorted(known.versions, key=lambda policy: (policy.code, policy.version))
    if paging.after:
        last = paging.after[0], int(paging.after[1])
        ordered = [policy for policy in ordered if (policy.code, policy.version) > last]
    wanted = ordered[: paging.limit + 1]
    keys = [(policy.code, policy.version) for policy in wanted]
    return paging.page([view_of(policy, known) for policy in wanted], keys)


@router.get("/policies/{code}")
async def read_policy(code: Code, policies: PoliciesDep, tag: Tag, _: MayReadPolicies) -> PolicyView:
    """The newest version of one policy."""
    row = await policies.get(code)
    tag(Numbered(row))
    known = await policies.all()
    return view_of(known.version(code, row.newest), known)


@router.put("/policies/{code}")
async def change_policy(
    code: Code,
    body: PolicyBody,
    policies: PoliciesDep,
    plans: PlansDep,
    settings: SettingsDep,
    seen: IfMatchSaid,
    clock: ClockDep,
    caller: MayWritePolicies,
    tag: Tag,
) -> ChangedPolicyView:
    """Make the next version of a policy, or the first under a new code; a change needs `If-Match`.

    It holds for what is planned from now on; with `apply_to: planned` follow-ups that nobody has begun follow it too.
    """
    known = await policies.all()
    before = known.newest().get(code)
    refuse_misfits(body, before, caller)
    policy = Policy(**dict(body.terms), code=code, version=before.version if before else 1)
    if policy != before:
        policy = policy.model_copy(update={"version": await policies.number_next(code, seen)})
        known = known.with_next(policy)
        await policies.put(policy, body.apply_to, caller)
    planned = None
    if body.apply_to is ApplyTo.PLANNED:
        planned = await plans.follow_policy(known, policy, local_date(clock), settings.calendar)
    tag(Numbered(await policies.get(code)))
    return ChangedPolicyView(**dict(view_of(policy, known)), planned=planned)


@router.post("/policies/{code}/preview")
async def preview_policy(
    code: Code,
    body: PolicyBody,
    policies: PoliciesDep,
    plans: PlansDep,
    settings: SettingsDep,
    clock: ClockDep,
    caller: MayWritePolicies,
) -> Preview:
    """Count what the same change would do to planned follow-ups with `apply_to: planned`; nothing is changed."""
    known = await policies.all()
    before = known.newest().get(code)
    refuse_misfits(body, before, caller)
    policy = Policy(**dict(body.terms), code=code, version=before.version + 1 if before else 1)
    after = known.with_next(policy)
    async with plans.transaction.rehearsal():
        planned = await plans.follow_policy(after, policy, local_date(clock), settings.calendar)
    return Preview(version=policy.version, planned=planned)


def view_of(policy: Policy, known: Policies) -> PolicyView:
    """A version with whether it is in force."""
    return PolicyView(**dict(policy), in_force=policy in known.current())


def refuse_misfits(body: PolicyBody, before: Policy | None, caller: Caller) -> None:
    """Raise WrongInput for what does not fit together, for another's policy, and for another reach under a known code.

    A coordinator writes policies of the own organisation; those for all are the operator's.
    """
    faults: Sequence[Fault] = list(body.faults())
    if caller.scope != Scope.ALL and body.organisation != caller.organisation:
        faults = [*faults, Fault("/organisation", "not-yours")]
    if before:
        names = ("trigger", "organisation", "programme")
        faults = [
            *faults,
            *(Fault(f"/{name}", "fixed") for name in names if getattr(body, name) != getattr(before, name)),
        ]
    if faults:
        raise WrongInput(faults=faults)
