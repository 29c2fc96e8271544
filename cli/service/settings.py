"""Settings of the processes: addresses, ports and logging."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from gql.duration import parse_duration


def _parse_interval(value: object) -> object:
    if value == "none":
        return None
    return parse_duration(value) if isinstance(value, str) else value


ReconcileInterval = Annotated[
    Annotated[float, Field(ge=1, le=24 * 3600)] | None, BeforeValidator(_parse_interval)
]


class ServiceSettings(BaseSettings):
    """Settings that neither the workflows, nor the tables, nor the schema depend on."""

    model_config = SettingsConfigDict(env_file=".env", env_ignore_empty=True, extra="ignore")

    host: str = Field(default="127.0.0.1", description="The address that the API listens on.")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    temporal_port: int = Field(default=7233, ge=1, le=65535, description="Of `orders dev`.")
    reconcile_interval: ReconcileInterval = Field(
        default=300, description='Seconds, or an ISO 8601 duration. "none" turns it off.'
    )
    temporal_ui_port: int = Field(default=8233, ge=1, le=65535, description="Of `orders dev`.")
