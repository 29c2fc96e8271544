"""The reference for orders: a bare Temporal workflow with the same steps.

It has six activities, one child workflow on its own task queue and one signal. It has no record in
Postgres, no API and no validation.
"""

from __future__ import annotations

from datetime import timedelta

from temporalio import activity, workflow

ORDER_QUEUE = "bare-order"
SHIPPING_QUEUE = "bare-shipping"
_TIMEOUT = timedelta(seconds=10)


@activity.defn
async def step(name: str) -> str:  # ruff: ignore[unused-async] - a synchronous activity would need a thread
    return name


@workflow.defn
class BareShipping:
    @workflow.run
    async def run(self, order_id: str) -> str:  # ruff: ignore[no-self-use]
        for name in ("prepare", "dispatch"):
            await workflow.execute_activity(step, name, start_to_close_timeout=_TIMEOUT)
        return order_id


@workflow.defn
class BareOrder:
    def __init__(self) -> None:
        self._approved = False

    @workflow.run
    async def run(self, order_id: str) -> str:
        for name in ("receive", "validate"):
            await workflow.execute_activity(step, name, start_to_close_timeout=_TIMEOUT)
        await workflow.wait_condition(lambda: self._approved)
        await workflow.execute_activity(step, "charge", start_to_close_timeout=_TIMEOUT)
        await workflow.execute_child_workflow(
            BareShipping.run, order_id, id=f"{order_id}/shipping", task_queue=SHIPPING_QUEUE
        )
        await workflow.execute_activity(step, "complete", start_to_close_timeout=_TIMEOUT)
        return order_id

    @workflow.signal
    def approve(self) -> None:
        self._approved = True
