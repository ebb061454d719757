"""An instrument as data: its cards, scales, groups and rights, read from a content pack and checked at load."""

from collections import Counter
from collections.abc import Iterable, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError, model_validator

from shared.errors import DomainError

SHIPPED = Path(__file__).resolve().parent.parent / "instruments"
ELADEB_R = SHIPPED / "eladeb-r-0.1.0.json"

ScaleCode = Literal["difficulty", "need"]
Direction = Literal["higher_is_worse", "higher_is_better"]
LanguageCode = Literal["fr", "nl", "de", "en"]


class InvalidInstrument(DomainError):
    """The content pack contradicts itself or is not an instrument definition."""


class Frozen(BaseModel):
    """A value: compared by content, never changed, and refusing any field it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Labels(Frozen):
    """One short text in the four languages of the programme."""

    fr: str = Field(min_length=1)
    nl: str = Field(min_length=1)
    de: str = Field(min_length=1)
    en: str = Field(min_length=1)


class Dimension(StrEnum):
    """The five dimensions of complexity named by the KCE; the mapping of cards onto them is ours."""

    MEDICAL = "medical"
    PSYCHOSOCIAL = "psychosocial"
    FUNCTIONAL = "functional"
    FAMILY = "family"
    CONTEXT = "context"


class AbsentReason(StrEnum):
    """Why a card carries no answer on a scale (ELADEB-R spec, answer_model)."""

    DECLINED = "declined"
    NOT_ASKED = "not_asked"
    UNKNOWN = "unknown"
    NOT_APPLICABLE = "not_applicable"


class RaterType(StrEnum):
    """Whose view a sheet gives; sheets of two raters are compared, never merged."""

    SELF = "self"
    PROFESSIONAL = "professional"
    RELATIVE = "relative"


class Rater(Frozen):
    """A rater type with its labels."""

    code: RaterType
    labels: Labels


class Rights(Frozen):
    """What may be shipped: `none`, card `titles`, or the `full` text; the attribution is always shown."""

    embedding: Literal["none", "titles", "full"]
    holder: str
    open_licence_found: bool
    attribution: str = Field(min_length=1)


class Language(Frozen):
    """A language of the pack, and how official its labels are."""

    code: LanguageCode
    label_status: str


class Group(Frozen):
    """A family of cards that gets its own subtotal."""

    code: str
    order: int
    labels: Labels


class Card(Frozen):
    """One card (item) of the instrument.

    An optional card that was not used is not missing. A sensitive card is never named in an event.
    `dimension` is our own mapping onto the complexity profile, not part of the instrument.
    """

    code: str = Field(pattern=r"^[a-z_]{1,40}$")
    order: int
    group: str
    optional: bool
    sensitive: bool
    dimension: Dimension | None
    labels: Labels


class Horizon(Frozen):
    """Within how many days help is wished; `max` null means no limit."""

    min: int
    max: int | None


class Level(Frozen):
    """One step of a scale, 0 meaning none."""

    value: int
    code: str
    labels: Labels
    horizon_days: Horizon | None = None


class HelpSource(Frozen):
    """From whom help is wished. An exclusive source ("not specified") stands alone."""

    code: str
    exclusive: bool
    labels: Labels


class Scale(Frozen):
    """A question asked for every card, with its levels; help sources exist on the need scale only."""

    code: ScaleCode
    order: int
    flagged_labels: Labels
    clear_labels: Labels
    levels: tuple[Level, ...]
    help_sources: tuple[HelpSource, ...] = ()

    @property
    def top_level(self) -> int:
        """The highest level, which is also the most that a card can add to a sum."""
        return max(level.value for level in self.levels)


class ScoringParameters(Frozen):
    """The two points on which sources disagree (ELADEB-R spec, scoring.parameters).

    `sexuality_group` moves two subtotals and never the total; `include_sexuality` `never` leaves the card out of
    every number and list.
    """

    sexuality_group: Literal["health", "relationships"] = "health"
    include_sexuality: Literal["if_administered", "never"] = "if_administered"


class Instrument(Frozen):
    """One edition of an instrument in one spec version. An answer keeps the version it was given under for ever."""

    method: Literal["cards"] = "cards"
    code: str
    edition: str
    spec_version: str
    scoring_version: str
    name: str
    full_name_fr: str
    status: str
    direction: Direction
    reference_window: str | None
    rights: Rights
    languages: tuple[Language, ...]
    totals_only_editions: tuple[str, ...]
    scoring_parameters: ScoringParameters
    absent_reasons: tuple[AbsentReason, ...]
    groups: tuple[Group, ...]
    cards: tuple[Card, ...]
    scales: tuple[Scale, ...]
    rater_types: tuple[Rater, ...]

    def scale(self, code: ScaleCode) -> Scale:
        """The scale with this code; KeyError when the instrument does not have it."""
        return {scale.code: scale for scale in self.scales}[code]

    def has_card(self, code: str) -> bool:
        """Whether this spec version knows a card of that code."""
        return any(card.code == code for card in self.cards)

    @model_validator(mode="after")
    def _agrees_with_itself(self) -> Self:
        groups = {group.code for group in self.groups}
        problems = [
            *repeated("group", (group.code for group in self.groups)),
            *repeated("card", (card.code for card in self.cards)),
            *repeated("scale", (scale.code for scale in self.scales)),
            *repeated("rater type", (rater.code for rater in self.rater_types)),
            *repeated("language", (language.code for language in self.languages)),
            *(f"card {card.code}: unknown group {card.group}" for card in self.cards if card.group not in groups),
            *_unordered("cards", (card.order for card in self.cards)),
            *_unordered("groups", (group.order for group in self.groups)),
            *_unordered("scales", (scale.order for scale in self.scales)),
            *(problem for scale in self.scales for problem in _scale_problems(scale)),
            *(["sexuality_group: unknown group"] if self.scoring_parameters.sexuality_group not in groups else []),
        ]
        if problems:
            raise ValueError("; ".join(problems))
        return self


def load_instrument(source: Path | str | Mapping[str, JsonValue] = ELADEB_R) -> Instrument:
    """Read and check a content pack, given as the path of a JSON file or as its parsed content.

    Raises InvalidInstrument when the pack contradicts itself; OSError when the file cannot be read.
    """
    try:
        if isinstance(source, Mapping):
            return Instrument.model_validate(source)
        return Instrument.model_validate_json(Path(source).read_bytes())
    except ValidationError as error:
        raise InvalidInstrument(str(error)) from error


def repeated(kind: str, codes: Iterable[str]) -> list[str]:
    """What a definition gives more than once, in words."""
    return [f"{kind} {code} is given {times} times" for code, times in Counter(codes).items() if times > 1]


def _unordered(kind: str, orders: Iterable[int]) -> list[str]:
    given = list(orders)
    return [] if given == list(range(1, len(given) + 1)) else [f"{kind} are not numbered 1, 2, 3 ... in their order"]


def _scale_problems(scale: Scale) -> list[str]:
    values = [level.value for level in scale.levels]
    return [
        *(
            []
            if len(values) > 1 and values == list(range(len(values)))
            else [f"{scale.code}: levels are not 0, 1, 2 ..."]
        ),
        *repeated(f"{scale.code} help source", (source.code for source in scale.help_sources)),
        *([f"{scale.code}: only needs have help sources"] if scale.help_sources and scale.code != "need" else []),
    ]
