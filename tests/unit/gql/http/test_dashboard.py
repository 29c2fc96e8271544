"""Serving the built dashboard, and running without one."""

from __future__ import annotations

import json
import re
from html import unescape
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette

from gql.access.settings import SignIn
from gql.documents.manifest import InvalidManifest, digest
from gql.documents.preparer import DocumentPreparer
from gql.http.dashboard import FILES, dashboard_documents, dashboard_routes
from gql.schema import schema
from gql.settings import ApiSettings

LINK = '<meta name="playground" content="/playground" />'
ACCESS = '<meta name="access" content="{}" />'
SIGN_IN = SignIn("https://login.example:8443/realms/a?b", 'dash"board', "openid x", "orders")


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """A minimal build of the dashboard."""
    (tmp_path / "index.html").write_text(f"<head>{LINK}{ACCESS}</head>the pages")
    (tmp_path / "playground.html").write_text(f"<head>{ACCESS}</head>the playground")
    for folder, name in (("assets", "index-abc123.js"), ("icons", "orders.svg")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / name).write_text("text")
    return tmp_path


def served(
    files: Path, *, playground: bool = True, sign_in: SignIn | None = None, is_open: bool = False
) -> httpx.AsyncClient:
    routes = dashboard_routes(files, playground=playground, sign_in=sign_in, is_open=is_open)
    app = Starlette(routes=routes)
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://orders")


def test_without_a_build_no_page_is_served(tmp_path: Path) -> None:
    assert dashboard_routes(tmp_path, playground=True) == []


@pytest.mark.parametrize(
    "path", ["/", "/new-order", "/orders/new", "/customers", "/workflows", "/guide", "/sign-in"]
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


def access_of(page: str) -> object:
    """Return what the page tells its scripts, as a browser reads it."""
    [content] = re.findall(r'<meta name="access" content="([^"]*)" />', page)
    return json.loads(unescape(content))


@pytest.mark.parametrize("path", ["/", "/playground"])
async def test_pages_with_a_sign_in_name_the_issuer_and_may_connect_to_its_origin(
    files: Path, path: str
) -> None:
    async with served(files, sign_in=SIGN_IN) as client:
        response = await client.get(path)
    assert access_of(response.text) == {
        "isOpen": False,
        "signIn": {
            "issuer": SIGN_IN.issuer,
            "client_id": 'dash"board',
            "scopes": "openid x",
            "audience": "orders",
        },
    }
    policy = response.headers["content-security-policy"]
    directives = dict(re.findall(r"([a-z-]+) ([^;]+)", policy))
    assert directives["connect-src"] == "'self' https://login.example:8443"
    assert policy.count("https:") == 1


@pytest.mark.parametrize("is_open", [True, False])
async def test_pages_without_a_sign_in_say_whether_the_api_is_open(
    files: Path, *, is_open: bool
) -> None:
    async with served(files, is_open=is_open) as client:
        page = (await client.get("/")).text
    assert access_of(page) == {"isOpen": is_open, "signIn": None}


async def test_a_disabled_playground_has_neither_a_page_nor_a_link(files: Path) -> None:
    async with served(files, playground=False) as client:
        assert (await client.get("/playground")).status_code == 404
        assert LINK not in (await client.get("/")).text
    async with served(files) as client:
        assert "the playground" in (await client.get("/playground")).text
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


@pytest.mark.parametrize(
    ("file", "tag"),
    [
        ("index.html", LINK),
        ("index.html", ACCESS),
        ("playground.html", ACCESS),
    ],
)
def test_the_tags_that_are_replaced_are_in_the_source_of_the_pages(file: str, tag: str) -> None:
    page = Path(__file__).parents[4] / "dashboard" / file
    assert tag in page.read_text(encoding="utf-8")
