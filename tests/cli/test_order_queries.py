"""``orders status``, ``describe``, ``history`` and ``list``."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
import pytest_asyncio

from cli.client import order_queries
from tests.support import operations
from tests.support.waiting import wait_until

if TYPE_CHECKING:
    from tests.support.api_client import ApiClient
    from tests.support.command_line import Command

Json = dict[str, Any]

_NAME = "Grace [red]Hopper"


@pytest_asyncio.fixture(scope="module")
async def customer(api: ApiClient) -> Json:
    """A customer with five orders in review, with increasing totals."""
    customer_id = f"cli-{uuid4().hex}"
    given = {"id": customer_id, "name": _NAME, "email": f"{customer_id}@example.com"}
    await api.data(operations.CREATE_CUSTOMER, input=given)
    ids = [f"{customer_id}-{number}" for number in range(5)]
    for number, order_id in enumerate(ids):
        await api.start({
            "id": order_id,
            "customerId": customer_id,
            "items": [{"sku": "CUP", "quantity": number + 1, "unitPrice": "1.00"}],
            "priority": "URGENT" if number == 0 else "NORMAL",
            "currency": "USD",
            "shippingAddress": {"street": "1 Main St", "city": "Arlington", "country": "US"},
        })
    await asyncio.gather(*(api.reaches(order_id, "AWAITING_APPROVAL") for order_id in ids))
    return {"id": customer_id, "orders": ids}


async def test_status_shows_state_review_deadline_and_available_commands(
    command: Command, customer: Json
) -> None:
    order_id = customer["orders"][1]
    status = await command("status", order_id)
    state, review, commands = status.out.splitlines()
    assert (status.code, status.err) == (0, "")
    assert state == f"{order_id}  AWAITING_APPROVAL  2.00 USD"
    assert review.startswith("review deadline: ")
    assert commands == "available commands: approve, reject, cancel, update-address, cancel-payment"
    document = (await command("status", order_id, "--json")).json
    assert (document["state"], document["sequence"]) == ("AWAITING_APPROVAL", 3)


async def test_describe_shows_all_details(command: Command, customer: Json) -> None:
    order_id = customer["orders"][0]
    described = await command("describe", order_id)
    assert (described.code, described.err) == (0, "")
    for text in (
        f"{_NAME} <{customer['id']}@example.com> ({customer['id']})",
        "URGENT",
        "1 Main St, Arlington, US",
        "PENDING 1.00 USD",
        "reviewTimeout PT5M",
        "deadline none",
        "RUNNING, run ",
        "in review",
        f"http://temporal.example/namespaces/default/workflows/{order_id}",
    ):
        assert text in described.out
    document = (await command("describe", order_id, "--json")).json
    assert document["workflow"]["step"] == "in review"
    assert document["customer"]["name"] == _NAME


async def test_describe_shows_a_retried_activity_with_its_last_failure(
    command: Command, api: ApiClient, new_order: Json
) -> None:
    policy = {"reviewMode": "NONE", "activityTimeout": "PT0.5S", "activityRetryDelay": "PT1H"}
    await api.start({**new_order, "paymentId": f"hang-decline-{uuid4()}", "policy": policy})

    async def failed_activity() -> Json | None:
        document = (await command("describe", new_order["id"], "--json")).json
        return next(
            (a for a in document["workflow"]["pendingActivities"] if a["lastFailure"]), None
        )

    activity = await wait_until(failed_activity)
    described = await command("describe", new_order["id"])
    [line] = [one for one in described.out.splitlines() if one.startswith("charge_payment")]
    assert "2 of no limit" in line
    assert activity["lastFailure"] in line
    await command("cancel-payment", new_order["id"])


async def test_status_shows_why_an_order_failed(
    command: Command, api: ApiClient, new_order: Json
) -> None:
    payment = {"paymentId": f"decline-{uuid4()}", "policy": {"reviewMode": "NONE"}}
    await api.start({**new_order, **payment})
    failed = await api.reaches(new_order["id"], "FAILED")
    status = await command("status", new_order["id"])
    assert f"PAYMENT_DECLINED: {failed['failure']['message']}" in status.out.splitlines()
    events = (await command("history", new_order["id"], "--json")).lines
    [detail] = [event["detail"] for event in events if event["type"] == "PAYMENT_DECLINED"]
    assert (detail["previousStatus"], detail["status"]) == ("PENDING", "DECLINED")
    assert detail["amount"] == failed["total"]


async def test_history_lists_every_event(command: Command, customer: Json) -> None:
    order_id = customer["orders"][0]
    history = await command("history", order_id)
    assert [line.split()[3] for line in history.out.splitlines()] == [
        "ORDER_RECEIVED",
        "ORDER_VALIDATED",
        "REVIEW_STARTED",
    ]
    events = (await command("history", order_id, "--json")).lines
    assert [event["sequence"] for event in events] == [1, 2, 3]


async def test_history_reads_more_than_one_page(
    command: Command, customer: Json, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(order_queries, "MAX_PAGE_SIZE", 2)
    events = (await command("history", customer["orders"][0], "--json")).lines
    assert [event["sequence"] for event in events] == [1, 2, 3]


@pytest.mark.parametrize("name", ["status", "describe", "history"])
async def test_an_unknown_order_is_reported(command: Command, name: str) -> None:
    ended = await command(name, "nobody-started-this", "--json")
    assert (ended.code, ended.out) == (4, "")
    assert ended.err == "Order nobody-started-this was not found.\n"


async def test_the_events_of_all_orders_are_listed_and_counted(
    command: Command, customer: Json
) -> None:
    counted = ("events", "--customer", customer["id"], "--count")

    async def recorded() -> bool:
        return (await command(*counted)).out == "15\n"

    await wait_until(recorded)
    received = ("events", "--customer", customer["id"], "--type", "order_received")
    listed = await command(*received, "--limit", "2")
    header, *rows = listed.out.splitlines()
    assert header.split() == ["Time", "Order", "Sequence", "Type", "State", "Message"]
    assert [row.split()[2] for row in rows] == customer["orders"][:2:-1]
    assert "There are more results" in listed.err
    lines = (await command(*received, "--from", "2020-01-01", "--all", "--json")).lines
    assert [event["orderId"] for event in lines] == customer["orders"][::-1]
    assert (await command(*received, "--count")).out == "5\n"
    assert (await command("events", "--order", customer["orders"][0], "--count")).out == "3\n"
    assert (await command(*received, "--to", "2020-01-01", "--count")).out == "0\n"
    assert (await command("list", "--customer", customer["id"], "--count")).out == "5\n"
    assert (await command("customer", "list", "--search", customer["id"], "--count")).out == "1\n"


async def test_list_writes_a_table_or_one_json_document(command: Command, customer: Json) -> None:
    listed = await command("list", "--customer", customer["id"], "--limit", "3")
    header, *rows = listed.out.splitlines()
    assert header.split() == [
        *("Order", "State", "Total", "Priority", "Created", "Updated", "Customer")
    ]
    assert [row.split()[0] for row in rows] == customer["orders"][:1:-1]
    assert all(_NAME in row for row in rows)
    assert "There are more results" in listed.err
    document = await command("list", "--customer", customer["id"], "--live", "--json")
    assert [order["id"] for order in document.json] == customer["orders"][::-1]
    assert not document.err


async def test_list_all_writes_one_json_object_per_line(command: Command, customer: Json) -> None:
    lines = (await command("list", "--customer", customer["id"], "--all", "--json")).lines
    assert [order["id"] for order in lines] == customer["orders"][::-1]


async def test_each_filter_and_sort_narrows_the_list(command: Command, customer: Json) -> None:
    first, second, third, fourth, fifth = customer["orders"]

    async def found(*options: str) -> list[str]:
        listed = await command("list", "--customer", customer["id"], *options, "--json")
        assert listed.code == 0, listed.err
        return [order["id"] for order in listed.json]

    ascending = ("--currency", "USD", "--sort", "total", "--ascending")
    for options, expected in (
        (ascending, customer["orders"]),
        (("--sort", "updated", "--limit", "1"), await found("--limit", "1", "--sort", "updated")),
        (("--id", first, "--id", fifth, *ascending), [first, fifth]),
        (("--state", "completed"), []),
        (("--state", "failed", "--state", "awaiting_approval", "--priority", "urgent"), [first]),
        (("--customer-name", "d]hop", "--currency", "USD", "--total-from", "4"), [fifth, fourth]),
        (("--total-from", "2.00", "--total-to", "3", *ascending), [second, third]),
        (("--created-from", "2020-01-01", "--currency", "USD", "--total-to", "1"), [first]),
        (("--created-to", "2020-01-01T00:00+01:00"), []),
    ):
        assert await found(*options) == expected, options
    wrong = await command("list", "--total-from", "cheap")
    assert (wrong.code, wrong.out) == (5, "")
    assert "Decimal" in wrong.err
