"""The activity that compares all orders in Temporal with their rows in Postgres."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, TypeAlias

from temporalio import activity
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory

from orchestration.client import TemporalUnavailable
from orchestration.domain.errors import OrderError
from orchestration.messages import ReconcileSummary
from orchestration.reconcile_workflow import RECONCILE_ACTIVITY

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    Reconcile: TypeAlias = Callable[[], Awaitable[ReconcileSummary]]

_HEARTBEAT_SECONDS = 10


class ReconcileActivities:
    """Runs a function of the composition, because this package cannot read the record."""

    def __init__(self, reconcile: Reconcile) -> None:
        self._reconcile = reconcile

    @activity.defn(name=RECONCILE_ACTIVITY)
    async def reconcile_orders(self) -> ReconcileSummary:
        heartbeats = asyncio.create_task(_send_heartbeats())
        try:
            return await self._reconcile()
        except (OrderError, TemporalUnavailable) as error:
            # BENIGN keeps the SDK from logging a server's outage with a traceback.
            raise ApplicationError(
                str(error),
                type=type(error).__name__,
                category=ApplicationErrorCategory.BENIGN,
            ) from error
        finally:
            heartbeats.cancel()


async def _send_heartbeats() -> None:
    while True:
        activity.heartbeat()
        await asyncio.sleep(_HEARTBEAT_SECONDS)
