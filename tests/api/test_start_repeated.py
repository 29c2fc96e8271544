"""Starting an order can be repeated safely, and conflicts are reported."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from persistence.customers import PostgresCustomers
from tests.support.api_app import make_app, order_client
from tests.support.api_client import served

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine
    from temporalio.client import Client

    from orchestration.settings import OrchestrationSettings
    from tests.support.api_client import ApiClient

Json = dict[str, Any]


async def test_a_start_sent_twice_creates_one_order(api: ApiClient, new_order: Json) -> None:
    first = await api.start(new_order)
    again = await api.start(new_order)
    await api.reaches(new_order["id"], "AWAITING_APPROVAL")
    later = await api.start(new_order)
    assert [answer["replayed"] for answer in (first, again, later)] == [False, True, True]
    assert later["order"]["state"] == "AWAITING_APPROVAL"


async def test_ten_concurrent_copies_of_a_start_create_one_order(
    api: ApiClient, new_order: Json
) -> None:
    answers = await asyncio.gather(*(api.start(new_order) for _ in range(10)))
    assert {answer["__typename"] for answer in answers} == {"OrderStarted"}
    assert sorted(answer["replayed"] for answer in answers) == [False] + [True] * 9
    assert {answer["order"]["id"] for answer in answers} == {new_order["id"]}


async def test_an_explicit_default_value_is_the_same_start(api: ApiClient, new_order: Json) -> None:
    await api.start(new_order)
    again = await api.start({**new_order, "priority": "NORMAL"})
    assert again["replayed"] is True


async def test_other_content_under_the_same_id_is_a_conflict_that_names_the_fields(
    api: ApiClient, new_order: Json
) -> None:
    await api.start(new_order)
    changes: list[tuple[Json, list[str]]] = [
        ({"items": new_order["items"][:1]}, ["items"]),
        ({"currency": "EUR", "priority": "HIGH"}, ["currency", "priority"]),
        ({"paymentId": "another"}, ["paymentId"]),
        ({"policy": {"reviewTimeout": None}}, ["policy"]),
        (
            {"shippingAddress": {"street": "2", "city": "Springfield", "country": "US"}},
            ["shippingAddress"],
        ),
        ({"customerId": "someone-else"}, ["customerId"]),
    ]
    await api.reaches(new_order["id"], "AWAITING_APPROVAL")
    for change, differs in changes:
        answer = await api.start({**new_order, **change})
        assert (answer["__typename"], answer.get("differs")) == ("OrderConflict", differs)
        assert answer["orderId"] == new_order["id"]
        assert answer["message"].endswith(f" already exists with different {', '.join(differs)}.")


async def test_a_start_for_an_unknown_customer_is_refused(api: ApiClient, new_order: Json) -> None:
    answer = await api.start({**new_order, "customerId": "nobody"})
    assert (answer["__typename"], answer["customerId"]) == ("CustomerNotFound", "nobody")
    assert await api.order(new_order["id"]) is None


async def test_a_payment_id_belongs_to_one_order(api: ApiClient, new_order: Json) -> None:
    payment_id = f"pay-{uuid4()}"
    await api.start({**new_order, "paymentId": payment_id})
    await api.reaches(new_order["id"], "AWAITING_APPROVAL")
    other = {**new_order, "id": f"order-{uuid4()}", "paymentId": payment_id}
    answer = await api.start(other)
    assert (answer["__typename"], answer["paymentId"]) == ("PaymentConflict", payment_id)
    assert await api.order(other["id"]) is None


async def test_of_two_orders_that_race_for_a_payment_id_one_fails(
    api: ApiClient, new_order: Json
) -> None:
    payment_id = f"pay-{uuid4()}"
    pair = [
        {
            **new_order,
            "id": f"order-{uuid4()}",
            "paymentId": payment_id,
            "policy": {"reviewMode": "NONE"},
        }
        for _ in range(2)
    ]
    answers = await asyncio.gather(*map(api.start, pair))
    assert "OrderStarted" in {answer["__typename"] for answer in answers}
    ends = [
        await api.reaches(given["id"], "COMPLETED", "FAILED")
        for given, answer in zip(pair, answers, strict=True)
        if answer["__typename"] == "OrderStarted"
    ]
    states = sorted(order["state"] for order in ends)
    assert states in (["COMPLETED"], ["COMPLETED", "FAILED"])
    for order in ends:
        if order["state"] == "FAILED":
            assert order["failure"]["code"] == "INVALID"
            assert payment_id in order["failure"]["message"]
            assert order["payment"] is None


async def test_an_order_without_an_id_gets_a_generated_one(api: ApiClient, new_order: Json) -> None:
    del new_order["id"]
    first, second = await api.start(new_order), await api.start(new_order)
    assert first["order"]["id"] != second["order"]["id"]
    assert second["replayed"] is False


async def test_an_accepted_order_is_found_although_its_customer_was_deleted_before_its_first_write(
    engine: AsyncEngine,
    temporal_client: Client,
    orchestration: OrchestrationSettings,
    new_order: Json,
) -> None:
    customer_id = f"leaving-{uuid4()}"
    customers = PostgresCustomers(engine)
    await customers.create(customer_id, "Ada", f"{customer_id}@example.com", None)
    order = {**new_order, "customerId": customer_id}
    no_worker = orchestration.model_copy(update={"order_task_queue": f"nobody-{uuid4()}"})
    async with served(make_app(engine, order_client(temporal_client, no_worker))) as api:
        assert (await api.start(order))["replayed"] is False
        assert await customers.delete(customer_id)
        again = await api.start(order)
        assert (again["__typename"], again.get("replayed")) == ("OrderStarted", True)
        unknown = await api.start({**order, "id": f"order-{uuid4()}"})
        assert unknown["__typename"] == "CustomerNotFound"


async def test_an_accepted_order_is_found_although_another_one_took_its_payment_first(
    api: ApiClient,
    engine: AsyncEngine,
    temporal_client: Client,
    orchestration: OrchestrationSettings,
    new_order: Json,
) -> None:
    order = {**new_order, "paymentId": f"pay-{uuid4()}"}
    other = {**order, "id": f"order-{uuid4()}"}
    no_worker = orchestration.model_copy(update={"order_task_queue": f"nobody-{uuid4()}"})
    async with served(make_app(engine, order_client(temporal_client, no_worker))) as idle:
        assert (await idle.start(order))["replayed"] is False
        await api.start(other)
        await api.reaches(other["id"], "AWAITING_APPROVAL")
        again = await idle.start(order)
    assert (again["__typename"], again.get("replayed")) == ("OrderStarted", True)
