"""The fast path gives the results of the stock executor, on the schema of the API."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from gql.context import Context
from gql.execution.executor import FastPathExecutor
from gql.schema import schema
from orchestration.client import TemporalUnavailable
from orchestration.domain.errors import RecordUnavailable
from orchestration.domain.money import Money
from orchestration.domain.order import (
    FailureCode,
    OrderEvent,
    OrderFailure,
    PaymentStatus,
    initial_snapshot,
)
from orchestration.domain.states import EventType, OrderState
from persistence.reads import (
    EventRange,
    FeedPosition,
    Page,
    StoredCustomer,
    StoredOrder,
    StoredPayment,
)
from tests.support.orders import make_order
from tests.unit.gql.execution.graphql_documents import comparable_errors, documents, run

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphql import ExecutionResult
    from graphql.execution import Executor

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
ORDERS = [make_order(id=f"order-{number}") for number in range(3)]
CUSTOMER = StoredCustomer(
    ORDERS[0].request.customer_id, "Ada Lovelace", "ada@example.org", None, NOW, NOW
)
EVENTS = [
    OrderEvent(
        1,
        EventType.ORDER_RECEIVED,
        OrderState.PLACED,
        OrderState.RECEIVED,
        "Received.",
        {"amount": "12.50", "currency": "USD"},
        NOW,
    ),
    OrderEvent(
        2,
        EventType.ORDER_VALIDATED,
        OrderState.RECEIVED,
        OrderState.VALIDATED,
        "Validated.",
        {},
        NOW,
    ),
]
SHIPPING_EVENTS = [
    OrderEvent(
        1,
        EventType.SHIPPING_STARTED,
        OrderState.PAID,
        OrderState.SHIPPING,
        "Shipping.",
        {"attempt": 1},
        NOW,
        attempt=1,
    )
]
ARGUMENTS = {
    "order": ['(id: "order-0")', '(id: "nobody")'],
    "orders": [
        "",
        "(first: 1)",
        "(first: 0)",
        '(after: "x")',
        '(sort: {field: TOTAL}, filter: {currency: "USD"})',
    ],
    "customer": [f'(id: "{CUSTOMER.id}")', '(id: "nobody")'],
    "customers": ["", "(first: 0)", "(last: 1)", "(first: 1, last: 1)"],
    "command": ['(orderId: "order-0", commandId: "go")', '(orderId: "!", commandId: "go")'],
    "events": ["", "(first: 1)", "(first: 0)", '(after: "x")', "(last: 1)", "(first: 50, last: 1)"],
}
KINDS = ["orders", "customers", "payments", "events", "shipments", "counts"]


_ORDER = """id state total { amount } shippingAddress { city } failure { code } policy { deadline }
  customer { name } payment { status amount { currency } }
  shipments { id attempt dispatchedAt } events { nodes { type at payload
    detail { ... on ReceiptDetail { total { amount } } ... on ShipmentDetail { attempt } } } }"""
DENSE = [
    f"query {{ orders {{ nodes {{ {_ORDER} }} pageInfo {{ endCursor }} totalCount }} }}",
    f"query {{ orders {{ edges {{ cursor node {{ {_ORDER} __typename }} }} feedCursor }} }}",
    f"query {{ customers {{ nodes {{ name orders {{ nodes {{ {_ORDER} }} totalCount }} }} }} }}",
    "query { orders { nodes { bad: events(first: 0) { nodes { id } } customer { name } } } }",
    "query { orders { nodes { events { edges { node { order { id } } } } workflow { step } } } }",
]
"""Queries as clients send them, most of which is on the fast path."""


class Record:
    """Reads a few orders. Reading the kinds of rows in ``unavailable`` fails."""

    def __init__(self, rows: list[StoredOrder], unavailable: set[str]) -> None:
        self._rows = rows
        self._unavailable = unavailable

    def _check(self, kind: str) -> None:
        if kind in self._unavailable:
            raise RecordUnavailable(f"no {kind}")

    async def order(self, order_id: str) -> StoredOrder | None:
        self._check("orders")
        return next((row for row in self._rows if row.order.id == order_id), None)

    async def page(self, _query: object) -> Page[StoredOrder]:
        self._check("orders")
        return Page(list(self._rows), has_next=True, has_previous=False, position=FeedPosition(7))

    async def customers_page(self, *_: object) -> Page[StoredCustomer]:
        self._check("customers")
        return Page([CUSTOMER, replace(CUSTOMER, id="other")], has_next=False, has_previous=False)

    async def customer_order_pages(
        self, ids: Sequence[str], _slice: object
    ) -> dict[str, Page[StoredOrder]]:
        self._check("orders")
        page = Page(list(self._rows), has_next=False, has_previous=False)
        return dict.fromkeys(ids, page)

    async def customers_by_ids(self, ids: Sequence[str]) -> list[StoredCustomer]:
        self._check("customers")
        return [CUSTOMER] if CUSTOMER.id in ids else []

    async def payments_by_order_ids(self, ids: Sequence[str]) -> list[StoredPayment]:
        self._check("payments")
        money = Money(1250, "USD")
        return [
            StoredPayment(f"pay-{order_id}", order_id, PaymentStatus.CHARGED, money, NOW, NOW)
            for order_id in ids
            if order_id != "order-1"
        ]

    async def events_of(self, ranges: Sequence[EventRange]) -> list[list[OrderEvent]]:
        self._check("events")
        return [EVENTS[wanted.after : wanted.upto] for wanted in ranges]

    async def shipping_events(self, ids: Sequence[str]) -> dict[str, list[OrderEvent]]:
        self._check("shipments")
        return {id_: SHIPPING_EVENTS if id_ == "order-0" else [] for id_ in ids}

    async def command_event(self, *_: object) -> None:
        self._check("events")

    async def count(self, *_: object) -> int:
        self._check("counts")
        return len(self._rows)

    async def customers_count(self, *_: object) -> int:
        return await self.count()

    async def state_counts(self, *_: object) -> dict[OrderState, int]:
        self._check("counts")
        return {OrderState.VALIDATED: len(self._rows)}

    async def customer_state_counts(self, ids: Sequence[str]) -> dict[str, dict[OrderState, int]]:
        return dict.fromkeys(ids, await self.state_counts())


class Temporal:
    """Temporal that is unavailable for every call."""

    def __getattr__(self, name: str) -> Any:
        async def call(*_: object, **__: object) -> None:  # ruff: ignore[unused-async] - as the client does
            raise TemporalUnavailable(name)

        return call


def make_row(number: int, sequence: int, state: OrderState) -> StoredOrder:
    order = ORDERS[number]
    failed = state in {OrderState.FAILED, OrderState.CANCELLED}
    failure = OrderFailure(FailureCode.OTHER, "It failed.") if failed else None
    snapshot = replace(
        initial_snapshot(order, NOW),
        sequence=sequence,
        state=state,
        failure=failure,
        ended_at=NOW + timedelta(seconds=1) if failed else None,
    )
    return StoredOrder(order, "run", NOW, snapshot)


rows = st.lists(
    st.builds(make_row, st.integers(0, 2), st.integers(1, 2), st.sampled_from(OrderState)),
    max_size=3,
    unique_by=lambda row: row.order.id,
)


async def run_with(
    document: str, record: Record, executor: type[Executor[Any]]
) -> tuple[ExecutionResult, set[str]]:
    services = SimpleNamespace(reads=record, orders=Temporal())
    context = Context(cast("Any", services), cast("Any", None))
    result = await run(schema.graphql_schema, document, executor, context=context)
    return result, {*context.unavailable}


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(
    document=documents(schema.graphql_schema, ARGUMENTS) | st.sampled_from(DENSE),
    stored=rows,
    unavailable=st.just(set()) | st.sets(st.sampled_from(KINDS), max_size=2),
)
@example(
    document="{ orders { nodes { bad: events(first: 0) { nodes { id } } customer { name } } } }",
    stored=[make_row(0, 1, OrderState.PLACED)],
    unavailable={"customers"},
)
async def test_any_query_on_the_api_has_the_result_of_the_stock_executor(
    document: str, stored: list[StoredOrder], unavailable: set[str]
) -> None:
    ours, ours_missing = await run_with(document, Record(stored, unavailable), FastPathExecutor)
    stock, stock_missing = await run_with(
        document, Record(stored, unavailable), StrawberryGraphQLCoreExecutionContext
    )
    assert ours.data == stock.data
    assert str(ours.data) == str(stock.data)  # includes the order of the fields
    assert comparable_errors(ours) == comparable_errors(stock)
    # An error that nulls a parent may cancel other fields before they find a source unavailable.
    assert ours_missing >= stock_missing
    assert ours_missing == stock_missing or any(
        message is None for _, message in comparable_errors(stock)
    )
