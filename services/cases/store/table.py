"""What all tables of cases hang on."""

from sqlmodel import SQLModel

from shared.store import service_registry


class Table(SQLModel, registry=service_registry()):
    """The registry of this service's tables."""
