"""The policies, every version of each."""

import json
from collections.abc import Mapping
from pathlib import Path

from services.scheduler.domain import Policies, Policy, Trigger
from shared.store import Collection


def shipped() -> Policies:
    """The policies that come with the service; raises ValidationError for one that makes no sense."""
    folder = Path(__file__).parents[1] / "policies"
    documents: list[Mapping[str, object]] = [json.loads(path.read_text()) for path in sorted(folder.glob("*.json"))]
    return Policies.of(documents)


SHIPPED = shipped()


class PolicyBook(Collection):
    """The policies as they are kept."""

    async def all(self) -> Policies:
        """Every version of every policy."""
        return SHIPPED

    async def in_force(
        self, trigger: Trigger, organisation: str | None = None, programme: str | None = None
    ) -> Policy | None:
        """What a trigger that fires now calls for; None where nothing is."""
        return (await self.all()).in_force(trigger, organisation, programme)

    async def version(self, code: str, version: int) -> Policy:
        """The version that a follow-up was planned by."""
        return (await self.all()).version(code, version)
