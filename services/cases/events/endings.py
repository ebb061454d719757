"""What cases tells of the end of a person's data."""

from typing import ClassVar

from shared.erasure.ending import DataEnded


class PersonDataErased(DataEnded):
    """What cases has ended of a person."""

    type: ClassVar[str] = "cases.person-data-erased.v1"
