"""The API as one ASGI application."""

from __future__ import annotations

import logging
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.routing import Route, WebSocketRoute

from gql.access.rate_limits import CallerLimits
from gql.context import Services
from gql.documents.admission import Admission
from gql.documents.preparer import DocumentPreparer
from gql.http.dashboard import dashboard_documents, dashboard_routes, warm_up
from gql.http.health import health_routes
from gql.http.request_log import RequestLog
from gql.http.security_headers import SecurityHeaders
from gql.http.view import GraphQLView
from gql.schema import schema
from gql.streams.hub import EventStreams

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable

    from gql.access.authenticator import Authenticator
    from gql.settings import ApiSettings
    from orchestration.client import OrderClient
    from persistence.customers import PostgresCustomers
    from persistence.reads import Reads

_log = logging.getLogger(__name__)

_COMPRESSED_BYTES = 8_192  # smaller responses are not compressed
_COMPRESSION_LEVEL = 4  # of 9; higher levels take more time than they save


def create_app(  # ruff: ignore[too-many-arguments] - each is owned by the caller
    *,
    settings: ApiSettings,
    reads: Reads,
    customers: PostgresCustomers,
    orders: OrderClient,
    authenticator: Authenticator,
    ping_record: Callable[[], Awaitable[None]],
    tables_are_compatible: Callable[[], Awaitable[bool]],
) -> Starlette:
    """Compose the API. The caller owns the arguments and closes them after the server.

    ``ping_record`` raises if Postgres does not respond; ``tables_are_compatible`` says whether
    the tables have what this version needs. Open streams keep a server from stopping: call
    ``app.state.streams.close()`` before the server waits for its connections. The server should
    accept WebSocket messages of up to ``app.state.max_message_bytes``.
    """
    _report_middleware()
    streams = EventStreams(reads, orders)
    view = GraphQLView(
        Services(
            settings,
            reads,
            customers,
            orders,
            streams,
            DocumentPreparer(settings, schema.graphql_schema, dashboard_documents()),
            Admission(max_requests=settings.max_requests, max_connections=settings.max_connections),
            authenticator,
            CallerLimits(settings.rate, settings.streams_per_caller),
        ),
        playground=settings.shows_playground,
        allowed_origins=settings.allowed_origins,
    )

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncGenerator[None, None]:
        await warm_up()
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
                "migrations": tables_are_compatible,
                "temporal": orders.ping,
            }),
            *dashboard_routes(
                playground=settings.shows_playground,
                sign_in=settings.sign_in,
                is_open=authenticator.is_open,
            ),
        ],
        middleware=_middleware(settings),
        lifespan=lifespan,
    )
    app.state.streams = streams
    app.state.max_message_bytes = settings.max_body_bytes
    return app


def _report_middleware() -> None:
    """Middleware of the schema makes lists slow, which nobody would look for in a tracer."""
    if schema.middleware:
        names = (
            getattr(each, "__name__", type(each).__name__) for each in schema.middleware.middlewares
        )
        _log.warning(
            "middleware of the schema is called for every value, so the fast path is off and lists"
            " take 4 to 10 times the CPU time: %s",
            ", ".join(names),
        )


def _middleware(settings: ApiSettings) -> list[Middleware]:
    middleware = [Middleware(RequestLog), Middleware(SecurityHeaders)]
    if settings.allowed_origins:
        middleware.append(
            Middleware(
                CORSMiddleware,
                allow_origins=settings.allowed_origins,
                allow_methods=["GET", "POST"],
                allow_headers=["authorization", "content-type"],
                expose_headers=["retry-after", "www-authenticate"],
            )
        )
    # GZipMiddleware does not compress event streams.
    middleware.append(
        Middleware(GZipMiddleware, minimum_size=_COMPRESSED_BYTES, compresslevel=_COMPRESSION_LEVEL)
    )
    return middleware
