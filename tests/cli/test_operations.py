"""The GraphQL operations of the commands match the schema."""

from __future__ import annotations

from graphql import build_schema, parse, validate
from graphql.language import DocumentNode, OperationDefinitionNode

from cli.client import operations
from gql.schema import schema

_SCHEMA = build_schema(schema.as_str())
_DOCUMENTS: dict[str, DocumentNode] = {
    name: parse(text)
    for name, text in vars(operations).items()
    if name.isupper() and not name.startswith("_")
}


def test_every_operation_is_valid_for_the_schema() -> None:
    problems = {name: validate(_SCHEMA, document) for name, document in _DOCUMENTS.items()}
    assert {name: found for name, found in problems.items() if found} == {}


def test_every_operation_has_a_unique_name_for_the_servers_log() -> None:
    names = [
        node.name and node.name.value
        for document in _DOCUMENTS.values()
        for node in document.definitions
        if isinstance(node, OperationDefinitionNode)
    ]
    assert None not in names
    assert len(set(names)) == len(names)


def test_every_mutation_is_used_by_a_command() -> None:
    assert _SCHEMA.mutation_type is not None
    sent = "".join(text for text in vars(operations).values() if isinstance(text, str))
    assert [field for field in _SCHEMA.mutation_type.fields if f"{field}(" not in sent] == []
