"""Requests that are repeated until the API answers."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from cli.client.failures import RequestFailed

if TYPE_CHECKING:
    from cli.client.graphql_client import GraphqlClient

RETRY_DELAY = 0.3  # seconds


async def answered(api: GraphqlClient, document: str, variables: dict[str, Any]) -> dict[str, Any]:
    """Return the data of the first response without errors. Raises RequestFailed if it is final."""
    while True:
        try:
            return await api.execute(document, variables)
        except RequestFailed as failure:
            if not failure.retryable:
                raise
        await asyncio.sleep(RETRY_DELAY)


async def mutated(api: GraphqlClient, document: str, input_: dict[str, Any]) -> dict[str, Any]:
    """Return the result of a mutation."""
    [result] = (await answered(api, document, {"input": input_})).values()
    value: dict[str, Any] = result
    return value
