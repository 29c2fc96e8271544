"""Both workers over real servers, and what a test wants to do and see with them."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import uuid4

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client

from orchestration.client import OrderClient, TemporalUnavailable, connect
from orchestration.messages import OrderOutcome, OrderStatus, StatusQuestion
from orchestration.order_workflow import OrderWorkflow
from orchestration.settings import OrchestrationSettings
from orchestration.worker import run_worker
from persistence.customers import PostgresCustomers
from persistence.ledger import PostgresLedger
from persistence.reads import Reads
from persistence.simulation_books import PostgresCarrierBook, PostgresGatewayBook
from tests.orders import REQUEST

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable

    from orchestration.domain.order import Order, OrderEvent, OrderSnapshot
    from orchestration.domain.states import EventType
    from persistence.reads import StoredOrder

WITHIN = 120
"""How long a test waits for anything that has to happen: generous, in seconds."""


@dataclass
class Shop:
    """A Temporal, a Postgres and, between them, the workers that are told to run."""

    client: Client
    engine: AsyncEngine
    settings: OrchestrationSettings

    @property
    def orders(self) -> OrderClient:
        return OrderClient(
            self.client,
            order_task_queue=self.settings.order_task_queue,
            shipping_task_queue=self.settings.shipping_task_queue,
        )

    @asynccontextmanager
    async def working(self, *queues: str) -> AsyncGenerator[None, None]:
        stop = asyncio.Event()
        workers = [asyncio.create_task(self._work(queue, stop)) for queue in queues]
        try:
            yield
        finally:
            stop.set()
            await asyncio.gather(*workers)

    async def _work(self, queue: str, stop: asyncio.Event) -> None:
        await run_worker(
            await connect(self.settings),
            self.settings,
            queue="order" if queue == "order" else "shipping",
            ledger=PostgresLedger(self.engine),
            gateway_book=PostgresGatewayBook(self.engine),
            carrier_book=PostgresCarrierBook(self.engine),
            stop=stop,
        )

    async def start(self, order: Order) -> str:
        """Start an order, again where a busy machine gave no answer in time: that is safe."""
        async with asyncio.timeout(WITHIN):
            while True:
                with suppress(TemporalUnavailable):
                    await self.orders.start(order)
                    return order.id

    async def outcome(self, order_id: str, within: float = WITHIN) -> OrderOutcome:
        handle = self.client.get_workflow_handle_for(OrderWorkflow.run, order_id)
        return await asyncio.wait_for(handle.result(), within)

    async def until(self, order_id: str, reached: Callable[[OrderStatus], bool]) -> OrderStatus:
        """Return the first status that is as wanted."""

        async def poll() -> OrderStatus:
            while True:
                # No answer while no worker is up, or until a new one is.
                with suppress(TemporalUnavailable):
                    status = await self.orders.status(order_id, StatusQuestion(0))
                    if status is not None and reached(status):
                        return status
                await asyncio.sleep(0.02)

        return await asyncio.wait_for(poll(), WITHIN)

    async def until_pending(self, order_id: str, activity: str) -> None:
        """Return once Temporal has handed this activity to a worker."""

        async def poll() -> None:
            while True:
                execution = await self.orders.describe(order_id)
                if execution and activity in {one.type for one in execution.pending_activities}:
                    return
                await asyncio.sleep(0.02)

        await asyncio.wait_for(poll(), WITHIN)

    async def stored(self, order_id: str) -> StoredOrder:
        found = await Reads(self.engine).order(order_id)
        assert found is not None
        return found

    async def events(self, order_id: str) -> list[OrderEvent]:
        return [one.event for one in await Reads(self.engine).events_after(order_id, 0)]

    async def types(self, order_id: str) -> list[EventType]:
        return [event.type for event in await self.events(order_id)]

    async def snapshot_on_both_sides(self, order_id: str) -> OrderSnapshot:
        """Return where an ended order stands, once record and workflow are shown to agree."""
        status = await self.orders.status(order_id, StatusQuestion(0))
        assert status is not None
        stored = await self.stored(order_id)
        assert stored.snapshot == status.snapshot
        assert stored.run_id == status.run_id
        assert await self.events(order_id) == status.events
        assert [e.sequence for e in status.events] == list(range(1, stored.snapshot.sequence + 1))
        return stored.snapshot

    async def gateway_row(self, payment_id: str) -> str | None:
        """Return the status in the simulated gateway's own book."""
        async with self.engine.connect() as connection:
            found = await connection.execute(
                text("SELECT status FROM gateway_charges WHERE payment_id = :id"),
                {"id": payment_id},
            )
            return found.scalar_one_or_none()

    async def history_length(self, workflow_id: str) -> int:
        history = await self.client.get_workflow_handle(workflow_id).fetch_history()
        return len(history.events)


async def open_shop(client: Client, engine: AsyncEngine, address: str) -> Shop:
    """Make a shop with task queues of its own, and the customer that test orders name."""
    name = uuid4().hex[:8]
    await PostgresCustomers(engine).create(
        REQUEST.customer_id, "Ada Lovelace", "ada@example.org", None
    )
    settings = OrchestrationSettings(
        temporal_address=address,
        order_task_queue=f"order-{name}",
        shipping_task_queue=f"shipping-{name}",
    )
    return Shop(client, engine, settings)
