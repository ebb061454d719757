"""How links follow the facts of other services: which fact does what is data, `shared/permissions/following.json`."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, create_model
from sqlalchemy import or_, select, update

from shared.events import Envelope, Reading, service_of
from shared.handlers import Handlers
from shared.permissions.reasons import RelationReason
from shared.relationships.exclusions import Exclusions
from shared.relationships.links import Holder, Relation, Relationships
from shared.settings import ServiceSettings
from shared.store import Collection
from shared.tables import relationship

FOLLOWING_FILE = Path(__file__).parents[1] / "permissions" / "following.json"
BEFORE_ALL = datetime(1, 1, 1, tzinfo=UTC)
"""The moment of what is known of a link that has not begun: whatever is told of it counts more."""


class Does(StrEnum):
    """What a fact does to links."""

    BEGINS = "begins"
    TAKES = "takes"
    LAPSES = "lapses"
    RESUMES = "resumes"
    ENDS = "ends"
    NAMES = "names"
    EXCLUDES = "excludes"


class Span(StrEnum):
    """For how long, by the settings."""

    HOURS = "hours"
    DAYS = "days"
    AFTERCARE = "aftercare"

    def of(self, settings: ServiceSettings) -> timedelta:
        """The time itself."""
        spans = {Span.HOURS: settings.line_duty, Span.DAYS: settings.tail, Span.AFTERCARE: settings.assignment_tail}
        return spans[self]


class Rule(BaseModel):
    """One thing that a fact does; all but the reasons are names of its fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    does: Does
    reasons: tuple[RelationReason, ...] = ()
    source: str
    subject: str | None = None
    inherits: str | None = None
    stands_in: str | None = Field(default=None, alias="else")
    holder: str | None = None
    span: Span | None = Field(default=None, alias="for")


class _Following(BaseModel):
    about: str
    facts: Mapping[str, tuple[Rule, ...]]


@cache
def following() -> Mapping[str, tuple[Rule, ...]]:
    """Every fact that does something to links, by its wire name."""
    return _Following.model_validate_json(FOLLOWING_FILE.read_text()).facts


def follow(handlers: Handlers, service: str) -> None:
    """Let a service's links follow the facts of all others."""
    for event_type, rules in following().items():
        if service_of(event_type) != service:
            handlers.on(reading_of(event_type, rules))(_handler(rules))


def reading_of(event_type: str, rules: Sequence[Rule]) -> type[Reading]:
    """What is read of a fact: the ids and the organisation that its rules name."""
    fields: dict[str, Any] = {}
    for rule in rules:
        optional = dict.fromkeys(filter(None, (rule.subject, rule.inherits)), (UUID | None, None))
        fields |= {name: fields.get(name, kind) for name, kind in optional.items()}
        fields |= {name: (UUID | None, None) for name in [rule.stands_in] if name and name not in fields}
        fields |= {rule.holder: (str, ...)} if rule.holder else {}
        if rule.does is Does.EXCLUDES:
            fields |= {"worker": (str, ""), "since": (AwareDatetime, ...), "until": (AwareDatetime | None, None)}
    fields |= {rule.source: (UUID, ...) for rule in rules}
    name = "".join(part.title() for part in event_type.split(".")[1].split("-"))
    made = create_model(name, __base__=Reading, __doc__="What links need of a fact.", **fields)
    made.type = event_type
    return made


def _handler(rules: Sequence[Rule]) -> Callable[..., Awaitable[None]]:
    async def hear(
        event: Reading, links: FollowedLinks, exclusions: Exclusions, envelope: Envelope, settings: ServiceSettings
    ) -> None:
        for rule in rules:
            fact = Fact(rule, event, envelope.time, settings)
            if rule.does is Does.EXCLUDES:
                lasts = (fact.moment("since"), fact.moment("until"))
                await exclusions.learn(fact.source, fact.subject, fact.holder, lasts, fact.at)
            else:
                await links.hear(fact)

    return hear


class Fact:
    """What one rule reads in one fact."""

    def __init__(self, rule: Rule, event: Reading, at: datetime, settings: ServiceSettings) -> None:
        self.rule, self.at, self._settings = rule, at, settings
        self._said: Mapping[str, Any] = dict(event)

    def said(self, name: str | None) -> Any:
        """The value of a field; None where the rule names none."""
        return self._said.get(name) if name else None

    @property
    def source(self) -> UUID:
        """The record that the links come from."""
        source: UUID = self._said[self.rule.source]
        return source

    @property
    def subject(self) -> Any:
        """The subject as the fact itself names it."""
        return self.said(self.rule.subject)

    @property
    def holder(self) -> Holder:
        """Who is tied."""
        return Holder(self.said(self.rule.holder) or self._settings.organisation, self.said("worker") or "")

    @property
    def until(self) -> datetime | None:
        """When it ends by itself."""
        return self.at + self.rule.span.of(self._settings) if self.rule.span else None

    def moment(self, name: str) -> Any:
        """A moment that the fact tells."""
        return self.said(name)


class FollowedLinks(Collection):
    """The links of a service as the facts of others change them."""

    async def hear(self, fact: Fact) -> None:
        """Do what a rule says."""
        links = Relationships(self.transaction)
        match fact.rule.does:
            case Does.BEGINS | Does.TAKES:
                await self._begin(links, fact)
            case Does.ENDS:
                for reason in fact.rule.reasons:
                    await links.end_of(fact.holder, reason, fact.source, fact.at)
            case Does.LAPSES | Does.RESUMES:
                await self._set_end(fact)
            case Does.NAMES if fact.subject:
                await self._name(links, fact)

    async def _begin(self, links: Relationships, fact: Fact) -> None:
        subject = fact.subject or await self._known(fact)
        if subject is None:
            return
        holder, source = fact.holder, fact.source
        if fact.rule.does is Does.TAKES:
            await self._end_others(fact)
            await links.about(source, subject)
        begun = (Relation(subject, holder, why, source, fact.at, fact.until) for why in fact.rule.reasons)
        await links.begin(*begun, at=fact.at)

    async def _known(self, fact: Fact) -> UUID | None:
        """Whom the source is known to be about, else the record that it inherits from; else what stands for it."""
        for source in (fact.source, fact.said(fact.rule.inherits)):
            known = select(relationship.c.subject_id).where(relationship.c.source == source)
            known = known.where(relationship.c.subject_id != source).limit(1)
            found: UUID | None = (await self._run(known)).scalar() if source else None
            if found:
                return found
        stands_in: UUID | None = fact.said(fact.rule.stands_in)
        return stands_in

    async def _end_others(self, fact: Fact) -> None:
        others = self._of(fact).where(relationship.c.organisation != fact.holder.organisation)
        open_still = or_(relationship.c.until.is_(None), relationship.c.until > fact.at)
        await self._run(others.where(open_still).values(until=fact.at, ended=True, told_at=fact.at))

    async def _set_end(self, fact: Fact) -> None:
        """Links that have not ended otherwise end by themselves, or do so no more; their beginning stays."""
        mine = self._of(fact).where(~relationship.c.ended)
        await self._run(mine.values(until=fact.until, told_at=fact.at))

    async def _name(self, links: Relationships, fact: Fact) -> None:
        """The source is about this subject: its links move, and those of whatever the source stood in for."""
        subject, source = fact.subject, fact.source
        for reason in fact.rule.reasons:
            known = Relation(subject, fact.holder, reason, source, fact.at, BEFORE_ALL)
            await links.begin(known, at=BEFORE_ALL)
        await links.about(source, subject)
        await self._run(update(relationship).where(relationship.c.subject_id == source).values(subject_id=subject))

    def _of(self, fact: Fact) -> Any:
        named = (relationship.c.source == fact.source, relationship.c.told_at <= fact.at)
        return update(relationship).where(*named, relationship.c.reason.in_(fact.rule.reasons))

    async def _run(self, statement: Any) -> Any:
        return await (await self.session.connection()).execute(statement)
