"""What carries resources, asks and answers, as R4 resources."""

from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import Field, StrictBool

from services.referrals.formats.fhir.elements import (
    Address,
    Annotation,
    Attachment,
    BackboneElement,
    CodeableConcept,
    Coding,
    ContactPoint,
    DomainResource,
    HumanName,
    Identifier,
    Meta,
    Period,
    Quantity,
    Reference,
    Resource,
    Signature,
)
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
    PositiveInt,
    Str,
    Time,
    UnsignedInt,
    Uri,
)


class BundleType(StrEnum):
    """http://hl7.org/fhir/bundle-type"""

    DOCUMENT = "document"
    MESSAGE = "message"
    TRANSACTION = "transaction"
    TRANSACTION_RESPONSE = "transaction-response"
    BATCH = "batch"
    BATCH_RESPONSE = "batch-response"
    HISTORY = "history"
    SEARCHSET = "searchset"
    COLLECTION = "collection"


class HttpVerb(StrEnum):
    """http://hl7.org/fhir/http-verb"""

    GET = "GET"
    HEAD = "HEAD"
    POST = "POST"
    PUT = "PUT"
    DELETE = "DELETE"
    PATCH = "PATCH"


class BundleLink(BackboneElement):
    """A link of a page to another."""

    relation: Str
    url: Uri


class EntrySearch(BackboneElement):
    """Why an entry is in a search's answer."""

    mode: Literal["match", "include", "outcome"] | None = None
    score: Decimal | None = None


class EntryRequest(BackboneElement):
    """What a server is asked to do with an entry."""

    method: HttpVerb
    url: Uri
    if_none_match: Str | None = None
    if_modified_since: Instant | None = None
    if_match: Str | None = None
    if_none_exist: Str | None = None


class EntryResponse(BackboneElement):
    """What a server did with an entry."""

    status: Str
    location: Uri | None = None
    etag: Str | None = None
    last_modified: Instant | None = None
    outcome: dict[str, Any] | None = None


class BundleEntry(BackboneElement):
    """An entry; its resource stays JSON, for it is read by its own type."""

    link: list[BundleLink] = []
    full_url: Uri | None = None
    resource: dict[str, Any] | None = None
    search: EntrySearch | None = None
    request: EntryRequest | None = None
    response: EntryResponse | None = None


class Bundle(Resource):
    """Several resources together."""

    resource_type: Literal["Bundle"] = "Bundle"
    identifier: Identifier | None = None
    type: BundleType
    timestamp: Instant | None = None
    total: UnsignedInt | None = None
    link: list[BundleLink] = []
    entry: list[BundleEntry] = []
    signature: Signature | None = None


class Parameter(BackboneElement):
    """A named value, or a group of them."""

    name: Str
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
    value_human_name: HumanName | None = None
    value_id: Id | None = None
    value_identifier: Identifier | None = None
    value_instant: Instant | None = None
    value_integer: Integer | None = None
    value_markdown: Markdown | None = None
    value_meta: Meta | None = None
    value_oid: Uri | None = None
    value_period: Period | None = None
    value_positive_int: PositiveInt | None = None
    value_quantity: Quantity | None = None
    value_reference: Reference | None = None
    value_string: Str | None = None
    value_time: Time | None = None
    value_unsigned_int: UnsignedInt | None = None
    value_uri: Uri | None = None
    value_url: Uri | None = None
    value_uuid: Uri | None = None
    resource: dict[str, Any] | None = None
    part: list["Parameter"] = []


class Parameters(Resource):
    """What goes into an operation, or comes out."""

    resource_type: Literal["Parameters"] = "Parameters"
    parameter: list[Parameter] = []


class IssueSeverity(StrEnum):
    """http://hl7.org/fhir/issue-severity"""

    FATAL = "fatal"
    ERROR = "error"
    WARNING = "warning"
    INFORMATION = "information"


class IssueType(StrEnum):
    """http://hl7.org/fhir/issue-type: those that we use."""

    INVALID = "invalid"
    STRUCTURE = "structure"
    REQUIRED = "required"
    VALUE = "value"
    INVARIANT = "invariant"
    SECURITY = "security"
    LOGIN = "login"
    EXPIRED = "expired"
    FORBIDDEN = "forbidden"
    SUPPRESSED = "suppressed"
    PROCESSING = "processing"
    NOT_SUPPORTED = "not-supported"
    DUPLICATE = "duplicate"
    MULTIPLE_MATCHES = "multiple-matches"
    NOT_FOUND = "not-found"
    DELETED = "deleted"
    TOO_LONG = "too-long"
    CODE_INVALID = "code-invalid"
    EXTENSION = "extension"
    TOO_COSTLY = "too-costly"
    BUSINESS_RULE = "business-rule"
    CONFLICT = "conflict"
    TRANSIENT = "transient"
    EXCEPTION = "exception"
    TIMEOUT = "timeout"
    THROTTLED = "throttled"
    INFORMATIONAL = "informational"


class OutcomeIssue(BackboneElement):
    """One thing wrong, or worth knowing."""

    severity: IssueSeverity
    code: IssueType
    details: CodeableConcept | None = None
    diagnostics: Str | None = None
    location: list[Str] = []
    expression: list[Str] = []


class OperationOutcome(DomainResource):
    """How it went."""

    resource_type: Literal["OperationOutcome"] = "OperationOutcome"
    issue: Annotated[list[OutcomeIssue], Field(min_length=1)]
