"""How long records are kept, by kind of record and organisation, and what happens then: a policy that is data.

Care records of health professionals: 30 years from the last contact at least, 50 at most (Belgium, law of 22 April 2019
on the quality of practice, art. 35). Whether that law binds an organisation is a fact of the policy, to be stated by
who runs the installation.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field

from services.intake.events import Decided, RecordType, Then
from shared.errors import DomainError, Fault

LAW_LEAST, LAW_MOST = 30, 50
LAW = "quality-of-practice-art-35"
FINAL = frozenset({Then.PSEUDONYMISE, Then.ERASE})


class ImpossiblePolicy(DomainError):
    """Some of these times are not lawful, or do not go together."""


class LawBinds(DomainError):
    """The law asks to keep the care record; see `law` and `until`. What can be done instead is in `offers`."""


class Rule(BaseModel):
    """How long records of a kind are kept from the last contact, and what happens then."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    record_type: RecordType
    bound: bool | None = Field(default=None, description="For organisations that art. 35 binds, or not; null for all")
    years: int = Field(ge=0, le=100, description="From the last contact")
    then: Then
    source: Annotated[str, Field(min_length=3, max_length=300)] = Field(description="The rule that says so")


class Policy(BaseModel):
    """The rules of an installation, and which organisations the law on the quality of practice binds."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    binds_others: bool = Field(default=True, description="Whether it binds an organisation that is not named")
    binds: Mapping[Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,63}$")], bool] = {}
    rules: Annotated[tuple[Rule, ...], Field(max_length=50)]

    def binds_organisation(self, organisation: str) -> bool:
        """Whether art. 35 binds an organisation."""
        return self.binds.get(organisation, self.binds_others)

    def rule(self, record_type: RecordType, organisation: str) -> Rule:
        """The rule for a kind of record of an organisation: the one for its kind before the one for all."""
        bound = self.binds_organisation(organisation)
        mine = [rule for rule in self.rules if rule.record_type == record_type and rule.bound in (bound, None)]
        return max(mine, key=lambda rule: rule.bound is not None)

    def checked(self) -> Self:
        """The policy itself; raises ImpossiblePolicy with everything that is wrong."""
        faults = [*self._unlawful(), *self._incomplete()]
        if faults:
            raise ImpossiblePolicy(faults=faults)
        return self

    def _unlawful(self) -> Iterable[Fault]:
        for number, rule in enumerate(self.rules):
            if rule.record_type is not RecordType.CARE_RECORD or rule.bound is False:
                continue
            if rule.years < LAW_LEAST:
                yield Fault(f"/rules/{number}/years", "below-what-the-law-asks")
            if rule.years > LAW_MOST:
                yield Fault(f"/rules/{number}/years", "above-what-the-law-allows")

    def _incomplete(self) -> Iterable[Fault]:
        for number, rule in enumerate(self.rules):
            same = [other for other in self.rules[:number] if _key(other) == _key(rule)]
            if same:
                yield Fault(f"/rules/{number}", "repeated")
        for kind in RecordType:
            told = {rule.bound for rule in self.rules if rule.record_type == kind}
            if not ({None} <= told or {True, False} <= told):
                yield Fault("/rules", f"missing-{kind}")


def _key(rule: Rule) -> tuple[RecordType, bool | None]:
    return rule.record_type, rule.bound


_GDPR = "GDPR art. 5 (1) (e)"
DEFAULT = Policy(
    rules=(
        Rule(record_type=RecordType.CARE_RECORD, bound=True, years=30, then=Then.ERASE, source=LAW),
        Rule(record_type=RecordType.CARE_RECORD, bound=False, years=10, then=Then.PSEUDONYMISE, source=_GDPR),
        Rule(record_type=RecordType.CONTACT_WITHOUT_CARE, years=5, then=Then.ERASE, source=_GDPR),
        Rule(record_type=RecordType.ANONYMOUS_CALL, years=2, then=Then.KEEP, source="figures without a person"),
        Rule(record_type=RecordType.REFERRAL_NOT_ACCEPTED, years=2, then=Then.ERASE, source=_GDPR),
        Rule(record_type=RecordType.IDENTITY, years=0, then=Then.ERASE, source="as long as a record needs it"),
        Rule(record_type=RecordType.IMPORT_ROW, years=0, then=Then.ERASE, source="settings: import_rows_kept_days"),
        Rule(record_type=RecordType.AUDIT, years=30, then=Then.KEEP, source="GDPR art. 5 (2), pseudonymous ids only"),
    )
)
"""What an installation starts with: to be confirmed by its data protection officer."""


@dataclass(frozen=True)
class Held:
    """What is kept of a person: kinds of records, the organisation that answers for them, and the last contact."""

    organisation: str
    record_types: frozenset[RecordType]
    last_contact: date


def years_after(day: date, years: int) -> date:
    """The same day that many years later; of a leap day the day after."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)


def kept_until(held: Held, policy: Policy) -> date:
    """The day from which nothing asks to keep a person's records any more."""
    rules = [policy.rule(each, held.organisation) for each in held.record_types]
    return max((years_after(held.last_contact, rule.years) for rule in rules), default=held.last_contact)


def decisions(held: Held, policy: Policy, then: Then, today: date) -> tuple[Decided, ...]:
    """What becomes of each kind of record when a person's data end now; the audit is kept in any case."""
    found = [Decided(record_type=each, then=then) for each in sorted({*held.record_types, RecordType.IDENTITY})]
    audit = policy.rule(RecordType.AUDIT, held.organisation)
    return (*found, Decided(record_type=RecordType.AUDIT, then=Then.KEEP, until=years_after(today, audit.years)))


def due(held: Held, policy: Policy, today: date) -> Then | None:
    """What is to happen to a person's data today by the policy; None while some record is still to be kept.

    Of several kinds of records the mildest end counts: what one of them needs the others do not take away.
    """
    if not held.record_types or kept_until(held, policy) > today:
        return None
    order = (Then.KEEP, Then.RESTRICT, Then.PSEUDONYMISE, Then.ERASE)
    return min((policy.rule(each, held.organisation).then for each in held.record_types), key=order.index)


def refuse_unlawful(held: Held, policy: Policy, then: Then, today: date) -> None:
    """Raise LawBinds where a care record is to be erased that the law asks to keep."""
    if then is not Then.ERASE or RecordType.CARE_RECORD not in held.record_types:
        return
    if not policy.binds_organisation(held.organisation):
        return
    until = years_after(held.last_contact, policy.rule(RecordType.CARE_RECORD, held.organisation).years)
    if until > today:
        raise LawBinds(facts={"law": LAW, "until": until.isoformat(), "offers": [str(Then.PSEUDONYMISE)]})
