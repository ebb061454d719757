"""The table of shares: which other organisation a case is open to."""

from datetime import date
from uuid import UUID

from sqlalchemy import ForeignKey, Index, text
from sqlmodel import Field

from services.cases.domain.share import Consent, Share
from services.cases.events import ShareEnd, ShareRule
from services.cases.store.table import Table
from shared.encryption import EncryptedJson
from shared.ids import new_id
from shared.store import text_enum

# mypy: disable-error-code="call-overload"
# SQLModel's Field is not typed for instances of column types.


class ShareRow(Table, Share, table=True):
    """A case shared with an organisation."""

    __tablename__ = "case_share"
    __table_args__ = (
        Index(
            "uq_case_share_standing", "case_id", "organisation", unique=True, postgresql_where=text("ended_on IS NULL")
        ),
        Index("ix_case_share_live", "organisation", "case_id", postgresql_where=text("is_live")),
        Index("ix_case_share_due", "begins_on", "until", postgresql_where=text("ended_on IS NULL")),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    case_id: UUID = Field(sa_column_args=[ForeignKey("case.id")])
    rule: ShareRule = Field(sa_type=text_enum(ShareRule))
    consent: Consent = Field(sa_type=EncryptedJson(Consent))
    ended_on: date | None = None
    end_reason: ShareEnd | None = Field(default=None, sa_type=text_enum(ShareEnd))
