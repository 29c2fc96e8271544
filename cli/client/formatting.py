"""Formats values of the API for a terminal."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


def local_time(at: str | None) -> str:
    """Return a timestamp in the local time zone; an empty string for None."""
    return f"{datetime.fromisoformat(at).astimezone():%Y-%m-%d %H:%M:%S}" if at else ""


def money(amount: Mapping[str, str]) -> str:
    return f"{amount['amount']} {amount['currency']}"


def command_name(command: str) -> str:
    """Return an OrderCommand as the name of its CLI command: ``update-address``."""
    return command.lower().replace("_", "-")
