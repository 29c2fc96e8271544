"""The command's own settings: how its processes are run."""

from __future__ import annotations

from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class ClientSettings(BaseSettings):
    """What the API's clients among the commands need; no setting of a service can stop them."""

    model_config = SettingsConfigDict(env_file=".env", env_ignore_empty=True, extra="ignore")

    orders_url: str = Field(
        default="http://127.0.0.1:8000/graphql", description="With or without /graphql."
    )


class CommandSettings(ClientSettings):
    """What neither the order's life, nor its record, nor the API has to know."""

    host: str = Field(default="127.0.0.1", description="The address that the API listens on.")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    temporal_port: int = Field(default=7233, ge=1, le=65535, description="Of `orders dev`.")
    temporal_ui_port: int = Field(default=8233, ge=1, le=65535, description="Of `orders dev`.")
