"""Clients in a process of their own: each sends a request as soon as it has the last one's answer.

Give it a port, a path, seconds, and the request's body; it prints how many were answered.
"""

from __future__ import annotations

import asyncio
import sys
import time

import orjson
import uvloop

from benchmarks.pages_client import Connection, post

CLIENTS = 16


async def count(port: int, path: str, seconds: float, body: str) -> int:
    """Return how many requests were answered in that time."""
    request = post(path, **orjson.loads(body))
    until = time.perf_counter() + seconds

    async def one() -> int:
        answered = 0
        async with Connection(port) as connection:
            while time.perf_counter() < until:
                await connection.send(request)
                answered += 1
        return answered

    return sum(await asyncio.gather(*(one() for _ in range(CLIENTS))))


if __name__ == "__main__":
    print(uvloop.run(count(int(sys.argv[1]), sys.argv[2], float(sys.argv[3]), sys.argv[4])))  # ruff: ignore[print] - its answer
