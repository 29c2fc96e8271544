"""Reads the token of a request from its Authorization header."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from gql.access.principal import Unauthenticated

if TYPE_CHECKING:
    from collections.abc import Sequence

MAX_TOKEN_LENGTH = 8_192
"""Characters. Longer tokens are rejected before anything is computed from them."""

_BEARER = re.compile(r"[Bb]earer +([A-Za-z0-9._~+/-]+=*) *")


def bearer_token(values: Sequence[str]) -> str | None:
    """Return the token in the values of the Authorization headers, or None without a header.

    Raises Unauthenticated. A token is never read from the URL, which proxies write to their logs.
    """
    if not values:
        return None
    if len(values) > 1:
        raise Unauthenticated("The header Authorization must be sent only once.")
    if len(values[0]) > MAX_TOKEN_LENGTH:
        raise Unauthenticated(f"The token is longer than {MAX_TOKEN_LENGTH} characters.")
    match = _BEARER.fullmatch(values[0])
    if match is None:
        raise Unauthenticated("The header Authorization must have the form: Bearer TOKEN.")
    return match[1]
