"""What the filters of ``orders list`` and ``orders events`` share."""

from datetime import datetime
from typing import Any

import typer


def _parse_time(text: str) -> datetime:
    """Parse an ISO 8601 date or time. Without an offset, it is in the local time zone."""
    return datetime.fromisoformat(text).astimezone()


def time_option(*names: str) -> Any:  # ruff: ignore[any-type] - as typer declares it
    return typer.Option(
        *names,
        parser=_parse_time,
        metavar="TIME",
        help="Such as 2026-03-01 or 2026-03-01T12:00+01:00. Local time if it has no offset.",
        show_default=False,
    )


def without_none(values: dict[str, Any]) -> dict[str, Any] | None:
    """Return the values that were given, or None if none was."""
    return {name: value for name, value in values.items() if value is not None} or None
