"""Settings of the commands that call the API."""

from __future__ import annotations

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class ClientSettings(BaseSettings):
    """Separate from the services' settings, so that an invalid one does not stop a client."""

    model_config = SettingsConfigDict(env_file=".env", env_ignore_empty=True, extra="ignore")

    orders_url: str = Field(
        default="http://127.0.0.1:8000/graphql", description="With or without /graphql."
    )
