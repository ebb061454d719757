"""The town that two people go through."""

from tests.security.canaries import conftest as canaries

town, road = canaries.town, canaries.road

__all__ = ["road", "town"]
