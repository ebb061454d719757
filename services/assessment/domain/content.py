"""The content packs in use: the instruments this service knows, and the dated policy of admission."""

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, Discriminator, Field, JsonValue, Tag, TypeAdapter, ValidationError

from services.assessment.domain.complexity import ADMISSION_POLICY, AdmissionPolicies, load_policies
from services.assessment.domain.form import Form
from services.assessment.domain.instrument import SHIPPED, Frozen, Instrument, InvalidInstrument
from services.assessment.domain.threshold import RefusedThreshold, Threshold, Thresholds, load_thresholds
from services.assessment.events import InstrumentPublished
from shared.errors import DomainError, Fault
from shared.ids import new_id
from shared.problems import faults_of


class RefusedSheet(DomainError):
    """The sheet does not fit its instrument."""


def _method_of(given: object) -> str:
    method = given.get("method", "cards") if isinstance(given, dict) else getattr(given, "method", "cards")
    return str(method)


Definition = Annotated[Annotated[Instrument, Tag("cards")] | Annotated[Form, Tag("items")], Discriminator(_method_of)]
"""An instrument as data: cards with two scales, or items with whatever scales the definition says."""

_definition: TypeAdapter[Instrument | Form] = TypeAdapter(Definition)


def load_definition(source: Path | JsonValue) -> Instrument | Form:
    """Read and check one pack, from its file or its parsed content; raises InvalidInstrument, OSError."""
    try:
        if isinstance(source, Path):
            return _definition.validate_json(source.read_bytes())
        return _definition.validate_python(source)
    except ValidationError as error:
        raise contradicting(error) from None


def contradicting(error: ValidationError) -> InvalidInstrument:
    """What is wrong in a definition: where, and in words where the definition contradicts itself."""
    said = error.errors(include_url=False, include_input=False)
    words = [part for each in said if each["type"] == "value_error" for part in each["msg"].split("; ")]
    return InvalidInstrument(faults=faults_of(said), facts={"contradictions": words})


class Content(Frozen):
    """Every instrument that is known, in each of its spec versions, newest first, with the policies."""

    instruments: tuple[Instrument, ...] = Field(min_length=1)
    forms: tuple[Form, ...] = ()
    policies: AdmissionPolicies
    thresholds: Thresholds = Thresholds()

    @property
    def definitions(self) -> tuple[Instrument | Form, ...]:
        """All of them, cards first."""
        return (*self.instruments, *self.forms)

    def form(self, code: str, edition: str) -> Form | None:
        """The newest definition of an edition of an instrument with items."""
        return next((form for form in self.forms if (form.code, form.edition) == (code, edition)), None)

    def definition(self, code: str, spec_version: str) -> Instrument | Form | None:
        """One definition by its spec version, or None."""
        wanted = (code, spec_version)
        return next((each for each in self.definitions if (each.code, each.spec_version) == wanted), None)

    def enlarged(self, loaded: Iterable[Instrument | Form], cut_offs: Iterable[Threshold] = ()) -> "Content":
        """This content with the packs and cut-offs that were loaded since, in the order of their loading."""
        known = {(each.code, each.spec_version) for each in self.definitions}
        new = [each for each in loaded if (each.code, each.spec_version) not in known]
        thresholds = self.thresholds
        for each in cut_offs:
            thresholds = thresholds.joined(each)
        return _content([*self.definitions, *new], self.policies, thresholds)

    def check_threshold(self, new: Threshold) -> None:
        """Whether a cut-off reads what its instrument has, and overlaps no other; raises RefusedThreshold."""
        named = [each for each in self.definitions if each.code == new.instrument]
        faults = [] if named else [Fault("/instrument", "unknown_instrument")]
        for number, edition in enumerate(new.editions if named else ()):
            if edition not in {each.edition for each in named}:
                faults.append(Fault(f"/editions/{number}", "unknown_edition"))
        results = {code for each in named for code in _results_of(each)}
        for place, condition in enumerate(new.any_of if named else ()):
            faults += [
                Fault(f"/any_of/{place}/results/{number}", "unknown_result")
                for number, code in enumerate(condition.results)
                if code not in results
            ]
        if faults:
            raise RefusedThreshold(faults=faults)
        self.thresholds.joined(new)

    def edition(self, code: str, edition: str) -> Instrument:
        """The newest definition of an edition.

        Raises RefusedSheet: `card_import_refused` for an edition whose cards are not known (instruments page,
        section 2.3), `unknown_instrument`, `unknown_edition`.
        """
        totals_only = {name for instrument in self.instruments for name in instrument.totals_only_editions}
        for place, name in (("/instrument", code), ("/edition", edition)):
            if name in totals_only:
                raise RefusedSheet(faults=[Fault(place, "card_import_refused")])
        editions = [instrument for instrument in self.instruments if instrument.code == code]
        if not editions:
            raise RefusedSheet(faults=[Fault("/instrument", "unknown_instrument")])
        for instrument in editions:
            if instrument.edition == edition:
                return instrument
        raise RefusedSheet(faults=[Fault("/edition", "unknown_edition")])

    def version(self, code: str, spec_version: str) -> Instrument | None:
        """One definition by its spec version, or None."""
        wanted = (code, spec_version)
        return next((each for each in self.instruments if (each.code, each.spec_version) == wanted), None)

    @property
    def default(self) -> Instrument:
        """The instrument whose cards stand for the dimensions where no sheet was filled."""
        return self.instruments[0]

    @property
    def sensitive_cards(self) -> frozenset[str]:
        """The cards that no event may name, of all instruments together."""
        return frozenset(card.code for each in self.instruments for card in each.cards if card.sensitive)

    @property
    def open_cards(self) -> frozenset[str]:
        """The cards that an event may name."""
        known = frozenset(card.code for each in self.instruments for card in each.cards)
        return known - self.sensitive_cards


class Publication(BaseModel):
    """The one announcement of a spec version."""

    id: UUID
    code: str
    edition: str
    spec_version: str
    published_at: datetime

    @classmethod
    def of(cls, instrument: Instrument | Form, at: datetime) -> tuple[Self, InstrumentPublished]:
        """Announce an instrument."""
        named = {"code": instrument.code, "edition": instrument.edition, "spec_version": instrument.spec_version}
        return cls(id=new_id(), published_at=at, **named), InstrumentPublished(**named, method=instrument.method)


def _results_of(definition: Instrument | Form) -> list[str]:
    """Every number of an instrument that a cut-off may read."""
    items = [item.code for item in definition.items] if isinstance(definition, Form) else []
    return [*items, *(scale.code for scale in definition.scales)]


def load_content(folder: Path = SHIPPED) -> Content:
    """Read and check all packs of a folder and its policies; raises InvalidInstrument, InvalidPolicy, OSError."""
    policies = folder / "policies"
    return _content(
        [load_definition(path) for path in sorted(folder.glob("*.json"))],
        load_policies(policies / ADMISSION_POLICY.name),
        load_thresholds(policies / "thresholds.json"),
    )


def _content(definitions: Iterable[Instrument | Form], policies: AdmissionPolicies, thresholds: Thresholds) -> Content:
    newest = sorted(definitions, key=_age, reverse=True)
    return Content(
        instruments=tuple(each for each in newest if isinstance(each, Instrument)),
        forms=tuple(each for each in newest if isinstance(each, Form)),
        policies=policies,
        thresholds=thresholds,
    )


def _age(definition: Instrument | Form) -> tuple[int, ...]:
    return tuple(int(part) for part in definition.spec_version.split("."))
