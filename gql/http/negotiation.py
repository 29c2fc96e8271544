"""Content negotiation by the Accept header, after GraphQL over HTTP and RFC 9110.

The choice also depends on the operation. A subscription is streamed if the client accepts
text/event-stream at all. Other operations are streamed only if the client prefers it to JSON.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

GRAPHQL_RESPONSE = "application/graphql-response+json"
JSON = "application/json"
EVENT_STREAM = "text/event-stream"
HTML = "text/html"

_JSON_TYPES = (GRAPHQL_RESPONSE, JSON)
"""In the server's order of preference, which decides between types of equal quality."""


@dataclass(frozen=True)
class AcceptedTypes:
    """The JSON type to respond with (None if only a stream is accepted), and the stream's rank.

    A legacy client accepts ``application/json`` but not ``application/graphql-response+json``.
    """

    json_type: str | None
    accepts_stream: bool
    prefers_stream: bool
    is_legacy: bool

    @property
    def error_type(self) -> str:
        """Type of a response without data.

        An error in ``application/json`` could come from any proxy, so a legacy client gets the type
        that marks it as GraphQL's.
        """
        return GRAPHQL_RESPONSE if self.is_legacy else self.json_type or GRAPHQL_RESPONSE


@dataclass(frozen=True)
class _MediaRange:
    name: str
    quality: float

    def specificity(self, media_type: str) -> int:
        """Return 3 for an exact match, 2 for "type/*", 1 for "*/*", and 0 for no match."""
        if self.name == media_type:
            return 3
        if self.name == f"{media_type.partition('/')[0]}/*":
            return 2
        return int(self.name == "*/*")


@lru_cache(maxsize=64)  # clients send few distinct values
def negotiate(accept: str) -> AcceptedTypes | None:
    """Read an Accept header. Returns None if it accepts nothing that the API can send."""
    ranges = list(_parse(accept)) if accept.strip() else [_MediaRange("*/*", 1.0)]
    qualities = {media_type: _quality(ranges, media_type) for media_type in _JSON_TYPES}
    best = max(qualities.values())
    json_type = next((name for name, quality in qualities.items() if quality == best > 0), None)
    # A stream must be named: "*/*" does not ask for one.
    stream = max((range_.quality for range_ in ranges if range_.name == EVENT_STREAM), default=0.0)
    if json_type is None and not stream:
        return None
    return AcceptedTypes(
        json_type,
        accepts_stream=stream > 0,
        prefers_stream=stream > best,
        is_legacy=json_type == JSON and not qualities[GRAPHQL_RESPONSE],
    )


def accepts_html(accept: str) -> bool:
    """Return whether the client names HTML, as browsers do when they open a page."""
    return any(range_.name == HTML and range_.quality > 0 for range_ in _parse(accept))


def _quality(ranges: list[_MediaRange], media_type: str) -> float:
    """Return the quality of the most specific range that matches."""
    matches = [
        (specificity, range_.quality)
        for range_ in ranges
        if (specificity := range_.specificity(media_type))
    ]
    return max(matches, default=(0, 0.0))[1]


def _parse(accept: str) -> Iterator[_MediaRange]:
    for part in accept.split(","):
        name, *parameters = (piece.strip().lower() for piece in part.split(";"))
        values = dict(_parse_parameter(parameter) for parameter in parameters)
        # Responses are always UTF-8, so a range with another charset cannot match.
        if values.get("charset", "utf-8") in {"utf-8", "utf8"}:
            yield _MediaRange(name, _parse_quality(values.get("q", "1")))


def _parse_parameter(text: str) -> tuple[str, str]:
    name, _, value = text.partition("=")
    return name.strip(), value.strip().strip('"')


def _parse_quality(text: str) -> float:
    try:
        quality = float(text)
    except ValueError:
        return 0.0
    return quality if 0 <= quality <= 1 else 0.0
