"""The query ``events``: the events of all orders, filtered and paged."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, insert

from persistence.tables import events
from tests.support.timelines import create_customer
from tests.support.waiting import wait_until

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

    from tests.support.api_client import ApiClient

Json = dict[str, Any]

EVENTS = """
query Events($filter: EventFilter, $first: Int, $after: String, $last: Int, $before: String) {
  events(filter: $filter, first: $first, after: $after, last: $last, before: $before) {
    totalCount
    nodes { id type at order { id state workflow { id } } }
    edges { cursor node { id } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}
"""


async def test_the_events_of_a_customers_orders_are_paged_in_both_directions(
    api: ApiClient, engine: AsyncEngine, new_order: Json
) -> None:
    customer_id = (await create_customer(engine)).id
    ids = [f"{new_order['id']}-{number}" for number in range(2)]
    for order_id in ids:
        await api.start({**new_order, "id": order_id, "customerId": customer_id})
        await api.reaches(order_id, "AWAITING_APPROVAL")
    filter_ = {"customerId": customer_id}

    async def recorded() -> Json | None:
        page: Json = await api.field(EVENTS, filter=filter_, first=4)
        return page if page["totalCount"] == 6 else None

    first = await wait_until(recorded)
    rest = await api.field(EVENTS, filter=filter_, after=first["pageInfo"]["endCursor"])
    back = await api.field(EVENTS, filter=filter_, last=4, before=rest["edges"][0]["cursor"])
    nodes = [*first["nodes"], *rest["nodes"]]
    assert len(nodes) == first["totalCount"] == 6
    assert [node["at"] for node in nodes] == sorted((node["at"] for node in nodes), reverse=True)
    assert {node["order"]["id"] for node in nodes} == set(ids)
    assert nodes[0]["order"]["workflow"]["id"].startswith(f"{ids[1]}/")
    assert back["nodes"] == first["nodes"]
    assert [page["pageInfo"]["hasNextPage"] for page in (first, rest, back)] == [True, False, True]
    received = await api.field(EVENTS, filter={**filter_, "types": ["ORDER_RECEIVED"]})
    assert [node["id"] for node in received["nodes"]] == [f"{id_}/1" for id_ in reversed(ids)]
    later = {"at": {"from": received["nodes"][0]["at"]}}
    assert (await api.field(EVENTS, filter={**filter_, **later}))["totalCount"] == 3


@pytest.mark.parametrize(
    "variables",
    [{"after": "nonsense"}, {"first": 0}, {"first": 1, "last": 1}, {"after": "WyJldmVudCIsMV0"}],
)
async def test_a_cursor_of_another_list_and_a_wrong_size_are_bad_input(
    api: ApiClient, variables: Json
) -> None:
    answer = await api.send(EVENTS, **variables)
    assert answer["data"] == {"events": None}
    assert answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


async def test_an_id_that_no_order_can_have_matches_nothing(api: ApiClient) -> None:
    for name in ("orderId", "customerId"):
        found = await api.field(EVENTS, filter={name: "no id"})
        assert (found["totalCount"], found["nodes"]) == (0, [])


async def test_an_event_of_a_later_version_is_listed_as_other(
    api: ApiClient, engine: AsyncEngine, new_order: Json
) -> None:
    await api.start(new_order)
    await api.reaches(new_order["id"], "AWAITING_APPROVAL")
    await record_event_of_a_later_version(engine, new_order["id"])
    order = {"orderId": new_order["id"]}

    page = await api.field(EVENTS, filter=order, first=1)
    by_type = await api.field(EVENTS, filter={**order, "types": ["OTHER"]})

    assert [node["type"] for node in page["nodes"]] == ["OTHER"]
    assert by_type["nodes"] == []


async def record_event_of_a_later_version(engine: AsyncEngine, order_id: str) -> None:
    """Record a fourth event, of a type that this version does not know."""
    statement = insert(events).values(
        order_id=order_id,
        sequence=4,
        type="ORDER_HELD",
        key="ORDER_HELD",
        from_state="AWAITING_APPROVAL",
        state="AWAITING_APPROVAL",
        message="Held.",
        payload={},
        at=func.now(),
    )
    async with engine.begin() as connection:
        await connection.execute(statement)
