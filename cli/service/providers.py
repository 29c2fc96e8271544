"""Chooses the payment gateway and the carrier. To use real ones, return them here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orchestration.simulation import simulate
from persistence.simulation_books import PostgresCarrierBook, PostgresGatewayBook

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

    from orchestration.ports import Carrier, PaymentGateway
    from orchestration.settings import OrchestrationSettings


def providers(
    settings: OrchestrationSettings, engine: AsyncEngine
) -> tuple[PaymentGateway, Carrier]:
    return simulate(settings, PostgresGatewayBook(engine), PostgresCarrierBook(engine))
