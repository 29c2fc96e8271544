"""The dashboard's built files, where they are there: the API runs without them just as well.

``make dashboard`` builds them from ``dashboard/`` into this package, so that they are found in the
same place in a working tree, in a wheel and in an image.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from starlette.responses import HTMLResponse
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

if TYPE_CHECKING:
    import os

    from starlette.responses import Response
    from starlette.types import Scope

FILES = Path(__file__).parent / "dashboard_files"

# What the pages' own addresses are; everything else stays unknown, as for an API without pages.
_PAGES = ("/", "/orders/{id}", "/customers", "/guide")
_LINK_TO_PLAYGROUND = '<meta name="playground" content="/playground" />'

_YEAR = 365 * 24 * 3600
_SECURITY = (
    "default-src 'none'; script-src 'self'; connect-src 'self'; img-src 'self' data:;"
    " base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
)
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


def dashboard_routes(files: Path = FILES, *, playground: bool) -> list[BaseRoute]:
    """Make the routes of what has been built: none where nothing has been."""
    if not (files / "index.html").is_file():
        return []
    index = (files / "index.html").read_text(encoding="utf-8")
    if not playground:
        index = index.replace(_LINK_TO_PLAYGROUND, "")
    page = HTMLResponse(index, headers=_HEADERS)
    routes: list[BaseRoute] = [Route(path, page, methods=["GET"]) for path in _PAGES]
    if playground:
        editor = (files / "playground.html").read_text(encoding="utf-8")
        shown = HTMLResponse(editor, headers=_PLAYGROUND_HEADERS)
        routes.append(Route("/playground", shown, methods=["GET"]))
    return [
        *routes,
        Mount("/assets", _Hashed(directory=files / "assets")),
        Mount("/icons", StaticFiles(directory=files / "icons")),
    ]


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
