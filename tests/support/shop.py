"""Runs both workers against real servers, and starts, commands and inspects orders."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

from pydantic import TypeAdapter
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import DeleteWorkflowExecutionRequest
from temporalio.client import Client, WorkflowFailureError
from temporalio.exceptions import ApplicationError

from cli.service.repair import Repairs
from orchestration.client import OrderClient, TemporalUnavailable
from orchestration.domain.commands import Verdict
from orchestration.domain.order import FailureCode, ReviewMode
from orchestration.domain.states import OrderState
from orchestration.messages import OrderOutcome, OrderStatus, StatusQuery
from orchestration.ports import CarrierBook, GatewayBook
from orchestration.settings import OrchestrationSettings
from persistence.customers import PostgresCustomers
from persistence.ledger import PostgresLedger
from persistence.reads import Reads
from persistence.simulation_books import PostgresCarrierBook, PostgresGatewayBook
from tests.support.orders import REQUEST, make_order
from tests.support.waiting import wait_until
from tests.support.workers import running_workers

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable

    from orchestration.domain.commands import Command
    from orchestration.domain.order import Order, OrderEvent, OrderSnapshot
    from orchestration.domain.states import EventType
    from persistence.reads import StoredOrder
    from tests.support.workers import Queue

TIMEOUT = 120
"""Seconds that a test waits for a condition. Generous, for busy machines."""


@dataclass
class Shop:
    """A Temporal server, a Postgres database and a pair of task queues, with optional workers."""

    client: Client
    engine: AsyncEngine
    settings: OrchestrationSettings
    gateway_book: GatewayBook
    carrier_book: CarrierBook
    started: list[str] = field(default_factory=list)

    @property
    def orders(self) -> OrderClient:
        return self.orders_with_timeout(10)  # the workers are in this process too

    def orders_with_timeout(self, seconds: float) -> OrderClient:
        return OrderClient(
            self.client,
            order_task_queue=self.settings.order_task_queue,
            shipping_task_queue=self.settings.shipping_task_queue,
            rpc_timeout=timedelta(seconds=seconds),
        )

    @asynccontextmanager
    async def working(self, *queues: Queue) -> AsyncGenerator[None, None]:
        async with running_workers(
            self.engine,
            self.settings,
            *queues,
            gateway_book=self.gateway_book,
            carrier_book=self.carrier_book,
        ):
            yield

    async def start(self, order: Order) -> str:
        """Start an order. Retries if a busy machine does not respond in time."""
        self.started.append(order.id)  # in the order of the calls, also of concurrent ones
        async with asyncio.timeout(TIMEOUT):
            while True:
                with suppress(TemporalUnavailable):
                    await self.orders.start(order)
                    return order.id

    async def outcome(self, order_id: str) -> OrderOutcome:
        """Wait for the order's end. Raises WorkflowFailureError if its workflow was cut short."""
        handle = self.client.get_workflow_handle(order_id, result_type=OrderOutcome)
        try:
            outcome: OrderOutcome = await asyncio.wait_for(handle.result(), TIMEOUT)
        except WorkflowFailureError as error:
            cause = error.cause
            if not isinstance(cause, ApplicationError) or cause.type not in set(FailureCode):
                raise
            outcome = TypeAdapter(OrderOutcome).validate_python(cause.details[0])
        return outcome

    async def end(self, order_id: str) -> tuple[OrderState, FailureCode | None]:
        """Wait for the end of the order. Returns its state and failure code."""
        outcome = await self.outcome(order_id)
        return outcome.state, outcome.failure.code if outcome.failure else None

    async def start_in_review(self, order: Order) -> str:
        """Start an order and wait until it is AWAITING_APPROVAL."""
        await self.start(order)
        await self.until_state(order.id, OrderState.AWAITING_APPROVAL)
        return order.id

    async def start_shipping(self) -> Order:
        """Start an order that is charged and waits for a shipping worker, in state SHIPPING."""
        order = make_order(review_mode=ReviewMode.NONE)
        await self.start(order)
        await self.until_state(order.id, OrderState.SHIPPING)
        return order

    async def apply(self, order_id: str, command: Command) -> None:
        """Send a command and assert that it is applied."""
        verdict = await self.orders.send(order_id, command)
        assert isinstance(verdict, Verdict), verdict
        assert verdict.applied, verdict

    async def refusal(self, order_id: str, command: Command) -> OrderState:
        """Send a command and assert that it is refused. Returns the state that refused it."""
        verdict = await self.orders.send(order_id, command)
        assert isinstance(verdict, Verdict), verdict
        assert not verdict.applied, verdict
        return verdict.state

    async def until_state(self, order_id: str, state: OrderState) -> None:
        """Wait until the order is in this state and the state is recorded."""
        await self.until(
            order_id,
            lambda s: s.snapshot.state is state and s.recorded_sequence == s.snapshot.sequence,
        )

    async def until(self, order_id: str, reached: Callable[[OrderStatus], bool]) -> OrderStatus:
        """Wait until the status satisfies the predicate, and return it."""

        async def status() -> OrderStatus | None:
            # Queries fail while no worker is running.
            with suppress(TemporalUnavailable):
                found = await self.orders.status(order_id, StatusQuery(0))
                return found if found is not None and reached(found) else None
            return None

        return await wait_until(status, timeout=TIMEOUT)

    async def until_pending(self, order_id: str, activity: str, attempt: int = 1) -> None:
        """Wait until this activity is pending at this attempt or a later one."""

        async def is_pending() -> bool:
            execution = await self.orders.describe(order_id)
            pending = execution.pending_activities if execution else []
            return any(p.type == activity and p.attempt >= attempt for p in pending)

        await wait_until(is_pending, timeout=TIMEOUT)

    async def terminate(self, order_id: str) -> None:
        await self.client.get_workflow_handle(order_id).terminate()

    async def delete_workflow(self, *order_ids: str) -> None:
        """Remove workflows from Temporal, as the server does after the retention period."""
        for order_id in order_ids:
            request = DeleteWorkflowExecutionRequest(
                namespace=self.client.namespace,
                workflow_execution=WorkflowExecution(workflow_id=order_id),
            )
            await self.client.workflow_service.delete_workflow_execution(request)

        for order_id in order_ids:

            async def is_deleted(order_id: str = order_id) -> bool:
                return await self.orders.describe(order_id) is None

            await wait_until(is_deleted, timeout=TIMEOUT)

    @property
    def repairs(self) -> Repairs:
        return Repairs(
            client=self.client,
            orders=self.orders,
            reads=Reads(self.engine),
            ledger=PostgresLedger(self.engine),
            task_queue=self.settings.order_task_queue,
        )

    async def repair(self, order_id: str) -> OrderState:
        return await self.repairs.repair(order_id)

    async def stored(self, order_id: str) -> StoredOrder:
        found = await Reads(self.engine).order(order_id)
        assert found is not None
        return found

    async def until_stored(self, order_id: str, state: OrderState) -> None:
        """Wait until the order has this state in the record, whatever its workflow knows of it."""

        async def is_stored() -> bool:
            found = await Reads(self.engine).order(order_id)
            return found is not None and found.snapshot.state is state

        await wait_until(is_stored, timeout=TIMEOUT)

    async def events(self, order_id: str) -> list[OrderEvent]:
        return [stored.event for stored in await Reads(self.engine).events_after(order_id, 0)]

    async def types(self, order_id: str) -> list[EventType]:
        return [event.type for event in await self.events(order_id)]

    async def snapshot_on_both_sides(self, order_id: str) -> OrderSnapshot:
        """Assert that record and workflow agree on an ended order, and return its snapshot."""
        status = await self.orders.status(order_id, StatusQuery(0))
        assert status is not None
        stored = await self.stored(order_id)
        assert stored.snapshot == status.snapshot
        assert stored.run_id == status.run_id
        assert await self.events(order_id) == status.events
        assert [e.sequence for e in status.events] == list(range(1, stored.snapshot.sequence + 1))
        return stored.snapshot

    async def gateway_row(self, payment_id: str) -> str | None:
        """Return the status that the simulated gateway stored."""
        return await self._one(
            "SELECT status FROM gateway_charges WHERE payment_id = :a", payment_id
        )

    async def parcel_row(self, order_id: str, attempt: int) -> str | None:
        """Return the status that the simulated carrier stored."""
        return await self._one(
            "SELECT status FROM carrier_parcels WHERE order_id = :a AND attempt = :b",
            order_id,
            attempt,
        )

    async def _one(self, query: str, a: str, b: int | None = None) -> str | None:
        async with self.engine.connect() as connection:
            found = await connection.execute(text(query), {"a": a, "b": b} if b else {"a": a})
            return found.scalar_one_or_none()

    def with_faults(self, *, error_rate: float = 0, hang_rate: float = 0, seed: int = 1) -> Shop:
        """Return a shop with its own task queues, whose gateway and carrier have faults."""
        name = uuid4().hex[:8]
        settings = self.settings.model_copy(
            update={
                "order_task_queue": f"order-{name}",
                "shipping_task_queue": f"shipping-{name}",
                "fault_error_rate": error_rate,
                "fault_hang_rate": hang_rate,
                "fault_seed": seed,
            }
        )
        return replace(self, settings=settings)

    def without_faults(self) -> Shop:
        """Return a shop with the same task queues and no faults."""
        update = {"fault_error_rate": 0, "fault_hang_rate": 0}
        return replace(self, settings=self.settings.model_copy(update=update))

    async def until_closed(self, workflow_id: str) -> None:
        """Wait until a workflow execution has closed, with any status."""

        async def is_closed() -> bool:
            described = await self.client.get_workflow_handle(workflow_id).describe()
            return described.close_time is not None

        await wait_until(is_closed, timeout=TIMEOUT)

    async def until_idle(self, order_id: str) -> None:
        """Wait until the order has recorded its events, and no workflow task is due.

        A worker that stops loses the task that it has just got. The server gives such a task to
        another worker only after ten seconds.
        """
        await self.until(order_id, lambda s: s.recorded_sequence == s.snapshot.sequence)

        async def is_idle() -> bool:
            described = await self.client.get_workflow_handle(order_id).describe()
            return not described.raw_description.HasField("pending_workflow_task")

        await wait_until(is_idle, timeout=TIMEOUT)

    async def until_in_history(self, workflow_id: str, attributes: str) -> None:
        """Wait until the history has an event with these attributes. Needs no worker."""

        async def is_there() -> bool:
            return await self.history_events(workflow_id, attributes) > 0

        await wait_until(is_there, timeout=TIMEOUT)

    async def history_events(self, workflow_id: str, attributes: str) -> int:
        """Count the events of a history that have these attributes, by the field's full name."""
        history = await self.client.get_workflow_handle(workflow_id).fetch_history()
        return sum(event.WhichOneof("attributes") == attributes for event in history.events)

    async def history_length(self, workflow_id: str) -> int:
        history = await self.client.get_workflow_handle(workflow_id).fetch_history()
        return len(history.events)


async def open_shop(client: Client, engine: AsyncEngine, address: str) -> Shop:
    """Create a shop with its own task queues, and the customer of the test orders."""
    name = uuid4().hex[:8]
    await PostgresCustomers(engine).create(
        REQUEST.customer_id, "Ada Lovelace", f"{REQUEST.customer_id}@shop.example.org", None
    )
    settings = OrchestrationSettings(
        temporal_address=address,
        order_task_queue=f"order-{name}",
        shipping_task_queue=f"shipping-{name}",
    )
    return Shop(client, engine, settings, PostgresGatewayBook(engine), PostgresCarrierBook(engine))
