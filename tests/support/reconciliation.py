"""Reconciliation with the servers of a shop."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from cli.service.reconcile import Bounds, Reconciliation
from orchestration.simulation import Faults, SimulatedGateway
from orchestration.workflow_listing import WorkflowListing
from persistence.reconciliation import ReconciliationReads
from persistence.simulation_books import PostgresGatewayBook
from tests.support.shop import TIMEOUT

if TYPE_CHECKING:
    from cli.service.reconcile_report import FindingKind, Outcome, Report
    from tests.support.shop import Shop

AT_ONCE = Bounds(min_age=timedelta(0), max_repairs=1000)


def reconciliation(shop: Shop, bounds: Bounds = AT_ONCE) -> Reconciliation:
    return Reconciliation(
        repairs=replace(shop.repairs, time_limit=timedelta(seconds=TIMEOUT)),
        listing=WorkflowListing(shop.client),
        reads=ReconciliationReads(shop.engine),
        gateway=SimulatedGateway(PostgresGatewayBook(shop.engine), Faults()),
        bounds=bounds,
    )


def findings_of(report: Report, *order_ids: str) -> dict[str, tuple[FindingKind, Outcome]]:
    return {
        found.order_id: (found.kind, found.outcome)
        for found in report.findings
        if found.order_id in order_ids
    }
