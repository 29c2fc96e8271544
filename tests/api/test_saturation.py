"""Requests over the concurrency limit are refused, and slow requests end at the time limit."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from orchestration.client import connect
from tests.support import operations
from tests.support.api_app import make_app, order_client
from tests.support.api_client import served
from tests.support.lock_waits import wait_for_lock_waits
from tests.support.slow_database import CONNECTIONS, PAGE, SLOW, TYPED, locked, separate_pool
from tests.support.tcp_proxy import proxy_to
from tests.support.waiting import wait_until

if TYPE_CHECKING:
    import httpx
    from sqlalchemy.ext.asyncio import AsyncEngine
    from temporalio.client import Client

    from orchestration.client import OrderClient
    from orchestration.settings import OrchestrationSettings
    from tests.support.api_client import ApiClient


async def is_refused_at_once(api: ApiClient, query: str = TYPED) -> httpx.Response:
    """Send a request that must be refused without waiting, and return the refusal."""
    async with asyncio.timeout(2):
        refused = await api.http.post("/graphql", json={"query": query})
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "1")
    [error] = refused.json()["errors"]
    assert error["extensions"] == {"code": "TOO_MANY_REQUESTS"}
    return refused


def codes(answers: list[Any]) -> set[str]:
    return {error["extensions"]["code"] for answer in answers for error in answer.get("errors", ())}


@pytest.mark.parametrize("media_type", ["application/json", "application/graphql-response+json"])
async def test_a_request_over_the_time_limit_is_cancelled(
    engine: AsyncEngine, orders: OrderClient, media_type: str
) -> None:
    app = make_app(engine, orders, request_timeout=1)
    async with served(app) as api, locked(engine):
        response = await api.http.post(
            "/graphql", json={"query": SLOW}, headers={"accept": media_type}
        )
        assert response.status_code == 504
        assert list(response.json()) == ["errors"]
        assert response.json()["errors"][0]["extensions"] == {"code": "REQUEST_TIMEOUT"}
        # The statement is cancelled with the request.
        await wait_for_lock_waits(engine, 0)
        [message] = await api.watch(SLOW)
        assert message["payload"][0]["extensions"] == {"code": "REQUEST_TIMEOUT"}
        assert await api.data(TYPED) == {"__typename": "Query"}


@pytest.mark.parametrize(
    ("document", "may_be_done"),
    [
        ("{ customers { nodes { id } } }", False),
        ('mutation { deleteCustomer(input: {id: "nobody"}) { __typename } }', True),
    ],
)
async def test_only_a_timed_out_mutation_may_have_been_applied(
    engine: AsyncEngine, orders: OrderClient, document: str, *, may_be_done: bool
) -> None:
    async with served(make_app(engine, orders, request_timeout=0.3)) as api, locked(engine):
        [error] = (await api.send(document))["errors"]
    assert error["extensions"] == {"code": "REQUEST_TIMEOUT"}
    assert ("may have been made" in error["message"]) == may_be_done


async def test_a_batched_read_is_cancelled_when_its_request_times_out(
    engine: AsyncEngine, orders: OrderClient, api: ApiClient, new_order: dict[str, Any]
) -> None:
    await api.start(new_order)
    await api.reaches(new_order["id"], "AWAITING_APPROVAL")
    app = make_app(engine, orders, request_timeout=2)
    query = "query ($f: OrderFilter) { orders(filter: $f) { nodes { customer { name } } } }"
    async with served(app) as client, locked(engine):
        answer = asyncio.create_task(client.send(query, f={"ids": [new_order["id"]]}))
        await wait_for_lock_waits(engine, 1)
        assert (await answer)["errors"][0]["extensions"] == {"code": "REQUEST_TIMEOUT"}
        await wait_for_lock_waits(engine, 0)


async def test_a_body_that_does_not_arrive_times_out(
    engine: AsyncEngine, orders: OrderClient
) -> None:
    app = make_app(engine, orders, request_timeout=0.3)
    async with served(app) as api:
        host, port = api.http.base_url.host, api.http.base_url.port
        reader, writer = await asyncio.open_connection(host, port)
        writer.write(
            b"POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
            b"Content-Length: 100\r\n\r\n{"
        )
        async with asyncio.timeout(5):
            assert b" 408 " in await reader.readline()
        writer.close()
        await writer.wait_closed()


async def test_a_request_over_the_concurrency_limit_is_asked_to_retry(
    engine: AsyncEngine, orders: OrderClient
) -> None:
    app = make_app(engine, orders, max_requests=3)
    async with served(app) as api:
        async with locked(engine):
            slow = [asyncio.create_task(api.data(SLOW)) for _ in range(3)]
            await wait_for_lock_waits(engine, 3)
            for media_type in ("application/json", "application/graphql-response+json"):
                # The three requests before it keep waiting.
                async with asyncio.timeout(30):
                    refused = await api.http.post(
                        "/graphql", json={"query": TYPED}, headers={"accept": media_type}
                    )
                assert (refused.status_code, refused.headers["retry-after"]) == (429, "1")
                [error] = refused.json()["errors"]
                assert error["extensions"] == {"code": "TOO_MANY_REQUESTS"}
            [message] = await api.watch(TYPED)
            assert message["payload"][0]["extensions"] == {"code": "TOO_MANY_REQUESTS"}
            assert (await api.http.get("/health/live")).status_code == 200
        await asyncio.gather(*slow)
        assert await api.data(TYPED) == {"__typename": "Query"}


async def test_cancelled_and_refused_requests_release_their_place(
    engine: AsyncEngine, orders: OrderClient
) -> None:
    app = make_app(engine, orders, max_requests=2, request_timeout=1)
    async with served(app) as api:
        async with locked(engine):
            answers: list[Any] = await asyncio.gather(*(api.send(SLOW) for _ in range(8)))
        codes = {answer["errors"][0]["extensions"]["code"] for answer in answers}
        assert codes == {"TOO_MANY_REQUESTS", "REQUEST_TIMEOUT"}
        for query in ("{", "{ nothing }", TYPED, TYPED, TYPED):
            await api.send(query)
        assert await api.data(TYPED) == {"__typename": "Query"}


async def test_streams_do_not_count_toward_the_request_limit(
    engine: AsyncEngine, orders: OrderClient, api: ApiClient, new_order: dict[str, Any]
) -> None:
    await api.start(new_order)
    app = make_app(engine, orders, max_requests=1, request_timeout=1)
    query = "subscription ($id: ID!) { orderEvents(orderId: $id) { sequence } }"
    async with served(app) as client, client.watching(query, id=new_order["id"]) as watch:
        assert (await anext(watch))["payload"]["data"]["orderEvents"]["sequence"] == 1
        await asyncio.sleep(1.5)  # longer than a request may take
        assert await client.data(TYPED) == {"__typename": "Query"}
        assert (await anext(watch))["payload"]["data"]["orderEvents"]["sequence"] == 2


async def test_when_all_database_connections_are_busy_new_requests_are_refused_at_once(
    engine: AsyncEngine, database_url: str, orders: OrderClient
) -> None:
    async with (
        separate_pool(database_url) as own,
        served(make_app(own, orders, max_requests=4 * CONNECTIONS)) as api,
    ):
        async with locked(engine):
            slow = [asyncio.create_task(api.send(SLOW)) for _ in range(CONNECTIONS)]
            await wait_for_lock_waits(engine, CONNECTIONS)
            # These find no free connection, and fail when the pool times out.
            late = await asyncio.gather(*(api.send(PAGE) for _ in range(3 * CONNECTIONS)))
            assert codes(late) == {"SERVICE_UNAVAILABLE"}
            # Later ones are refused without waiting, although only ten of forty requests run.
            for query in (PAGE, SLOW, TYPED):
                await is_refused_at_once(api, query)
            [message] = await api.watch(PAGE)
            assert message["payload"][0]["extensions"] == {"code": "TOO_MANY_REQUESTS"}
            streamed = await api.http.post(
                "/graphql", json={"query": PAGE}, headers={"accept": "text/event-stream"}
            )
            assert (streamed.status_code, streamed.headers["retry-after"]) == (429, "1")
        assert codes(await asyncio.gather(*slow)) == set()
        assert "errors" not in await api.send(PAGE)


async def started(api: ApiClient, order: dict[str, Any]) -> Any:
    """Return the response to startOrder, or None if it has an error."""
    answer = await api.send(operations.START_ORDER, input=order)
    return None if codes([answer]) else answer


async def test_when_temporal_does_not_respond_new_requests_are_refused_at_once(
    engine: AsyncEngine, orchestration: OrchestrationSettings, new_order: dict[str, Any]
) -> None:
    async with proxy_to(orchestration.temporal_address).listening() as proxy:
        through_proxy = orchestration.model_copy(update={"temporal_address": proxy.address})
        client = await connect(through_proxy)
        app = make_app(engine, order_client(client, orchestration), max_requests=16)
        given = [{**new_order, "id": f"{new_order['id']}-{number}"} for number in range(16)]
        async with served(app) as api:
            proxy.pause()
            try:
                starts = [
                    asyncio.create_task(api.send(operations.START_ORDER, input=one))
                    for one in given
                ]
                answers = await asyncio.gather(*starts)
                assert codes(answers) == {"SERVICE_UNAVAILABLE"}
                again = await asyncio.gather(
                    *(api.send(operations.START_ORDER, input=one) for one in given)
                )
                refused = [one for one in again if codes([one]) == {"TOO_MANY_REQUESTS"}]
                assert len(refused) > 8
            finally:
                proxy.resume()
            # The delayed requests still arrive: a retry finds out that its order was started.
            for one in given:
                answer = await wait_until(partial(started, api, one), timeout=30, interval=0.1)
                assert answer["data"]["startOrder"]["__typename"] == "OrderStarted"


async def test_a_command_stored_at_the_request_limit_is_pending(
    engine: AsyncEngine,
    temporal_client: Client,
    orchestration: OrchestrationSettings,
    new_order: dict[str, Any],
) -> None:
    lonely = orchestration.model_copy(
        update={"order_task_queue": f"{orchestration.order_task_queue}-alone"}
    )
    app = make_app(engine, order_client(temporal_client, lonely), max_requests=4)
    async with served(app) as api:
        await api.start(new_order)
        # No worker runs, so each admitted command waits two seconds for its verdict.
        given = [{"orderId": new_order["id"], "commandId": f"c-{number}"} for number in range(12)]
        answers = await asyncio.gather(*(api.send(operations.APPROVE, input=one) for one in given))
    admitted = [answer["data"]["approveOrder"] for answer in answers if "errors" not in answer]
    assert {answer["__typename"] for answer in admitted} == {"CommandPending"}
    assert codes(answers) == {"TOO_MANY_REQUESTS"}
    assert len(admitted) < len(answers)
