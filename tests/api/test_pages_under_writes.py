"""Pages under concurrent writes contain every order of the first moment exactly once."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orchestration.domain.order import LineItem
from persistence.ledger import PostgresLedger
from tests.support import operations
from tests.support.orders import make_order
from tests.support.timelines import NOON, UNTIL_PAID, Timeline, create_customer

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

    from tests.support.api_client import ApiClient

Place = tuple[int, int]
"""When an order was placed, in seconds, and its total, in cents: few of each, so that many tie."""

PLACES = st.tuples(st.integers(0, 3), st.integers(1, 4))
WRITES = st.lists(st.one_of(PLACES, st.integers(0, 20)), max_size=4)
"""New orders, and events of those that are there."""


@dataclass
class OrderWriter:
    """Writes the orders of one customer."""

    customer_id: str
    ledger: PostgresLedger
    timelines: list[Timeline] = field(default_factory=list)

    async def place(self, place: Place) -> None:
        second, cents = place
        items = [LineItem("sku", 1, cents)]
        order = make_order(customer_id=self.customer_id, request={"items": items})
        timeline = Timeline(order, placed_at=NOON + timedelta(seconds=second)).add(*UNTIL_PAID)
        await self.ledger.record(timeline.batch(1, 1))
        self.timelines.append(timeline)

    async def advance(self, number: int) -> None:
        """Record further events of an order."""
        timeline = self.timelines[number % len(self.timelines)]
        await self.ledger.record(timeline.batch(2, len(timeline.events)))

    async def write(self, writes: list[Place | int]) -> None:
        for one in writes:
            await (self.advance(one) if isinstance(one, int) else self.place(one))


async def pages(
    api: ApiClient,
    writer: OrderWriter,
    arguments: dict[str, Any],
    meanwhile: list[list[Place | int]],
) -> list[str]:
    """Return the IDs of all pages, and write orders between two pages."""
    backward = "last" in arguments
    more, cursor, sign = (
        ("hasPreviousPage", "startCursor", "before")
        if backward
        else ("hasNextPage", "endCursor", "after")
    )
    seen: list[str] = []
    writes = iter(meanwhile)
    while True:
        page = await api.field(operations.ORDERS, **arguments)
        seen += [node["id"] for node in page["nodes"]]
        if not page["pageInfo"][more]:
            return seen
        arguments[sign] = page["pageInfo"][cursor]
        await writer.write(next(writes, []))


@pytest.mark.parametrize("by", ["CREATED_AT", "TOTAL"])
@pytest.mark.parametrize("direction", ["ASC", "DESC"])
@pytest.mark.parametrize("end", ["first", "last"])
@settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    limit=st.integers(1, 3),
    there=st.lists(PLACES, min_size=1, max_size=7),
    meanwhile=st.lists(WRITES, max_size=6),
)
async def test_an_order_that_existed_at_the_first_page_is_listed_exactly_once(  # ruff: ignore[too-many-arguments, too-many-positional-arguments] - one for each thing that varies
    api: ApiClient,
    engine: AsyncEngine,
    by: str,
    direction: str,
    end: str,
    limit: int,
    there: list[Place],
    meanwhile: list[list[Place | int]],
) -> None:
    customer = await create_customer(engine)
    writer = OrderWriter(customer.id, PostgresLedger(engine))
    await writer.write(list(there))
    known = [timeline.order.id for timeline in writer.timelines]
    arguments = {
        "filter": {"customerId": customer.id, "currency": "USD"},
        "sort": {"field": by, "direction": direction},
        end: limit,
    }
    seen = await pages(api, writer, arguments, meanwhile)
    assert sorted(one for one in seen if one in set(known)) == sorted(known)
    assert len(seen) == len(set(seen))


async def test_sorted_by_update_time_a_changed_order_may_be_listed_twice_or_never(
    api: ApiClient, engine: AsyncEngine
) -> None:
    """The schema documents this limitation and the remedy."""
    for direction, expected in (("ASC", [1, 0, 1]), ("DESC", [0])):
        customer = await create_customer(engine)
        writer = OrderWriter(customer.id, PostgresLedger(engine))
        await writer.write([(0, 1), (0, 1)])
        known = [timeline.order.id for timeline in writer.timelines]
        await writer.ledger.record(writer.timelines[0].batch(2, 2))
        arguments = {
            "filter": {"customerId": customer.id},
            "sort": {"field": "UPDATED_AT", "direction": direction},
            "first": 1,
        }
        seen = await pages(api, writer, arguments, [[1]])
        assert [known.index(one) for one in seen] == expected, direction
