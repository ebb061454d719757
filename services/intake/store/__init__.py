"""The tables of intake, and all SQL about them."""

from services.intake.store.contacts import Contacts
from services.intake.store.persons import Persons
from services.intake.store.reviews import Identifications, Reviews
from services.intake.store.tables import ContactRow, IdentificationRow, PersonRow, ReviewRow, Table

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
