"""Ends what outlives the token of its caller: WebSockets and event streams."""

from __future__ import annotations

import asyncio
from time import time
from typing import TYPE_CHECKING

from gql.access.access_tokens import CLOCK_LEEWAY
from gql.access.principal import AccessUnavailable, Principal, PrincipalKind, Unauthenticated

if TYPE_CHECKING:
    from gql.access.authenticator import Authenticator

CHECK_INTERVAL = 14.0
"""Seconds between two checks of an API key.

A check may use an answer that is 15 seconds old, so a revoked key ends its streams in 30 seconds.
"""

_MAX_DELAY = 3_600.0  # seconds; a clock that is set is noticed after this time


async def wait_until_invalid(
    authenticator: Authenticator, token: str, principal: Principal
) -> Unauthenticated:
    """Return the reason, once the token has expired or the API key is revoked.

    A token that cannot be checked now stays valid until it expires.
    """
    while True:
        await asyncio.sleep(_delay(principal))
        try:
            await authenticator.authenticate(token)
        except Unauthenticated as reason:
            return reason
        except AccessUnavailable:
            if _seconds_left(principal) <= 0:
                return Unauthenticated("The token has expired.")


def _delay(principal: Principal) -> float:
    interval = CHECK_INTERVAL if principal.kind is PrincipalKind.API_KEY else _MAX_DELAY
    return min(interval, max(0.05, _seconds_left(principal)))


def _seconds_left(principal: Principal) -> float:
    if principal.expires_at is None:
        return _MAX_DELAY
    return principal.expires_at + CLOCK_LEEWAY - time()
