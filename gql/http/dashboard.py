"""The dashboard's built files, where they are there: the API runs without them just as well.

``make dashboard`` builds them from ``dashboard/`` into this package, so that they are found in the
same place in a working tree, in a wheel and in an image.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, RedirectResponse
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from gql.documents.manifest import read_manifest

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Mapping

    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.types import Scope

FILES = Path(__file__).parent / "dashboard_files"
_SMALL_PLAYGROUND = Path(__file__).parent / "playground.html"

# What the pages' own addresses are; everything else stays unknown, as for an API without pages.
_PAGES = ("/", "/new-order", "/orders/{id}", "/customers", "/guide")
_LINK_TO_PLAYGROUND = '<meta name="playground" content="/playground" />'

_YEAR = 365 * 24 * 3600
_CLOSED = (
    "default-src 'none'; connect-src 'self'; base-uri 'none'; form-action 'none';"
    " frame-ancestors 'none'; "
)
_SECURITY = _CLOSED + "script-src 'self'; img-src 'self' data:; "
_HEADERS = {
    # A page names the assets of its build: an old one would ask for what is gone.
    "Cache-Control": "no-cache",
    "Content-Security-Policy": _SECURITY + "style-src 'self'",
}
# The playground's editor makes style elements as it goes, has fonts of its own, some of them within
# its style sheet, and works in workers.
_PLAYGROUND_HEADERS = _HEADERS | {
    "Content-Security-Policy": _SECURITY
    + "style-src 'self' 'unsafe-inline'; font-src 'self' data:; worker-src 'self'"
}
# The small one is whole: it loads nothing.
_SMALL_PLAYGROUND_HEADERS = {
    "Content-Security-Policy": _CLOSED + "style-src 'unsafe-inline'; script-src 'unsafe-inline'"
}


def playground_page(files: Path = FILES) -> Callable[[], Response]:
    """Return what makes the page that a browser gets at the API's own address: a playground.

    Where the dashboard has been built that is the way to its own; else a small one of one file, so
    that whoever has no Node has one too. Made for each request: what sends it changes its headers.
    """
    # Not for good, as far as a browser is concerned: a build may come, or go.
    headers = {"Vary": "accept"}
    if (files / "index.html").is_file():
        return partial(RedirectResponse, "/playground", headers=headers)
    page = _SMALL_PLAYGROUND.read_text(encoding="utf-8")
    return partial(HTMLResponse, page, headers=headers | _SMALL_PLAYGROUND_HEADERS)


def dashboard_documents(files: Path = FILES) -> Mapping[str, str]:
    """Return the documents that the pages send, by their hashes: none where nothing is built.

    Raises WrongManifest.
    """
    manifest = files / "documents.json"
    return read_manifest(manifest) if manifest.is_file() else {}


async def warm_up() -> None:
    """Load and start what files are served with: else the first page to be opened waits for it."""
    await run_in_threadpool(FILES.is_dir)


def dashboard_routes(files: Path = FILES, *, playground: bool) -> list[BaseRoute]:
    """Make the routes of what has been built: none where nothing has been."""
    if not (files / "index.html").is_file():
        return []
    index = (files / "index.html").read_text(encoding="utf-8")
    if not playground:
        index = index.replace(_LINK_TO_PLAYGROUND, "")
    routes = [_page(path, index, _HEADERS) for path in _PAGES]
    if playground:
        editor = (files / "playground.html").read_text(encoding="utf-8")
        routes.append(_page("/playground", editor, _PLAYGROUND_HEADERS))
    return [
        *routes,
        Route("/orders", _the_list, methods=["GET"]),
        Mount("/assets", _Hashed(directory=files / "assets")),
        Mount("/icons", StaticFiles(directory=files / "icons")),
    ]


async def _the_list(_: Request) -> Response:  # ruff: ignore[unused-async] - else in a thread
    """Lead to the list: what is left of an order's address without its id."""
    return RedirectResponse("/")


def _page(path: str, text: str, headers: Mapping[str, str]) -> BaseRoute:
    async def page(_: Request) -> Response:  # ruff: ignore[unused-async] - else in a thread
        return HTMLResponse(text, headers=headers)

    return Route(path, page, methods=["GET"])


class _Hashed(StaticFiles):
    """Files whose names change with what is in them: kept by a browser for good."""

    def file_response(
        self,
        full_path: str | os.PathLike[str],
        stat_result: os.stat_result,
        scope: Scope,
        status_code: int = 200,
    ) -> Response:
        """Add how long it holds."""
        response = super().file_response(full_path, stat_result, scope, status_code)
        response.headers["Cache-Control"] = f"public, max-age={_YEAR}, immutable"
        return response
