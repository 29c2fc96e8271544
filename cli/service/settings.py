"""Settings of the processes: addresses, ports and logging."""

from __future__ import annotations

from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class ServiceSettings(BaseSettings):
    """Settings that neither the workflows, nor the tables, nor the schema depend on."""

    model_config = SettingsConfigDict(env_file=".env", env_ignore_empty=True, extra="ignore")

    host: str = Field(default="127.0.0.1", description="The address that the API listens on.")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    temporal_port: int = Field(default=7233, ge=1, le=65535, description="Of `orders dev`.")
    temporal_ui_port: int = Field(default=8233, ge=1, le=65535, description="Of `orders dev`.")
