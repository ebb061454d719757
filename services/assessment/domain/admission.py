"""The advice on admitting the person of a referral: one per referral, under the policy in force on its day."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Self
from uuid import UUID

from pydantic import BaseModel

from services.assessment.domain.complexity import Advice, ComplexityProfile, Signs, assess_complexity
from services.assessment.domain.content import Content
from services.assessment.domain.instrument import Frozen, RaterType
from services.assessment.domain.scoring import SheetScore
from services.assessment.domain.sheet import Origin, Sheet
from services.assessment.events import AdmissionDecided, AdmissionSuperseded, ComplexityAssessed
from shared.clock import BRUSSELS
from shared.errors import DomainError, Fault
from shared.ids import new_id


def own_sheet(sheets: Sequence[Sheet]) -> Sheet | None:
    """The person's own most complete sheet: the most difficulties known, then needs, then the latest; or None."""

    own = [sheet for sheet in sheets if sheet.rater is RaterType.SELF and isinstance(sheet.result, SheetScore)]
    return max(own, key=_completeness, default=None)


def _completeness(sheet: Sheet) -> tuple[int, int, date]:
    if not isinstance(sheet.result, SheetScore):
        return 0, 0, sheet.filled_on
    return sheet.result.difficulty.total.answered_n, sheet.result.need.total.answered_n, sheet.filled_on


class NotBinding(DomainError):
    """A decision that leaves somebody without case management says where the person can turn instead."""


class SupersededAdmission(DomainError):
    """This advice was replaced by a newer one; decide on that."""


class Decision(Frozen):
    """What people decided. They may differ from the advice, and always say why."""

    decided: Advice
    reason: str
    onward_path: str | None
    by: str
    at: datetime
    differs: bool


class Admission(BaseModel):
    """A complexity profile with its advice. It binds nobody: people decide, with a reason.

    Of a referral one advice is current; after a correction a new one takes its place and the old one is kept.
    """

    id: UUID
    organisation: str
    referral_id: UUID | None
    person_id: UUID | None
    sheet_id: UUID | None
    measured_by: tuple[UUID, ...]
    advice: Advice | None
    rule_version: str
    profile: ComplexityProfile
    decision: Decision | None
    is_current: bool
    assessed_at: datetime

    @classmethod
    def advise(
        cls, content: Content, sheets: Sequence[Sheet], factors: Collection[str], origin: Origin, at: datetime
    ) -> tuple[Self, ComplexityAssessed]:
        """Advise from the person's own sheet, if there is one, the named factors, and the cut-offs that were crossed.

        Neither diagnosis nor age is an argument, so that no rule can read them (instruments page, section 4).
        Raises NoPolicyInForce.
        """
        sheet = own_sheet(sheets)
        instrument = content.version(sheet.instrument, sheet.spec_version) if sheet else None
        answers = sheet.cards if sheet else ()
        today = at.astimezone(BRUSSELS).date()
        measures = [each for each in sheets if any(threshold.crossed for threshold in each.thresholds)]
        crossed = {(each.instrument, found.code) for each in measures for found in each.thresholds if found.crossed}
        signs = Signs(factors=frozenset(factors), crossed=frozenset(crossed))
        profile = assess_complexity(instrument or content.default, answers, signs, content.policies, today)
        admission = cls(
            id=new_id(),
            organisation=origin.organisation,
            referral_id=origin.referral_id,
            person_id=origin.person_id,
            sheet_id=sheet.id if sheet else None,
            measured_by=tuple(each.id for each in measures),
            advice=profile.advice,
            rule_version=profile.rule_version,
            profile=profile,
            decision=None,
            is_current=True,
            assessed_at=at,
        )
        return admission, admission._assessed()

    def give_way(self, newer: "Admission") -> AdmissionSuperseded:
        """Give way to a newer advice on the same referral."""
        self.is_current = False
        return AdmissionSuperseded(assessment_id=self.id, referral_id=self.referral_id, superseded_by=newer.id)

    def decide(self, decided: Advice, reason: str, onward_path: str | None, by: str, at: datetime) -> AdmissionDecided:
        """Note what people decided; the last word counts. Raises NotBinding without an onward path for a refusal."""
        if not self.is_current:
            raise SupersededAdmission
        if decided is not Advice.CASE_MANAGEMENT and not onward_path:
            raise NotBinding(faults=[Fault("/onward_path", "required")])
        differs = decided is not self.advice
        self.decision = Decision(decided=decided, reason=reason, onward_path=onward_path, by=by, at=at, differs=differs)
        return AdmissionDecided(
            assessment_id=self.id, referral_id=self.referral_id, decided=decided, advised=self.advice, differs=differs
        )

    def _assessed(self) -> ComplexityAssessed:
        return ComplexityAssessed(
            assessment_id=self.id,
            referral_id=self.referral_id,
            person_id=self.person_id,
            advice=self.advice,
            dimensions={finding.dimension.value: finding.state.value for finding in self.profile.dimensions},
            rule_version=self.rule_version,
        )
