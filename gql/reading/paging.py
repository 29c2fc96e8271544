"""Page arguments and opaque cursors, checked."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson
from strawberry import UNSET

from gql.errors import bad_input
from orchestration.domain.money import MAX_MINOR_UNITS
from orchestration.domain.order import IDENTIFIER
from persistence.reads import FeedPosition, Keyset, Slice

if TYPE_CHECKING:
    from collections.abc import Callable

    from gql.errors import RequestError


class DefaultSize(int):
    """The default of ``first``: its class tells that a client did not send it.

    A client that sends ``last`` would otherwise seem to have sent ``first`` too.
    """


MAX_PAGE = 100
DEFAULT_PAGE = DefaultSize(20)
_MAX_SEQUENCE = 2**31
_MAX_XID = 2**63
_MAX_CURSOR = 400
_MAX_EXPONENT = 100  # Postgres stores no more than thousands of digits


@dataclass(frozen=True)
class PageArguments:
    limit: int
    cursor: str | None
    backward: bool

    def slice_of(self, cursors: KeysetCursors) -> Slice:
        """Raises BAD_USER_INPUT if the cursor is none of these."""
        cursor = None if self.cursor is None else cursors.decode(self.cursor)
        return Slice(limit=self.limit, cursor=cursor, backward=self.backward)


def page_arguments(
    first: int | None,
    after: str | None,
    last: int | None = None,
    before: str | None = None,
    *,
    default: DefaultSize = DEFAULT_PAGE,
) -> PageArguments:
    """Check a client's arguments, or raise BAD_USER_INPUT.

    ``default`` is the default of ``first`` in the schema. It is also the size of a page that is
    read backward without ``last``.
    """
    backward = _is_sent(last) or _is_sent(before)
    if backward and (_is_sent(first) or _is_sent(after)):
        raise bad_input("Use first and after to page forward, or last and before to page backward.")
    name, size, cursor = ("last", last, before) if backward else ("first", first, after)
    limit = size if size is not None and _is_sent(size) else default
    if not 1 <= limit <= MAX_PAGE:
        raise bad_input(f"{name} must be from 1 to {MAX_PAGE}.")
    return PageArguments(limit, cursor if _is_sent(cursor) else None, backward)


def _is_sent(argument: object) -> bool:
    return not (argument is None or argument is UNSET or isinstance(argument, DefaultSize))


class KeysetCursors(NamedTuple):
    """The cursors of one list in one sort order, which they begin with.

    ``readers`` read the parts of a keyset from JSON, or raise BAD_USER_INPUT.
    """

    sort: tuple[object, ...]
    readers: tuple[Callable[[object], Any], ...]

    def encode(self, keyset: Keyset) -> str:
        return encode_cursor(*self.sort, *keyset[: len(self.readers)])

    def decode(self, cursor: str) -> Keyset:
        """Read a cursor of this sort, or raise BAD_USER_INPUT."""
        match decode_cursor(cursor):
            case [*parts] if len(parts) == len(self.sort) + len(self.readers):
                sort, values = parts[: len(self.sort)], parts[len(self.sort) :]
                if sort == [*self.sort]:
                    return Keyset(*(read(v) for read, v in zip(self.readers, values, strict=True)))
        raise bad_cursor()


def encode_cursor(*parts: object) -> str:
    return base64.urlsafe_b64encode(orjson.dumps(parts, default=str)).decode().rstrip("=")


def decode_cursor(cursor: str) -> Any:  # ruff: ignore[any-type] - JSON sent by a client
    """Decode a client's cursor, or raise BAD_USER_INPUT. The caller checks its parts."""
    if len(cursor) > _MAX_CURSOR:
        raise bad_cursor()
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        return orjson.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (UnicodeEncodeError, binascii.Error, orjson.JSONDecodeError):
        raise bad_cursor() from None


def time_in_cursor(part: object) -> datetime:
    try:
        moment = datetime.fromisoformat(_text(part))
        if moment.tzinfo is None:
            raise bad_cursor()
        return moment.astimezone(UTC)  # fails for a time that Postgres could not be asked for
    except (ValueError, OverflowError):
        raise bad_cursor() from None


def amount_in_cursor(part: object) -> Decimal:
    try:
        amount = Decimal(_text(part))
    except InvalidOperation:
        raise bad_cursor() from None
    exponent = amount.as_tuple().exponent  # a text if the amount is not finite
    if not isinstance(exponent, int) or abs(exponent) > _MAX_EXPONENT:
        raise bad_cursor()
    if abs(amount) > MAX_MINOR_UNITS:
        raise bad_cursor()
    return amount


def id_in_cursor(part: object) -> str:
    if not IDENTIFIER.fullmatch(_text(part)):
        raise bad_cursor()
    return _text(part)


def sequence_in_cursor(part: object) -> int:
    if not isinstance(part, int) or isinstance(part, bool) or not 0 <= part < _MAX_SEQUENCE:
        raise bad_cursor()
    return part


def _text(part: object) -> str:
    if not isinstance(part, str):
        raise bad_cursor()
    return part


def bad_cursor() -> RequestError:
    return bad_input(
        "The cursor does not belong to this list and sort order. Use one that this list returned."
    )


def event_cursor(sequence: int) -> str:
    return encode_cursor("event", sequence)


def sequence_of(cursor: str) -> int:
    """Return the sequence in an event's cursor, or raise BAD_USER_INPUT."""
    match decode_cursor(cursor):
        case ["event", sequence]:
            return sequence_in_cursor(sequence)
    raise bad_cursor()


def feed_cursor(position: FeedPosition) -> str:
    return encode_cursor("feed", position.epoch, *position[:3])


def feed_position(cursor: str) -> FeedPosition:
    """Return the position in a feed cursor, or raise BAD_USER_INPUT."""
    match decode_cursor(cursor):
        case ["feed", str(epoch), int(xid), str(order_id), int(sequence)] if (
            0 <= xid < _MAX_XID
            and 0 <= sequence < _MAX_SEQUENCE
            and (not order_id or IDENTIFIER.fullmatch(order_id))
        ):
            return FeedPosition(xid, order_id, sequence, epoch)
    raise bad_input(
        "The cursor does not belong to the feed. Use the feedCursor of an event or a page."
    )
