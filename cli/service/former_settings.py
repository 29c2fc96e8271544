"""Names that other order systems give to settings, and the settings that replace them here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pydantic_settings import BaseSettings, SettingsConfigDict

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

_ADDRESS = "in the form host:port"
_DURATION = "as an ISO 8601 duration, such as PT15S"

FORMER_NAMES: Final[Mapping[str, tuple[str, str]]] = {
    "TEMPORAL_HOST": ("TEMPORAL_ADDRESS", _ADDRESS),
    "TEMPORAL_TARGET": ("TEMPORAL_ADDRESS", _ADDRESS),
    "DB_URL": ("DATABASE_URL", "in the form postgresql://user:password@host:5432/name"),
    "WORKFLOW_RUN_TIMEOUT_SECONDS": ("ORDER_DEADLINE", _DURATION),
    "MANUAL_REVIEW_TIMEOUT": ("REVIEW_TIMEOUT", _DURATION),
}
"""Each former name, with its replacement and the form that the value has now."""


class _Values(BaseSettings):
    """Both the former names and their replacements, as text."""

    model_config = SettingsConfigDict(env_ignore_empty=True, extra="ignore")

    temporal_host: str | None = None
    temporal_target: str | None = None
    temporal_address: str | None = None
    db_url: str | None = None
    database_url: str | None = None
    workflow_run_timeout_seconds: str | None = None
    order_deadline: str | None = None
    manual_review_timeout: str | None = None
    review_timeout: str | None = None


def former_setting_problems(file: Path | None) -> Iterator[str]:
    """Yield a message for each former name that is set, unless its replacement is set too."""
    settings: type[BaseSettings] = _Values  # mypy hides _env_file of a subclass
    values = settings(_env_file=file).model_dump(exclude_none=True)
    for name, (replacement, form) in FORMER_NAMES.items():
        if name.lower() in values and replacement.lower() not in values:
            yield f"{name}: this setting is called {replacement} here. Set that, {form}"
