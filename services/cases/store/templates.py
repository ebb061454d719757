"""The templates of plans: those shipped, and the versions that organisations wrote of them or of their own."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import UniqueConstraint
from sqlalchemy.dialects.postgresql import distinct_on
from sqlmodel import Field, col, select

from services.cases.domain import PlanTemplate, TemplateContent, shipped
from services.cases.store.table import Table
from shared.ids import new_id
from shared.store import Collection, Json

# mypy: disable-error-code="call-overload"
# SQLModel's Field is not typed for instances of column types.

SHIPPED = shipped()
"""Read and checked when the service starts."""


class TemplateRow(Table, PlanTemplate, table=True):
    """A version of an organisation's template. Never changed: a change is a new version."""

    __tablename__ = "plan_template"
    __table_args__ = (UniqueConstraint("organisation", "code", "version"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    organisation: str
    content: TemplateContent = Field(sa_type=Json(TemplateContent))
    written_by: str
    written_at: datetime


class Templates(Collection):
    """The templates, as one organisation sees them: its own versions follow the shipped one."""

    async def find(self, organisation: str, code: str, version: int | None = None) -> PlanTemplate | None:
        """A version of a template, the newest where none is said; None where there is no such."""
        query = select(TemplateRow).where(TemplateRow.organisation == organisation, TemplateRow.code == code)
        if version:
            query = query.where(TemplateRow.version == version)
        own = (await self.session.exec(query.order_by(col(TemplateRow.version).desc()).limit(1))).first()
        if own is not None:
            return own
        kept = SHIPPED.get(code)
        return kept if kept and version in (None, kept.version) else None

    async def add(self, template: PlanTemplate) -> bool:
        """Store a version; False where somebody else has written that version meanwhile."""
        return await self.transaction.insert_once(TemplateRow, **dict(template))

    async def page(self, organisation: str, limit: int, after: str | None) -> list[PlanTemplate]:
        """At most `limit` + 1 templates in their newest version, by code."""
        query = select(TemplateRow).where(TemplateRow.organisation == organisation, TemplateRow.code > (after or ""))
        newest = query.ext(distinct_on(col(TemplateRow.code))).order_by(
            col(TemplateRow.code), col(TemplateRow.version).desc()
        )
        own = {row.code: row for row in (await self.session.exec(newest.limit(limit + 1))).all()}
        found = {**{code: each for code, each in SHIPPED.items() if code > (after or "")}, **own}
        return [found[code] for code in sorted(found)][: limit + 1]
