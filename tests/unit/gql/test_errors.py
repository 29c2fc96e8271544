"""Errors have codes. Internal errors are masked and logged under an ID."""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING

import pytest
from graphql import GraphQLError, GraphQLSyntaxError, Source

from gql.errors import ErrorCode, RequestError, finish_errors
from orchestration.client import TemporalUnavailable
from orchestration.domain.errors import RecordUnavailable

if TYPE_CHECKING:
    from collections.abc import Iterable


def located(cause: Exception | None, message: str = "boom") -> GraphQLError:
    return GraphQLError(message, path=["order", "payment"], original_error=cause)


def codes(errors: Iterable[GraphQLError], *, executing: bool = True) -> list[object]:
    found = list(errors)
    finish_errors(found, executing=executing)
    return [(error.extensions or {}).get("code") for error in found]


def test_an_unexpected_error_is_masked_and_logged_under_its_id(
    caplog: pytest.LogCaptureFixture,
) -> None:
    error = located(ValueError("password=secret"), "password=secret")
    assert codes([error]) == [ErrorCode.INTERNAL_SERVER_ERROR]
    assert "secret" not in str(error.formatted)
    [error_id] = re.findall(r"[0-9a-f]{32}", error.message)
    [line] = caplog.records
    assert error_id in line.getMessage()
    assert line.levelno == logging.ERROR
    assert "password=secret" in caplog.text


@pytest.mark.parametrize(
    "cause", [RecordUnavailable("10.0.0.1 refused"), TemporalUnavailable("10.0.0.1 refused")]
)
def test_the_error_for_an_unavailable_service_names_it_without_details(cause: Exception) -> None:
    error = located(cause, str(cause))
    assert codes([error]) == [ErrorCode.SERVICE_UNAVAILABLE]
    assert "did not respond" in error.message
    assert "10.0.0.1" not in error.message


def test_errors_of_the_client_have_distinct_codes_and_are_not_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    syntax = GraphQLSyntaxError(Source("{"), 1, "Expected Name")
    unknown = GraphQLError("Cannot query field 'nothing' on type 'Query'.")
    assert codes([syntax, unknown], executing=False) == [
        ErrorCode.GRAPHQL_PARSE_FAILED,
        ErrorCode.GRAPHQL_VALIDATION_FAILED,
    ]
    variable = GraphQLError("Variable '$id' of required type 'ID!' was not provided.")
    argument = located(None, "Argument 'id' of type 'ID!' must not be null.")
    not_found = located(RequestError(ErrorCode.ORDER_NOT_FOUND, "Order x was not found."))
    assert codes([variable, argument, not_found]) == [
        ErrorCode.BAD_USER_INPUT,
        ErrorCode.BAD_USER_INPUT,
        ErrorCode.ORDER_NOT_FOUND,
    ]
    assert not caplog.records


def test_an_error_that_graphql_finds_in_a_result_is_masked() -> None:
    error = located(None, "Abstract type 'UserError' must resolve to an Object type at runtime.")
    assert codes([error]) == [ErrorCode.INTERNAL_SERVER_ERROR]
    assert "Abstract" not in error.message
