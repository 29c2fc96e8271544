"""The schema's scalars, which parse strictly.

Strawberry's own scalars accept ``NaN`` and ``1_000`` as a Decimal, and ``"2026"`` as a DateTime.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NewType

import strawberry
from graphql import GraphQLError, value_from_ast_untyped

from gql.duration import format_duration, parse_duration
from gql.errors import ErrorCode

if TYPE_CHECKING:
    from collections.abc import Callable

    from graphql import ValueNode
    from strawberry.types.scalar import ScalarDefinition

Duration = NewType("Duration", float)
"""Seconds in Python, ISO 8601 in GraphQL."""

JSON = NewType("JSON", object)

_DECIMAL = re.compile(r"-?[0-9]{1,20}(\.[0-9]{1,20})?")
_DATE_TIME = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,9})?)?"
    r"(Z|[+-][0-9]{2}:[0-9]{2})"
)


class InvalidScalar(GraphQLError):
    """A value that its scalar cannot parse. The message is for the client."""

    def __init__(self, message: str, literal: ValueNode | None = None) -> None:
        super().__init__(message, literal, extensions={"code": ErrorCode.BAD_USER_INPUT})


def _literal_parser(parse: Callable[[object], object]) -> Callable[..., object]:
    """Parse a literal like a variable of the same value, and add its location to the error."""

    def parse_literal(literal: ValueNode, variables: dict[str, Any] | None = None) -> object:
        try:
            return parse(value_from_ast_untyped(literal, variables))
        except InvalidScalar as error:
            raise InvalidScalar(error.message, literal) from None

    return parse_literal


def _parse_decimal(value: object) -> Decimal:
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    if not isinstance(text, str) or not _DECIMAL.fullmatch(text):
        raise InvalidScalar(
            'A Decimal must be a string such as "249.90", with up to 20 digits on each side.'
        )
    return Decimal(text)


def _serialize_decimal(value: Decimal) -> str:
    return format(value, "f")


def _parse_date_time(value: object) -> datetime:
    if isinstance(value, str) and _DATE_TIME.fullmatch(value):
        try:
            return datetime.fromisoformat(value).astimezone(UTC)
        except (ValueError, OverflowError):
            pass
    raise InvalidScalar(
        'A DateTime must be ISO 8601 with an offset, such as "2026-01-31T12:00:00+00:00".'
    )


def serialize_instant(value: datetime) -> str:
    """Format an instant in UTC. ``execution/`` formats lists of instants in the same way."""
    return value.astimezone(UTC).isoformat()


def _parse_duration(value: object) -> float:
    if isinstance(value, str):
        try:
            return parse_duration(value)
        except ValueError as error:
            raise InvalidScalar(f"A Duration {error}.") from None
    raise InvalidScalar('A Duration must be a string such as "PT5M".')


SCALARS: dict[object, ScalarDefinition] = {
    datetime: strawberry.scalar(
        name="DateTime",
        description='A date and time in ISO 8601 with an offset: "2026-01-31T12:00:00+00:00".',
        specified_by_url="https://www.rfc-editor.org/rfc/rfc3339",
        serialize=serialize_instant,
        parse_value=_parse_date_time,
        parse_literal=_literal_parser(_parse_date_time),
    ),
    Decimal: strawberry.scalar(
        name="Decimal",
        description='An exact decimal number as a string, such as "249.90".',
        specified_by_url="https://www.w3.org/TR/xmlschema11-2/#decimal",
        serialize=_serialize_decimal,
        parse_value=_parse_decimal,
        parse_literal=_literal_parser(_parse_decimal),
    ),
    Duration: strawberry.scalar(
        name="Duration",
        description='An ISO 8601 duration without years or months, such as "PT30S" or "PT5M".',
        specified_by_url="https://www.rfc-editor.org/rfc/rfc3339#appendix-A",
        serialize=format_duration,
        parse_value=_parse_duration,
        parse_literal=_literal_parser(_parse_duration),
    ),
    JSON: strawberry.scalar(
        name="JSON",
        description="Any JSON value.",
        specified_by_url="https://www.rfc-editor.org/rfc/rfc8259",
    ),
}
"""The scalar map of StrawberryConfig."""
