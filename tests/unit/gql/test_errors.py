"""Errors have codes; what is the server's own is masked, and found again in its log."""

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
def test_a_service_that_is_away_is_named_and_nothing_of_its_inside(cause: Exception) -> None:
    error = located(cause, str(cause))
    assert codes([error]) == [ErrorCode.SERVICE_UNAVAILABLE]
    assert "did not respond" in error.message
    assert "10.0.0.1" not in error.message


def test_a_clients_mistakes_are_told_apart_and_not_logged(
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
    own = located(RequestError(ErrorCode.ORDER_NOT_FOUND, "There is no order x."))
    assert codes([variable, argument, own]) == [
        ErrorCode.BAD_USER_INPUT,
        ErrorCode.BAD_USER_INPUT,
        ErrorCode.ORDER_NOT_FOUND,
    ]
    assert not caplog.records


def test_what_graphql_itself_finds_wrong_with_an_answer_is_masked() -> None:
    error = located(None, "Abstract type 'UserError' must resolve to an Object type at runtime.")
    assert codes([error]) == [ErrorCode.INTERNAL_SERVER_ERROR]
    assert "Abstract" not in error.message
