"""The API as an application, with settings of a test's own."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from gql.access.authenticator import Authenticator
from gql.app import create_app
from gql.settings import ApiSettings
from orchestration.client import OrderClient
from persistence.api_keys import PostgresApiKeys
from persistence.customers import PostgresCustomers
from persistence.engine import ping
from persistence.migrations.compatibility import has_compatible_tables
from persistence.reads import Reads

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine
    from starlette.applications import Starlette
    from temporalio.client import Client

    from orchestration.settings import OrchestrationSettings


def order_client(
    client: Client, settings: OrchestrationSettings, *, rpc_timeout: float = 2
) -> OrderClient:
    return OrderClient(
        client,
        order_task_queue=settings.order_task_queue,
        shipping_task_queue=settings.shipping_task_queue,
        ui_url="http://temporal.example/namespaces/default",
        index_customer_names=settings.index_customer_names,
        rpc_timeout=timedelta(seconds=rpc_timeout),
    )


def make_app(
    engine: AsyncEngine,
    orders: OrderClient,
    *,
    authenticator: Authenticator | None = None,
    **settings: Any,
) -> Starlette:
    configured = ApiSettings(**settings)
    return create_app(
        settings=configured,
        reads=Reads(engine),
        customers=PostgresCustomers(engine),
        orders=orders,
        authenticator=authenticator
        or Authenticator(configured.access, PostgresApiKeys(engine), is_open=True),
        ping_record=partial(ping, engine),
        tables_are_compatible=partial(has_compatible_tables, engine),
    )
