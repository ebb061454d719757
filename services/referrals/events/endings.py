"""What referrals tells of the end of a person's data."""

from typing import ClassVar

from shared.erasure.ending import DataEnded


class PersonDataErased(DataEnded):
    """What referrals has ended of a person."""

    type: ClassVar[str] = "referrals.person-data-erased.v1"
