"""The API as one ASGI application."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.routing import Route, WebSocketRoute

from gql.admission import Admission
from gql.context import Services
from gql.dashboard import dashboard_documents, dashboard_routes, get_ready
from gql.documents import Documents
from gql.health import health_routes
from gql.request_log import RequestLog
from gql.schema import schema
from gql.security_headers import SecurityHeaders
from gql.streams.hub import EventStreams
from gql.view import OrdersView

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable

    from gql.settings import ApiSettings
    from orchestration.client import OrderClient
    from persistence.customers import PostgresCustomers
    from persistence.reads import Reads

_LARGE = 8_192  # bytes of an answer that are worth compressing
_COMPRESSION = 4  # of 9: the higher ones take longer than they save


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
    ``app.state.streams.close()`` when it is to stop, before it waits for its connections. A server
    should read no WebSocket message of more than ``app.state.max_message_bytes``.
    """
    streams = EventStreams(reads, orders)
    view = OrdersView(
        Services(
            settings,
            reads,
            customers,
            orders,
            streams,
            Documents(settings, schema.graphql_schema, dashboard_documents()),
            Admission(settings.max_requests),
        ),
        playground=settings.shows_playground,
        allowed_origins=settings.allowed_origins,
    )

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncGenerator[None, None]:
        await get_ready()
        try:
            yield
        finally:
            streams.close()

    app = Starlette(
        routes=[
            Route("/graphql", view),
            WebSocketRoute("/graphql", view),
            *health_routes({
                "record": ping_record,
                "migrations": record_is_current,
                "temporal": orders.ping,
            }),
            *dashboard_routes(playground=settings.shows_playground),
        ],
        middleware=_middleware(settings),
        lifespan=lifespan,
    )
    app.state.streams = streams
    app.state.max_message_bytes = settings.max_body_bytes
    return app


def _middleware(settings: ApiSettings) -> list[Middleware]:
    middleware = [Middleware(RequestLog), Middleware(SecurityHeaders)]
    if settings.allowed_origins:
        middleware.append(
            Middleware(
                CORSMiddleware,
                allow_origins=settings.allowed_origins,
                allow_methods=["GET", "POST"],
                allow_headers=["content-type"],
                expose_headers=["retry-after"],
            )
        )
    # Event streams it leaves as they are.
    middleware.append(Middleware(GZipMiddleware, minimum_size=_LARGE, compresslevel=_COMPRESSION))
    return middleware
