"""Searches for orders in Temporal's visibility store."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from temporalio.api.sdk.v1 import WorkflowMetadata

from orchestration.client import WorkflowStatus
from orchestration.domain.commands import ApproveOrder, CancelOrder, CancelPayment
from orchestration.domain.order import LineItem, Priority
from orchestration.domain.states import OrderState
from orchestration.simulation import DISPATCH_FAILS_ONCE
from orchestration.visibility import BadPageToken, WorkflowSearch, visibility_query
from tests.support.orders import make_order
from tests.support.shop import TIMEOUT
from tests.support.waiting import wait_until

if TYPE_CHECKING:
    from orchestration.visibility import FoundPage
    from tests.support.shop import Shop

HOSTILE = [
    "it's",
    "back\\slash",
    "trailing\\",
    "\\'",
    "' OR WorkflowType != '",
    'double "quotes"',
    "100% _under",
    "-- comment",
    "') OR ('a' = 'a",
]


async def find(shop: Shop, search: WorkflowSearch, count: int) -> FoundPage:
    """Search until ``count`` workflows are found. The visibility store is eventually consistent."""

    async def page() -> FoundPage | None:
        page = await shop.orders.search(search, 100, None)
        return page if len(page.workflows) == count else None

    return await wait_until(page, timeout=TIMEOUT)


async def test_temporals_tools_show_the_step_and_status_of_an_order(shop: Shop) -> None:
    order_id = await shop.start_in_review(make_order())
    handle = shop.client.get_workflow_handle(order_id)

    async def details() -> str:
        metadata: WorkflowMetadata = await handle.query(
            "__temporal_workflow_metadata", result_type=WorkflowMetadata
        )
        return metadata.current_details

    assert await details() == "in review"
    assert (await handle.query("status"))["snapshot"]["state"] == "AWAITING_APPROVAL"
    await shop.apply(order_id, CancelOrder(command_id="stop"))
    await shop.end(order_id)
    assert await details() == "ended as CANCELLED"


async def test_the_timeline_of_an_order_names_its_steps(shop: Shop) -> None:
    items = [LineItem(sku=DISPATCH_FAILS_ONCE, quantity=1, unit_price=7300)]
    order = make_order(deadline=600, shipping_retry_delay=60, request={"items": items})
    await shop.start_in_review(order)
    await shop.apply(order.id, ApproveOrder(command_id="go"))
    await shop.until(order.id, lambda status: status.step.startswith("waiting to ship again"))
    await shop.apply(order.id, CancelPayment(command_id="stop"))
    await shop.end(order.id)
    history = await shop.client.get_workflow_handle(order.id).fetch_history()
    summaries = [
        (await shop.client.data_converter.decode([event.user_metadata.summary], [str]))[0]
        for event in history.events
        if event.user_metadata.HasField("summary")
    ]

    # The end of a timer repeats its summary.
    steps = dict.fromkeys(summary for summary in summaries if not summary.startswith("record "))
    assert list(steps) == [
        "deadline of the order",
        "time limit of the review",
        "charge 73.00 USD",
        "ship, attempt 1",
        "recall attempt 1",
        "wait before shipping attempt 2",
        "void or refund 73.00 USD",
    ]
    assert "record ORDER_RECEIVED" in summaries


async def test_orders_are_found_by_every_search_attribute(shop_without_workers: Shop) -> None:
    customer = f"customer-{uuid4()}"
    cheap = make_order(customer_id=customer)
    expensive = make_order(
        customer_id=customer,
        request={
            "priority": Priority.URGENT,
            "items": [LineItem(sku="GOLD", quantity=1, unit_price=999_950)],
        },
    )
    for order in (cheap, expensive):
        await shop_without_workers.start(order)
    mine = WorkflowSearch(customer_id=customer)
    both = await find(shop_without_workers, mine, 2)
    assert both.token is None
    for search, expected in [
        (replace(mine, priorities=[Priority.URGENT]), expensive),
        (replace(mine, total_from=Decimal("9999.50")), expensive),
        (replace(mine, total_to=Decimal("9999.49")), cheap),
        (replace(mine, priorities=[Priority.NORMAL], statuses=[WorkflowStatus.RUNNING]), cheap),
    ]:
        [workflow] = (await find(shop_without_workers, search, 1)).workflows
        assert workflow.workflow_id == expected.id
        assert workflow.status is WorkflowStatus.RUNNING
        assert workflow.customer_name == expected.customer_name
        assert workflow.order_total == expected.request.total.amount
    for search in (
        replace(mine, statuses=[]),
        replace(
            mine,
            statuses=[
                WorkflowStatus.COMPLETED,
                WorkflowStatus.TIMED_OUT,
                WorkflowStatus.CONTINUED_AS_NEW,
            ],
        ),
        replace(mine, states=[OrderState.SHIPPING]),
        replace(mine, customer_name="Grace"),
    ):
        assert (await shop_without_workers.orders.search(search, 10, None)).workflows == []
    assert (
        len(
            (
                await find(shop_without_workers, replace(mine, customer_name="LOVELACE ada"), 2)
            ).workflows
        )
        == 2
    )


async def test_an_order_is_found_by_its_state(shop: Shop) -> None:
    customer = f"customer-{uuid4()}"
    order = make_order(customer_id=customer)
    await shop.start(order)
    await find(shop, WorkflowSearch(customer_id=customer, states=[OrderState.FAILED]), 1)


async def test_pages_contain_every_order_once(shop_without_workers: Shop) -> None:
    customer = f"customer-{uuid4()}"
    search = WorkflowSearch(customer_id=customer)
    ids = {await shop_without_workers.start(make_order(customer_id=customer)) for _ in range(4)}
    await find(shop_without_workers, search, 4)
    seen: list[str] = []
    token, pages = None, 0
    while pages == 0 or token is not None:
        page = await shop_without_workers.orders.search(search, 2, token)
        seen += [workflow.workflow_id for workflow in page.workflows]
        token, pages = page.token, pages + 1
    assert sorted(seen) == sorted(ids)
    assert pages == 2


@pytest.mark.parametrize("value", HOSTILE)
async def test_search_values_cannot_inject_query_syntax(
    shop_without_workers: Shop, value: str
) -> None:
    by_id = await shop_without_workers.orders.search(WorkflowSearch(customer_id=value), 1, None)
    assert by_id.workflows == []
    assert value not in by_id.query
    by_name = await shop_without_workers.orders.search(WorkflowSearch(customer_name=value), 1, None)
    assert not set(by_name.query) & set('"\\%-_()')


async def test_a_forged_page_token_with_a_valid_digest_is_rejected(
    shop_without_workers: Shop,
) -> None:
    query = visibility_query(WorkflowSearch())
    forged = base64.urlsafe_b64encode(hashlib.sha256(query.encode() + b"x").digest()[:8] + b"x")
    with pytest.raises(BadPageToken):
        await shop_without_workers.orders.search(WorkflowSearch(), 1, forged.decode())


@pytest.mark.parametrize("token", ["?", "bm90IGEgdG9rZW4=", "💥"])
async def test_a_malformed_page_token_is_rejected(shop_without_workers: Shop, token: str) -> None:
    with pytest.raises(BadPageToken):
        await shop_without_workers.orders.search(WorkflowSearch(), 1, token)


@pytest.mark.parametrize(
    ("name", "conditions"),
    [("", ""), (" \t", ""), ("%", " AND WorkflowType IS NULL"), ("_", " AND WorkflowType IS NULL")],
)
def test_a_name_without_letters_or_digits_matches_nothing_unless_it_is_blank(
    name: str, conditions: str
) -> None:
    query = visibility_query(WorkflowSearch(customer_name=name))
    assert query == f"WorkflowType = 'OrderWorkflow'{conditions}"


def test_a_search_becomes_a_temporal_list_filter() -> None:
    search = WorkflowSearch(
        statuses=[WorkflowStatus.RUNNING, WorkflowStatus.TIMED_OUT],
        customer_name="O'Neill, Ada",
        total_from=Decimal("1E+2"),
    )
    assert visibility_query(search) == (
        "WorkflowType = 'OrderWorkflow' AND ExecutionStatus IN ('Running', 'TimedOut')"
        " AND CustomerName = 'o' AND CustomerName = 'neill' AND CustomerName = 'ada'"
        " AND OrderTotal >= 100"
    )
