"""The playground is whole by itself, and its examples are right."""

from __future__ import annotations

import re
from importlib.resources import files

import pytest
from graphql import build_schema, parse, validate

from gql.schema import schema

PAGE = files("gql").joinpath("playground.html").read_text(encoding="utf-8")
COMMAND = re.findall(r"const command = `([^`]*)`", PAGE)
INTROSPECTION = re.findall(r"query: `([^`]*)`", PAGE)[0]
EXAMPLES = [
    text.replace("${command}", COMMAND[0])
    for text in re.findall(r"\[`((?:query|mutation|subscription) [^`]*)`", PAGE)
]


def test_there_is_an_example_of_everything_that_is_there_to_do() -> None:
    names = [re.findall(r"\w+ (\w+)", text)[0] for text in EXAMPLES]
    assert names == [
        "CreateCustomer",
        "StartOrder",
        "Approve",
        "Order",
        "Orders",
        "Customers",
        "Workflows",
        "OrderEvents",
    ]


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_is_valid(example: str) -> None:
    assert validate(build_schema(schema.as_str()), parse(example)) == []


def test_nothing_is_loaded_from_elsewhere() -> None:
    assert not re.search(r"(src|href|url\(|import)\s*=?\s*[\"'(]?(https?:)?//", PAGE)
    assert "<link" not in PAGE
    assert "<img" not in PAGE
