"""The API with an extra endpoint, /figures, that returns the counters of its streams."""

from __future__ import annotations

from dataclasses import asdict
from functools import partial
from typing import TYPE_CHECKING

import uvloop
from starlette.responses import JSONResponse
from starlette.routing import Route

from cli.service.configuration import load_configuration
from cli.service.server import ApiServer
from gql.access.authenticator import make_authenticator
from gql.app import create_app
from orchestration.client import OrderClient, connect
from persistence.api_keys import PostgresApiKeys
from persistence.customers import PostgresCustomers
from persistence.engine import create_engine, ping
from persistence.migrations.compatibility import has_compatible_tables
from persistence.reads import Reads

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response


async def serve() -> None:
    configuration = load_configuration(file=None)
    temporal = configuration.orchestration
    engine = create_engine(configuration.persistence)
    app = create_app(
        settings=configuration.api,
        reads=Reads(engine),
        customers=PostgresCustomers(engine),
        orders=OrderClient(
            await connect(temporal),
            order_task_queue=temporal.order_task_queue,
            shipping_task_queue=temporal.shipping_task_queue,
        ),
        authenticator=await make_authenticator(configuration.api.access, PostgresApiKeys(engine)),
        ping_record=partial(ping, engine),
        tables_are_compatible=partial(has_compatible_tables, engine),
    )

    def figures(_: Request) -> Response:
        return JSONResponse(asdict(app.state.streams.metrics))

    app.router.routes.append(Route("/figures", figures))
    await ApiServer(app, host=configuration.service.host, port=configuration.api.port).serve()
    await engine.dispose()


if __name__ == "__main__":
    uvloop.run(serve())
