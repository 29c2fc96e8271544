"""Values of the API in the words of a terminal."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


def local_time(at: str | None) -> str:
    """Return an instant of the API as the clock here has it; nothing for none."""
    return f"{datetime.fromisoformat(at).astimezone():%Y-%m-%d %H:%M:%S}" if at else ""


def money(amount: Mapping[str, str]) -> str:
    """Return an amount with its currency."""
    return f"{amount['amount']} {amount['currency']}"


def typed(command: str) -> str:
    """Return an OrderCommand as it is typed: update-address."""
    return command.lower().replace("_", "-")
