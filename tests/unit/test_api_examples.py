"""The GraphQL in the documentation is valid, and shows every mutation and subscription."""

from __future__ import annotations

import pytest
from graphql import FieldNode, OperationDefinitionNode, OperationType, parse, validate

from gql.documents.preparer import DocumentPreparer
from gql.schema import schema
from gql.settings import ApiSettings
from tests.support.examples import FRONT_END, examples

_EXAMPLES = examples()


@pytest.mark.parametrize("name", _EXAMPLES)
def test_an_example_is_valid_and_within_the_limits(name: str) -> None:
    text = _EXAMPLES[name]
    document = parse(text)
    assert validate(schema.graphql_schema, document) == []
    preparer = DocumentPreparer(ApiSettings.model_construct(), schema.graphql_schema)
    for node in document.definitions:
        if isinstance(node, OperationDefinitionNode):
            preparer.prepare(text, node.name.value if node.name else None)


@pytest.mark.parametrize("operation", [OperationType.MUTATION, OperationType.SUBSCRIPTION])
def test_every_mutation_and_subscription_has_an_example(operation: OperationType) -> None:
    shown = {
        field.name.value
        for node in FRONT_END.definitions
        if isinstance(node, OperationDefinitionNode) and node.operation is operation
        for field in node.selection_set.selections
        if isinstance(field, FieldNode)
    }
    root = schema.graphql_schema.get_root_type(operation)
    assert root is not None
    assert shown == root.fields.keys()
