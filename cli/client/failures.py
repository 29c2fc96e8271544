"""What may become of a request to the API, without the weight of what sends it."""

from __future__ import annotations

from typing import Final

TOO_MANY_REQUESTS: Final = "TOO_MANY_REQUESTS"
"""The code of a request that the API had no room for: nothing of it was done."""


class RequestFailed(Exception):
    """The API could not be reached, or answered with errors; the message holds theirs.

    ``code`` is the ``extensions.code`` of the first error, None where there was no answer of the
    API. ``passing`` tells that the same request may succeed in a moment.
    """

    def __init__(self, message: str, *, code: str | None = None, passing: bool = False) -> None:
        """Say what went wrong, and whether it is worth another try."""
        super().__init__(message)
        self.code = code
        self.passing = passing


class WrongAddress(ValueError):
    """What was given as the API's address is none."""
