"""The reference for small queries: plain Starlette and orjson with the same responses.

``/typename`` reads nothing. ``/customer`` reads the same row with the same statement.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import orjson
import uvloop
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

from benchmarks.pages_servers import serve_reference
from persistence.engine import create_engine
from persistence.reads import Reads
from persistence.settings import PersistenceSettings

if TYPE_CHECKING:
    from starlette.requests import Request


def create_app(reads: Reads) -> Starlette:
    async def typename(request: Request) -> Response:
        orjson.loads(await request.body())
        return _response({"__typename": "Query"})

    async def customer(request: Request) -> Response:
        body = orjson.loads(await request.body())
        [found] = await reads.customers_by_ids([body["variables"]["id"]])
        shown = {"id": found.id, "name": found.name, "email": found.email}
        return _response({"customer": shown})

    return Starlette(
        routes=[
            Route("/typename", typename, methods=["POST"]),
            Route("/customer", customer, methods=["POST"]),
        ]
    )


def _response(data: dict[str, Any]) -> Response:
    return Response(orjson.dumps({"data": data}), media_type="application/json")


async def serve() -> None:
    engine = create_engine(PersistenceSettings())
    await serve_reference(create_app(Reads(engine)), int(os.environ["PORT"]))
    await engine.dispose()


if __name__ == "__main__":
    uvloop.run(serve())
