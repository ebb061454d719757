"""A worker's calendar feed: who may read it without signing in, and what stands in it. No names, ever."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID, uuid5

from pydantic import BaseModel, Field

from shared.errors import DomainError
from shared.ids import new_id

MOST_FEEDS = 5
"""Feeds that a worker may have at a time: a telephone, a desk, and some to spare."""

_PLACE = UUID("6f1d1a52-9d0a-4a53-8f0b-5d1c7f3f2c11")
"""The name space of the feed's own identifiers, so that none in it can be looked up in an event."""


class TooManyFeeds(DomainError):
    """You have as many feeds as one may have; end one first."""


class FeedOf(StrEnum):
    """Whose work stands in a feed: the worker's own, or what the line as a whole has to do."""

    MINE = "mine"
    LINE = "line"


class Language(StrEnum):
    """A language that the feed's labels exist in."""

    FR = "fr"
    NL = "nl"
    DE = "de"
    EN = "en"


class Feed(BaseModel):
    """A feed; its token is shown once and kept as a SHA-256 alone, which 256 random bits make safe enough."""

    id: UUID = Field(default_factory=new_id)
    worker: str
    organisation: str
    of: FeedOf
    language: Language
    token_hash: str
    made_at: datetime
    expires_at: datetime

    def rotate(self, now: datetime, length: timedelta) -> str:
        """Give it a new token, the old one ends at once; the token."""
        token = new_token()
        self.token_hash, self.made_at, self.expires_at = hash_of(token), now, now + length
        return token


class EntryStatus(StrEnum):
    """How an entry of a calendar stands (RFC 5545, 3.8.1.11)."""

    CONFIRMED = "CONFIRMED"
    TENTATIVE = "TENTATIVE"
    CANCELLED = "CANCELLED"


@dataclass(frozen=True)
class CalendarEntry:
    """One entry of a feed. `sequence` counts its revisions; `kind` and `group` are codes that labels exist for."""

    id: UUID
    group: str
    kind: str
    begins: datetime
    length: timedelta
    sequence: int
    status: EntryStatus
    done: bool = False
    busy: bool = False
    day_only: bool = False

    @property
    def uid(self) -> UUID:
        """Its stable identifier in the feed."""
        return uuid5(_PLACE, str(self.id))

    @property
    def short(self) -> str:
        """The end of its id, enough to find it on a screen of the same day."""
        return self.id.hex[-4:]


def new_token() -> str:
    """A token that nobody guesses."""
    return secrets.token_urlsafe(32)


def hash_of(token: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()
