"""Orders that fill several pages are found by every search criterion."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from functools import partial
from itertools import cycle
from typing import TYPE_CHECKING
from uuid import uuid4

from orchestration.client import WorkflowStatus
from orchestration.domain.order import LineItem, Order, Priority
from orchestration.domain.states import OrderState
from orchestration.visibility import WorkflowSearch
from tests.support.orders import make_order
from tests.support.shop import TIMEOUT
from tests.support.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.shop import Shop

COUNT = 36  # each priority with each name, three times
PAGE_SIZE = 15
MIDDLE = Decimal(18)


async def find_all(shop: Shop, search: WorkflowSearch) -> set[str]:
    found: set[str] = set()
    token, pages = None, 0
    while pages == 0 or token is not None:
        page = await shop.orders.search(search, PAGE_SIZE, token)
        found |= {workflow.workflow_id for workflow in page.workflows}
        token, pages = page.token, pages + 1
    return found


async def finds_exactly(shop: Shop, search: WorkflowSearch, expected: set[str]) -> bool:
    found = await find_all(shop, search)
    assert found <= expected
    return found == expected


async def test_orders_on_several_pages_are_found_by_every_search_criterion(shop: Shop) -> None:
    word = f"w{uuid4().hex}"
    orders = [
        make_order(
            customer_name=f"Ada {word} No{number % 4}",
            request={
                "priority": priority,
                "items": [LineItem(sku="SKU-1", quantity=1, unit_price=number * 100)],
            },
        )
        for number, priority in zip(range(COUNT), cycle(Priority), strict=False)
    ]
    concurrency = asyncio.Semaphore(20)

    async def start(order: Order) -> None:
        async with concurrency:
            await shop.start(order)

    await asyncio.gather(*(start(order) for order in orders))

    def ids(matches: Callable[[Order], bool]) -> set[str]:
        return {order.id for order in orders if matches(order)}

    searches = [
        (WorkflowSearch(customer_name=word), ids(lambda _: True)),
        (WorkflowSearch(customer_name=f"{word} no3"), ids(lambda o: "No3" in o.customer_name)),
        (
            WorkflowSearch(customer_name=word, priorities=[Priority.HIGH, Priority.URGENT]),
            ids(lambda o: o.request.priority is not Priority.NORMAL),
        ),
        (
            WorkflowSearch(customer_name=word, total_from=MIDDLE),
            ids(lambda o: o.request.total.amount >= MIDDLE),
        ),
        (
            WorkflowSearch(customer_name=word, total_to=MIDDLE),
            ids(lambda o: o.request.total.amount <= MIDDLE),
        ),
        (
            WorkflowSearch(customer_name=word, states=[OrderState.AWAITING_APPROVAL]),
            ids(lambda _: True),
        ),
        (
            WorkflowSearch(customer_name=word, statuses=[WorkflowStatus.RUNNING]),
            ids(lambda _: True),
        ),
        (WorkflowSearch(customer_name=word, statuses=[WorkflowStatus.COMPLETED]), set()),
    ]
    for search, expected in searches:
        await wait_until(partial(finds_exactly, shop, search, expected), timeout=TIMEOUT)
