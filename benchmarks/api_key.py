"""An API key for measured servers, so that each request pays for the access checks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cli.service.composition import use_api_keys
from gql.access.api_keys import hash_api_key, new_api_key
from gql.access.principal import STAFF_SCOPES

if TYPE_CHECKING:
    from persistence.settings import PersistenceSettings


async def store_api_key(settings: PersistenceSettings, token: str) -> None:
    """Store a key with all scopes. An API that starts afterwards requires a token."""
    await use_api_keys(
        settings,
        lambda keys: keys.create("key", hash_api_key(token), "bench", STAFF_SCOPES, None),
        startup_timeout=10,
    )


async def create_api_key(settings: PersistenceSettings) -> str:
    token = new_api_key()
    await store_api_key(settings, token)
    return token
