"""How the dashboard's built files are served, and that the API does without them."""

from __future__ import annotations

import json
import re
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette

from gql.documents.manifest import WrongManifest, digest
from gql.documents.prepare import Documents
from gql.http.dashboard import FILES, dashboard_documents, dashboard_routes
from gql.schema import schema
from gql.settings import ApiSettings

LINK = '<meta name="playground" content="/playground" />'


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """What a build makes, in small."""
    (tmp_path / "index.html").write_text(f"<head>{LINK}</head>the pages")
    (tmp_path / "playground.html").write_text("the playground")
    for folder, name in (("assets", "index-abc123.js"), ("icons", "orders.svg")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / name).write_text("text")
    return tmp_path


def served(files: Path, *, playground: bool = True) -> httpx.AsyncClient:
    app = Starlette(routes=dashboard_routes(files, playground=playground))
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://orders")


def test_where_nothing_is_built_nothing_is_served(tmp_path: Path) -> None:
    assert dashboard_routes(tmp_path, playground=True) == []


@pytest.mark.parametrize("path", ["/", "/new-order", "/orders/new", "/customers", "/guide"])
async def test_every_page_is_the_one_document_and_asked_for_anew(files: Path, path: str) -> None:
    async with served(files) as client:
        answer = await client.get(path)
    assert "the pages" in answer.text
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-cache"


async def test_an_orders_address_without_the_order_leads_to_the_list(files: Path) -> None:
    async with served(files) as client:
        answer = await client.get("/orders")
    assert (answer.status_code, answer.headers["location"]) == (307, "/")


async def test_an_asset_is_kept_for_good(files: Path) -> None:
    async with served(files) as client:
        answer = await client.get("/assets/index-abc123.js")
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"


@pytest.mark.parametrize("path", ["/nothing", "/assets/gone.js", "/assets/../index.html"])
async def test_what_is_not_there_is_not_found(files: Path, path: str) -> None:
    async with served(files) as client:
        assert (await client.get(path)).status_code == 404


async def test_a_page_cannot_be_posted_to(files: Path) -> None:
    async with served(files) as client:
        assert (await client.post("/")).status_code == 405


@pytest.mark.parametrize("path", ["/", "/playground"])
async def test_no_page_may_run_or_reach_anything_from_elsewhere(files: Path, path: str) -> None:
    async with served(files) as client:
        policy = (await client.get(path)).headers["content-security-policy"]
    directives = dict(re.findall(r"([a-z-]+) ([^;]+)", policy))
    assert directives["default-src"] == "'none'"
    assert directives["script-src"] == "'self'"
    assert directives["connect-src"] == "'self'"
    sources = {source for value in directives.values() for source in value.split()}
    assert sources <= {"'none'", "'self'", "'unsafe-inline'", "data:"}
    assert ("'unsafe-inline'" in directives["style-src"]) == (path == "/playground")


async def test_where_the_playground_is_off_there_is_neither_page_nor_link(files: Path) -> None:
    async with served(files, playground=False) as client:
        assert (await client.get("/playground")).status_code == 404
        assert LINK not in (await client.get("/")).text
    async with served(files) as client:
        assert (await client.get("/playground")).text == "the playground"
        assert LINK in (await client.get("/")).text


def test_what_the_pages_send_is_trusted_beside_what_the_operator_trusts(tmp_path: Path) -> None:
    texts = ["query Page { orders { feedCursor } }", "query Own { __typename }"]
    paths = [tmp_path / "documents.json", tmp_path / "own.json"]
    for text, path in zip(texts, paths, strict=True):
        path.write_text(json.dumps({digest(text): text}))
    settings = ApiSettings(trusted_documents=paths[1], trusted_documents_only=True)
    documents = Documents(settings, schema.graphql_schema, dashboard_documents(tmp_path))
    assert [documents.prepare(text).name for text in texts] == ["Page", "Own"]


def test_a_build_whose_manifest_is_none_is_said(tmp_path: Path) -> None:
    (tmp_path / "documents.json").write_text("[]")
    with pytest.raises(WrongManifest):
        dashboard_documents(tmp_path)


@pytest.mark.skipif(not (FILES / "index.html").is_file(), reason="the dashboard is not built")
def test_every_document_of_the_build_can_be_executed_in_production() -> None:
    texts = dashboard_documents().values()
    documents = Documents(ApiSettings(environment="production"), schema.graphql_schema)
    assert {documents.prepare(text).name for text in texts} >= {"Orders", "OrderFeed", "Order"}


def test_the_link_that_is_taken_out_is_the_one_that_is_in_the_page() -> None:
    page = Path(__file__).parents[4] / "dashboard" / "index.html"
    assert LINK in page.read_text(encoding="utf-8")
