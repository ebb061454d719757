"""The parts that services stand on, on one machine: PostgreSQL and Kafka, ours or those that the environment names."""

import asyncio
import os
import secrets
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from pydantic import SecretStr

from shared import migrate
from shared.bus.kafka import KafkaBus
from shared.local.kafka import EmbeddedKafka
from shared.local.postgres import DatabaseUrls, EmbeddedPostgres
from shared.service import Service
from shared.settings import Environment, ServiceSettings


@dataclass
class Stack:
    """PostgreSQL with one database and two roles per service, and a Kafka broker."""

    folder: Path
    services: Sequence[Service]
    postgres: EmbeddedPostgres | None = None
    kafka: EmbeddedKafka | None = None
    databases: dict[str, DatabaseUrls] = field(default_factory=dict)

    def __enter__(self) -> Self:
        try:
            asyncio.run(self.open())
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    async def open(self) -> None:
        """Start what is not given, both at once; then databases and migrations."""
        starting = [asyncio.to_thread(self._start_kafka), asyncio.to_thread(self._start_postgres)]
        for failed in await asyncio.gather(*starting, return_exceptions=True):
            if isinstance(failed, BaseException):
                raise failed
        await asyncio.gather(*(self._prepare(service) for service in self.services))

    def _start_kafka(self) -> None:
        if not os.environ.get("KAFKA_BOOTSTRAP_SERVERS"):
            self.kafka = EmbeddedKafka(self.folder / "kafka")
            self.kafka.start()

    def _start_postgres(self) -> None:
        if any(not given(service) for service in self.services):
            self.postgres = EmbeddedPostgres(self.folder / "postgres")
            self.postgres.start()

    async def _prepare(self, service: Service) -> None:
        url = given(service)
        owner = os.environ.get(f"{service.name.upper()}_OWNER_DATABASE_URL", url)
        if url:
            self.databases[service.name] = DatabaseUrls(service.name, owner, url)
        elif self.postgres:
            name = f"relais_{service.name}"
            owner_role, app_role = f"{service.name}_owner", f"{service.name}_app"
            self.databases[service.name] = await self.postgres.create_database(name, owner=owner_role, app=app_role)
        await migrate.upgrade(service.migrations, self.databases[service.name].owner_url)

    @property
    def bootstrap_servers(self) -> str:
        """Where the broker listens."""
        return self.kafka.bootstrap_servers if self.kafka else os.environ["KAFKA_BOOTSTRAP_SERVERS"]

    def bus(self) -> KafkaBus:
        """A bus of its own for one service."""
        return KafkaBus(self.bootstrap_servers)

    def settings(self, service: Service, origin: str, **changed: Any) -> ServiceSettings:
        """A service's settings for development at one origin; the environment's own values win."""
        values: Mapping[str, Any] = {
            "database_url": SecretStr(self.databases[service.name].app_url),
            "environment": Environment.DEVELOPMENT,
            "kafka_bootstrap_servers": self.bootstrap_servers,
            "kafka_replication": 1,
            "oidc_issuers": os.environ.get("OIDC_ISSUERS", f"{origin}/auth"),
            "peer_origin": origin,
            "cursor_key": SecretStr(self._secret("cursor-key")),
            "audit_keys": SecretStr(f"local:{self._secret('audit-key')}"),
            "encryption_keys": SecretStr(f"local:{b64encode(bytes.fromhex(self._secret('encryption-key'))).decode()}"),
            "callback_insecure": True,
            "callback_networks": os.environ.get("RELAIS_CALLBACK_NETWORKS", "127.0.0.0/8,::1/128"),
            **changed,
        }
        return service.settings(**values)

    def _secret(self, name: str) -> str:
        path = self.folder / name
        if not path.exists():
            path.touch(mode=0o600)
            path.write_text(secrets.token_hex(32))
        return path.read_text()

    def close(self) -> None:
        """Stop what we started."""
        for part in (self.kafka, self.postgres):
            if part:
                part.stop()


def given(service: Service) -> str:
    """The database that the environment names for a service, empty for none."""
    return os.environ.get(f"{service.name.upper()}_DATABASE_URL", "")
