"""Forms and filled forms, as R4 resources."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, StrictBool

from services.referrals.formats.fhir.elements import (
    Attachment,
    BackboneElement,
    Coding,
    ContactDetail,
    DomainResource,
    Identifier,
    Period,
    Quantity,
    Reference,
    UsageContext,
)
from services.referrals.formats.fhir.elements import CodeableConcept as Concept
from services.referrals.formats.fhir.primitives import (
    Code,
    Date,
    DateTime,
    Decimal,
    Integer,
    Markdown,
    PositiveInt,
    Str,
    Time,
    Uri,
)

PublicationStatus = Literal["draft", "active", "retired", "unknown"]


class EnableWhen(BackboneElement):
    """When an item is shown."""

    question: Str
    operator: Literal["exists", "=", "!=", ">", "<", ">=", "<="]
    answer_boolean: StrictBool | None = None
    answer_decimal: Decimal | None = None
    answer_integer: Integer | None = None
    answer_date: Date | None = None
    answer_date_time: DateTime | None = None
    answer_time: Time | None = None
    answer_string: Str | None = None
    answer_coding: Coding | None = None
    answer_quantity: Quantity | None = None
    answer_reference: Reference | None = None


class AnswerOption(BackboneElement):
    """One of the answers to choose from."""

    value_integer: Integer | None = None
    value_date: Date | None = None
    value_time: Time | None = None
    value_string: Str | None = None
    value_coding: Coding | None = None
    value_reference: Reference | None = None
    initial_selected: StrictBool | None = None


class Initial(BackboneElement):
    """A first value."""

    value_boolean: StrictBool | None = None
    value_decimal: Decimal | None = None
    value_integer: Integer | None = None
    value_date: Date | None = None
    value_date_time: DateTime | None = None
    value_time: Time | None = None
    value_string: Str | None = None
    value_uri: Uri | None = None
    value_attachment: Attachment | None = None
    value_coding: Coding | None = None
    value_quantity: Quantity | None = None
    value_reference: Reference | None = None


class ItemType(StrEnum):
    """http://hl7.org/fhir/item-type"""

    GROUP = "group"
    DISPLAY = "display"
    BOOLEAN = "boolean"
    DECIMAL = "decimal"
    INTEGER = "integer"
    DATE = "date"
    DATE_TIME = "dateTime"
    TIME = "time"
    STRING = "string"
    TEXT = "text"
    URL = "url"
    CHOICE = "choice"
    OPEN_CHOICE = "open-choice"
    ATTACHMENT = "attachment"
    REFERENCE = "reference"
    QUANTITY = "quantity"


class QuestionnaireItem(BackboneElement):
    """A question or a group of them."""

    link_id: Str
    definition: Uri | None = None
    code: list[Coding] = []
    prefix: Str | None = None
    text: Str | None = None
    type: ItemType
    enable_when: list[EnableWhen] = []
    enable_behavior: Literal["all", "any"] | None = None
    required: StrictBool | None = None
    repeats: StrictBool | None = None
    read_only: StrictBool | None = None
    max_length: Integer | None = None
    answer_value_set: Uri | None = None
    answer_option: list[AnswerOption] = []
    initial: list[Initial] = []
    item: list["QuestionnaireItem"] = []


class Questionnaire(DomainResource):
    """A published form."""

    resource_type: Literal["Questionnaire"] = "Questionnaire"
    url: Uri | None = None
    identifier: list[Identifier] = []
    version: Str | None = None
    name: Str | None = None
    title: Str | None = None
    derived_from: list[Uri] = []
    status: PublicationStatus
    experimental: StrictBool | None = None
    subject_type: list[Code] = []
    date: DateTime | None = None
    publisher: Str | None = None
    contact: list[ContactDetail] = []
    description: Markdown | None = None
    use_context: list[UsageContext] = []
    jurisdiction: list[Concept] = []
    purpose: Markdown | None = None
    copyright: Markdown | None = None
    approval_date: Date | None = None
    last_review_date: Date | None = None
    effective_period: Period | None = None
    code: list[Coding] = []
    item: list[QuestionnaireItem] = []


class Answer(BackboneElement):
    """An answer to a question."""

    value_boolean: StrictBool | None = None
    value_decimal: Decimal | None = None
    value_integer: Integer | None = None
    value_date: Date | None = None
    value_date_time: DateTime | None = None
    value_time: Time | None = None
    value_string: Str | None = None
    value_uri: Uri | None = None
    value_attachment: Attachment | None = None
    value_coding: Coding | None = None
    value_quantity: Quantity | None = None
    value_reference: Reference | None = None
    item: list["ResponseItem"] = []


class ResponseItem(BackboneElement):
    """A question with its answers, or a group."""

    link_id: Str
    definition: Uri | None = None
    text: Str | None = None
    answer: list[Answer] = []
    item: list["ResponseItem"] = []


class ResponseStatus(StrEnum):
    """http://hl7.org/fhir/questionnaire-answers-status"""

    IN_PROGRESS = "in-progress"
    COMPLETED = "completed"
    AMENDED = "amended"
    ENTERED_IN_ERROR = "entered-in-error"
    STOPPED = "stopped"


class QuestionnaireResponse(DomainResource):
    """A filled form."""

    resource_type: Literal["QuestionnaireResponse"] = "QuestionnaireResponse"
    identifier: Identifier | None = None
    based_on: list[Reference] = []
    part_of: list[Reference] = []
    questionnaire: Uri | None = None
    status: ResponseStatus
    subject: Reference | None = None
    encounter: Reference | None = None
    authored: DateTime | None = None
    author: Reference | None = None
    source: Reference | None = None
    item: list[ResponseItem] = []


class Designation(BackboneElement):
    """A code's meaning in a language."""

    language: Code | None = None
    use: Coding | None = None
    value: Str


class CodeSystemConcept(BackboneElement):
    """A code and its meaning."""

    code: Code
    display: Str | None = None
    definition: Str | None = None
    designation: list[Designation] = []
    concept: list["CodeSystemConcept"] = []


class CodeSystem(DomainResource):
    """A published list of codes."""

    resource_type: Literal["CodeSystem"] = "CodeSystem"
    url: Uri | None = None
    identifier: list[Identifier] = []
    version: Str | None = None
    name: Str | None = None
    title: Str | None = None
    status: PublicationStatus
    experimental: StrictBool | None = None
    date: DateTime | None = None
    publisher: Str | None = None
    contact: list[ContactDetail] = []
    description: Markdown | None = None
    copyright: Markdown | None = None
    case_sensitive: StrictBool | None = None
    value_set: Uri | None = None
    content: Literal["not-present", "example", "fragment", "complete", "supplement"]
    count: PositiveInt | None = None
    concept: list[CodeSystemConcept] = []


class ValueSetConcept(BackboneElement):
    """A code of a value set."""

    code: Code
    display: Str | None = None
    designation: list[Designation] = []


class ValueSetInclude(BackboneElement):
    """What a value set takes from a code system."""

    system: Uri | None = None
    version: Str | None = None
    concept: list[ValueSetConcept] = []
    value_set: list[Uri] = []


class ValueSetCompose(BackboneElement):
    """What a value set is made of."""

    locked_date: Date | None = None
    inactive: StrictBool | None = None
    include: Annotated[list[ValueSetInclude], Field(min_length=1)]
    exclude: list[ValueSetInclude] = []


class ValueSet(DomainResource):
    """A published choice of codes."""

    resource_type: Literal["ValueSet"] = "ValueSet"
    url: Uri | None = None
    identifier: list[Identifier] = []
    version: Str | None = None
    name: Str | None = None
    title: Str | None = None
    status: PublicationStatus
    experimental: StrictBool | None = None
    date: DateTime | None = None
    publisher: Str | None = None
    contact: list[ContactDetail] = []
    description: Markdown | None = None
    immutable: StrictBool | None = None
    copyright: Markdown | None = None
    compose: ValueSetCompose | None = None
