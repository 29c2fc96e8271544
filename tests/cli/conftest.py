from __future__ import annotations

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
from tests.support.command_line import Command, restored_logging

if TYPE_CHECKING:
    from tests.support.api_client import ApiClient

__all__ = [
    "api",
    "customer_id",
    "engine",
    "new_order",
    "orchestration",
    "orders",
    "restored_logging",
    "workers",
]


@pytest.fixture
def command(api: ApiClient) -> Command:
    return Command(str(api.http.base_url))
