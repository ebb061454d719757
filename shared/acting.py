"""Who acts in a transaction. PostgreSQL holds every statement against it, by the policies of `shared/rls.py`."""

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import CTE, Connection, Text, bindparam, event, func, literal_column, select, true
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.orm import SessionTransaction
from sqlmodel import Session

from shared.access import matrix
from shared.auth import Caller

TIMEOUTS = {
    "statement_timeout": "15s",
    "lock_timeout": "5s",
    "idle_in_transaction_session_timeout": "30s",
    "timezone": "UTC",
}


SEE_RESTRICTED = "restriction:read"
"""The action whose roles see who is restricted."""


class Reach(StrEnum):
    """How far one who acts may see: the scopes of the permission matrix, and beyond them the service itself."""

    OWN = "own"
    TEAM = "team"
    ORGANISATION = "organisation"
    ALL = "all"
    SERVICE = "service"


@dataclass(frozen=True, slots=True)
class Acting:
    """Whose statements these are. An empty `reach` sees nothing, and neither does a caller of no organisation."""

    organisation: str = ""
    reach: str = ""
    subject: str = ""
    restricted: str = ""
    """`seen` for those who may see who is restricted; nobody else sees them (`shared.erasure`)."""


NOBODY = Acting()
SERVICE = Acting(reach=Reach.SERVICE)
"""The service's own work: what it does on events and on the clock, relay and housekeeping included."""

SETTINGS = tuple(f"relais.{name}" for name in asdict(NOBODY))
_TELL = "SELECT " + ", ".join(f"set_config('{name}', ${place}, true)" for place, name in enumerate(SETTINGS, 1))


def acting_as(*granted: Caller | None) -> Acting:
    """The caller with the scope that a route's access rule has granted; nobody where the route is open to all."""
    for caller in granted:
        if caller is not None:
            sees = "seen" if caller.granted & matrix()[SEE_RESTRICTED].keys() else ""
            return Acting(caller.organisation, caller.scope, caller.subject, sees)
    return NOBODY


def tell(connection: Connection, acting: Acting) -> None:
    """Say on a connection who acts, to the end of its transaction."""
    connection.exec_driver_sql(_TELL, (acting.organisation, str(acting.reach), acting.subject, acting.restricted))


def introduction() -> CTE:
    """The same as the first part of a single statement, its values bound as `acting_...`."""
    said = [
        func.set_config(literal_column(f"'relais.{name}'"), bindparam(f"acting_{name}", type_=Text), true())
        for name in asdict(NOBODY)
    ]
    return select(*(each.label(f"said_{place}") for place, each in enumerate(said))).cte("acting")


def bound(acting: Acting) -> dict[str, Any]:
    """The values of `introduction`."""
    return {f"acting_{name}": str(value) for name, value in asdict(acting).items()}


class CallersSession(Session):
    """A session in which somebody acts: PostgreSQL is told so at the start of each transaction."""


@event.listens_for(CallersSession, "after_begin")
def _tell_at_begin(session: Session, transaction: SessionTransaction, connection: Connection) -> None:
    if not transaction.nested:
        tell(connection, session.info["acting"])


def engine_of(url: str, pool_size: int, acting: Acting) -> AsyncEngine:
    """A pool of connections that are born with this much reach, and never know more than they are told."""
    born = {"relais.reach": str(acting.reach)}
    engine = create_async_engine(
        url,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=10,
        connect_args={"server_settings": TIMEOUTS | born, "timeout": 5, "command_timeout": 20},
    )
    event.listen(engine.sync_engine, "checkout", refuse_closed)
    return engine


def refuse_closed(adapted: Any, *_: object) -> None:
    """Let the pool replace a connection that the server has closed: asyncpg knows without asking."""
    if adapted.driver_connection.is_closed():
        raise DisconnectionError
