"""Puts a needs profile into plain words: short sentences, four languages, no jargon."""

from collections.abc import Iterable, Sequence

from services.assessment.domain.content import Content
from services.assessment.domain.instrument import Instrument, LanguageCode, ScaleCode
from services.assessment.domain.profile import RESOURCES, Profile
from services.assessment.domain.profile_parts import Audience, Change, Rated, RatedCard, Resources, View
from services.assessment.formats.profile_page import (
    CardGroup,
    CardRow,
    Chart,
    Item,
    Line,
    Mark,
    ProfilePage,
    Section,
    Source,
)
from services.assessment.formats.words import Words, catalogue

KINDS_OF_CHANGE = ("new", "more", "less", "resolved")
LONGEST_WORDS = 400
"""Characters of an open answer that the one page shows; the sheet has all of it."""


def page_of(profile: Profile, content: Content, language: LanguageCode) -> ProfilePage:
    """The profile as one page in a language."""
    return _Writer(profile, content, Words(catalogue("profile"), language)).page()


class _Writer:
    """One profile in one language."""

    def __init__(self, profile: Profile, content: Content, words: Words) -> None:
        self._profile = profile
        self._content = content
        self._say = words

    def page(self) -> ProfilePage:
        own, say = self._profile.own, self._say
        return ProfilePage(
            language=say.language,
            audience=self._profile.audience,
            made_on=self._profile.made_on,
            title=say("title"),
            intro=say("intro"),
            facts=(*self._facts(own), say("made_on", date=say.day(self._profile.made_on))),
            sections=tuple(self._sections(own)),
            chart=self._chart(own) if own else None,
            sources=tuple(self._sources()),
            notices=tuple(self._notices()),
            colon=say("colon"),
            separator=say("separator"),
        )

    def _facts(self, own: View | None) -> Iterable[str]:
        say = self._say
        if own is None:
            yield say("no_own_sheet")
            return
        yield say("own_sheet", date=say.day(own.filled_on))
        if own.assistance:
            yield say(own.assistance.value)
        difficulties = sum(card.difficulty.flagged for card in own.cards)
        needs = sum(card.need.flagged for card in own.cards)
        key = "counts" if own.has_needs else "counts_difficulty"
        yield say(key, difficulties=difficulties, needs=needs, cards=len(own.cards))
        if not own.is_complete:
            yield say("not_complete")

    def _sections(self, own: View | None) -> Iterable[Section]:
        if own:
            yield self._section("urgent", self._urgent(own))
            yield self._section("needs", self._needs(own))
        yield self._section("resources", self._resources())
        if own:
            yield self._section("changes", self._changes())
        yield self._section("aspects", self._aspects())
        if self._profile.own_words:
            said = self._profile.own_words.model_dump()
            lines = (Line(code=key, term=self._say(key), text=_cut(text)) for key, text in said.items() if text)
            yield self._section("own_words", lines)
        if self._profile.beside:
            yield self._section("beside", (line for view in self._profile.beside for line in self._beside(view)))

    def _section(self, code: str, lines: Iterable[Line]) -> Section:
        return Section(code=code, heading=self._say(code), lines=tuple(lines))

    def _sentence(self, code: str, **values: str) -> Line:
        return Line(code=code, term=self._say(code, **values))

    def _urgent(self, own: View) -> Iterable[Line]:
        if not own.has_needs:
            yield self._sentence("needs_not_asked")
        elif own.urgent:
            yield self._cards("urgent_items", own, own.urgent)
        else:
            yield self._sentence("urgent_none")

    def _needs(self, own: View) -> Iterable[Line]:
        levels = {"needs_soon": 2, "needs_later": 1, "needs_some_time": None}
        found = {code: own.needs(level) for code, level in levels.items()}
        if own.has_needs and not any(found.values()):
            yield self._sentence("needs_none")
        for code, cards in found.items():
            if cards:
                yield self._cards(code, own, cards)
        without = [card for card in own.cards if card.difficulty.flagged and not card.need.flagged]
        if without and own.has_needs:
            yield self._cards("without_help", own, without)

    def _resources(self) -> Iterable[Line]:
        for each in self._profile.resources:
            yield self._rater(each)
            for code, items in (("resources_there", each.there), ("resources_partly", each.partly)):
                if items:
                    yield Line(code=code, term=self._say(code), items=self._strengths(each, items))
        if not any(each.there or each.partly for each in self._profile.resources):
            yield self._sentence("resources_none")

    def _strengths(self, given: Resources, codes: Sequence[str]) -> tuple[Item, ...]:
        form = self._content.definition(RESOURCES, given.spec_version)
        labels = {} if form is None or isinstance(form, Instrument) else {item.code: item.labels for item in form.items}
        named = ((code, labels.get(code)) for code in codes)
        return tuple(
            Item(code=code, label=getattr(label, self._say.language) if label else code) for code, label in named
        )

    def _rater(self, given: View | Resources) -> Line:
        say = self._say
        rater = say(f"rater_{given.rater.value}")
        said = say("said_by", rater=rater, date=say.day(given.filled_on))
        return Line(code=f"rater_{given.rater.value}", term=said)

    def _changes(self) -> Iterable[Line]:
        changes, own = self._profile.changes, self._profile.own
        if changes is None or own is None:
            yield self._sentence("changes_first")
            return
        yield self._sentence("changes_since", date=self._say.day(changes.since))
        moved = [*self._moved("difficulty", changes.difficulty, own), *self._moved("need", changes.need, own)]
        yield from moved or [self._sentence("changes_none")]

    def _moved(self, scale: ScaleCode, change: Change, own: View) -> Iterable[Line]:
        for kind in KINDS_OF_CHANGE:
            codes: tuple[str, ...] = getattr(change, kind)
            if codes:
                yield self._cards(
                    f"{scale}_{kind}", own, [card for card in own.cards if card.code in codes], plain=True
                )

    def _aspects(self) -> Iterable[Line]:
        for each in self._profile.dimensions:
            code = each.dimension.value
            key = f"state_{each.state.value}"
            if key == "state_not_assessed" and self._profile.audience is Audience.SHARED:
                key = "state_not_assessed_here"
            state = Item(code=each.state.value, label=self._say(key))
            yield Line(code=code, term=self._say(f"aspect_{code}"), items=(state,))

    def _beside(self, view: View) -> Iterable[Line]:
        yield self._rater(view)
        difficulties = [card for card in view.cards if card.difficulty.flagged]
        if difficulties:
            yield self._cards("beside_difficulty", view, difficulties, plain=True)
        else:
            yield self._sentence("beside_nothing")
        needs = [card for card in view.cards if card.need.flagged]
        if needs:
            yield self._cards("beside_need", view, needs, plain=True)

    def _cards(self, code: str, view: View, cards: Iterable[RatedCard], *, plain: bool = False) -> Line:
        items = (
            Item(
                code=card.code, label=self._label(view, card.code), note=None if plain else self._from_whom(view, card)
            )
            for card in cards
        )
        return Line(code=code, term=self._say(code), items=tuple(items))

    def _from_whom(self, view: View, card: RatedCard) -> str | None:
        known = [each for each in self._instrument(view).scale("need").help_sources if not each.exclusive]
        named = [getattr(each.labels, self._say.language) for each in known if each.code in card.sources]
        return self._say("sources", sources=", ".join(named)) if named else None

    def _instrument(self, view: View) -> Instrument:
        return self._content.version(view.instrument, view.spec_version) or self._content.default

    def _label(self, view: View, code: str) -> str:
        labels = next((card.labels for card in self._instrument(view).cards if card.code == code), None)
        return getattr(labels, self._say.language) if labels else code

    def _chart(self, own: View) -> Chart:
        say, language = self._say, self._say.language
        groups = (
            CardGroup(
                code=group.code,
                label=getattr(group.labels, language),
                cards=tuple(self._row(own, card) for card in own.cards if card.group == group.code),
            )
            for group in self._instrument(own).groups
        )
        return Chart(
            title=say("chart"),
            text=say("chart_text"),
            table=say("chart_table"),
            topic=say("topic"),
            difficulty=say("difficulty"),
            need=say("need"),
            groups=tuple(group for group in groups if group.cards),
        )

    def _row(self, own: View, card: RatedCard) -> CardRow:
        return CardRow(
            code=card.code,
            label=self._label(own, card.code),
            difficulty=self._mark(own, "difficulty", card.difficulty),
            need=self._mark(own, "need", card.need) if own.has_needs else None,
        )

    def _mark(self, own: View, scale: ScaleCode, rated: Rated) -> Mark:
        described = self._instrument(own).scale(scale)
        labels = {level.value: level.labels for level in described.levels}
        if rated.standing != "answered":
            word = self._say(rated.standing)
        else:
            label = described.flagged_labels if rated.level is None else labels[rated.level]
            word = getattr(label, self._say.language)
        return Mark(standing=rated.standing, flagged=rated.flagged, level=rated.level, word=word)

    def _sources(self) -> Iterable[Source]:
        views = [self._profile.own, *self._profile.beside]
        for view in views:
            if view:
                yield Source(
                    sheet_id=view.sheet_id if self._profile.audience is Audience.TEAM else None,
                    **view.model_dump(include={"rater", "filled_on", "instrument", "edition", "spec_version"}),
                    attribution=self._instrument(view).rights.attribution,
                )
        for each in self._profile.resources:
            form = self._content.definition(RESOURCES, each.spec_version)
            if form:
                yield Source(
                    sheet_id=None,
                    **each.model_dump(include={"rater", "filled_on", "spec_version"}),
                    instrument=RESOURCES,
                    edition=form.edition,
                    attribution=form.rights.attribution,
                )

    def _notices(self) -> Iterable[str]:
        say = self._say
        yield say("not_a_diagnosis")
        if self._profile.audience is Audience.SHARED:
            yield say("shared")
        for attribution in dict.fromkeys(source.attribution for source in self._sources()):
            yield say("attribution", attribution=attribution)
        views = [view for view in (self._profile.own, *self._profile.beside) if view]
        languages = (each for view in views for each in self._instrument(view).languages)
        if any(each.code == say.language and each.label_status.startswith("unofficial") for each in languages):
            yield say("unofficial")


def _cut(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= LONGEST_WORDS else f"{flat[:LONGEST_WORDS].rstrip()} …"
