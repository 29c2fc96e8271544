"""The API as one ASGI application."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.routing import Route, WebSocketRoute

from gql.context import Services
from gql.health import health_routes
from gql.request_log import RequestLog
from gql.streams.hub import EventStreams
from gql.view import OrdersView

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable

    from gql.settings import ApiSettings
    from orchestration.client import OrderClient
    from persistence.customers import PostgresCustomers
    from persistence.reads import Reads


def create_app(  # ruff: ignore[too-many-arguments] - each a part that the caller owns
    *,
    settings: ApiSettings,
    reads: Reads,
    customers: PostgresCustomers,
    orders: OrderClient,
    ping_record: Callable[[], Awaitable[None]],
    record_is_current: Callable[[], Awaitable[bool]],
) -> Starlette:
    """Put the API together. The parts stay the caller's, to be closed after the server.

    ``ping_record`` raises where Postgres does not answer; ``record_is_current`` tells whether its
    migrations are applied. Streams that are open keep a server from stopping: call
    ``app.state.streams.close()`` when it is to stop, before it waits for its connections.
    """
    streams = EventStreams(reads, orders)
    view = OrdersView(
        Services(settings, reads, customers, orders, streams),
        playground=settings.shows_playground,
        allowed_origins=settings.allowed_origins,
    )

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncGenerator[None, None]:
        try:
            yield
        finally:
            streams.close()

    middleware = [Middleware(RequestLog)]
    if settings.allowed_origins:
        middleware.append(
            Middleware(
                CORSMiddleware,
                allow_origins=settings.allowed_origins,
                allow_methods=["GET", "POST"],
                allow_headers=["content-type"],
            )
        )
    app = Starlette(
        routes=[
            Route("/graphql", view),
            WebSocketRoute("/graphql", view),
            *health_routes({
                "record": ping_record,
                "migrations": record_is_current,
                "temporal": orders.ping,
            }),
        ],
        middleware=middleware,
        lifespan=lifespan,
    )
    app.state.streams = streams
    return app
