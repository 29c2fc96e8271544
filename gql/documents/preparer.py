"""Prepares documents for execution: parses, measures and validates each distinct text once.

Results are cached per text. The cache is limited by its total number of tokens, because a parsed
document's memory is proportional to them. A flood of distinct documents therefore cannot fill it.
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

from gql.documents.complexity import ComplexityAnalyzer, with_defaults
from gql.documents.limits import QueryLimits, check_limit, limit_exceeded
from gql.documents.manifest import read_manifest
from gql.documents.trusted import TrustedDocuments
from gql.errors import ErrorCode, RequestError, RequestRejected, bad_input

if TYPE_CHECKING:
    from collections.abc import Collection

    from graphql import GraphQLSchema

    from gql.settings import ApiSettings

_log = logging.getLogger(__name__)

# Built once: Strawberry builds this list for every request.
_RULES = (*specified_rules, MaybeNullValidationRule, OneOfInputValidationRule)
_INTROSPECTION_FIELDS = frozenset({"__schema", "__type"})
_MAX_VALIDATION_ERRORS = 20
_MAX_CACHED_TOKENS = 20_000
"""About two hundred ordinary documents, and less than 10 MB in the worst case."""

ALL_OPERATION_TYPES = frozenset(OperationType)


@dataclass(frozen=True)
class PreparedDocument:
    """A valid document with the operation to execute and that operation's cost.

    ``restricted_fields`` are the operation's fields that need a scope, as ``Type.field``.
    ``new_tokens`` had to be parsed and validated: 0 if the document was in the cache.
    """

    document: DocumentNode
    operation: OperationDefinitionNode
    cost: int
    restricted_fields: frozenset[str]
    new_tokens: int

    @property
    def name(self) -> str | None:
        return self.operation.name.value if self.operation.name else None


@dataclass(frozen=True)
class _CachedDocument:
    """What does not depend on the request. The two mappings are by the index of an operation."""

    ast: DocumentNode
    costs: Mapping[int, int]
    restricted_fields: Mapping[int, frozenset[str]]
    cost_depends_on_variables: bool


class DocumentPreparer:
    def __init__(
        self,
        settings: ApiSettings,
        schema: GraphQLSchema,
        trusted: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        """Trust these documents by their hashes, and those of the settings' manifest.

        Raises InvalidManifest.
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
        self._cache: OrderedDict[str, _CachedDocument] = OrderedDict()
        self._cached_tokens = 0
        self._warn_of_invalid_trusted_documents()

    def prepare(
        self,
        text: str,
        operation_name: str | None = None,
        variables: Mapping[str, Any] | None = None,
        allowed_types: Collection[OperationType] = ALL_OPERATION_TYPES,
    ) -> PreparedDocument:
        """Select one operation of the document and check its cost. Raises RequestRejected."""
        try:
            known = self._find_cached(text)
            cached = known or self._process(text)
            index, operation = _select_operation(cached.ast, operation_name)
            cost = self._checked_cost(cached, index, operation, variables)
            _check_operation_type(operation, allowed_types)
        except GraphQLError as error:
            raise RequestRejected([error]) from None
        return PreparedDocument(
            cached.ast,
            operation,
            cost,
            cached.restricted_fields[index],
            new_tokens=0 if known else cached.ast.token_count,
        )

    @property
    def cached_tokens(self) -> int:
        return self._cached_tokens

    def _checked_cost(
        self,
        cached: _CachedDocument,
        index: int,
        operation: OperationDefinitionNode,
        variables: Mapping[str, Any] | None,
    ) -> int:
        cost = cached.costs[index]
        if cached.cost_depends_on_variables:
            values = with_defaults(operation, variables)
            analyzer = ComplexityAnalyzer(self._schema, cached.ast, values)
            cost = analyzer.measure_operation(operation).cost
        check_limit("cost", cost, self._limits.cost)
        return cost

    def _find_cached(self, text: str) -> _CachedDocument | None:
        cached = self._cache.get(text)
        if cached is not None:
            self._cache.move_to_end(text)
        return cached

    def _warn_of_invalid_trusted_documents(self) -> None:
        # One invalid document must not keep the server from serving the clients of the others.
        for name, text in self.trusted.items():
            try:
                self._process(text)
            except RequestRejected as rejected:
                _log.warning("trusted document %s: %s", name, rejected.errors[0].message)
            except GraphQLError as error:
                _log.warning("trusted document %s: %s", name, error.message)

    def _process(self, text: str) -> _CachedDocument:
        check_limit("length", len(text), self._max_length)
        if self._only_trusted and text not in self.trusted:
            raise RequestError(
                ErrorCode.DOCUMENT_NOT_TRUSTED,
                "This API executes trusted documents only. Add the document to its manifest.",
            )
        ast = self._parse(text)
        analyzer = ComplexityAnalyzer(self._schema, ast)
        try:
            complexity, operations = analyzer.measure_document()
        except RecursionError:
            raise limit_exceeded("depth", None, self._limits.depth) from None
        self._limits.check_size(complexity)
        costs = {index: operation.cost for index, operation in operations.items()}
        if not self._introspection and analyzer.meta_fields & _INTROSPECTION_FIELDS:
            raise RequestError(
                ErrorCode.INTROSPECTION_DISABLED,
                "Introspection is disabled. Set INTROSPECTION=true on the server to allow it.",
            )
        if not analyzer.depends_on_variables and costs:
            # Validation takes longer than this check. A cost that depends on variables is checked
            # per request.
            check_limit("cost", min(costs.values()), self._limits.cost)
        errors = validate(
            self._schema,
            ast,
            _RULES,
            max_errors=_MAX_VALIDATION_ERRORS,
            hide_suggestions=not self._introspection,
        )
        if errors:
            raise RequestRejected(errors)
        restricted = {
            index: frozenset(operation.restricted_fields) for index, operation in operations.items()
        }
        cached = _CachedDocument(ast, costs, restricted, analyzer.depends_on_variables)
        self._add_to_cache(text, cached)
        return cached

    def _parse(self, text: str) -> DocumentNode:
        max_tokens = self._max_tokens
        try:
            # Comments take as long to read as tokens; graphql-core limits the two separately.
            ast = parse(text, max_lexical_tokens=max_tokens, max_comments=max_tokens)
        except GraphQLSyntaxError as error:
            if not error.message.endswith("Parsing aborted."):
                raise
            if "nested too deeply" in error.message:
                raise limit_exceeded("depth", None, self._limits.depth) from None
            raise limit_exceeded("tokens", None, max_tokens) from None
        check_limit("tokens", ast.token_count, max_tokens)
        return ast

    def _add_to_cache(self, text: str, document: _CachedDocument) -> None:
        self._cache[text] = document
        self._cached_tokens += document.ast.token_count
        while self._cached_tokens > _MAX_CACHED_TOKENS:
            _, oldest = self._cache.popitem(last=False)
            self._cached_tokens -= oldest.ast.token_count


def _select_operation(
    document: DocumentNode, operation_name: str | None
) -> tuple[int, OperationDefinitionNode]:
    """Return the operation and its index among the definitions."""
    operations = [
        (index, node)
        for index, node in enumerate(document.definitions)
        if isinstance(node, OperationDefinitionNode)
    ]
    if operation_name is not None:
        operations = [
            (index, node)
            for index, node in operations
            if node.name is not None and node.name.value == operation_name
        ]
        if not operations:
            raise bad_input("The document has no operation with the name in operationName.")
    if not operations:
        raise bad_input("The document has no operation.")
    if len(operations) > 1:
        raise bad_input("The document has several operations. Select one with operationName.")
    return operations[0]


def _check_operation_type(
    operation: OperationDefinitionNode, allowed_types: Collection[OperationType]
) -> None:
    operation_type = operation.operation
    if operation_type in allowed_types:
        return
    if operation_type is OperationType.SUBSCRIPTION:
        raise bad_input(
            "A subscription needs a WebSocket, or an Accept header with text/event-stream."
        )
    raise RequestError(
        ErrorCode.METHOD_NOT_ALLOWED, f"A {operation_type.value} must be sent by POST."
    )
