"""The tables of intake, and all SQL about them."""

from services.intake.store.contacts import ContactRow, Contacts
from services.intake.store.persons import PersonRow, Persons
from services.intake.store.reviews import IdentificationRow, Identifications, ReviewRow, Reviews
from services.intake.store.table import Table

__all__ = [
    "ContactRow",
    "Contacts",
    "IdentificationRow",
    "Identifications",
    "PersonRow",
    "Persons",
    "ReviewRow",
    "Reviews",
    "Table",
]
