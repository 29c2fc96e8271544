"""Whether the process lives, and whether it could serve: what is not ready is named."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, TypeAlias

from starlette.responses import JSONResponse
from starlette.routing import Route

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

Check: TypeAlias = Callable[[], Awaitable[object]]
"""Raises, or returns False, where its part is not ready."""

_WITHIN = 2.0


def health_routes(checks: Mapping[str, Check]) -> list[Route]:
    """Make /health/live, and /health/ready out of these checks by name."""

    async def ready(_: Request) -> Response:
        results = await asyncio.gather(*(_complaint(check) for check in checks.values()))
        missing = {
            name: complaint
            for name, complaint in zip(checks, results, strict=True)
            if complaint is not None
        }
        return JSONResponse(
            {"ready": not missing, "missing": missing}, status_code=503 if missing else 200
        )

    return [Route("/health/live", JSONResponse({"live": True})), Route("/health/ready", ready)]


async def _complaint(check: Check) -> str | None:
    try:
        async with asyncio.timeout(_WITHIN):
            return "not ready" if await check() is False else None
    except Exception:  # ruff: ignore[blind-except] - whatever is wrong, the part is not ready
        # What exactly is wrong may hold addresses and names: it is not for everyone.
        return "did not answer"
