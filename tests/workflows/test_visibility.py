"""Finding orders in Temporal's visibility store."""

from __future__ import annotations

import asyncio
import base64
import hashlib
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from orchestration.client import WorkflowStatus
from orchestration.domain.order import LineItem, Priority
from orchestration.domain.states import OrderState
from orchestration.visibility import BadPageToken, WorkflowSearch, visibility_query
from tests.support.orders import make_order
from tests.support.shop import WITHIN

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


async def found(shop: Shop, wanted: WorkflowSearch, count: int) -> FoundPage:
    """Search until as many are there: visibility follows by a moment."""
    async with asyncio.timeout(WITHIN):
        while True:
            page = await shop.orders.search(wanted, 100, None)
            if len(page.workflows) == count:
                return page
            await asyncio.sleep(0.05)


async def test_orders_are_found_by_each_attribute(closed_shop: Shop) -> None:
    customer = f"customer-{uuid4()}"
    cheap = make_order(request={"customer_id": customer})
    dear = make_order(
        request={
            "customer_id": customer,
            "priority": Priority.URGENT,
            "items": [LineItem(sku="GOLD", quantity=1, unit_price=999_950)],
        }
    )
    for order in (cheap, dear):
        await closed_shop.start(order)
    mine = WorkflowSearch(customer_id=customer)
    both = await found(closed_shop, mine, 2)
    assert both.token is None
    for wanted, expected in [
        (replace(mine, priorities=[Priority.URGENT]), dear),
        (replace(mine, total_min=Decimal("9999.50")), dear),
        (replace(mine, total_max=Decimal("9999.49")), cheap),
        (replace(mine, priorities=[Priority.NORMAL], statuses=[WorkflowStatus.RUNNING]), cheap),
    ]:
        [one] = (await found(closed_shop, wanted, 1)).workflows
        assert one.workflow_id == expected.id
        assert one.status is WorkflowStatus.RUNNING
        assert one.customer_name == expected.customer_name
        assert one.order_total == expected.request.total.amount
    for nothing in (
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
        assert (await closed_shop.orders.search(nothing, 10, None)).workflows == []
    assert (
        len((await found(closed_shop, replace(mine, customer_name="LOVELACE ada"), 2)).workflows)
        == 2
    )


async def test_an_order_is_found_by_the_state_it_waits_in(shop: Shop) -> None:
    customer = f"customer-{uuid4()}"
    order = make_order(request={"customer_id": customer})
    await shop.start(order)
    await found(shop, WorkflowSearch(customer_id=customer, states=[OrderState.FAILED]), 1)


async def test_pages_follow_each_other_to_the_last(closed_shop: Shop) -> None:
    customer = f"customer-{uuid4()}"
    wanted = WorkflowSearch(customer_id=customer)
    ids = {await closed_shop.start(make_order(request={"customer_id": customer})) for _ in range(4)}
    await found(closed_shop, wanted, 4)
    seen: list[str] = []
    token, pages = None, 0
    while pages == 0 or token is not None:
        page = await closed_shop.orders.search(wanted, 2, token)
        seen += [one.workflow_id for one in page.workflows]
        token, pages = page.token, pages + 1
    assert sorted(seen) == sorted(ids)
    assert pages == 2


@pytest.mark.parametrize("value", HOSTILE)
async def test_no_text_is_more_than_a_value(closed_shop: Shop, value: str) -> None:
    by_id = await closed_shop.orders.search(WorkflowSearch(customer_id=value), 1, None)
    assert by_id.workflows == []
    assert value not in by_id.query
    by_name = await closed_shop.orders.search(WorkflowSearch(customer_name=value), 1, None)
    assert not set(by_name.query) & set('"\\%-_()')


async def test_a_token_that_somebody_made_up_and_sealed_is_refused(closed_shop: Shop) -> None:
    query = visibility_query(WorkflowSearch())
    forged = base64.urlsafe_b64encode(hashlib.sha256(query.encode() + b"x").digest()[:8] + b"x")
    with pytest.raises(BadPageToken):
        await closed_shop.orders.search(WorkflowSearch(), 1, forged.decode())


@pytest.mark.parametrize("token", ["?", "bm90IGEgdG9rZW4=", "💥"])
async def test_a_token_that_no_page_gave_is_refused(closed_shop: Shop, token: str) -> None:
    with pytest.raises(BadPageToken):
        await closed_shop.orders.search(WorkflowSearch(), 1, token)


@pytest.mark.parametrize(
    ("name", "conditions"),
    [("", ""), (" \t", ""), ("%", " AND WorkflowType IS NULL"), ("_", " AND WorkflowType IS NULL")],
)
def test_a_name_without_a_word_finds_nothing_unless_it_is_blank(name: str, conditions: str) -> None:
    query = visibility_query(WorkflowSearch(customer_name=name))
    assert query == f"WorkflowType = 'OrderWorkflow'{conditions}"


def test_the_query_reads_as_temporal_s_own_tools_take_it() -> None:
    wanted = WorkflowSearch(
        statuses=[WorkflowStatus.RUNNING, WorkflowStatus.TIMED_OUT],
        customer_name="O'Neill, Ada",
        total_min=Decimal("1E+2"),
    )
    assert visibility_query(wanted) == (
        "WorkflowType = 'OrderWorkflow' AND ExecutionStatus IN ('Running', 'TimedOut')"
        " AND CustomerName = 'o' AND CustomerName = 'neill' AND CustomerName = 'ada'"
        " AND OrderTotal >= 100"
    )
