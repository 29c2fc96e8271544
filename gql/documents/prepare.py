"""Documents made ready to be executed: trusted, parsed, measured and validated, and remembered.

All that is found out about a text is found out once. What is remembered is bounded by its tokens,
since these are what a document's memory grows with, so that no flood of distinct ones can fill it.
"""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSyntaxError,
    OperationDefinitionNode,
    OperationType,
    parse,
    specified_rules,
    validate,
)
from strawberry.schema.validation_rules.maybe_null import MaybeNullValidationRule
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule

from gql.documents.limits import Measuring, QueryLimits, check_limit, limit_exceeded, with_defaults
from gql.documents.manifest import read_manifest
from gql.documents.trusted import TrustedDocuments
from gql.errors import ErrorCode, RequestError, RequestRejected, bad_input

if TYPE_CHECKING:
    from collections.abc import Collection

    from graphql import GraphQLSchema

    from gql.settings import ApiSettings

_log = logging.getLogger(__name__)

# Made once: the stock view puts them together anew for every request.
_RULES = (*specified_rules, MaybeNullValidationRule, OneOfInputValidationRule)
_INTROSPECTION = frozenset({"__schema", "__type"})
_TOLD_ERRORS = 20  # a document with more has not been written by somebody who reads them
_REMEMBERED_TOKENS = 20_000
"""Some two hundred ordinary documents, and less than 10 MB at the worst."""

ALL_KINDS = frozenset(OperationType)
SAFE_KINDS = ALL_KINDS - {OperationType.MUTATION}
"""What may go by GET."""


@dataclass(frozen=True)
class PreparedDocument:
    """One operation of a valid document."""

    document: DocumentNode
    operation: OperationDefinitionNode
    cost: int

    @property
    def name(self) -> str | None:
        """The operation's name."""
        return self.operation.name.value if self.operation.name else None


@dataclass(frozen=True)
class _Known:
    """What is so for every request with this document."""

    ast: DocumentNode
    costs: Mapping[int, int]
    varies: bool


class Documents:
    """Makes documents ready for one schema, under one set of limits."""

    def __init__(
        self,
        settings: ApiSettings,
        schema: GraphQLSchema,
        trusted: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        """Trust these documents, and those that the settings' manifest names, if there is one.

        Raises WrongManifest.
        """
        self._schema = schema
        self._limits = QueryLimits(
            depth=settings.max_query_depth,
            aliases=settings.max_query_aliases,
            directives=settings.max_query_directives,
            cost=settings.max_query_cost,
        )
        self._max_tokens = settings.max_query_tokens
        self._max_length = settings.max_query_length
        self._introspection = settings.allows_introspection
        self._only_trusted = settings.trusted_documents_only
        path = settings.trusted_documents
        self.trusted = TrustedDocuments({**trusted, **(read_manifest(path) if path else {})})
        self._known: OrderedDict[str, _Known] = OrderedDict()
        self._tokens = 0
        self._complain_of_trusted()

    def prepare(
        self,
        text: str,
        operation_name: str | None = None,
        variables: Mapping[str, Any] | None = None,
        kinds: Collection[OperationType] = ALL_KINDS,
    ) -> PreparedDocument:
        """Make one operation ready, which must be of these kinds. Raises RequestRejected."""
        try:
            known = self._recalled(text) or self._learned(text)
            place, operation = _chosen(known.ast, operation_name)
            cost = self._cost(known, place, operation, variables)
            _check_kind(operation, kinds)
        except GraphQLError as error:
            raise RequestRejected([error]) from None
        return PreparedDocument(known.ast, operation, cost)

    @property
    def remembered_tokens(self) -> int:
        """How much is remembered."""
        return self._tokens

    def _cost(
        self,
        known: _Known,
        place: int,
        operation: OperationDefinitionNode,
        variables: Mapping[str, Any] | None,
    ) -> int:
        cost = known.costs[place]
        if known.varies:
            given = with_defaults(operation, variables)
            cost = Measuring(self._schema, known.ast, given).operation(operation).cost
        check_limit("cost", cost, self._limits.cost)
        return cost

    def _recalled(self, text: str) -> _Known | None:
        known = self._known.get(text)
        if known is not None:
            self._known.move_to_end(text)
        return known

    def _complain_of_trusted(self) -> None:
        # Not an end to the start: the other documents' clients can do without this one.
        for name, text in self.trusted.items():
            try:
                self._learned(text)
            except RequestRejected as refused:
                _log.warning("the trusted document %s: %s", name, refused.errors[0].message)
            except GraphQLError as error:
                _log.warning("the trusted document %s: %s", name, error.message)

    def _learned(self, text: str) -> _Known:
        check_limit("length", len(text), self._max_length)
        if self._only_trusted and text not in self.trusted:
            raise RequestError(
                ErrorCode.DOCUMENT_NOT_TRUSTED, "This API executes trusted documents only."
            )
        ast = self._parsed(text)
        measuring = Measuring(self._schema, ast)
        try:
            measure, costs = measuring.whole()
        except RecursionError:
            raise limit_exceeded("depth", None, self._limits.depth) from None
        self._limits.check(measure)
        if not self._introspection and measuring.meta & _INTROSPECTION:
            raise RequestError(
                ErrorCode.INTROSPECTION_DISABLED, "This API does not tell its schema."
            )
        if not measuring.varies and costs:
            # Else a request's own variables decide. Before validation, which would take longer.
            check_limit("cost", min(costs.values()), self._limits.cost)
        errors = validate(
            self._schema,
            ast,
            _RULES,
            max_errors=_TOLD_ERRORS,
            hide_suggestions=not self._introspection,
        )
        if errors:
            raise RequestRejected(errors)
        known = _Known(ast, costs, measuring.varies)
        self._remember(text, known)
        return known

    def _parsed(self, text: str) -> DocumentNode:
        # Comments are read like anything else, and take as long.
        most = self._max_tokens
        try:
            ast = parse(text, max_lexical_tokens=most, max_comments=most)
        except GraphQLSyntaxError as error:
            if not error.message.endswith("Parsing aborted."):
                raise
            deep = "nested too deeply" in error.message
            name, most = ("depth", self._limits.depth) if deep else ("tokens", most)
            raise limit_exceeded(name, None, most) from None
        check_limit("tokens", ast.token_count, most)
        return ast

    def _remember(self, text: str, known: _Known) -> None:
        self._known[text] = known
        self._tokens += known.ast.token_count
        while self._tokens > _REMEMBERED_TOKENS:
            _, oldest = self._known.popitem(last=False)
            self._tokens -= oldest.ast.token_count


def _chosen(
    document: DocumentNode, operation_name: str | None
) -> tuple[int, OperationDefinitionNode]:
    operations = [
        (place, node)
        for place, node in enumerate(document.definitions)
        if isinstance(node, OperationDefinitionNode)
    ]
    if operation_name is not None:
        operations = [
            (place, node)
            for place, node in operations
            if node.name is not None and node.name.value == operation_name
        ]
        if not operations:
            raise bad_input("The document has no operation of the name that operationName gives.")
    if not operations:
        raise bad_input("The document has no operation.")
    if len(operations) > 1:
        raise bad_input("The document has several operations: operationName must name one.")
    return operations[0]


def _check_kind(operation: OperationDefinitionNode, kinds: Collection[OperationType]) -> None:
    kind = operation.operation
    if kind in kinds:
        return
    if kind is OperationType.SUBSCRIPTION:
        raise bad_input(
            "A subscription is streamed: over a WebSocket, or to who accepts text/event-stream."
        )
    raise RequestError(ErrorCode.METHOD_NOT_ALLOWED, f"A {kind.value} goes by POST.")
