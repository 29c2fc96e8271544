"""Errors of a request to the API. Separate from the client, which is slow to import."""

from __future__ import annotations

from typing import Final

TOO_MANY_REQUESTS: Final = "TOO_MANY_REQUESTS"
"""Error code of a request that was refused before any of it was executed."""


UNAUTHENTICATED: Final = "UNAUTHENTICATED"
"""Error code of a request without a valid token."""


class RequestFailed(Exception):
    """The API did not respond, or responded with errors. The message contains them.

    ``code`` is the ``extensions.code`` of the first error; None if there is no GraphQL response.
    ``retryable`` means that the same request may succeed shortly, and not before ``retry_after``
    seconds.
    """

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        retryable: bool = False,
        retry_after: float = 0,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.retryable = retryable
        self.retry_after = retry_after


class InvalidUrl(ValueError):
    pass


class UnreadableToken(Exception):
    pass
