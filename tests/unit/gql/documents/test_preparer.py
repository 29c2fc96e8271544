"""Preparing documents: early rejection, the bounded cache and trusted documents."""

from __future__ import annotations

import json
import logging
from time import process_time
from typing import TYPE_CHECKING, Any

import pytest
from graphql import OperationType
from pydantic import ValidationError

from gql.documents.manifest import digest
from gql.documents.preparer import DocumentPreparer
from gql.errors import RequestRejected
from gql.schema import schema
from gql.settings import ApiSettings
from tests.support.attacks import SLOW_TO_VALIDATE, TOO_MUCH

if TYPE_CHECKING:
    from pathlib import Path

TYPED = "{ __typename }"


def new_preparer(**settings: Any) -> DocumentPreparer:
    return DocumentPreparer(ApiSettings(**settings), schema.graphql_schema)


def rejection(
    preparer: DocumentPreparer, text: str, **arguments: Any
) -> tuple[str | None, str | None]:
    """Return the first error's code and, if it is about a limit, the limit's name."""
    with pytest.raises(RequestRejected) as caught:
        preparer.prepare(text, **arguments)
    extensions = caught.value.errors[0].extensions or {}
    return extensions.get("code"), extensions.get("limit")


MAX_CPU_SECONDS = 1.0
"""When measured, a document over a limit took 8 ms, and an invalid one within the limits 50 ms."""


@pytest.mark.parametrize("attack", TOO_MUCH)
def test_a_document_over_a_limit_is_rejected_in_little_time(attack: str) -> None:
    text, limit = TOO_MUCH[attack]
    preparer = new_preparer()
    preparer.prepare(TYPED)
    start = process_time()
    assert rejection(preparer, text) == ("QUERY_LIMIT_EXCEEDED", limit)
    assert process_time() - start < MAX_CPU_SECONDS


@pytest.mark.parametrize("text", SLOW_TO_VALIDATE.values(), ids=SLOW_TO_VALIDATE)
def test_an_invalid_document_within_the_limits_is_rejected_in_little_time(text: str) -> None:
    preparer = new_preparer()
    start = process_time()
    with pytest.raises(RequestRejected):
        preparer.prepare(text)
    assert process_time() - start < MAX_CPU_SECONDS


def test_the_cost_depends_on_the_variables_of_each_request() -> None:
    preparer = new_preparer(max_query_cost=60)
    text = "query ($n: Int = 5) { orders(first: $n) { nodes { id } } }"
    assert preparer.prepare(text).cost == 22
    assert preparer.prepare(text, variables={"n": 20}).cost == 52
    assert rejection(preparer, text, variables={"n": 100}) == ("QUERY_LIMIT_EXCEEDED", "cost")
    assert preparer.prepare(text).cost == 22


def test_an_operation_name_is_required_only_for_several_operations() -> None:
    preparer = new_preparer()
    both = "query A { __typename } query B { a: __typename b: __typename }"
    assert preparer.prepare(both, "B").cost == 2
    assert preparer.prepare(both, "A").name == "A"
    assert preparer.prepare("query A { __typename }").name == "A"
    assert rejection(preparer, both)[0] == "BAD_USER_INPUT"
    assert rejection(preparer, both, operation_name="C")[0] == "BAD_USER_INPUT"
    assert rejection(preparer, TYPED, operation_name="A")[0] == "BAD_USER_INPUT"


def test_an_operation_of_a_type_that_is_not_allowed_is_rejected() -> None:
    preparer = new_preparer()
    mutation = 'mutation { approveOrder(input: {orderId: "x"}) { __typename } }'
    allowed = {OperationType.QUERY}
    assert rejection(preparer, mutation, allowed_types=allowed)[0] == "METHOD_NOT_ALLOWED"
    subscription = 'subscription { orderEvents(orderId: "x") { type } }'
    assert rejection(preparer, subscription, allowed_types=allowed)[0] == "BAD_USER_INPUT"


def test_a_document_is_parsed_and_validated_once() -> None:
    preparer = new_preparer()
    first = preparer.prepare(TYPED)
    assert preparer.prepare(TYPED).document is first.document


def test_distinct_documents_evict_the_least_recently_used_ones_from_the_cache() -> None:
    preparer = new_preparer()
    frequent = preparer.prepare(TYPED)
    for number in range(400):
        fields = " ".join(f"a{n}: __typename" for n in range(25))
        preparer.prepare(f"query Q{number} {{ {fields} }}")
        assert preparer.prepare(TYPED).document is frequent.document
    assert preparer.cached_tokens <= 20_000


def test_introspection_and_suggestions_are_on_in_development_only_unless_set() -> None:
    introspection, misspelt = (
        "{ __schema { types { name } } }",
        "{ order(id: 1) { custmer { id } } }",
    )
    for settings, enabled in (
        ({"environment": "development"}, True),
        ({"environment": "production"}, False),
        ({"environment": "production", "introspection": True}, True),
        ({"environment": "development", "introspection": False}, False),
    ):
        preparer = new_preparer(**settings)
        with pytest.raises(RequestRejected) as caught:
            preparer.prepare(misspelt)
        assert ("Did you mean 'customer'?" in caught.value.errors[0].message) is enabled
        if enabled:
            preparer.prepare(introspection)
        else:
            assert rejection(preparer, introspection)[0] == "INTROSPECTION_DISABLED"
        preparer.prepare(TYPED)


def manifest(folder: Path, *texts: str) -> Path:
    path = folder / "documents.json"
    path.write_text(json.dumps({digest(text): text for text in texts}))
    return path


def test_a_trusted_document_is_found_by_its_hash(tmp_path: Path) -> None:
    trusted = new_preparer(trusted_documents=manifest(tmp_path, TYPED)).trusted
    hash_ = digest(TYPED)
    for request in (
        {"documentId": f"sha256:{hash_}"},
        {"documentId": hash_},
        {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": hash_}}},
    ):
        assert trusted.find(request, None) == TYPED
        assert trusted.find(request, TYPED) == TYPED
    assert trusted.find({"extensions": {"other": 1}}, "{ a }") == "{ a }"


def test_all_documents_but_the_trusted_ones_are_rejected_if_so_configured(tmp_path: Path) -> None:
    path = manifest(tmp_path, TYPED)
    only = new_preparer(trusted_documents=path, trusted_documents_only=True)
    assert only.prepare(TYPED).cost == 1
    assert rejection(only, "{ __typename  }")[0] == "DOCUMENT_NOT_TRUSTED"
    new_preparer(trusted_documents=path).prepare("{ __typename  }")


def test_a_trusted_document_that_is_invalid_for_the_schema_is_logged(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = manifest(tmp_path, TYPED, "{ nothing }", "{ syntax")
    with caplog.at_level(logging.WARNING):
        new_preparer(trusted_documents=path)
    for text in ("{ nothing }", "{ syntax"):
        assert digest(text) in caplog.text
    assert digest(TYPED) not in caplog.text


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("{", "must be a JSON file"),
        ("[]", "must be a JSON object"),
        (json.dumps({"0" * 64: TYPED}), "is not the SHA-256 of its document"),
        (json.dumps({digest(TYPED): 3}), "is not the SHA-256 of its document"),
    ],
)
def test_an_invalid_manifest_is_an_invalid_setting(
    tmp_path: Path, content: str, problem: str
) -> None:
    path = tmp_path / "documents.json"
    path.write_text(content)
    with pytest.raises(ValidationError, match=problem):
        ApiSettings(trusted_documents=path)
    with pytest.raises(ValidationError, match="cannot be read"):
        ApiSettings(trusted_documents=tmp_path / "nowhere.json")


def test_executing_trusted_documents_only_requires_a_manifest() -> None:
    with pytest.raises(ValidationError, match="TRUSTED_DOCUMENTS_ONLY requires TRUSTED_DOCUMENTS"):
        ApiSettings(trusted_documents_only=True)
