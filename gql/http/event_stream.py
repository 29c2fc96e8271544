"""Streams results as server-sent events, in the graphql-sse protocol."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

import orjson
from starlette.responses import StreamingResponse
from strawberry.http.streaming import SSETransport, merge_stream_with_heartbeat

from gql.http.responses import payload_of
from gql.streams.errors import interruption

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Coroutine

    from strawberry.types import ExecutionResult

    from gql.documents.admission import Admission

_TRANSPORT = SSETransport()


def event_stream(
    results: AsyncGenerator[ExecutionResult],
    admission: Admission,
    expire: Callable[[asyncio.Timeout], Coroutine[Any, Any, None]] | None = None,
) -> StreamingResponse:
    """Count the stream as a connection until it ends.

    ``expire`` lets a deadline pass that ends the stream. ``complete`` is omitted then, and after an
    interruption, so that clients resume.
    """

    # A task runs both generators to their ends, or is dropped with them.
    # ruff: disable[yield-in-context-manager-in-async-generator]
    async def frames() -> AsyncGenerator[str]:
        deadline = asyncio.timeout(None)
        watch = asyncio.create_task(expire(deadline)) if expire is not None else None
        try:
            async with aclosing(results), deadline:
                async for result in results:
                    if interruption(result):
                        return
                    yield _TRANSPORT.encode_next(payload_of(result), encode_json)
        except TimeoutError:
            if not deadline.expired():
                raise
            return
        finally:
            if watch is not None:
                watch.cancel()
        yield _TRANSPORT.encode_complete()

    with_heartbeat = merge_stream_with_heartbeat(
        frames,
        lambda: _TRANSPORT.heartbeat_message(encode_json),
        interval=_TRANSPORT.heartbeat_interval,
        send_initial_heartbeat=_TRANSPORT.send_initial_heartbeat,
    )

    async def counted() -> AsyncGenerator[str]:
        with admission.connection():
            async for frame in with_heartbeat():
                yield frame

    # ruff: enable[yield-in-context-manager-in-async-generator]
    return StreamingResponse(counted(), headers=_TRANSPORT.headers)


def encode_json(value: object) -> str:
    return orjson.dumps(value).decode()
