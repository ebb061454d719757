"""The needs profile of a person: what is hard, where help is wished, what holds. Every rater stays apart.

The person's own newest sheet speaks; what others said stands beside it, labelled, and is never added to it.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import date

from services.assessment.domain.answers import CardAnswer, SheetStatus, expected_cards, is_administered
from services.assessment.domain.comparison import IncomparableSheets, ScaleComparison
from services.assessment.domain.complexity import Signs, assess_complexity
from services.assessment.domain.content import Content
from services.assessment.domain.form import Form
from services.assessment.domain.form_scoring import FormAnswers
from services.assessment.domain.instrument import AbsentReason, Card, Frozen, Instrument, RaterType, ScaleCode
from services.assessment.domain.profile_parts import (
    Audience,
    Change,
    Changes,
    DimensionWord,
    OwnWords,
    Rated,
    RatedCard,
    Resources,
    Standing,
    View,
)
from services.assessment.domain.sheet import Sheet

RESOURCES = "resources"


class Profile(Frozen):
    """Everything that the one page says, in codes. `own` is null while the person filled no sheet."""

    audience: Audience
    made_on: date
    own: View | None
    beside: tuple[View, ...]
    changes: Changes | None
    resources: tuple[Resources, ...]
    dimensions: tuple[DimensionWord, ...]
    own_words: OwnWords | None

    @classmethod
    def of(
        cls, content: Content, sheets: Sequence[Sheet], factors: Collection[str], audience: Audience, on: date
    ) -> "Profile | None":
        """The profile on a day, from sheets of one person that count; None when there is nothing to show.

        For a shared audience the sensitive cards are left out of everything, the states of the dimensions included:
        these are read from what is shown, so that nothing can be guessed from them.
        """
        sheets = _newest_first(sheets)
        known = [sheet for sheet in sheets if content.version(sheet.instrument, sheet.spec_version)]
        resources = _resources(content, sheets)
        if not known and not resources:
            return None
        own = next((sheet for sheet in known if sheet.rater is RaterType.SELF), None)
        return cls(
            audience=audience,
            made_on=on,
            own=_view(content, own, audience) if own else None,
            beside=tuple(_view(content, sheet, audience) for sheet in _one_of_each_other_rater(known)),
            changes=_changes(content, own, known, audience) if own else None,
            resources=resources,
            dimensions=_dimensions(content, own, sheets, frozenset(factors), (audience, on)),
            own_words=_own_words(own) if own and audience is Audience.TEAM else None,
        )


def _newest_first(sheets: Iterable[Sheet]) -> list[Sheet]:
    counting = [sheet for sheet in sheets if sheet.status in (SheetStatus.COMPLETED, SheetStatus.STOPPED)]
    return sorted(counting, key=lambda sheet: (sheet.filled_on, sheet.recorded_at, sheet.id), reverse=True)


def _one_of_each_other_rater(sheets: Sequence[Sheet]) -> list[Sheet]:
    others = (RaterType.PROFESSIONAL, RaterType.RELATIVE)
    found = (next((sheet for sheet in sheets if sheet.rater is rater), None) for rater in others)
    return [sheet for sheet in found if sheet]


def _instrument(content: Content, sheet: Sheet) -> Instrument:
    return content.version(sheet.instrument, sheet.spec_version) or content.default


def _shown(content: Content, sheet: Sheet, audience: Audience) -> tuple[Card, ...]:
    """The cards that this audience may see. The optional card is sensitive, so its use does not show either."""
    cards = expected_cards(_instrument(content, sheet), sheet.cards)
    hidden = frozenset() if audience is Audience.TEAM else content.sensitive_cards
    return tuple(card for card in cards if card.code not in hidden)


def _view(content: Content, sheet: Sheet, audience: Audience) -> View:
    given = {answer.domain: answer for answer in sheet.cards}
    cards = tuple(
        _rated_card(card, given.get(card.code, CardAnswer(domain=card.code)))
        for card in _shown(content, sheet, audience)
    )
    has_needs = is_administered(sheet.cards, "need")
    scales = [[card.difficulty for card in cards], [card.need for card in cards] if has_needs else []]
    return View(
        sheet_id=sheet.id,
        rater=sheet.rater,
        assistance=sheet.assistance,
        filled_on=sheet.filled_on,
        is_complete=not any(rated.standing == "unanswered" for scale in scales for rated in scale),
        instrument=sheet.instrument,
        edition=sheet.edition,
        spec_version=sheet.spec_version,
        has_needs=has_needs,
        cards=cards,
    )


def _rated_card(card: Card, answer: CardAnswer) -> RatedCard:
    return RatedCard(
        code=card.code,
        group=card.group,
        difficulty=_rated(answer, "difficulty"),
        need=_rated(answer, "need"),
        sources=answer.need.sources if answer.need else (),
    )


def _rated(answer: CardAnswer, scale: ScaleCode) -> Rated:
    said = answer.on(scale)
    standing: Standing = "answered" if said.presence is not None else "unanswered"
    if said.absent_reason is AbsentReason.NOT_APPLICABLE:
        standing = "not_applicable"
    return Rated(standing=standing, flagged=said.flagged, level=said.value)


def _changes(content: Content, own: Sheet, known: Sequence[Sheet], audience: Audience) -> Changes | None:
    """The newest own sheet beside the own one before it, of an earlier day and the same edition; else None."""
    before = [sheet for sheet in known if sheet.rater is RaterType.SELF and sheet.filled_on < own.filled_on]
    for sheet in before:
        try:
            compared = sheet.compare_with(own, content)
        except IncomparableSheets:
            continue
        shown = {card.code for card in _shown(content, own, audience)}
        return Changes(
            since=sheet.filled_on, difficulty=_change(compared.difficulty, shown), need=_change(compared.need, shown)
        )
    return None


def _change(compared: ScaleComparison | None, shown: Collection[str]) -> Change:
    if compared is None:
        return Change(new=(), more=(), less=(), resolved=())
    moved = {*compared.new, *compared.resolved}

    def visible(codes: Iterable[str], *, once: bool = False) -> tuple[str, ...]:
        return tuple(code for code in codes if code in shown and not (once and code in moved))

    return Change(
        new=visible(compared.new),
        more=visible(compared.worsened, once=True),
        less=visible(compared.improved, once=True),
        resolved=visible(compared.resolved),
    )


def _resources(content: Content, sheets: Sequence[Sheet]) -> tuple[Resources, ...]:
    """The newest sheet of resources of each rater, the person's own first."""
    found = []
    for rater in RaterType:
        for sheet in sheets:
            definition = content.definition(sheet.instrument, sheet.spec_version)
            if sheet.instrument == RESOURCES and sheet.rater is rater and isinstance(definition, Form):
                found.append(_resource_list(definition, sheet))
                break
    return tuple(found)


def _resource_list(form: Form, sheet: Sheet) -> Resources:
    answers: FormAnswers = sheet.answers if isinstance(sheet.answers, dict) else {}
    said: dict[str, list[str]] = {"present": [], "partly": []}
    for item in form.items:
        value = answers[item.code].value if item.code in answers else None
        for option in item.options or ():
            if value is not None and option.value == value and option.code in said:
                said[option.code].append(item.code)
    return Resources(
        rater=sheet.rater,
        filled_on=sheet.filled_on,
        spec_version=sheet.spec_version,
        there=tuple(said["present"]),
        partly=tuple(said["partly"]),
    )


def _dimensions(
    content: Content, own: Sheet | None, sheets: Sequence[Sheet], factors: frozenset[str], seen: tuple[Audience, date]
) -> tuple[DimensionWord, ...]:
    """The five dimensions under the policy in force on the day, from what this audience may see."""
    audience, on = seen
    instrument = _instrument(content, own) if own else content.default
    shown = {card.code for card in _shown(content, own, audience)} if own else set()
    answers = [answer for answer in own.cards if answer.domain in shown] if own else []
    newest = {(sheet.instrument, sheet.rater): sheet for sheet in reversed(sheets)}
    crossed = {
        (sheet.instrument, found.code)
        for sheet in newest.values()
        for found in sheet.thresholds
        if found.crossed and audience is Audience.TEAM
    }
    signs = Signs(factors=factors, crossed=frozenset(crossed))
    found = assess_complexity(instrument, answers, signs, content.policies, on)
    return tuple(DimensionWord(dimension=each.dimension, state=each.state) for each in found.dimensions)


def _own_words(own: Sheet) -> OwnWords | None:
    if own.main_problem is None and own.single_wish is None:
        return None
    return OwnWords(main_problem=own.main_problem, single_wish=own.single_wish)
