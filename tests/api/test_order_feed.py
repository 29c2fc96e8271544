"""The feed of all orders continues from a page and resumes after a cursor."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from sqlalchemy import text

from gql.reading.paging import encode_cursor, feed_cursor
from persistence.reads import FeedPosition, Reads
from tests.support import operations
from tests.support.api_app import make_app
from tests.support.api_client import served

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

    from orchestration.client import OrderClient
    from tests.support.api_client import ApiClient

Json = dict[str, Any]

_TIMEOUT = 60.0  # seconds
_PAGE = """
query Page($filter: OrderFilter) {
  orders(filter: $filter, first: 100) { feedCursor nodes { id sequence } }
}
"""


async def events_of(
    api: ApiClient, wanted: Json, after: str | None, ends: int, among: set[str]
) -> list[Json]:
    """Return events of the feed until ``ends`` of the orders in ``among`` have completed."""
    seen: list[Json] = []
    async with (
        asyncio.timeout(_TIMEOUT),
        api.watching(operations.ORDER_FEED, filter=wanted, after=after) as watch,
    ):
        while ends:
            event = (await anext(watch))["payload"]["data"]["orderFeed"]
            seen.append(event)
            ends -= event["state"] == "COMPLETED" and event["orderId"] in among
    return seen


async def test_no_event_is_lost_between_a_page_and_the_feed_after_it(
    api: ApiClient, new_order: Json
) -> None:
    ids = [f"feed-{uuid4()}" for _ in range(20)]
    given = {**new_order, "policy": {"reviewMode": "NONE"}}
    wanted = {"ids": ids}

    async def page_and_feed() -> tuple[dict[str, int], list[Json]]:
        page = await api.field(_PAGE, filter=wanted)
        known = {node["id"]: node["sequence"] for node in page["nodes"]}
        ended = sum(sequence == 9 for sequence in known.values())
        left = {one for one in ids if known.get(one) != 9}
        return known, await events_of(api, wanted, page["feedCursor"], 20 - ended, left)

    starting = asyncio.gather(*(api.start({**given, "id": one}) for one in ids))
    joined = []
    while not starting.done():
        joined.append(asyncio.create_task(page_and_feed()))
        await asyncio.sleep(0.1)
    await starting
    assert joined
    for known, events in await asyncio.gather(*joined):
        for order_id in ids:
            came = [event["sequence"] for event in events if event["orderId"] == order_id]
            assert came == sorted(set(came)), "each once, and in order"
            missed = {*range(known.get(order_id, 0) + 1, 10)} - {*came}
            assert not missed, (order_id, known.get(order_id), came)


async def test_the_feed_reports_an_order_that_leaves_the_filter(
    api: ApiClient, new_order: Json, customer_id: str
) -> None:
    wanted = {"ids": [new_order["id"]], "states": ["AWAITING_APPROVAL"], "customerId": customer_id}
    page = await api.field(_PAGE, filter=wanted)
    await api.start(new_order)
    query = operations.ORDER_FEED
    async with (
        asyncio.timeout(_TIMEOUT),
        api.watching(query, filter=wanted, after=page["feedCursor"]) as watch,
    ):
        entered = (await anext(watch))["payload"]["data"]["orderFeed"]
        await api.approve(new_order["id"])
        left = (await anext(watch))["payload"]["data"]["orderFeed"]
    assert (entered["fromState"], entered["state"]) == ("VALIDATED", "AWAITING_APPROVAL")
    assert (left["fromState"], left["state"]) == ("AWAITING_APPROVAL", "APPROVED")
    assert left["order"]["id"] == new_order["id"]


async def test_a_feed_resumes_after_any_of_its_events(
    api: ApiClient, engine: AsyncEngine, orders: OrderClient, new_order: Json
) -> None:
    order_id = new_order["id"]
    wanted = {"ids": [order_id]}
    page = await api.field(_PAGE, filter=wanted)
    await api.start({**new_order, "policy": {"reviewMode": "NONE"}})
    events = await events_of(api, wanted, page["feedCursor"], 1, {order_id})
    assert [event["sequence"] for event in events] == [*range(1, 10)]
    # Another process resumes too, although its buffer starts later than the cursor.
    async with served(make_app(engine, orders)) as other:
        for client in (api, other):
            rest = await events_of(client, wanted, events[3]["feedCursor"], 1, {order_id})
            assert [event["sequence"] for event in rest] == [*range(5, 10)]
            assert [e["feedCursor"] for e in rest] == [e["feedCursor"] for e in events[4:]]


async def test_a_long_transaction_delays_the_feed_and_not_the_stream_of_an_order(
    api: ApiClient, engine: AsyncEngine, new_order: Json
) -> None:
    order_id = new_order["id"]
    wanted = {"ids": [order_id]}
    page = await api.field(_PAGE, filter=wanted)
    async with engine.connect() as connection:
        await connection.execute(text("BEGIN"))
        await connection.execute(text("SELECT pg_current_xact_id()"))
        held_back = asyncio.create_task(events_of(api, wanted, page["feedCursor"], 1, {order_id}))
        await api.start({**new_order, "policy": {"reviewMode": "NONE"}})
        async with asyncio.timeout(_TIMEOUT):
            messages = await api.watch(operations.ORDER_EVENTS, orderId=order_id)
        await api.reaches(order_id, "COMPLETED")
        assert not held_back.done()
        await connection.execute(text("COMMIT"))
    told = [message["payload"]["data"]["orderEvents"]["sequence"] for message in messages[:-1]]
    assert told == [*range(1, 10)]
    assert [event["sequence"] for event in await held_back] == told


@pytest.mark.parametrize(
    "after",
    [
        "",
        "x",
        encode_cursor("event", 3),
        encode_cursor("feed", 1, "", 0),
        encode_cursor("feed", "epoch", -1, "", 0),
        encode_cursor("feed", "epoch", 1, " ", 0),
    ],
)
async def test_a_malformed_or_foreign_feed_cursor_is_refused(api: ApiClient, after: str) -> None:
    messages = await api.watch(operations.ORDER_FEED, after=after)
    assert [message["type"] for message in messages] == ["error"]
    assert messages[0]["payload"][0]["extensions"] == {"code": "BAD_USER_INPUT"}


@pytest.mark.parametrize("case", ["ahead", "of another epoch"])
async def test_a_feed_cursor_from_before_a_restore_is_refused(
    api: ApiClient, engine: AsyncEngine, case: str
) -> None:
    epoch = (await Reads(engine).feed_position()).epoch
    cursor = feed_cursor(
        FeedPosition(2**62, epoch=epoch)
        if case == "ahead"
        else FeedPosition(1, epoch=f"{epoch}1")  # the transaction counter has passed it
    )
    async with asyncio.timeout(_TIMEOUT):
        [message] = await api.watch(operations.ORDER_FEED, after=cursor)
    [error] = message["payload"]
    assert error["extensions"] == {"code": "BAD_USER_INPUT"}
    assert "continue from its feedCursor" in error["message"]
