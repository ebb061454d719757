"""What scheduler tells of the end of a person's data."""

from typing import ClassVar

from shared.erasure.ending import DataEnded


class PersonDataErased(DataEnded):
    """What scheduler has ended of a person."""

    type: ClassVar[str] = "scheduler.person-data-erased.v1"
