"""The policies as rows: every version of each, the shipped ones among them."""

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Column, Integer, UniqueConstraint
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Field, col, select

from services.scheduler.domain import ApplyTo, Policies, Policy, Trigger
from services.scheduler.events import PolicyChanged
from services.scheduler.store.table import Table
from shared.auth import Caller
from shared.errors import NotFound
from shared.ids import new_id
from shared.requests import MaybeSeen
from shared.store import Collection, Json

# mypy: disable-error-code="call-overload"
# SQLModel's Field is not typed for instances of column types.

_version = Column("version", Integer, nullable=False)


class PolicyRow(Table, table=True):
    """One policy under its code; `version` counts its facts, `newest` its versions."""

    __tablename__ = "policy"
    __mapper_args__: ClassVar[dict[str, Any]] = {"version_id_col": _version, "version_id_generator": False}
    __table_args__ = (UniqueConstraint("code"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    code: str
    newest: int
    version: int = Field(default=0, sa_column=_version)


class PolicyVersionRow(Table, table=True):
    """One version of a policy, never changed again. `by` is the subject who wrote it, null for a shipped one."""

    __tablename__ = "policy_version"

    code: str = Field(primary_key=True)
    number: int = Field(primary_key=True)
    document: Policy = Field(sa_type=Json(Policy))
    at: datetime
    by: str | None = None


class Numbered:
    """A policy's ETag: the number of its newest version."""

    def __init__(self, row: PolicyRow) -> None:
        self.id = row.id
        self.version = row.newest


def shipped() -> Policies:
    """The policies that come with the service; raises ValidationError for one that makes no sense."""
    folder = Path(__file__).parents[1] / "policies"
    documents: list[Mapping[str, object]] = [json.loads(path.read_text()) for path in sorted(folder.glob("*.json"))]
    return Policies.of(documents)


SHIPPED = shipped()


class PolicyBook(Collection):
    """The policies as they are kept."""

    async def all(self) -> Policies:
        """Every version of every policy; at the first use the shipped ones are written down."""
        known = await self._stored()
        missing = [policy for policy in SHIPPED.versions if not known.has(policy.code, policy.version)]
        for policy in missing:
            await self._ship(policy, known)
            known = await self._stored()
        return known

    async def in_force(
        self, trigger: Trigger, organisation: str | None = None, programme: str | None = None
    ) -> Policy | None:
        """What a trigger that fires now calls for; None where nothing is."""
        return (await self.all()).in_force(trigger, organisation, programme)

    async def version(self, code: str, version: int) -> Policy:
        """The version that a follow-up was planned by."""
        return (await self.all()).version(code, version)

    async def find(self, code: str) -> PolicyRow | None:
        """A policy by its code."""
        await self.all()
        return (await self.session.exec(select(PolicyRow).where(PolicyRow.code == code))).one_or_none()

    async def get(self, code: str) -> PolicyRow:
        """A policy by its code; raises NotFound."""
        row = await self.find(code)
        if row is None:
            raise NotFound
        return row

    async def number_next(self, code: str, seen: MaybeSeen) -> int:
        """The number of a policy's next version; a 428 problem or StaleVersion when the newest was not seen."""
        row = await self.find(code)
        if row is None:
            return 1
        seen.check(Numbered(row))
        return row.newest + 1

    async def put(self, policy: Policy, apply_to: ApplyTo, caller: Caller) -> PolicyRow:
        """Write a policy's next version and tell of it; raises StaleVersion when another wrote that one."""
        row = await self.find(policy.code) or PolicyRow(code=policy.code, newest=0)
        row.newest = policy.version
        now = self.transaction.clock.now()
        await self.record(row, PolicyChanged(code=policy.code, version=policy.version, apply_to=apply_to))
        version = PolicyVersionRow(code=policy.code, number=policy.version, document=policy, at=now, by=caller.subject)
        self.session.add(version)
        await self.session.flush()
        return row

    async def _stored(self) -> Policies:
        rows = (await self.session.exec(select(PolicyVersionRow.document))).all()
        return Policies.model_construct(versions=tuple(rows))

    async def _ship(self, policy: Policy, known: Policies) -> None:
        """Write down a shipped version, switched off where a policy of the site's own stands in its place."""
        if known.overlaps(policy):
            policy = policy.model_copy(update={"enabled": False})
        head = insert(PolicyRow).values(id=new_id(), code=policy.code, newest=policy.version, version=0)
        newest = head.on_conflict_do_update(
            index_elements=["code"],
            set_={"newest": policy.version},
            where=col(PolicyRow.newest) < policy.version,
        )
        await self.session.exec(newest)
        await self.transaction.insert_once(
            PolicyVersionRow,
            code=policy.code,
            number=policy.version,
            document=policy,
            at=self.transaction.clock.now(),
            by=None,
        )
