"""The reference: a Temporal workflow of the same steps as an order, and nothing else.

Six activities, one child on a queue of its own and one signal; no record, no API, no rules.
"""

from __future__ import annotations

from datetime import timedelta

from temporalio import activity, workflow

ORDER_QUEUE = "bare-order"
SHIPPING_QUEUE = "bare-shipping"
_TIMEOUT = timedelta(seconds=10)


@activity.defn
async def step(name: str) -> str:  # ruff: ignore[unused-async] - without a thread of its own
    """Do nothing, as fast as it can be done."""
    return name


@workflow.defn
class BareShipping:
    """Prepare and dispatch."""

    @workflow.run
    async def run(self, order_id: str) -> str:  # ruff: ignore[no-self-use]
        """Take two steps."""
        for name in ("prepare", "dispatch"):
            await workflow.execute_activity(step, name, start_to_close_timeout=_TIMEOUT)
        return order_id


@workflow.defn
class BareOrder:
    """Receive, validate, wait for approval, charge, ship, complete."""

    def __init__(self) -> None:
        """Begin unapproved."""
        self._approved = False

    @workflow.run
    async def run(self, order_id: str) -> str:
        """Take four steps, a child and a signal between them."""
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
        """Let it go on."""
        self._approved = True
