"""An operation never does more than its cost pays for, whichever sources respond."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from itertools import islice
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest
from graphql import OperationDefinitionNode, parse
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from gql.access.principal import DEVELOPER, Principal
from gql.context import Context
from gql.documents import field_costs
from gql.documents.admission import Admission
from gql.documents.complexity import ComplexityAnalyzer
from gql.documents.field_costs import (
    COUNT,
    STATEMENT,
    TEMPORAL_CALL,
    VALUE,
    WAIT_FOR_END,
    WEIGHTS,
    check_field_costs,
)
from gql.execution.executor import FastPathExecutor
from gql.schema import schema
from gql.settings import ApiSettings
from gql.streams.hub import EventStreams
from orchestration.client import CommandStored, Execution, Started, TemporalUnavailable
from orchestration.domain.errors import RecordUnavailable
from orchestration.domain.order import initial_snapshot
from orchestration.domain.states import OrderState
from orchestration.messages import OrderStatus
from orchestration.visibility import FoundPage, FoundWorkflow
from orchestration.workflow_status import WorkflowStatus
from persistence.reads import Page, StoredEvent
from tests.unit.gql.execution.graphql_documents import VARIABLES, documents, run
from tests.unit.gql.execution.test_executor_on_schema import (
    ARGUMENTS,
    CUSTOMER,
    EVENTS,
    KINDS,
    NOW,
    ORDERS,
    Record,
    make_row,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from persistence.reads import StoredOrder

_POINTS_OF_CALLS = {"describe": 2, "search": 2, "start": 2, "send": 4}
_COUNTS = {
    "count",
    "count_events",
    "customers_count",
    "customer_state_counts",
    "state_counts",
}
_TEMPORAL_METHODS = ["status", "describe", "find_started", "search", "count_found", "send"]


class FullRecord(Record):
    """Has as many rows as a page asks for. It misses the row of a single order if so told."""

    def __init__(self, unavailable: set[str], *, has_row: bool) -> None:
        self._stored = [make_row(n % 3, 1, OrderState.RECEIVED) for n in range(100)]
        super().__init__(self._stored, unavailable)
        self._has_row = has_row

    async def order(self, order_id: str) -> StoredOrder | None:
        row = await super().order(order_id)
        return row if self._has_row else None

    async def orders_by_ids(self, ids: Sequence[str]) -> list[StoredOrder]:
        self._check("orders")
        return [row for row in self._rows if row.order.id in ids]

    async def page(self, query: Any) -> Page[StoredOrder]:
        page = await super().page(query)
        return replace(page, nodes=page.nodes[: query.limit])

    async def customers_page(self, *arguments: Any) -> Any:
        page = await super().customers_page(*arguments)
        limit = arguments[1].limit
        return replace(page, nodes=[*islice(page.nodes * limit, limit)])

    async def customer_order_pages(self, ids: Sequence[str], wanted: Any) -> Any:
        pages = await super().customer_order_pages(ids, wanted)
        return {key: replace(page, nodes=page.nodes[: wanted.limit]) for key, page in pages.items()}

    async def search_events(self, query: Any) -> Page[StoredEvent]:
        self._check("events")
        events = [StoredEvent(ORDERS[0].id, event) for event in EVENTS * query.limit]
        return Page(events[: query.limit], has_next=True, has_previous=False)

    async def count_events(self, *_: object) -> int:
        return await self.count()


class FullTemporal:
    """Temporal, with workflows that are one event ahead of the record. Some methods may fail."""

    def __init__(self, unavailable: set[str]) -> None:
        self._unavailable = unavailable

    async def status(self, order_id: str, query: Any) -> OrderStatus:
        self._check("status")
        order = replace(ORDERS[0], id=order_id)
        snapshot = replace(initial_snapshot(order, NOW), sequence=2, state=OrderState.VALIDATED)
        after = query.after_sequence
        events = [] if after is None else EVENTS[after:]
        return OrderStatus("step", "run", snapshot, 1, [], 0, events, [])

    async def describe(self, order_id: str) -> Execution:
        self._check("describe")
        status = WorkflowStatus.RUNNING
        return Execution(order_id, "run", status, "queue", NOW, None, 3, None, [], None)

    async def find_started(self, order_id: str) -> Started:
        self._check("find_started")
        return Started(replace(ORDERS[0], id=order_id), "run", NOW, created=False)

    async def search(self, _search: object, first: int, _after: object) -> FoundPage:
        self._check("search")
        found = FoundWorkflow(
            ORDERS[0].id, "run", WorkflowStatus.RUNNING, None, None, None, None, NOW, None
        )
        return FoundPage([found] * first, None, "query")

    async def count_found(self, _query: str) -> int:
        self._check("count_found")
        return 3

    async def send(self, *_: object) -> CommandStored:
        self._check("send")
        return CommandStored()

    def _check(self, method: str) -> None:
        if method in self._unavailable:
            raise TemporalUnavailable(method)


class Counted:
    """Passes calls on, and adds up their points."""

    def __init__(self, target: object, points_of: Callable[[str], int]) -> None:
        self._target = target
        self._points_of = points_of
        self.points = 0

    def of_customer(self, _owner: str) -> Counted:
        return self

    def __getattr__(self, name: str) -> Any:
        async def call(*arguments: Any, **named: Any) -> Any:
            self.points += self._points_of(name)
            return await getattr(self._target, name)(*arguments, **named)

        return call


class StreamsThatEnd:
    """Look up an order as all streams do, and end instead of following it."""

    def __init__(self, reads: Any, orders: Any) -> None:
        self._streams = EventStreams(reads, orders)

    async def wait_for_end(self, order_id: str, after: int, _seconds: float) -> None:
        with suppress(RecordUnavailable, TemporalUnavailable):
            await self._streams.events(order_id, after)


def points_of_statement(name: str) -> int:
    return COUNT if name in _COUNTS else STATEMENT


def points_of_call(name: str) -> int:
    return TEMPORAL_CALL * _POINTS_OF_CALLS.get(name, 1)


def values_in(data: Any) -> int:
    """Count fields and entries of lists. A JSON scalar is one value."""
    if isinstance(data, dict):
        return sum(
            VALUE + (0 if key.startswith("payload") else values_in(value))
            for key, value in data.items()
        )
    return sum(VALUE + values_in(entry) for entry in data) if isinstance(data, list) else 0


async def work_and_cost(
    document: str, principal: Principal, record: FullRecord, temporal: FullTemporal
) -> tuple[int, int]:
    reads = Counted(record, points_of_statement)
    orders = Counted(temporal, points_of_call)
    services = SimpleNamespace(
        reads=reads,
        orders=orders,
        streams=StreamsThatEnd(reads, orders),
        settings=ApiSettings.model_construct(),
        admission=Admission(max_requests=100, max_connections=1),
    )
    context = Context(cast("Any", services), cast("Any", None), principal)
    result = await run(schema.graphql_schema, document, FastPathExecutor, context=context)
    parsed = parse(document)
    operation = parsed.definitions[0]
    assert isinstance(operation, OperationDefinitionNode)
    analyzer = ComplexityAnalyzer(schema.graphql_schema, parsed, VARIABLES)
    work = values_in(result.data or {}) + reads.points + orders.points
    return work, analyzer.measure_operation(operation).cost


_ORDER = """id items { sku } availableCommands payment { id } shipments { id }
  customer { orders(last: 2) { totalCount stateCounts { count } nodes { id } } }
  a: events(first: 1) { nodes { id order { id } } } b: events(last: 2) { totalCount nodes { id } }
  workflow { step pendingActivities { id } }"""
_RESULT = f"... on CommandPending {{ order {{ {_ORDER} }} }} ... on UserError {{ message }}"
DENSE = [
    f'{{ order(id: "order-0") {{ {_ORDER} }} again: order(id: "order-0") {{ {_ORDER} }} }}',
    f'{{ order(id: "order-0", waitForEnd: "PT15S") {{ {_ORDER} }} }}',
    f"{{ orders(first: 3) {{ edges {{ cursor node {{ {_ORDER} }} }} totalCount }} }}",
    f"{{ orders(first: 3, live: true) {{ nodes {{ {_ORDER} }} unanswered }} }}",
    f"{{ workflows(first: 9) {{ totalCount nodes {{ id order {{ {_ORDER} }} }} }} }}",
    f"{{ events(first: 9) {{ totalCount nodes {{ id order {{ {_ORDER} }} }} }} }}",
    f"{{ customers(last: 3) {{ totalCount nodes {{ orders {{ nodes {{ {_ORDER} }} }} }} }} }}",
    f'mutation {{ cancelOrder(input: {{orderId: "order-0", commandId: "c"}}) {{ {_RESULT} }} }}',
    f'{{ command(orderId: "order-0", commandId: "c") {{ {_RESULT} }} }}',
]
COSTLY_ARGUMENTS = {
    **ARGUMENTS,
    "order": [*ARGUMENTS["order"], '(id: "order-0", waitForEnd: "PT15S")'],
    "orders": [*ARGUMENTS["orders"], "(first: 2, live: true)"],
}
ALL_OF_RECORD = {*KINDS}
OWNER = replace(DEVELOPER, customer_id=CUSTOMER.id)


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(
    document=documents(schema.graphql_schema, COSTLY_ARGUMENTS) | st.sampled_from(DENSE),
    principal=st.sampled_from([DEVELOPER, OWNER]),
    unavailable=st.just(set()) | st.sets(st.sampled_from([*KINDS, *_TEMPORAL_METHODS])),
    has_row=st.booleans(),
)
@example(document=DENSE[0], principal=OWNER, unavailable={"events", "shipments"}, has_row=False)
@example(document=DENSE[0], principal=OWNER, unavailable={"orders"}, has_row=True)
@example(document=DENSE[0], principal=OWNER, unavailable={"events", "shipments"}, has_row=True)
@example(document=DENSE[1], principal=OWNER, unavailable=set(), has_row=True)
@example(document=DENSE[1], principal=OWNER, unavailable={"orders", "describe"}, has_row=True)
@example(document=DENSE[1], principal=OWNER, unavailable={"events", "shipments"}, has_row=False)
@example(document=DENSE[7], principal=OWNER, unavailable=ALL_OF_RECORD, has_row=True)
async def test_an_operation_never_does_more_than_its_cost_pays_for(
    document: str, principal: Principal, unavailable: set[str], *, has_row: bool
) -> None:
    record = FullRecord(unavailable, has_row=has_row)
    work, cost = await work_and_cost(document, principal, record, FullTemporal(unavailable))
    assert work <= cost


@pytest.mark.parametrize(
    ("field", "document"),
    [
        ("Query.orders", "{ orders(first: 1) { pageInfo { endCursor } } }"),
        ("Query.customers", "{ customers(first: 1) { pageInfo { endCursor } } }"),
        ("Query.events", "{ events(first: 1) { pageInfo { endCursor } } }"),
        ("Query.workflows", "{ workflows(first: 1) { query } }"),
        ("Order.customer", "{ orders(first: 1) { nodes { customer { id } } } }"),
        ("Order.payment", "{ orders(first: 1) { nodes { payment { id } } } }"),
        ("Order.events", "{ orders(first: 1) { nodes { events { pageInfo { endCursor } } } } }"),
        ("Order.workflow", "{ orders(first: 1) { nodes { workflow { id } } } }"),
        ("Customer.orders", "{ customers(first: 1) { nodes { orders { feedCursor } } } }"),
        ("OrderEvent.order", "{ events(first: 1) { nodes { order { id } } } }"),
        ("WorkflowSummary.order", "{ workflows(first: 1) { nodes { order { id } } } }"),
        ("OrderConnection.totalCount", "{ orders(first: 1) { totalCount } }"),
        ("EventConnection.totalCount", "{ events(first: 1) { totalCount } }"),
        ("CustomerConnection.totalCount", "{ customers(first: 1) { totalCount } }"),
        ("WorkflowPage.totalCount", "{ workflows(first: 1) { totalCount } }"),
        ("OrderWorkflow.step", "{ orders(first: 1) { nodes { workflow { step } } } }"),
    ],
)
async def test_without_its_weight_a_field_would_cost_less_than_it_causes(
    field: str, document: str
) -> None:
    record, temporal = FullRecord(set(), has_row=True), FullTemporal(set())
    if field == "OrderWorkflow.step":
        temporal = FullTemporal({"status"})
    work, cost = await work_and_cost(document, DEVELOPER, record, temporal)
    assert cost - WEIGHTS[field] + VALUE < work <= cost


async def test_without_its_points_a_wait_would_cost_less_than_it_causes() -> None:
    unavailable = {"orders", "describe"}
    record, temporal = FullRecord(unavailable, has_row=True), FullTemporal(unavailable)
    document = '{ order(id: "order-0", waitForEnd: "PT15S") { id } }'
    work, cost = await work_and_cost(document, OWNER, record, temporal)
    assert cost - WAIT_FOR_END < work <= cost


async def test_work_is_counted() -> None:
    record, temporal = FullRecord(set(), has_row=True), FullTemporal(set())
    document = "{ orders(first: 2) { totalCount nodes { id workflow { step } } } }"
    work, cost = await work_and_cost(document, DEVELOPER, record, temporal)
    values = 1 + 1 + 1 + 2 * (1 + 3)
    assert work == values + STATEMENT + COUNT + 2 * (2 + 1) * TEMPORAL_CALL
    assert cost == values + STATEMENT + COUNT + 2 * (2 + 3) * TEMPORAL_CALL


def test_a_field_that_reads_needs_a_weight_and_a_list_needs_a_size(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    core = schema.graphql_schema
    for table, field in (("WEIGHTS", "Order.payment"), ("LIST_SIZES", "Order.items")):
        with monkeypatch.context() as patch:
            kept = {**getattr(field_costs, table)}
            del kept[field]
            patch.setattr(field_costs, table, kept)
            with pytest.raises(LookupError, match=f"Add {field} to"):
                check_field_costs(core)
            patch.setattr(field_costs, table, {**kept, field: 1, "Order.gone": 1})
            with pytest.raises(LookupError, match=r"no such field: Order\.gone"):
                check_field_costs(core)
