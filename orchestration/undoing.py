"""What has to be undone of an order, inside its workflow."""

from __future__ import annotations

import asyncio

from temporalio import workflow

from orchestration.activities import OrderActivities
from orchestration.domain.life import OrderLife
from orchestration.ports import Charge
from orchestration.retries import UNTIL_DONE, UNTIL_DONE_TIMEOUT


class Undoing:
    """The steps to undo: noted before each is taken, since it may act and never answer.

    Each undoing is tried until it is done, whatever the policy's attempts, and on its own: a
    carrier out of reach does not keep the refund waiting.
    """

    def __init__(self, life: OrderLife) -> None:
        """Begin with nothing to undo."""
        self._life = life
        self._charge: Charge | None = None
        self._attempts: list[int] = []

    def will_charge(self, charge: Charge) -> None:
        """Note that this charge may take effect from now on."""
        self._charge = charge

    def was_not_charged(self) -> None:
        """Forget the charge: the gateway itself said that it did not take effect."""
        self._charge = None

    def will_ship(self, attempt: int) -> None:
        """Note that this shipping attempt may take effect from now on."""
        self._attempts.append(attempt)

    async def recall(self, attempt: int) -> None:
        """Undo one shipping attempt."""
        await workflow.execute_activity_method(
            OrderActivities.recall_shipment,
            args=[self._life.order.id, attempt],
            start_to_close_timeout=UNTIL_DONE_TIMEOUT,
            retry_policy=UNTIL_DONE,
        )
        self._attempts.remove(attempt)

    async def run(self) -> None:
        """Undo everything that was noted."""
        steps = [self.recall(attempt) for attempt in self._attempts]
        if self._charge is not None:
            steps.append(self._reverse(self._charge))
        await asyncio.gather(*steps)

    async def _reverse(self, charge: Charge) -> None:
        status = await workflow.execute_activity_method(
            OrderActivities.reverse_payment,
            charge,
            start_to_close_timeout=UNTIL_DONE_TIMEOUT,
            retry_policy=UNTIL_DONE,
        )
        self._life.reversed(status)
