"""Which media type an answer is sent in, as GraphQL over HTTP and RFC 9110 have it.

The operation's kind decides too: a subscription is a stream of events wherever the client takes
one, all else only where the client prefers it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

GRAPHQL_RESPONSE = "application/graphql-response+json"
JSON = "application/json"
EVENT_STREAM = "text/event-stream"
HTML = "text/html"

_ANSWERS = (GRAPHQL_RESPONSE, JSON)
"""The first is the server's own choice, and so of who accepts anything or says nothing."""


@dataclass(frozen=True)
class Accepted:
    """What a client takes: JSON of this media type, a stream, or either.

    A client is ``is_legacy`` that takes ``application/json`` and not GraphQL's own.
    """

    answer: str | None
    stream: bool
    prefers_stream: bool
    is_legacy: bool


@dataclass(frozen=True)
class _Range:
    type: str
    quality: float

    def fits(self, media_type: str) -> int:
        """Say how closely a media type is meant: 0 where it is not."""
        if self.type == media_type:
            return 3
        if self.type == f"{media_type.partition('/')[0]}/*":
            return 2
        return int(self.type == "*/*")


def accepted(header: str | None) -> Accepted | None:
    """Read an Accept header; None where it has nothing that this API can send."""
    ranges = list(_ranges(header)) if header and header.strip() else [_Range("*/*", 1.0)]
    qualities = {media_type: _quality(ranges, media_type) for media_type in _ANSWERS}
    best = max(qualities.values())
    answer = next((name for name, quality in qualities.items() if quality == best > 0), None)
    # Whoever takes anything did not ask for a stream.
    stream = max((one.quality for one in ranges if one.type == EVENT_STREAM), default=0.0)
    if answer is None and not stream:
        return None
    return Accepted(
        answer,
        stream=stream > 0,
        prefers_stream=stream > best,
        is_legacy=answer == JSON and not qualities[GRAPHQL_RESPONSE],
    )


def wants_page(header: str | None) -> bool:
    """Tell whether a browser asks for a page to look at."""
    return any(one.type == HTML and one.quality > 0 for one in _ranges(header or ""))


def _quality(ranges: list[_Range], media_type: str) -> float:
    fitting = [(one.fits(media_type), one.quality) for one in ranges if one.fits(media_type)]
    return max(fitting, default=(0, 0.0))[1]


def _ranges(header: str) -> Iterator[_Range]:
    for part in header.split(","):
        name, *parameters = (piece.strip().lower() for piece in part.split(";"))
        given = dict(_parameter(parameter) for parameter in parameters)
        # An answer in UTF-8 is no answer to who asks for another encoding.
        if given.get("charset", "utf-8") in {"utf-8", "utf8"}:
            yield _Range(name, _number(given.get("q", "1")))


def _parameter(text: str) -> tuple[str, str]:
    name, _, value = text.partition("=")
    return name.strip(), value.strip().strip('"')


def _number(text: str) -> float:
    try:
        quality = float(text)
    except ValueError:
        return 0.0
    return quality if 0 <= quality <= 1 else 0.0
