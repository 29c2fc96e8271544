"""Runs 16 clients; each sends its next request as soon as it has received a response.

Arguments: port, path, duration in seconds, request body, and the token to send, if any. Prints the
number of responses.
"""

from __future__ import annotations

import asyncio
import sys
import time

import orjson
import uvloop

from benchmarks.pages_client import Connection, post

CLIENTS = 16


async def count_responses(
    port: int, path: str, seconds: float, body: str, token: str | None = None
) -> int:
    """Return the number of responses received within ``seconds``."""
    request = post(path, token=token, **orjson.loads(body))
    until = time.perf_counter() + seconds

    async def client() -> int:
        responses = 0
        async with Connection(port) as connection:
            while time.perf_counter() < until:
                await connection.send(request)
                responses += 1
        return responses

    return sum(await asyncio.gather(*(client() for _ in range(CLIENTS))))


if __name__ == "__main__":
    port, path, seconds, *rest = sys.argv[1:]
    print(uvloop.run(count_responses(int(port), path, float(seconds), *rest)))  # ruff: ignore[print] - read by the parent process
