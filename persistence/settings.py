"""The address of the database, from environment variables."""

from __future__ import annotations

import logging
from typing import Literal

from pydantic import Field, SecretStr, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

_DEFAULT_PASSWORD = "orders"  # ruff: ignore[hardcoded-password-string]  # for development; refused in production
_WELL_KNOWN_PASSWORDS = {_DEFAULT_PASSWORD, "postgres"}
_DRIVER = "postgresql+asyncpg"
_SCHEMES = {"postgres", "postgresql", _DRIVER}
# The names of URL parameters in libpq, and in the driver.
_PARAMETERS = {"host": "host", "port": "port", "sslmode": "ssl", "ssl": "ssl"}

_log = logging.getLogger(__name__)


class PersistenceSettings(BaseSettings):
    """Reads ``DATABASE_URL``, or else ``DB_USER``, ``DB_PASSWORD``, ``DB_HOST`` and so on.

    If ``ENVIRONMENT`` is production, a missing or well-known password is an error; otherwise it is
    a warning. ``environment`` must be the first field, because the validators of the passwords use
    its value.
    """

    model_config = SettingsConfigDict(
        env_ignore_empty=True, extra="ignore", frozen=True, hide_input_in_errors=True
    )

    environment: Literal["development", "production"] = "development"
    database_url: SecretStr | None = None
    db_user: str = "orders"
    db_password: SecretStr = Field(default=SecretStr(_DEFAULT_PASSWORD), validate_default=True)
    db_host: str = "127.0.0.1"
    db_port: int = Field(default=5432, ge=1, le=65535)
    db_name: str = "orders"

    @field_validator("database_url")
    @classmethod
    def _check_url(cls, value: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        if value is not None:
            url = _parse(value.get_secret_value())
            on_socket = _is_directory(url.host or url.query.get("host"))
            _check_password(url.password, info, name="DATABASE_URL", on_socket=on_socket)
        return value

    @field_validator("db_password")
    @classmethod
    def _check_db_password(cls, value: SecretStr, info: ValidationInfo) -> SecretStr:
        # An invalid DATABASE_URL is missing from data. Its error is enough.
        if info.data.get("database_url", "invalid") is None:
            _check_password(value.get_secret_value(), info, name="DB_PASSWORD", on_socket=False)
        return value

    @property
    def url(self) -> URL:
        """The address as SQLAlchemy's URL. Its repr hides the password."""
        if self.database_url is not None:
            url = _parse(self.database_url.get_secret_value())
            query = {_PARAMETERS[name]: value for name, value in url.query.items()}
            return url.set(drivername=_DRIVER, query=query)
        on_socket = _is_directory(self.db_host)
        return URL.create(
            _DRIVER,
            username=self.db_user,
            password=self.db_password.get_secret_value(),
            host=None if on_socket else self.db_host,
            port=self.db_port,
            database=self.db_name,
            query={"host": self.db_host} if on_socket else {},
        )


def _parse(text: str) -> URL:
    """Parse an address. Error messages never quote it, because it contains a password."""
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        url = None
    if url is not None and url.drivername.startswith("postgresql+") and url.drivername != _DRIVER:
        raise ValueError(
            "DATABASE_URL must begin with postgresql:// and name no driver, because this project"
            " uses only asyncpg"
        )
    if url is None or url.drivername not in _SCHEMES:
        raise ValueError(
            "DATABASE_URL must have the form postgresql://user:password@host:5432/name"
        )
    unknown = sorted(url.query.keys() - _PARAMETERS.keys())
    if unknown:
        raise ValueError(
            f"DATABASE_URL has unknown parameters: {', '.join(unknown)}."
            f" Supported are {', '.join(_PARAMETERS)}"
        )
    return url


def _is_directory(host: object) -> bool:
    return isinstance(host, str) and host.startswith("/")


def _check_password(
    password: str | None, info: ValidationInfo, *, name: str, on_socket: bool
) -> None:
    if password and password not in _WELL_KNOWN_PASSWORDS:
        return
    fault = "a well-known database password" if password else "no database password"
    if info.data.get("environment") == "production":
        raise ValueError(f"{name} has {fault}. Set a private one for production")
    if not on_socket:  # file permissions protect a socket
        _log.warning("%s has %s. Use it for development only", name, fault)
