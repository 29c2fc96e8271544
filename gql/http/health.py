"""Health checks: /health/live for the process, /health/ready for the services it depends on."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, TypeAlias

from starlette.responses import JSONResponse
from starlette.routing import Route

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

ReadinessCheck: TypeAlias = Callable[[], Awaitable[object]]
"""Raises, or returns False, if its service is not ready."""

_CHECK_TIMEOUT = 2.0  # seconds


def health_routes(checks: Mapping[str, ReadinessCheck]) -> list[Route]:
    """Make both routes. The response of /health/ready names each check that failed."""

    async def ready(_: Request) -> Response:
        failures = await asyncio.gather(*(_failure(check) for check in checks.values()))
        missing = {
            name: failure
            for name, failure in zip(checks, failures, strict=True)
            if failure is not None
        }
        return JSONResponse(
            {"ready": not missing, "missing": missing}, status_code=503 if missing else 200
        )

    return [Route("/health/live", JSONResponse({"live": True})), Route("/health/ready", ready)]


async def _failure(check: ReadinessCheck) -> str | None:
    try:
        async with asyncio.timeout(_CHECK_TIMEOUT):
            return "not ready" if await check() is False else None
    except Exception:  # ruff: ignore[blind-except] - any failure means that it is not ready
        # Anyone may call this route, and the exception's text may contain addresses and names.
        return "did not respond"
