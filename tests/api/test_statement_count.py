"""A response takes one SQL statement per kind of object and level, for any number of objects."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest_asyncio
from sqlalchemy import event

from tests.support import operations
from tests.support.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Generator

    from sqlalchemy.ext.asyncio import AsyncEngine

    from tests.support.api_client import ApiClient

Json = dict[str, Any]

_DETAILS = "id customer { name } payment { status } shipments { attempt } events { nodes { type } }"


@pytest_asyncio.fixture(scope="module")
async def mark(api: ApiClient) -> str:
    """A part of the email addresses of three customers, each with two orders in review."""
    mark = uuid4().hex

    async def start(number: int, part: int) -> None:
        order_id = order_ids(mark)[number * 2 + part]
        await api.start({
            "id": order_id,
            "customerId": f"{mark}-{number}",
            "items": [{"sku": "CUP", "quantity": 1, "unitPrice": "1.00"}],
            "currency": "USD",
            "shippingAddress": {"street": "1 Main St", "city": "Arlington", "country": "US"},
        })
        await api.reaches(order_id, "AWAITING_APPROVAL")

    for number in range(3):
        given = {"id": f"{mark}-{number}", "name": "Ada", "email": f"{number}.{mark}@example.com"}
        await api.field(operations.CREATE_CUSTOMER, input=given)
    await asyncio.gather(*(start(number, part) for number in range(3) for part in range(2)))
    return mark


def order_ids(mark: str) -> list[str]:
    return [f"{mark}-{number}-{part}" for number in range(3) for part in range(2)]


@contextmanager
def noted_selects(engine: AsyncEngine) -> Generator[list[str]]:
    """Collect the API's SELECT statements. Those of ledger and simulators start differently."""
    statements: list[str] = []

    def note(*arguments: Any) -> None:
        if arguments[2].startswith("SELECT"):
            statements.append(arguments[2])

    event.listen(engine.sync_engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(engine.sync_engine, "before_cursor_execute", note)


async def test_a_page_of_orders_takes_one_statement_per_kind_of_object(
    api: ApiClient, engine: AsyncEngine, mark: str
) -> None:
    query = (
        f"query ($filter: OrderFilter) {{ orders(filter: $filter) {{ nodes {{ {_DETAILS} }} }} }}"
    )
    with noted_selects(engine) as statements:
        page = await api.field(query, filter={"ids": order_ids(mark)})
    assert len(page["nodes"]) == 6
    assert all(len(node["events"]["nodes"]) == 3 for node in page["nodes"])
    assert len(statements) == 5


async def test_nested_orders_take_one_statement_per_kind_of_object_and_level(
    api: ApiClient, engine: AsyncEngine, mark: str
) -> None:
    query = f"""query ($filter: OrderFilter) {{ orders(filter: $filter) {{ nodes {{
        {_DETAILS} customer {{ orders(first: 1) {{
          totalCount stateCounts {{ state count }} pageInfo {{ hasNextPage }}
          nodes {{ {_DETAILS} }} }} }} }} }} }}"""
    some = order_ids(mark)[::2]
    with noted_selects(engine) as statements:
        page = await api.field(query, filter={"ids": some})
    for node in page["nodes"]:
        orders = node["customer"]["orders"]
        assert orders["totalCount"] == 2
        assert orders["stateCounts"] == [{"state": "AWAITING_APPROVAL", "count": 2}]
        assert orders["pageInfo"] == {"hasNextPage": True}
        [latest] = orders["nodes"]
        assert latest["id"][:-2] == node["id"][:-2]
    # Orders, customers, payments, shipments and events. One level below, all but customers again,
    # and the counts.
    assert len(page["nodes"]) == 3
    assert len(statements) <= 10


async def test_the_orders_of_a_page_of_customers_take_one_statement(
    api: ApiClient, engine: AsyncEngine, mark: str
) -> None:
    query = """query ($search: String) { customers(search: $search) { totalCount nodes { id
        orders { nodes { id } } few: orders(first: 1) { nodes { id } } } } }"""
    with noted_selects(engine) as statements:
        page = await api.field(query, search=mark)
    assert page["totalCount"] == 3
    for node in page["nodes"]:
        owned = {order["id"] for order in node["orders"]["nodes"]}
        assert owned == {f"{node['id']}-0", f"{node['id']}-1"}
        assert node["few"]["nodes"] == node["orders"]["nodes"][:1]
    # Customers, their count, and a page of orders per alias.
    assert len(statements) == 4


async def test_a_count_that_is_not_selected_is_not_computed(
    api: ApiClient, engine: AsyncEngine, mark: str
) -> None:
    with noted_selects(engine) as statements:
        await api.field("{ orders(first: 1) { nodes { id } } }")
        await api.field(
            "query ($search: String) { customers(search: $search) { nodes { id } } }", search=mark
        )
    assert len(statements) == 2


async def test_the_orders_of_a_page_of_workflows_take_one_statement(
    api: ApiClient, engine: AsyncEngine, mark: str
) -> None:
    query = """query ($filter: WorkflowFilter) { workflows(filter: $filter) { nodes {
        workflowId order { id customer { name } } } } }"""

    async def both() -> tuple[list[Json], list[str]] | None:
        with noted_selects(engine) as statements:
            page = await api.field(query, filter={"customerId": f"{mark}-0"})
        return (page["nodes"], statements) if len(page["nodes"]) == 2 else None

    nodes, statements = await wait_until(both)
    assert all(node["order"]["id"] == node["workflowId"] for node in nodes)
    assert len(statements) == 2
