"""``orders start`` and the commands that change an order."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from cli.client.order_input import SAMPLE_ORDER
from tests.support.api_app import make_app, order_client
from tests.support.api_client import served
from tests.support.command_line import Command
from tests.support.workers import running_workers

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine
    from temporalio.client import Client

    from orchestration.settings import OrchestrationSettings
    from tests.support.api_client import ApiClient

Json = dict[str, Any]
EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture
async def in_review(api: ApiClient, new_order: Json) -> str:
    """The ID of an order in review."""
    await api.start(new_order)
    await api.reaches(new_order["id"], "AWAITING_APPROVAL")
    order_id: str = new_order["id"]
    return order_id


def options(customer_id: str, order_id: str) -> list[str]:
    return [
        *("start", "--id", order_id, "--customer", customer_id, "--item", "CUP:2:4.50:Cup: small"),
        *("--item", "TEAPOT:1:30", "--street", "1 Main St", "--city", "Springfield"),
        *("--country", "US", "--currency", "USD"),
    ]


async def test_an_order_is_started_once_from_options(
    command: Command, api: ApiClient, customer_id: str
) -> None:
    order_id = f"order-{uuid4()}"
    given = [
        *options(customer_id, order_id),
        *("--region", "IL", "--postal-code", "62701", "--country", "CA", "--currency", "CAD"),
        *("--priority", "urgent", "--payment-id", f"pay-{order_id}", "--review", "timer"),
        *("--review-timeout", "PT1H", "--deadline", "none", "--activity-timeout", "PT3S"),
        *("--activity-total-timeout", "PT6S", "--activity-attempts", "none"),
        *("--activity-retry-delay", "PT0.5S", "--activity-retry-backoff", "1.5"),
        *("--activity-max-retry-delay", "none", "--shipping-attempts", "2"),
        *("--shipping-retry-delay", "PT1S", "--shipping-retry-backoff", "1"),
        *("--delivery-timeout", "PT9S"),
    ]
    started = await command(*given)
    assert (started.code, started.err) == (0, "")
    assert started.out.startswith(f"Started:\n{order_id}  PLACED  39.00 CAD\n")
    await api.reaches(order_id, "AWAITING_APPROVAL")
    order = (await command("describe", order_id, "--json")).json
    assert order["policy"] == {
        "reviewMode": "TIMER",
        "reviewTimeout": "PT1H",
        "deadline": None,
        "activityTimeout": "PT3S",
        "activityTotalTimeout": "PT6S",
        "activityAttempts": None,
        "activityRetryDelay": "PT0.5S",
        "activityRetryBackoff": 1.5,
        "activityMaxRetryDelay": None,
        "shippingAttempts": 2,
        "shippingRetryDelay": "PT1S",
        "shippingRetryBackoff": 1.0,
        "deliveryTimeout": "PT9S",
    }
    assert order["priority"] == "URGENT"
    assert order["payment"]["id"] == f"pay-{order_id}"
    assert [item["name"] for item in order["items"]] == ["Cup: small", None]
    again = await command(*given, "--json")
    assert (again.code, again.json["replayed"]) == (0, True)
    assert again.json["order"]["id"] == order_id


async def test_an_omitted_order_id_is_generated_and_printed(
    command: Command, api: ApiClient, customer_id: str
) -> None:
    given = options(customer_id, "unused")
    del given[1:3]
    started = await command(*given, "--json")
    assert started.code == 0
    assert started.json["order"]["id"].startswith("order-")
    assert await api.order(started.json["order"]["id"]) is not None


async def test_a_sample_order_needs_one_option_and_shows_the_values_that_it_uses(
    command: Command,
) -> None:
    shortest = await command("start", "--sample", "--json")
    email = f"g-{uuid4().hex}@example.com"
    named = await command(
        *("start", "--sample", "--customer-name", "Grace", "--customer-email", email),
        *("--item", "CUP:1:3", "--currency", "EUR", "--json"),
    )
    assert (shortest.code, named.code) == (0, 0)
    first = (await command("describe", shortest.json["order"]["id"], "--json")).json
    second = (await command("describe", named.json["order"]["id"], "--json")).json
    assert json.loads(shortest.err.partition(": ")[2]) == SAMPLE_ORDER
    assert json.loads(named.err.partition(": ")[2]).keys() == {"shippingAddress"}
    assert (first["total"], second["total"]) == (
        {"amount": "10.00", "currency": "USD"},
        {"amount": "3.00", "currency": "EUR"},
    )
    assert first["customer"]["email"] == "sample.customer@example.com"
    assert (second["customer"]["name"], second["customer"]["email"]) == ("Grace", email)


async def test_an_order_is_started_from_a_file_or_from_stdin(
    command: Command, new_order: Json, tmp_path: Path
) -> None:
    file = tmp_path / "order.json"
    file.write_text(json.dumps(new_order))
    started = await command("start", "--file", str(file), "--json")
    piped = await command("start", "--file", "-", "--json", stdin=json.dumps(new_order))
    renamed = await command("start", "--file", str(file), "--id", f"order-{uuid4()}", "--json")
    assert [one.json["replayed"] for one in (started, piped, renamed)] == [False, True, False]
    assert started.json["order"]["id"] == piped.json["order"]["id"] == new_order["id"]


async def test_the_sample_address_replaces_that_of_an_order(
    command: Command, in_review: str
) -> None:
    sample = EXAMPLES / "address.json"
    updated = await command("update-address", in_review, "--file", str(sample))
    assert (updated.code, updated.err) == (0, "")
    order = (await command("describe", in_review, "--json")).json
    assert order["shippingAddress"] == json.loads(sample.read_text())


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["start"],
            "--currency; --street, --city and --country; or a --file, or --sample",
        ),
        (["start", "--customer-name", "Ada"], "--customer-name and --customer-email"),
        (["start", "--customer", "c", "--customer-name", "Ada"], "names an existing customer"),
        (["start", "--sample", "--file", "-"], "--file replaces the options"),
        (["start", "--item", "CUP"], "'CUP' is not of the form SKU:QTY:PRICE[:NAME]"),
        (["start", "--item", "CUP:one:2"], "is not of the form"),
        (["start", "--item", "CUP:1:cheap"], "is not of the form"),
        (["start", "--street", "1 Main St"], "an address needs --street, --city and --country"),
        (["start", "--file", "-", "--city", "Springfield"], "--file replaces the options"),
        (["start", "--file", "-"], "is not JSON"),
        (["start", "--priority", "soon"], "soon"),
        (
            ["update-address", "o-1"],
            "an address needs --street, --city and --country, or a --file",
        ),
        (["update-address", "o-1", "--file", "-"], "is not JSON"),
        (["update-address", "o-1", "--file", "-", "--city", "X"], "--file replaces the options"),
        (["approve"], "ORDER"),
        (["approve", "o-1", "--wait", "-1"], "--wait"),
        (["reject", "o-1"], "--reason"),
        (["status", "o-1", "--url", "127.0.0.1:8000"], "http://127.0.0.1:8000/graphql"),
        (["status", "o-1", "--url", "ftp://example.org"], "http://127.0.0.1:8000/graphql"),
        (["customer", "update", "c", "--phone", "1", "--no-phone"], "contradict"),
        (["list", "--created-from", "yesterday"], "--created-from"),
        (["import", "nowhere.jsonl"], "nowhere.jsonl"),
    ],
    ids=" ".join,
)
async def test_a_usage_error_is_reported_before_anything_is_sent(
    arguments: list[str], message: str
) -> None:
    ended = await Command("http://127.0.0.1:9")(*arguments)
    assert (ended.code, ended.out) == (2, "")
    assert message in " ".join(ended.err.replace("│", " ").split())


async def test_invalid_input_is_reported_with_the_path_of_every_field(
    command: Command, new_order: Json, customer_id: str
) -> None:
    wrong = await command(
        *("start", "--customer", "no body", "--item", "CUP:0:1"),
        *("--street", "1 Main St", "--city", "S", "--country", "US", "--currency", "USD"),
    )
    assert (wrong.code, wrong.out) == (5, "")
    assert "items.0.quantity" in wrong.err
    assert "customerId" in wrong.err
    duration = await command(*options(customer_id, "o-1"), "--deadline", "soon", "--json")
    assert (duration.code, duration.out) == (5, "")
    assert ".policy.deadline" in duration.err
    unknown = await command(*options("nobody", f"order-{uuid4()}"), "--json")
    assert (unknown.code, unknown.json["__typename"]) == (4, "CustomerNotFound")
    assert "nobody" in unknown.err
    await command("start", "--file", "-", stdin=json.dumps(new_order))
    other = await command(*options(customer_id, new_order["id"]))
    assert (other.code, other.out) == (5, "")
    assert "items" in other.err


async def test_a_repeated_approval_with_the_same_command_id_is_applied_once(
    command: Command, api: ApiClient, in_review: str
) -> None:
    first = await command("approve", in_review, "--command-id", "a-1", "--note", "fine")
    assert (first.code, first.err) == (0, "")
    assert first.out.startswith(f"APPROVE applied (command ID a-1).\n{in_review}  ")
    again = await command("approve", in_review, "--command-id", "a-1", "--note", "fine")
    assert (again.code, "was already applied" in again.out) == (0, True)
    other = await command("approve", in_review, "--command-id", "a-1", "--note", "bad", "--json")
    assert (other.code, other.json["__typename"]) == (5, "CommandConflict")
    await api.reaches(in_review, "COMPLETED")


async def test_each_command_reaches_the_order(
    command: Command, api: ApiClient, in_review: str, customer_id: str
) -> None:
    moved = await command(
        "update-address",
        in_review,
        "--street",
        "2 Elm St",
        "--city",
        "Shelbyville",
        "--country",
        "US",
        "--json",
    )
    assert (moved.code, moved.json["command"]) == (0, "UPDATE_ADDRESS")
    assert len(moved.json["commandId"]) == 36
    assert (await api.order(in_review))["shippingAddress"]["street"] == "2 Elm St"
    stopped = await command("cancel", in_review, "--reason", "changed my mind")
    assert (stopped.code, "CANCEL applied" in stopped.out) == (0, True)
    await api.reaches(in_review, "CANCELLED")

    order_id = f"order-{uuid4()}"
    await command(*options(customer_id, order_id), "--review", "none", "--delivery-timeout", "PT1H")
    await api.reaches(order_id, "SHIPPED")
    assert (await command("confirm-delivery", order_id)).code == 0
    await api.reaches(order_id, "COMPLETED")

    suspicious = f"order-{uuid4()}"
    await command(*options(customer_id, suspicious))
    assert (await command("reject", suspicious, "--reason", "fraud")).code == 0
    rejected = await api.reaches(suspicious, "CANCELLED")
    assert rejected["failure"] == {"code": "REJECTED", "message": "fraud"}

    paid = f"order-{uuid4()}"
    await command(*options(customer_id, paid))
    assert (await command("cancel-payment", paid, "--reason", "fraud")).code == 0
    assert (await api.reaches(paid, "CANCELLED"))["failure"]["code"] == "PAYMENT_CANCELLED"


async def test_refused_unknown_and_invalid_commands_have_distinct_exit_codes(
    command: Command, in_review: str
) -> None:
    refused = await command("confirm-delivery", in_review, "--json")
    assert (refused.code, refused.json["__typename"]) == (3, "CommandRefused")
    assert refused.err.strip() == refused.json["message"]
    unknown = await command("approve", "nobody-started-this")
    assert (unknown.code, unknown.out) == (4, "")
    assert "nobody-started-this" in unknown.err
    wrong = await command("approve", "no id")
    assert wrong.code == 5
    assert "orderId" in wrong.err


async def test_a_command_without_a_worker_is_pending_and_its_outcome_can_be_awaited(
    engine: AsyncEngine,
    temporal_client: Client,
    orchestration: OrchestrationSettings,
    new_order: Json,
) -> None:
    suffix = uuid4().hex[:8]
    queues = {"order_task_queue": f"o-{suffix}", "shipping_task_queue": f"s-{suffix}"}
    alone = orchestration.model_copy(update=queues)
    async with served(make_app(engine, order_client(temporal_client, alone))) as api:
        command = Command(str(api.http.base_url))
        await api.start(new_order)
        sent = ("approve", new_order["id"], "--command-id", "a-1")
        pending = await command(*sent)
        assert (pending.code, "APPROVE is pending" in pending.out) == (0, True)
        timed_out = await command(*sent, "--wait", "0.1", "--json")
        assert (timed_out.code, timed_out.json["__typename"]) == (6, "CommandPending")
        async with running_workers(engine, alone):
            judged = await command(*sent, "--wait", "30", "--json")
            assert (judged.code, judged.json["__typename"]) == (0, "CommandApplied")
            await api.reaches(new_order["id"], "COMPLETED")
