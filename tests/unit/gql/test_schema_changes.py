"""Breaking changes of the schema since the last release are in the changelog.

``schema.released.graphql`` is the schema of the last release. Each release replaces it with
``schema.graphql``.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from graphql import GraphQLSchema, build_schema, find_breaking_changes

from gql.schema import schema

HERE = Path(__file__).parent
RELEASED = build_schema((HERE / "schema.released.graphql").read_text(encoding="utf-8"))
CHANGELOG = (HERE.parents[2] / "CHANGELOG.md").read_text(encoding="utf-8")

_COORDINATE = re.compile(r"[A-Za-z]\w*\.\w+(?:\(\w+:\))?|@\w+")
_TYPE = re.compile(r"(?<=.)\b[A-Z]\w+")


def breaking_entries(changelog: str) -> list[str]:
    """Return the entries under Unreleased that begin with "Breaking"."""
    unreleased = changelog.partition("## Unreleased")[2].partition("\n## ")[0]
    entries = re.split(r"\n- ", unreleased)
    return [entry for entry in entries if entry.startswith("Breaking")]


def names_in(description: str) -> list[str]:
    """Return the coordinate in the description of a change, or else its types."""
    return _COORDINATE.findall(description)[:1] or _TYPE.findall(description)


def undocumented_changes(old: GraphQLSchema, new: GraphQLSchema, changelog: str) -> list[str]:
    """Return the descriptions of breaking changes that no entry of the changelog names."""
    entries = breaking_entries(changelog)
    return [
        change.description
        for change in find_breaking_changes(old, new)
        if not any(all(name in entry for name in names_in(change.description)) for entry in entries)
    ]


def test_every_breaking_change_since_the_last_release_is_in_the_changelog() -> None:
    assert undocumented_changes(RELEASED, build_schema(schema.as_str()), CHANGELOG) == [], (
        'describe each change in CHANGELOG.md, in an entry that begins with "Breaking"'
    )


OLD = """
type Query { order(id: ID!, first: Int): Order orders: [Order!] }
type Order { id: ID! total: Int state: State }
enum State { OPEN DONE }
input Filter { state: State }
"""


@pytest.mark.parametrize(
    ("change", "entry"),
    [
        (("total: Int ", ""), "Breaking: `Order.total` is gone."),
        (("total: Int ", "total: String "), "Breaking: `Order.total` is text."),
        (("OPEN ", ""), "Breaking: no more `State.OPEN`."),
        (("first: Int", ""), "Breaking: no more `Query.order(first:)`."),
        (("orders: [Order!] }", "orders: [State!] }"), "Breaking: `Query.orders` are states."),
        (("state: State }\n", "state: State of: ID! }\n"), "Breaking: `Filter.of` is needed."),
    ],
)
def test_a_breaking_change_is_reported_unless_the_changelog_names_it(
    change: tuple[str, str], entry: str
) -> None:
    old, new = build_schema(OLD), build_schema(OLD.replace(*change))
    for changelog, found in (
        (f"## Unreleased\n\n- {entry.removeprefix('Breaking: ')}\n", 1),
        (f"## Unreleased\n\n## 0.1.0\n\n- {entry}\n", 1),
        (f"## Unreleased\n\n- Something else.\n- {entry}\n", 0),
    ):
        assert len(undocumented_changes(old, new, changelog)) == found


def test_an_addition_is_not_a_breaking_change() -> None:
    new = build_schema(
        OLD.replace("OPEN ", "OPEN HELD ").replace("total: Int", "total: Int at: Int")
    )
    assert undocumented_changes(build_schema(OLD), new, "") == []
