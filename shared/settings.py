"""An operator's knobs. Every value comes from the environment or from a file named by `<NAME>_FILE`."""

import os
from datetime import timedelta
from enum import StrEnum
from ipaddress import ip_network
from pathlib import Path
from typing import Any, Self

from pydantic import AliasChoices, Field, SecretStr, model_validator
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from shared.audit.keys import SHORTEST, read_keys
from shared.client_key import ClientKey
from shared.encryption.keys import DEVELOPMENT, Keyring
from shared.known_secrets import is_known


class Environment(StrEnum):
    """Where a process runs. Development alone may use the development issuer."""

    DEVELOPMENT = "development"
    PRODUCTION = "production"


class Role(StrEnum):
    """Which half of a service a process is: its API, its worker (relay, consumer, clock), or both."""

    API = "api"
    WORKER = "worker"
    BOTH = "both"


class SecretFiles(PydanticBaseSettingsSource):
    """Reads `<NAME>_FILE` as the path of a file that holds the value."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        """The content of the file that the environment names for this field."""
        alias = field.validation_alias
        names = alias.choices if isinstance(alias, AliasChoices) else [f"{self.config['env_prefix']}{field_name}"]
        for name in names:
            path = os.environ.get(f"{str(name).upper()}_FILE")
            if path:
                return content(path), field_name, False
        return None, field_name, False

    def __call__(self) -> dict[str, Any]:
        """All fields that come from files."""
        found = {name: self.get_field_value(field, name)[0] for name, field in self.settings_cls.model_fields.items()}
        return {self._key(name): value for name, value in found.items() if value is not None}

    def _key(self, name: str) -> str:
        alias = self.settings_cls.model_fields[name].validation_alias
        return str(alias.choices[0]) if isinstance(alias, AliasChoices) else name


def content(path: str) -> str:
    """The value in a file; one clear sentence when it cannot be read."""
    try:
        return Path(path).read_text().strip()
    except OSError as error:
        raise SystemExit(f"The settings file {path} cannot be read: {error.strerror}.") from None


def anywhere(name: str) -> Any:
    """A field that is the same for all services and therefore has no service prefix in the environment."""
    return AliasChoices(name, name.upper())


def strong(written: str) -> bool:
    """Whether there is an audit key, and none is short; raises ValueError for what cannot be read."""
    secrets = read_keys(written).values()
    return bool(secrets) and min(map(len, secrets)) >= SHORTEST


class ServiceSettings(BaseSettings):
    """What every service needs; each adds its own and its prefix."""

    model_config = SettingsConfigDict(extra="ignore", populate_by_name=True, hide_input_in_errors=True)

    database_url: SecretStr
    owner_database_url: SecretStr | None = None
    role: Role = Role.BOTH
    pool_size: int = Field(default=20, ge=2, le=200)
    client_secret: SecretStr = SecretStr("")
    client_key: SecretStr | None = None
    """A private key (PEM or JWK) by which the issuer knows the service, instead of the secret (private_key_jwt)."""
    organisation: str = Field(
        "relais", pattern=r"^[a-z][a-z0-9-]{0,63}$", validation_alias=anywhere("relais_organisation")
    )
    """The organisation (`org_id` of its tokens) that this installation serves: what comes in by event is its own."""
    environment: Environment = Field(Environment.PRODUCTION, validation_alias=anywhere("relais_environment"))
    kafka_bootstrap_servers: str = Field(validation_alias=anywhere("kafka_bootstrap_servers"))
    kafka_replication: int = Field(3, validation_alias=anywhere("kafka_replication"))
    replica: str | None = Field(None, validation_alias=anywhere("relais_replica"))
    oidc_issuers: str = Field(validation_alias=anywhere("oidc_issuers"))
    oidc_audience: str = Field("relais", validation_alias=anywhere("oidc_audience"))
    peer_origin: str = Field("http://127.0.0.1:8000", validation_alias=anywhere("relais_peer_origin"))
    rate_per_minute: int = Field(3000, ge=0, validation_alias=anywhere("relais_rate_per_minute"))
    """Requests that a caller may make in a minute, at each replica; 0 for no limit, here and below."""
    rate_sensitive_per_minute: int = Field(120, ge=0, validation_alias=anywhere("relais_rate_sensitive_per_minute"))
    """... of one sensitive action, such as a search (`shared/permissions/limits.json`)."""
    rate_refused_per_minute: int = Field(300, ge=0, validation_alias=anywhere("relais_rate_refused_per_minute"))
    """Requests without a believed token that are still answered 401 to one address."""
    cursor_key: SecretStr = Field(validation_alias=anywhere("relais_cursor_key"))
    audit_keys: SecretStr = Field(SecretStr(""), validation_alias=anywhere("relais_audit_keys"))
    """The keys that seal the audit, `id:secret,id:secret`, the one in use first. Old ones stay, to verify with."""
    audit_years: int = Field(30, ge=1, le=100, validation_alias=anywhere("relais_audit_years"))
    """Years for which audit records are kept; nothing else ends them."""
    encryption_keys: SecretStr = Field(SecretStr(""), validation_alias=anywhere("relais_encryption_keys"))
    """The keys of personal values at rest, `id:base64 of 32 bytes`, the one in use first; old ones until rotated."""
    break_glass_minutes: int = Field(60, ge=1, le=60, validation_alias=anywhere("relais_break_glass_minutes"))
    """Minutes that an emergency access lasts, an hour at most."""
    relationship_days: int = Field(30, ge=1, le=366, validation_alias=anywhere("relais_relationship_days"))
    """Days for which whoever has decided, closed or completed something stays related to whom it was about."""
    line_duty_hours: int = Field(72, ge=1, le=720, validation_alias=anywhere("relais_line_duty_hours"))
    """Hours for which whoever spoke with somebody, or registered them, stays related to them."""
    assignment_tail_days: int = Field(200, ge=0, le=3660, validation_alias=anywhere("relais_assignment_tail_days"))
    """Days after its end for which those who had an assignment may still see the record: its follow-ups run."""
    callback_networks: str = Field("", validation_alias=anywhere("relais_callback_networks"))
    """Networks (CIDR, comma-separated) that are not public and may be called all the same when others name them."""
    callback_insecure: bool = Field(False, validation_alias=anywhere("relais_callback_insecure"))
    """Whether others may name http addresses: in development only."""
    callback_certificate: str = Field("", validation_alias=anywhere("relais_callback_certificate"))
    """The path of the certificate (PEM) that we show where others ask for one (mutual TLS)."""
    callback_key: str = Field("", validation_alias=anywhere("relais_callback_key"))
    """The path of that certificate's key (PEM)."""
    callback_authorities: str = Field("", validation_alias=anywhere("relais_callback_authorities"))
    """The path of certificates (PEM) that vouch for called hosts, besides the public ones."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Values given in code first, then the environment, then files."""
        return init_settings, env_settings, SecretFiles(settings_cls)

    @model_validator(mode="after")
    def safe_in_production(self) -> Self:
        """In production an issuer speaks https, and a key is no toy."""
        if self.environment is Environment.PRODUCTION:
            if any(not issuer.startswith("https://") for issuer in self.issuers):
                raise ValueError("oidc_issuers: production trusts https issuers only")
            if len(self.cursor_key.get_secret_value()) < 16:
                raise ValueError("relais_cursor_key: at least 16 characters in production")
            if not strong(self.audit_keys.get_secret_value()):
                raise ValueError("relais_audit_keys: id:secret,... with at least 32 characters a secret in production")
            if not self.encryption_keys.get_secret_value():
                raise ValueError("relais_encryption_keys: id:base64 of 32 bytes,...; production keeps nothing in clear")
            if self.callback_insecure:
                raise ValueError("relais_callback_insecure: production calls https only")
        return self

    @model_validator(mode="after")
    def own_secrets_in_production(self) -> Self:
        """In production no secret is one that anybody can read in this repository or in a manual."""
        if self.environment is Environment.PRODUCTION:
            for name in type(self).model_fields:
                value = getattr(self, name)
                if isinstance(value, SecretStr) and is_known(value.get_secret_value()):
                    raise ValueError(f"{name}: a secret that anybody knows; make one of your own")
        return self

    @model_validator(mode="after")
    def known_networks(self) -> Self:
        """The networks that may be called are written as networks; a certificate comes with its key."""
        for each in self.callback_networks.split(","):
            if each.strip():
                ip_network(each.strip())
        if bool(self.callback_certificate) is not bool(self.callback_key):
            raise ValueError("relais_callback_certificate and relais_callback_key come together")
        return self

    @model_validator(mode="after")
    def readable_key(self) -> Self:
        """A key of its own is one that the service can sign with."""
        self.own_key()
        return self

    @model_validator(mode="after")
    def readable_keys(self) -> Self:
        """The keys of values at rest are keys."""
        self.keyring()
        return self

    def keyring(self) -> Keyring:
        """The keys of values at rest; in development, without any of its own, one that everybody knows."""
        return Keyring.read(self.encryption_keys.get_secret_value() or DEVELOPMENT)

    def own_key(self) -> ClientKey | None:
        """The key by which the issuer knows the service, if it has one."""
        return ClientKey.read(self.client_key.get_secret_value()) if self.client_key else None

    @property
    def line_duty(self) -> timedelta:
        """How long a call opens the record of whom it was about."""
        return timedelta(hours=self.line_duty_hours)

    @property
    def assignment_tail(self) -> timedelta:
        """How long an assignment lasts beyond its end."""
        return timedelta(days=self.assignment_tail_days)

    @property
    def tail(self) -> timedelta:
        """How long whoever decided or completed something, or met about it, stays related to whom it was about."""
        return timedelta(days=self.relationship_days)

    @property
    def issuers(self) -> list[str]:
        """The exact issuer URLs whose tokens are believed."""
        return [issuer.strip() for issuer in self.oidc_issuers.split(",") if issuer.strip()]

    def peer(self, service: str) -> str:
        """The origin of another service: `<SERVICE>_URL`, else the one origin that serves them all."""
        return os.environ.get(f"{service.upper()}_URL", self.peer_origin).rstrip("/")
