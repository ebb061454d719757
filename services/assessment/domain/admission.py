"""The advice on admitting the person of a referral: one per referral, under the policy in force on its day."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Self
from uuid import UUID

from pydantic import BaseModel

from services.assessment.domain.complexity import Advice, ComplexityProfile, assess_complexity
from services.assessment.domain.content import Content
from services.assessment.domain.instrument import RaterType
from services.assessment.domain.scoring import SheetScore
from services.assessment.domain.sheet import Origin, Sheet
from services.assessment.events import ComplexityAssessed
from shared.clock import BRUSSELS
from shared.ids import new_id


def own_sheet(sheets: Sequence[Sheet]) -> Sheet | None:
    """The person's own most complete sheet: the most difficulties known, then needs, then the latest; or None."""

    own = [sheet for sheet in sheets if sheet.rater is RaterType.SELF and isinstance(sheet.result, SheetScore)]
    return max(own, key=_completeness, default=None)


def _completeness(sheet: Sheet) -> tuple[int, int, date]:
    if not isinstance(sheet.result, SheetScore):
        return 0, 0, sheet.filled_on
    return sheet.result.difficulty.total.answered_n, sheet.result.need.total.answered_n, sheet.filled_on


class Admission(BaseModel):
    """A complexity profile with its advice. It binds nobody: people decide in intake or referrals, with a reason."""

    id: UUID
    organisation: str
    referral_id: UUID | None
    person_id: UUID | None
    sheet_id: UUID | None
    advice: Advice | None
    rule_version: str
    profile: ComplexityProfile
    assessed_at: datetime

    @classmethod
    def advise(
        cls, content: Content, sheets: Sequence[Sheet], factors: Collection[str], origin: Origin, at: datetime
    ) -> tuple[Self, ComplexityAssessed]:
        """Advise from the person's own sheet, if there is one, and the named factors (instruments page, section 4).

        Raises NoPolicyInForce.
        """
        sheet = own_sheet(sheets)
        instrument = content.version(sheet.instrument, sheet.spec_version) if sheet else None
        answers = sheet.cards if sheet else ()
        today = at.astimezone(BRUSSELS).date()
        profile = assess_complexity(instrument or content.default, answers, factors, content.policies, today)
        admission = cls(
            id=new_id(),
            organisation=origin.organisation,
            referral_id=origin.referral_id,
            person_id=origin.person_id,
            sheet_id=sheet.id if sheet else None,
            advice=profile.advice,
            rule_version=profile.rule_version,
            profile=profile,
            assessed_at=at,
        )
        return admission, admission._assessed()

    def _assessed(self) -> ComplexityAssessed:
        return ComplexityAssessed(
            assessment_id=self.id,
            referral_id=self.referral_id,
            person_id=self.person_id,
            advice=self.advice,
            dimensions={finding.dimension.value: finding.state.value for finding in self.profile.dimensions},
            rule_version=self.rule_version,
        )
