"""Serves the dashboard's built files and the playground. Without a build the API runs as usual.

``make dashboard`` builds ``dashboard/`` into this package, so the files have the same place in a
working tree, a wheel and an image.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from functools import partial
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

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

    from gql.access.settings import SignIn

FILES = Path(__file__).parent / "dashboard_files"
_BUILTIN_PLAYGROUND = Path(__file__).parent / "playground.html"

# The routes of the single-page application. Other paths stay 404.
_PAGES = ("/", "/new-order", "/orders/{id}", "/customers", "/workflows", "/guide", "/sign-in")
_PLAYGROUND_LINK = '<meta name="playground" content="/playground" />'
_ACCESS = '<meta name="access" content="{}" />'

_YEAR_SECONDS = 365 * 24 * 3600
_BASE_POLICY = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
_PAGE_POLICY = _BASE_POLICY + "script-src 'self'; img-src 'self' data:; "
_STYLES = "style-src 'self'; "
# The playground's editor creates style elements, embeds fonts in its style sheet and uses workers.
_EDITOR_STYLES = "style-src 'self' 'unsafe-inline'; font-src 'self' data:; worker-src 'self'; "
# The built-in playground is a single file that loads nothing.
_BUILTIN_PLAYGROUND_HEADERS = {
    "Content-Security-Policy": _BASE_POLICY
    + "connect-src 'self'; style-src 'unsafe-inline'; script-src 'unsafe-inline'"
}


def playground_page(files: Path = FILES) -> Callable[[], Response]:
    """Return a function that makes the response for a browser at /graphql.

    It redirects to the dashboard's playground. Without a build it serves a small built-in one. Each
    request needs a new response, because middleware changes its headers.
    """
    headers = {"Vary": "accept"}
    if (files / "index.html").is_file():
        # A temporary redirect, because a later version may be served without a dashboard.
        return partial(RedirectResponse, "/playground", headers=headers)
    page = _BUILTIN_PLAYGROUND.read_text(encoding="utf-8")
    return partial(HTMLResponse, page, headers=headers | _BUILTIN_PLAYGROUND_HEADERS)


def dashboard_documents(files: Path = FILES) -> Mapping[str, str]:
    """Return the GraphQL documents of the dashboard by their hashes. Empty without a build.

    Raises InvalidManifest.
    """
    manifest = files / "documents.json"
    return read_manifest(manifest) if manifest.is_file() else {}


async def warm_up() -> None:
    """Start the thread pool that serves files, so that the first page does not wait for it."""
    await run_in_threadpool(FILES.is_dir)


def dashboard_routes(
    files: Path = FILES, *, playground: bool, sign_in: SignIn | None = None, is_open: bool = False
) -> list[BaseRoute]:
    """Return the routes of the dashboard. Empty without a build.

    The pages tell their scripts how to sign in, or that the API is open to everybody.
    """
    if not (files / "index.html").is_file():
        return []
    access = _access_tag(sign_in, is_open=is_open)

    def page(path: str, file: str, styles: str) -> BaseRoute:
        text = (files / file).read_text(encoding="utf-8").replace(_ACCESS, access)
        if not playground:
            text = text.replace(_PLAYGROUND_LINK, "")
        policy = _PAGE_POLICY + styles + _connections(sign_in)
        return _page_route(path, text, policy)

    routes = [page(path, "index.html", _STYLES) for path in _PAGES]
    if playground:
        routes.append(page("/playground", "playground.html", _EDITOR_STYLES))
    return [
        *routes,
        Route("/orders", _redirect_to_list, methods=["GET"]),
        Mount("/assets", _ImmutableFiles(directory=files / "assets")),
        Mount("/icons", StaticFiles(directory=files / "icons")),
    ]


def _access_tag(sign_in: SignIn | None, *, is_open: bool) -> str:
    content = {"isOpen": is_open, "signIn": None if sign_in is None else asdict(sign_in)}
    return f'<meta name="access" content="{escape(json.dumps(content))}" />'


def _connections(sign_in: SignIn | None) -> str:
    """Return the directive that lets a page call the API, and the issuer if it signs in there."""
    if sign_in is None:
        return "connect-src 'self'"
    issuer = urlsplit(sign_in.issuer)
    return f"connect-src 'self' {issuer.scheme}://{issuer.netloc}"


async def _redirect_to_list(_: Request) -> Response:  # ruff: ignore[unused-async] - Starlette would run it in a thread
    """Redirect /orders, the parent path of every order, to the list of orders."""
    return RedirectResponse("/")


def _page_route(path: str, text: str, policy: str) -> BaseRoute:
    # A page names the assets of its build. A cached page would request assets that are gone.
    headers = {"Cache-Control": "no-cache", "Content-Security-Policy": policy}

    async def page(_: Request) -> Response:  # ruff: ignore[unused-async] - Starlette would run it in a thread
        return HTMLResponse(text, headers=headers)

    return Route(path, page, methods=["GET"])


class _ImmutableFiles(StaticFiles):
    """Files with a content hash in their names, which browsers may cache forever."""

    def file_response(
        self,
        full_path: str | os.PathLike[str],
        stat_result: os.stat_result,
        scope: Scope,
        status_code: int = 200,
    ) -> Response:
        response = super().file_response(full_path, stat_result, scope, status_code)
        response.headers["Cache-Control"] = f"public, max-age={_YEAR_SECONDS}, immutable"
        return response
