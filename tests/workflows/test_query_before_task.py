"""A query that reaches a worker with events that no workflow task has processed."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from orchestration.domain.commands import CancelOrder, UpdateAddress
from orchestration.domain.order import Address, ReviewMode
from orchestration.domain.states import EventType, OrderState
from orchestration.messages import StatusQuery
from tests.support.orders import make_order
from tests.support.replay import replay
from tests.support.shop import TIMEOUT
from tests.support.tcp_proxy import TcpProxy

if TYPE_CHECKING:
    from tests.support.shop import Shop


async def test_a_query_that_waited_for_a_worker_does_not_divide_a_workflow_task(
    separate_shop: Shop, temporal_address: str
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
                await query
                await order.signal("update_address", new_address("second"))
                await order.signal("cancel_order", CancelOrder(command_id="stop"))
                assert (await shop.outcome(order_id)).state is OrderState.CANCELLED
                await replay(shop, order_id)
            proxy.restore()
    changes = [e for e in await shop.types(order_id) if e is EventType.ADDRESS_UPDATED]
    assert len(changes) == 2


def new_address(command_id: str) -> UpdateAddress:
    address = Address(street=f"{command_id} street", city="Springfield", country="US")
    return UpdateAddress(command_id=command_id, address=address)
