"""Settings of the commands that call the API."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from cli.client.failures import UnreadableToken


class ClientSettings(BaseSettings):
    """Separate from the services' settings, so that an invalid one does not stop a client."""

    model_config = SettingsConfigDict(env_file=".env", env_ignore_empty=True, extra="ignore")

    orders_url: str = Field(
        default="http://127.0.0.1:8000/graphql", description="With or without /graphql."
    )
    orders_token: SecretStr | None = Field(
        default=None, description="Access token or API key to send."
    )
    orders_token_file: Path | None = Field(
        default=None, description="File with the token, read before each request."
    )

    def token(self) -> str | None:
        """Return the token, if there is one. Raises UnreadableToken."""
        if self.orders_token is not None:
            return self.orders_token.get_secret_value().strip()
        if self.orders_token_file is None:
            return None
        try:
            return self.orders_token_file.read_text(encoding="ascii").strip()
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is not text"
            raise UnreadableToken(
                f"the token file {self.orders_token_file} cannot be read: {reason}"
            ) from None
