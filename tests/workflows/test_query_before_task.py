"""A query that reaches a worker with events that no workflow task has processed."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from temporalio.client import WorkflowQueryFailedError

from orchestration.domain.commands import UpdateAddress
from orchestration.domain.order import Address, ReviewMode
from orchestration.domain.states import EventType
from orchestration.messages import StatusQuery
from tests.support.orders import make_order
from tests.support.replay import replay
from tests.support.shop import TIMEOUT
from tests.support.tcp_proxy import TcpProxy

if TYPE_CHECKING:
    from orchestration.messages import OrderStatus
    from tests.support.shop import Shop

ADDRESS_UPDATED = EventType.ADDRESS_UPDATED


@pytest.mark.parametrize("later_command", [True, False])
async def test_events_that_come_with_a_query_are_processed_by_their_workflow_task(
    separate_shop: Shop, temporal_address: str, *, later_command: bool
) -> None:
    shop = separate_shop
    host, port = temporal_address.split(":")
    proxy = TcpProxy(lambda: asyncio.open_connection(host, int(port)))
    async with proxy.listening():
        update = {"temporal_address": proxy.address}
        lost = replace(shop, settings=shop.settings.model_copy(update=update))
        async with lost.working("order"):
            order_id = await shop.start_in_review(make_order(review_mode=ReviewMode.MANUAL))
            order = shop.client.get_workflow_handle(order_id)
            proxy.cut()
            async with shop.working("order"):
                # Temporal waits three seconds for the lost worker: first with the query, then
                # with the workflow task for the signal.
                query = asyncio.create_task(
                    order.query("status", StatusQuery(0), rpc_timeout=timedelta(seconds=TIMEOUT))
                )
                await asyncio.sleep(1)  # nothing shows when the query has reached the server
                await order.signal("update_address", new_address("first"))
                with suppress(WorkflowQueryFailedError):
                    await query
                if later_command:
                    await order.signal("update_address", new_address("second"))
                await shop.until(order_id, lambda s: ADDRESS_UPDATED in types(s))
                await shop.client.get_workflow_handle(order_id).cancel()
                await shop.until_closed(order_id)
                await replay(shop, order_id)
            proxy.restore()
    assert (await shop.types(order_id)).count(ADDRESS_UPDATED) == 1 + later_command


def types(status: OrderStatus) -> list[EventType]:
    return [event.type for event in status.events]


def new_address(command_id: str) -> UpdateAddress:
    address = Address(street=f"{command_id} street", city="Springfield", country="US")
    return UpdateAddress(command_id=command_id, address=address)
