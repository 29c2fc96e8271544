"""A third of all provider calls fail and a third hang: orders still complete, charged once."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from orchestration import journal
from orchestration.domain.order import ReviewMode
from orchestration.domain.states import EventType, OrderState
from orchestration.domain.validation import MAX_ACTIVITY_ATTEMPTS
from orchestration.retries import RETRY_FOREVER
from tests.support.orders import make_order

if TYPE_CHECKING:
    import pytest

    from tests.support.shop import Shop

PATIENT: dict[str, Any] = {"activity_timeout": 1, "activity_attempts": MAX_ACTIVITY_ATTEMPTS}
HASTY: dict[str, Any] = {"activity_timeout": 0.5, "activity_attempts": None}


async def test_orders_complete_despite_faults_and_are_charged_once(shop: Shop) -> None:
    faulty = shop.with_faults(error_rate=0.33, hang_rate=0.34, seed=7)
    policies = [
        PATIENT | {"activity_retry_delay": 0.2, "activity_retry_backoff": 1},
        PATIENT | {"activity_retry_delay": 0.005, "activity_retry_backoff": 2},
        HASTY | {"activity_retry_delay": 0.005, "activity_retry_backoff": 1},
        HASTY | {"activity_retry_delay": 0.05, "activity_retry_backoff": 1.5},
    ]
    orders = [
        make_order(review_mode=ReviewMode.NONE, **policy) for policy in policies for _ in range(4)
    ]
    async with faulty.working("order", "shipping"):
        await asyncio.gather(*(faulty.start(order) for order in orders))
        ends = await asyncio.gather(*(faulty.end(order.id) for order in orders))
        assert set(ends) == {(OrderState.COMPLETED, None)}
        for order in orders:
            await faulty.snapshot_on_both_sides(order.id)
            assert (await faulty.types(order.id)).count(EventType.PAYMENT_CHARGED) == 1
            assert await faulty.gateway_row(order.payment_id) == "CHARGED"


async def test_orders_complete_while_writes_to_the_record_fail_and_hang(
    shop: Shop, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Half of the writes fail or hang, and the pauses between them would grow to ten seconds.
    monkeypatch.setattr(journal, "ATTEMPT_TIMEOUT", timedelta(seconds=1))
    quick = replace(RETRY_FOREVER, maximum_interval=timedelta(seconds=1))
    monkeypatch.setattr(journal, "RETRY_FOREVER", quick)
    faulty = shop.with_faults(error_rate=0.4, hang_rate=0.1)
    faulty = replace(faulty, settings=faulty.settings.model_copy(update={"fault_record": True}))
    orders = [
        make_order(review_mode=ReviewMode.NONE, **HASTY, activity_retry_delay=0.05)
        for _ in range(4)
    ]
    async with faulty.working("order", "shipping"):
        await asyncio.gather(*(faulty.start(order) for order in orders))
        ends = await asyncio.gather(*(faulty.end(order.id) for order in orders))
        assert set(ends) == {(OrderState.COMPLETED, None)}
        histories = [await shop.client.get_workflow_handle(o.id).fetch_history() for o in orders]
        for order in orders:
            await faulty.snapshot_on_both_sides(order.id)
            assert await faulty.gateway_row(order.payment_id) == "CHARGED"
    assert "simulated fault: record failed" in "".join(h.to_json() for h in histories)
    # One log line per failed attempt names the activity, the attempt and the reason.
    logged = [message for message in caplog.messages if "simulated fault: record failed" in message]
    assert logged
    assert all(re.match(r"\w+, attempt \d+: simulated fault", message) for message in logged)
