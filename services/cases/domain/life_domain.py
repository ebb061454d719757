"""The domains of life that needs, goals, resources and tasks lie in."""

from enum import StrEnum


class LifeDomain(StrEnum):
    """Where in life a goal or a task lies: the codes of the ELADEB cards, and `other`."""

    LIVING_PLACE = "living_place"
    FINANCES = "finances"
    WORK = "work"
    LAW_JUSTICE = "law_justice"
    LEISURE = "leisure"
    ADMINISTRATIVE_TASKS = "administrative_tasks"
    HOUSEWORK = "housework"
    TRANSPORT = "transport"
    PUBLIC_PLACES = "public_places"
    FRIENDSHIP = "friendship"
    FAMILY = "family"
    CHILDREN = "children"
    INTIMATE_RELATIONSHIPS = "intimate_relationships"
    FOOD = "food"
    SELF_CARE = "self_care"
    PHYSICAL_HEALTH = "physical_health"
    MENTAL_HEALTH = "mental_health"
    ADDICTION = "addiction"
    TREATMENT = "treatment"
    SPIRITUALITY = "spirituality"
    SEXUALITY = "sexuality"
    OTHER = "other"

    @property
    def told(self) -> str:
        """The domain as other services may know it."""
        return LifeDomain.OTHER.value if self in SENSITIVE else self.value


SENSITIVE = {LifeDomain.ADDICTION, LifeDomain.SEXUALITY, LifeDomain.LAW_JUSTICE, LifeDomain.MENTAL_HEALTH}
"""Domains whose mere presence is health or judicial data: they never leave this service in an event."""
