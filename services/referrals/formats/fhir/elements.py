"""FHIR R4 data types (4.0.1), strict: unknown fields refused, formats checked, nothing that we would ignore unseen.

Fields have Python names and FHIR's own on the wire. Bodies are read with `parse`, which knows only FHIR's names;
`Element.wire()` gives the JSON, without what is absent. A primitive's sibling (`_line` beside `line`) is kept in
`siblings` and written back.
"""

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any, Literal, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    ModelWrapValidatorHandler,
    PrivateAttr,
    SerializerFunctionWrapHandler,
    StrictBool,
    model_serializer,
    model_validator,
)
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

from services.referrals.formats.fhir.primitives import (
    Base64,
    Code,
    Date,
    DateTime,
    Decimal,
    Id,
    Instant,
    Integer,
    Markdown,
    NoContained,
    PositiveInt,
    Refused,
    Str,
    Time,
    UnsignedInt,
    Uri,
    written_narrative,
)


class Element(BaseModel):
    """The root of all types: an inner id, and extensions that may be ignored."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        alias_generator=to_camel,
        validate_by_name=True,
        validate_by_alias=True,
        serialize_by_alias=True,
    )
    _siblings: dict[str, Any] | None = PrivateAttr(default=None)

    id: Str | None = None
    extension: list["Extension"] = []

    @model_validator(mode="wrap")
    @classmethod
    def _keep_siblings(cls, value: Any, handler: ModelWrapValidatorHandler["Element"]) -> "Element":
        if not isinstance(value, dict):
            return handler(value)
        aliases = wire_names(cls)
        siblings = {
            name: part
            for name, part in value.items()
            if name.startswith("_") and name[1:] in aliases and isinstance(part, (dict, list))
        }
        if several_forms(cls, value):
            raise PydanticCustomError("several_values", "only one form of a value[x] is allowed")
        if not siblings:
            return handler(value)
        made = handler({name: part for name, part in value.items() if name not in siblings})
        made._siblings = siblings
        return made

    @model_serializer(mode="wrap")
    def _without_absent(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        written = {name: part for name, part in handler(self).items() if part is not None and part != []}
        return {**written, **self._siblings} if self._siblings else written

    @property
    def siblings(self) -> dict[str, Any]:
        """What came beside primitives, by its name on the wire: `{"_line": [{"extension": [...]}]}`."""
        return self._siblings or {}

    def wire(self) -> dict[str, Any]:
        """The JSON of this element."""
        written: dict[str, Any] = self.model_dump(mode="json", by_alias=True)
        return written


_NAMES: dict[type[Element], frozenset[str]] = {}


def wire_names(kind: type[Element]) -> frozenset[str]:
    """The names that a type's fields have on the wire."""
    if kind not in _NAMES:
        fields = kind.model_fields.items()
        _NAMES[kind] = frozenset(field.alias or name for name, field in fields)
    return _NAMES[kind]


CHOICES = (
    *("value", "onset", "abatement", "occurrence", "effective", "deceased", "multipleBirth", "asNeeded", "quantity"),
    *("product", "scheduled", "bounds", "author", "content", "source", "occurred"),
)
_CHOICE = re.compile(rf"({'|'.join(CHOICES)})[A-Z]\w*")
_FORMS: dict[type[Element], Mapping[str, str]] = {}


def several_forms(kind: type[Element], value: Mapping[str, Any]) -> bool:
    """Whether a value[x] comes in more than one form."""
    if kind not in _FORMS:
        found = {name: match[1] for name in wire_names(kind) if (match := _CHOICE.fullmatch(name))}
        several = [prefix for prefix in CHOICES if list(found.values()).count(prefix) > 1]
        _FORMS[kind] = {name: prefix for name, prefix in found.items() if prefix in several}
    forms = _FORMS[kind]
    if not forms:
        return False
    given = [forms[name] for name in value if name in forms]
    return len(given) != len(set(given))


E = TypeVar("E", bound=Element)


def parse(kind: type[E], value: Any) -> E:
    """Read a body as it came; raises pydantic's ValidationError with the places in FHIR's names."""
    return kind.model_validate(value, by_alias=True, by_name=False)


class BackboneElement(Element):
    """A part of a resource. An extension that could change its meaning is refused: we would not understand it."""

    modifier_extension: Refused = None


class Coding(Element):
    """A code with the system that defines it."""

    system: Uri | None = None
    version: Str | None = None
    code: Code | None = None
    display: Str | None = None
    user_selected: StrictBool | None = None


class CodeableConcept(Element):
    """A meaning in one or several code systems, or in words."""

    coding: list[Coding] = []
    text: Str | None = None


class Period(Element):
    """From, to; either may be open."""

    start: DateTime | None = None
    end: DateTime | None = None


class IdentifierUse(StrEnum):
    """http://hl7.org/fhir/identifier-use"""

    USUAL = "usual"
    OFFICIAL = "official"
    TEMP = "temp"
    SECONDARY = "secondary"
    OLD = "old"


class Identifier(Element):
    """A business identifier. Its value may be replaced by a pseudonymisation extension beside it."""

    use: IdentifierUse | None = None
    type: CodeableConcept | None = None
    system: Uri | None = None
    value: Str | None = None
    period: Period | None = None
    assigner: "Reference | None" = None


class Reference(Element):
    """A pointer to a resource: literal, by identifier, or in words only."""

    reference: Str | None = None
    type: Uri | None = None
    identifier: Identifier | None = None
    display: Str | None = None


class Quantity(Element):
    """A measured amount; Age, Duration, Count and SimpleQuantity too."""

    value: Decimal | None = None
    comparator: Literal["<", "<=", ">=", ">"] | None = None
    unit: Str | None = None
    system: Uri | None = None
    code: Code | None = None


Age = Quantity
Duration = Quantity


class Range(Element):
    """Between two amounts."""

    low: Quantity | None = None
    high: Quantity | None = None


class Ratio(Element):
    """One amount to another."""

    numerator: Quantity | None = None
    denominator: Quantity | None = None


class Money(Element):
    """An amount in a currency."""

    value: Decimal | None = None
    currency: Code | None = None


class Attachment(Element):
    """A document, inline or elsewhere."""

    content_type: Code | None = None
    language: Code | None = None
    data: Base64 | None = None
    url: Uri | None = None
    size: UnsignedInt | None = None
    hash: Base64 | None = None
    title: Str | None = None
    creation: DateTime | None = None


class ContactSystem(StrEnum):
    """http://hl7.org/fhir/contact-point-system"""

    PHONE = "phone"
    FAX = "fax"
    EMAIL = "email"
    PAGER = "pager"
    URL = "url"
    SMS = "sms"
    OTHER = "other"


class ContactPoint(Element):
    """A telephone number, an e-mail address, ..."""

    system: ContactSystem | None = None
    value: Str | None = None
    use: Literal["home", "work", "temp", "old", "mobile"] | None = None
    rank: PositiveInt | None = None
    period: Period | None = None


class HumanName(Element):
    """A person's name."""

    use: Literal["usual", "official", "temp", "nickname", "anonymous", "old", "maiden"] | None = None
    text: Str | None = None
    family: Str | None = None
    given: list[Str] = []
    prefix: list[Str] = []
    suffix: list[Str] = []
    period: Period | None = None


class Address(Element):
    """A postal address; street, house number and box may stand as ISO 21090 extensions beside `line`."""

    use: Literal["home", "work", "temp", "old", "billing"] | None = None
    type: Literal["postal", "physical", "both"] | None = None
    text: Str | None = None
    line: list[Str] = []
    city: Str | None = None
    district: Str | None = None
    state: Str | None = None
    postal_code: Str | None = None
    country: Str | None = None
    period: Period | None = None


class Annotation(Element):
    """A note with its author."""

    author_reference: Reference | None = None
    author_string: Str | None = None
    time: DateTime | None = None
    text: Markdown


class ContactDetail(Element):
    """Whom to ask."""

    name: Str | None = None
    telecom: list[ContactPoint] = []


class UsageContext(Element):
    """For whom something is meant."""

    code: Coding
    value_codeable_concept: CodeableConcept | None = None
    value_quantity: Quantity | None = None
    value_range: Range | None = None
    value_reference: Reference | None = None


class TimingRepeat(Element):
    """How something repeats."""

    bounds_period: Period | None = None
    bounds_duration: Quantity | None = None
    bounds_range: Range | None = None
    count: PositiveInt | None = None
    count_max: PositiveInt | None = None
    duration: Decimal | None = None
    duration_max: Decimal | None = None
    duration_unit: Code | None = None
    frequency: PositiveInt | None = None
    frequency_max: PositiveInt | None = None
    period: Decimal | None = None
    period_max: Decimal | None = None
    period_unit: Code | None = None
    day_of_week: list[Code] = []
    time_of_day: list[Time] = []
    when: list[Code] = []
    offset: UnsignedInt | None = None


class Timing(BackboneElement):
    """When something happens, perhaps again and again."""

    event: list[DateTime] = []
    repeat: TimingRepeat | None = None
    code: CodeableConcept | None = None


class Signature(Element):
    """A digital signature."""

    type: list[Coding]
    when: Instant
    who: Reference
    on_behalf_of: Reference | None = None
    target_format: Code | None = None
    sig_format: Code | None = None
    data: Base64 | None = None


class Meta(Element):
    """What a server knows about a resource."""

    version_id: Id | None = None
    last_updated: Instant | None = None
    source: Uri | None = None
    profile: list[Uri] = []
    security: list[Coding] = []
    tag: list[Coding] = []


class Narrative(Element):
    """The resource in words for people."""

    status: Literal["generated", "extensions", "additional", "empty"]
    div: Annotated[str, AfterValidator(written_narrative)]


class Extension(Element):
    """Something that R4 itself has no field for."""

    url: Uri
    value_address: Address | None = None
    value_annotation: Annotation | None = None
    value_attachment: Attachment | None = None
    value_base64_binary: Base64 | None = None
    value_boolean: StrictBool | None = None
    value_canonical: Uri | None = None
    value_code: Code | None = None
    value_codeable_concept: CodeableConcept | None = None
    value_coding: Coding | None = None
    value_contact_point: ContactPoint | None = None
    value_date: Date | None = None
    value_date_time: DateTime | None = None
    value_decimal: Decimal | None = None
    value_duration: Quantity | None = None
    value_age: Quantity | None = None
    value_human_name: HumanName | None = None
    value_id: Id | None = None
    value_identifier: Identifier | None = None
    value_instant: Instant | None = None
    value_integer: Integer | None = None
    value_markdown: Markdown | None = None
    value_meta: Meta | None = None
    value_money: Money | None = None
    value_oid: Uri | None = None
    value_period: Period | None = None
    value_positive_int: PositiveInt | None = None
    value_quantity: Quantity | None = None
    value_range: Range | None = None
    value_ratio: Ratio | None = None
    value_reference: Reference | None = None
    value_string: Str | None = None
    value_time: Time | None = None
    value_timing: Timing | None = None
    value_unsigned_int: UnsignedInt | None = None
    value_uri: Uri | None = None
    value_url: Uri | None = None
    value_uuid: Uri | None = None

    @property
    def value(self) -> Any:
        """Its value, whatever its type; None for one that only holds further extensions."""
        set_fields = (name for name in self.model_fields_set if name.startswith("value_"))
        return next((getattr(self, name) for name in set_fields), None)


class Resource(Element):
    """The root of all resources. `implicitRules` is refused: it could change the meaning of the rest."""

    resource_type: str
    id: Id | None = None
    meta: Meta | None = None
    implicit_rules: Refused = None
    language: Code | None = None

    @property
    def reference(self) -> str:
        """How others refer to it: `Type/id`."""
        return f"{self.resource_type}/{self.id}"


class DomainResource(Resource):
    """A resource with a narrative. Contained resources are refused: they have no id that lasts."""

    text: Narrative | None = None
    contained: NoContained = None
    modifier_extension: Refused = None


def _complete(kind: type[Element]) -> None:
    kind.model_rebuild()
    for each in kind.__subclasses__():
        _complete(each)


# Types name each other in circles: complete here, where all names are known, for those who derive elsewhere.
_complete(Element)
