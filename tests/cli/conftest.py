from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest

from tests.support.api_fixtures import (
    api,
    customer_id,
    engine,
    new_order,
    orchestration,
    orders,
    workers,
)
from tests.support.command_line import Command

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.api_client import ApiClient

__all__ = ["api", "customer_id", "engine", "new_order", "orchestration", "orders", "workers"]


@pytest.fixture
def command(api: ApiClient) -> Command:
    return Command(str(api.http.base_url))


@pytest.fixture
def restored_logging() -> Iterator[None]:
    """Undo what a command that runs in this process sets. Later tests read WARNING records."""
    root = logging.getLogger()
    level, handlers = root.level, list(root.handlers)
    yield
    root.setLevel(level)
    root.handlers[:] = handlers
