"""Conversion between ISO 8601 durations and seconds."""

from __future__ import annotations

import re
from datetime import timedelta

_DURATION = re.compile(
    r"P(?=[0-9T])"
    r"(?:(?P<weeks>[0-9]{1,6})W)?"
    r"(?:(?P<days>[0-9]{1,6})D)?"
    r"(?:T(?=[0-9])"
    r"(?:(?P<hours>[0-9]{1,9})H)?"
    r"(?:(?P<minutes>[0-9]{1,9})M)?"
    r"(?:(?P<seconds>[0-9]{1,9}(?:[.,][0-9]{1,6})?)S)?"
    r")?"
)
_MINUTE = 60
_HOUR = 60 * _MINUTE
_DAY = 24 * _HOUR


def parse_duration(text: str) -> float:
    """Convert a duration such as "PT5M", "P1DT2H" or "PT0.5S" to seconds.

    Raises ValueError for any other text, including years and months, whose length depends on the
    calendar. The message continues a sentence that names the value.
    """
    match = _DURATION.fullmatch(text)
    if match is None:
        raise ValueError('must be an ISO 8601 duration without years or months, such as "PT5M"')
    parts = {name: part.replace(",", ".") for name, part in match.groupdict("0").items()}
    return timedelta(**{name: float(part) for name, part in parts.items()}).total_seconds()


def format_duration(seconds: float) -> str:
    """Format seconds in canonical form: 90 as "PT1M30S", a day as "P1D", zero as "PT0S"."""
    days, rest = divmod(round(seconds * 1_000_000), _DAY * 1_000_000)
    hours, rest = divmod(rest, _HOUR * 1_000_000)
    minutes, micros = divmod(rest, _MINUTE * 1_000_000)
    date = f"{days}D" if days else ""
    time = (f"{hours}H" if hours else "") + (f"{minutes}M" if minutes else "")
    if micros:
        time += f"{micros / 1_000_000:.6f}".rstrip("0").rstrip(".") + "S"
    if not date and not time:
        time = "0S"
    return f"P{date}" + (f"T{time}" if time else "")
