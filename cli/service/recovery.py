"""Composes what repairs orders: `orders repair`, and `orders reconcile` by hand and by schedule."""

# ruff: file-ignore[import-outside-top-level] - as in composition.py

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING

from temporalio.service import RPCError

from cli.service.connections import order_client, postgres, temporal
from orchestration.client import TemporalUnavailable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.ext.asyncio import AsyncEngine
    from temporalio.client import Client

    from cli.service.configuration import Configuration
    from cli.service.reconcile import Bounds, Reconciliation
    from cli.service.reconcile_report import Report
    from cli.service.repair import RepairResult, Repairs
    from orchestration.messages import ReconcileSummary
    from orchestration.ports import PaymentGateway
    from orchestration.settings import OrchestrationSettings

_log = logging.getLogger(__name__)


async def repair_orders(
    configuration: Configuration,
    order_ids: Sequence[str],
    *,
    time_limit: timedelta,
    startup_timeout: float,
) -> list[RepairResult]:
    """Repair orders one by one, and return a result for each. Raises ServerUnavailable."""
    settings = configuration.orchestration
    async with postgres(configuration.persistence, startup_timeout) as engine:
        client = await temporal(settings, startup_timeout)
        repairs = _repairs(client, engine, settings, time_limit)
        return [await repairs.try_repair(order_id) for order_id in order_ids]


async def reconcile_orders(
    configuration: Configuration,
    *,
    bounds: Bounds,
    time_limit: timedelta,
    dry_run: bool,
    startup_timeout: float,
) -> Report:
    """Reconcile all orders once.

    Raises ServerUnavailable, or RecordUnavailable or TemporalUnavailable if a server fails later.
    """
    from cli.service.providers import providers

    settings = configuration.orchestration
    async with postgres(configuration.persistence, startup_timeout) as engine:
        client = await temporal(settings, startup_timeout)
        gateway, _ = providers(settings, engine)
        repairs = _repairs(client, engine, settings, time_limit)
        return await _reconciliation(repairs, engine, gateway, bounds).run(dry_run=dry_run)


async def schedule_reconciliation(client: Client, configuration: Configuration) -> None:
    """Set the schedule. A worker also runs without it, because orders matter more."""
    from orchestration.reconcile_schedule import apply_schedule

    seconds = configuration.service.reconcile_interval
    interval = None if seconds is None else timedelta(seconds=seconds)
    try:
        await apply_schedule(client, configuration.orchestration.order_task_queue, interval)
    except (TemporalUnavailable, RPCError) as error:
        _log.error("cannot set the schedule of `orders reconcile`: %s", error)


async def reconcile_and_log(
    client: Client, engine: AsyncEngine, configuration: Configuration, gateway: PaymentGateway
) -> ReconcileSummary:
    from cli.service.reconcile import scheduled_bounds
    from cli.service.repair import TIME_LIMIT

    repairs = _repairs(client, engine, configuration.orchestration, TIME_LIMIT)
    bounds = scheduled_bounds(configuration.service.reconcile_interval)
    report = await _reconciliation(repairs, engine, gateway, bounds).run()
    report.log()
    return report.summary()


def _reconciliation(
    repairs: Repairs, engine: AsyncEngine, gateway: PaymentGateway, bounds: Bounds
) -> Reconciliation:
    from cli.service.reconcile import Reconciliation
    from orchestration.workflow_listing import WorkflowListing
    from persistence.reconciliation import ReconciliationReads

    return Reconciliation(
        repairs=repairs,
        listing=WorkflowListing(repairs.client),
        reads=ReconciliationReads(engine),
        gateway=gateway,
        bounds=bounds,
    )


def _repairs(
    client: Client, engine: AsyncEngine, settings: OrchestrationSettings, time_limit: timedelta
) -> Repairs:
    from cli.service.repair import Repairs
    from persistence.ledger import PostgresLedger
    from persistence.reads import Reads

    return Repairs(
        client=client,
        orders=order_client(client, settings),
        reads=Reads(engine),
        ledger=PostgresLedger(engine),
        task_queue=settings.order_task_queue,
        time_limit=time_limit,
    )
