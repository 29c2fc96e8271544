"""Connects a process to Postgres and Temporal, and waits for them while they start."""

from __future__ import annotations

import atexit
import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING
from urllib.parse import quote

from cli.service.startup import wait_for_server
from orchestration.client import OrderClient, TemporalUnavailable, connect
from orchestration.domain.errors import RecordUnavailable
from persistence.engine import create_engine, ping

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from sqlalchemy.ext.asyncio import AsyncEngine
    from temporalio.client import Client

    from orchestration.settings import OrchestrationSettings
    from persistence.settings import PersistenceSettings

_THREAD_EXIT_TIME = 0.1  # seconds


@asynccontextmanager
async def postgres(
    settings: PersistenceSettings, startup_timeout: float
) -> AsyncGenerator[AsyncEngine]:
    engine = create_engine(settings)

    async def attempt() -> None:
        await ping(engine)

    try:
        await wait_for_server("Postgres", attempt, RecordUnavailable, startup_timeout)
        yield engine
    finally:
        await engine.dispose()


async def temporal(settings: OrchestrationSettings, startup_timeout: float) -> Client:
    # A thread of Temporal's client may still be releasing the interpreter lock when the process
    # ends. Without this pause it can crash the process with "Fatal Python error".
    atexit.register(time.sleep, _THREAD_EXIT_TIME)

    async def attempt() -> Client:
        return await connect(settings)

    name = f"Temporal at {settings.temporal_address}"
    return await wait_for_server(name, attempt, TemporalUnavailable, startup_timeout)


def order_client(client: Client, settings: OrchestrationSettings) -> OrderClient:
    page = settings.temporal_ui_url
    return OrderClient(
        client,
        order_task_queue=settings.order_task_queue,
        shipping_task_queue=settings.shipping_task_queue,
        index_customer_names=settings.index_customer_names,
        ui_url=page and f"{page.rstrip('/')}/namespaces/{quote(client.namespace, safe='')}",
    )
