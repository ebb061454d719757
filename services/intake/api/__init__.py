"""The routes of intake: contacts, the person index, the identity reviews."""

from services.intake.api import contacts, persons, reviews
from services.intake.api.doors import router

__all__ = ["contacts", "persons", "reviews", "router"]
