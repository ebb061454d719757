"""What all tables of scheduler hang on."""

from sqlmodel import SQLModel

from shared.store import service_registry


class Table(SQLModel, registry=service_registry()):
    """The registry of this service's tables."""
