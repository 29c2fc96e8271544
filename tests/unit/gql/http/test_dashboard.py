"""Serving the built dashboard, and running without one."""

from __future__ import annotations

import json
import re
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette

from gql.documents.manifest import InvalidManifest, digest
from gql.documents.preparer import DocumentPreparer
from gql.http.dashboard import FILES, dashboard_documents, dashboard_routes
from gql.schema import schema
from gql.settings import ApiSettings

LINK = '<meta name="playground" content="/playground" />'


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """A minimal build of the dashboard."""
    (tmp_path / "index.html").write_text(f"<head>{LINK}</head>the pages")
    (tmp_path / "playground.html").write_text("the playground")
    for folder, name in (("assets", "index-abc123.js"), ("icons", "orders.svg")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / name).write_text("text")
    return tmp_path


def served(files: Path, *, playground: bool = True) -> httpx.AsyncClient:
    app = Starlette(routes=dashboard_routes(files, playground=playground))
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://orders")


def test_without_a_build_no_page_is_served(tmp_path: Path) -> None:
    assert dashboard_routes(tmp_path, playground=True) == []


@pytest.mark.parametrize(
    "path", ["/", "/new-order", "/orders/new", "/customers", "/workflows", "/guide"]
)
async def test_every_page_is_the_same_document_and_is_revalidated(files: Path, path: str) -> None:
    async with served(files) as client:
        response = await client.get(path)
    assert "the pages" in response.text
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert response.headers["cache-control"] == "no-cache"


async def test_the_parent_path_of_orders_redirects_to_the_list(files: Path) -> None:
    async with served(files) as client:
        response = await client.get("/orders")
    assert (response.status_code, response.headers["location"]) == (307, "/")


async def test_assets_may_be_cached_forever(files: Path) -> None:
    async with served(files) as client:
        response = await client.get("/assets/index-abc123.js")
    assert response.headers["cache-control"] == "public, max-age=31536000, immutable"


@pytest.mark.parametrize("path", ["/nothing", "/assets/gone.js", "/assets/../index.html"])
async def test_an_unknown_path_is_not_found(files: Path, path: str) -> None:
    async with served(files) as client:
        assert (await client.get(path)).status_code == 404


async def test_a_page_rejects_post(files: Path) -> None:
    async with served(files) as client:
        assert (await client.post("/")).status_code == 405


@pytest.mark.parametrize("path", ["/", "/playground"])
async def test_pages_may_load_and_connect_to_their_own_origin_only(files: Path, path: str) -> None:
    async with served(files) as client:
        policy = (await client.get(path)).headers["content-security-policy"]
    directives = dict(re.findall(r"([a-z-]+) ([^;]+)", policy))
    assert directives["default-src"] == "'none'"
    assert directives["script-src"] == "'self'"
    assert directives["connect-src"] == "'self'"
    sources = {source for value in directives.values() for source in value.split()}
    assert sources <= {"'none'", "'self'", "'unsafe-inline'", "data:"}
    assert ("'unsafe-inline'" in directives["style-src"]) == (path == "/playground")


async def test_a_disabled_playground_has_neither_a_page_nor_a_link(files: Path) -> None:
    async with served(files, playground=False) as client:
        assert (await client.get("/playground")).status_code == 404
        assert LINK not in (await client.get("/")).text
    async with served(files) as client:
        assert (await client.get("/playground")).text == "the playground"
        assert LINK in (await client.get("/")).text


def test_the_documents_of_the_dashboard_are_trusted_in_addition_to_the_operators(
    tmp_path: Path,
) -> None:
    texts = ["query Page { orders { feedCursor } }", "query Own { __typename }"]
    paths = [tmp_path / "documents.json", tmp_path / "own.json"]
    for text, path in zip(texts, paths, strict=True):
        path.write_text(json.dumps({digest(text): text}))
    settings = ApiSettings(trusted_documents=paths[1], trusted_documents_only=True)
    preparer = DocumentPreparer(settings, schema.graphql_schema, dashboard_documents(tmp_path))
    assert [preparer.prepare(text).name for text in texts] == ["Page", "Own"]


def test_an_invalid_manifest_in_the_build_is_reported(tmp_path: Path) -> None:
    (tmp_path / "documents.json").write_text("[]")
    with pytest.raises(InvalidManifest):
        dashboard_documents(tmp_path)


@pytest.mark.skipif(not (FILES / "index.html").is_file(), reason="the dashboard is not built")
def test_every_document_of_the_build_is_valid_in_production() -> None:
    texts = dashboard_documents().values()
    preparer = DocumentPreparer(ApiSettings(environment="production"), schema.graphql_schema)
    assert {preparer.prepare(text).name for text in texts} >= {"Orders", "OrderFeed", "Order"}


def test_the_link_to_the_playground_is_in_the_source_of_the_page() -> None:
    page = Path(__file__).parents[4] / "dashboard" / "index.html"
    assert LINK in page.read_text(encoding="utf-8")
