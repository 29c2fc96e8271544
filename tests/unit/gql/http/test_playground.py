"""The built-in playground: one file without external resources, with valid examples."""

from __future__ import annotations

import re
from importlib.resources import files
from typing import TYPE_CHECKING

import pytest
from graphql import build_schema, parse, validate

from gql.http.dashboard import playground_page
from gql.schema import schema

if TYPE_CHECKING:
    from pathlib import Path

PAGE = files("gql.http").joinpath("playground.html").read_text(encoding="utf-8")
COMMAND = re.findall(r"const command = `([^`]*)`", PAGE)
INTROSPECTION = re.findall(r"query: `([^`]*)`", PAGE)[0]
EXAMPLES = [
    text.replace("${command}", COMMAND[0])
    for text in re.findall(r"\[`((?:query|mutation|subscription) [^`]*)`", PAGE)
]


def test_the_playground_has_an_example_of_every_command_and_subscription() -> None:
    shown = {match for text in EXAMPLES for match in re.findall(r"\{\s*(\w+)\(", text)[:1]}
    roots = schema.graphql_schema
    assert roots.subscription_type is not None
    assert roots.mutation_type is not None
    assert set(roots.subscription_type.fields) <= shown
    assert set(roots.mutation_type.fields) - shown == {"updateCustomer", "deleteCustomer"}
    assert roots.query_type is not None
    assert set(roots.query_type.fields) - shown == {"command", "customer"}


@pytest.mark.parametrize("example", EXAMPLES)
def test_every_example_is_valid(example: str) -> None:
    assert validate(build_schema(schema.as_str()), parse(example)) == []


def test_the_playground_loads_no_external_resources() -> None:
    assert not re.search(r"(src|href|url\(|import)\s*=?\s*[\"'(]?(https?:)?//", PAGE)
    assert "<link" not in PAGE
    assert "<img" not in PAGE


def test_without_a_dashboard_a_browser_gets_the_built_in_playground(tmp_path: Path) -> None:
    page = playground_page(tmp_path)()
    assert page.status_code == 200
    assert bytes(page.body).decode() == PAGE
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "connect-src 'self'" in policy
    assert "http" not in policy


def test_with_a_dashboard_a_browser_is_redirected_to_its_playground(tmp_path: Path) -> None:
    (tmp_path / "index.html").touch()
    page = playground_page(tmp_path)()
    assert (page.status_code, page.headers["location"]) == (307, "/playground")
    assert page.headers["vary"] == "accept"
