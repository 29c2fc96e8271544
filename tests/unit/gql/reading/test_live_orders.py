"""A page of orders takes the state of running orders from their workflows."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

from gql.errors import UnavailableSource
from gql.reading import order_reader
from gql.reading.order_reader import MAX_TEMPORAL_CALLS, OrderReader
from orchestration.client import TemporalUnavailable
from orchestration.domain.lifecycle import OrderLifecycle
from orchestration.domain.order import FailureCode, initial_snapshot
from orchestration.domain.states import OrderState
from persistence.reads import StoredOrder
from tests.support.orders import make_order

if TYPE_CHECKING:
    import pytest

    from orchestration.messages import StatusQuery

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def row(number: int, *, ended: bool = False) -> StoredOrder:
    """A row of an order that was received, and failed if ``ended``."""
    order = make_order(id=f"order-{number}")
    life = OrderLifecycle(order, initial_snapshot(order, NOW), lambda: NOW)
    life.received()
    if ended:
        life.failed(FailureCode.INVALID, "no such currency")
    return StoredOrder(order, "run-1", NOW, life.snapshot)


def validated(stored: StoredOrder) -> Any:
    life = OrderLifecycle(stored.order, stored.snapshot, lambda: NOW)
    life.validated()
    return SimpleNamespace(run_id=stored.run_id, snapshot=life.snapshot)


@dataclass
class Workflows:
    """Workflows that are one event ahead of these rows, except for the ``silent`` orders."""

    rows: list[StoredOrder]
    silent: set[str] = field(default_factory=set)
    error: Exception | None = None
    hanging: bool = False
    queried: list[str] = field(default_factory=list)
    running: int = 0
    most: int = 0

    async def status(self, order_id: str, _query: StatusQuery) -> Any:
        self.queried.append(order_id)
        self.running += 1
        self.most = max(self.most, self.running)
        try:
            await asyncio.sleep(100 if self.hanging else 0.001)
        finally:
            self.running -= 1
        if self.error:
            raise self.error
        if order_id in self.silent:
            return None
        return validated(next(one for one in self.rows if one.order.id == order_id))

    async def describe(self, order_id: str) -> None:
        """Temporal responds, so that only the worker is missing."""
        assert order_id in self.queried


def reader(workflows: Workflows) -> OrderReader:
    calls = asyncio.Semaphore(MAX_TEMPORAL_CALLS)
    return OrderReader(cast("Any", None), cast("Any", workflows), calls, set())


async def test_running_orders_have_the_state_of_their_workflow() -> None:
    rows = [row(number, ended=number % 2 == 1) for number in range(100)]
    workflows = Workflows(rows, silent={"order-4"})
    merged, silent = await reader(workflows).live(rows)
    assert [order.order.id for order in merged] == [stored.order.id for stored in rows]
    assert {order.snapshot.state for order in merged[::2]} == {
        OrderState.VALIDATED,
        OrderState.RECEIVED,
    }
    assert [order.snapshot.state for order in merged[1::2]] == [OrderState.FAILED] * 50
    assert (silent, merged[4].snapshot.state) == (["order-4"], OrderState.RECEIVED)
    assert sorted(workflows.queried) == sorted(stored.order.id for stored in rows[::2])
    assert workflows.most == MAX_TEMPORAL_CALLS


async def test_an_unavailable_worker_is_not_queried_for_every_order() -> None:
    rows = [row(number) for number in range(100)]
    workflows = Workflows(rows, error=TemporalUnavailable("no worker"))
    live = reader(workflows)
    merged, silent = await live.live(rows)
    assert silent == [order.order.id for order in merged]
    assert len(workflows.queried) == MAX_TEMPORAL_CALLS
    assert live.unavailable == {UnavailableSource.WORKER}


async def test_workflows_that_hang_are_waited_for_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(order_reader, "LIVE_TIMEOUT", 0.01)
    rows = [row(number) for number in range(100)]
    live = reader(Workflows(rows, hanging=True))
    merged, silent = await live.live(rows)
    assert (len(merged), len(silent)) == (100, 100)
    assert live.unavailable == {UnavailableSource.WORKER}
