"""The complexity of a document, measured in one pass before validation or anything else expensive.

The cost is an upper bound for the number of values in the response. Each field counts once,
multiplied by the number of entries of every list that contains it. A client can calculate it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from graphql import (
    BooleanValueNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    SchemaMetaFieldDef,
    TypeMetaFieldDef,
    VariableNode,
    get_named_type,
)

from gql.access.field_scopes import is_restricted
from gql.reading.paging import DEFAULT_PAGE, MAX_PAGE

if TYPE_CHECKING:
    from graphql import (
        GraphQLField,
        GraphQLNamedType,
        GraphQLOutputType,
        SelectionSetNode,
        ValueNode,
    )

_INTROSPECTION_FIELDS: dict[str, GraphQLField] = {
    "__schema": SchemaMetaFieldDef,
    "__type": TypeMetaFieldDef,
}
_PAGING_ARGUMENTS = frozenset({"first", "last"})

MUTATION_COST = 10
"""Added to the cost of a mutation, which does far more than read its result."""

ASSUMED_LIST_SIZE = 5
"""Entries of a list without ``first`` and ``last``, such as an order's items."""

LIVE_COST = 10
"""Additional cost of an entry of a page with ``live: true``: a query of its workflow."""
_LIVE_ARGUMENT = "live"


@dataclass(slots=True)
class Complexity:
    """The complexity of a selection, including the fragments that it spreads.

    ``fixed_cost`` counts once. ``entry_cost`` is the cost of one entry of the selection's lists,
    and counts once per entry. Only the enclosing page knows how many entries there are. Because
    the two are separate, a fragment is measured once, whatever pages it is spread in.
    ``restricted_fields`` are those that need a scope, as ``Type.field``.
    """

    depth: int = 0
    aliases: int = 0
    directives: int = 0
    fixed_cost: int = 0
    entry_cost: int = 0
    restricted_fields: set[str] = field(default_factory=set)

    @property
    def cost(self) -> int:
        """The total cost of a selection that is not part of a page."""
        return self.fixed_cost + ASSUMED_LIST_SIZE * self.entry_cost

    def add(self, sibling: Complexity) -> None:
        self.depth = max(self.depth, sibling.depth)
        self.aliases += sibling.aliases
        self.directives += sibling.directives
        self.fixed_cost += sibling.fixed_cost
        self.entry_cost += sibling.entry_cost
        self.restricted_fields |= sibling.restricted_fields


@dataclass
class ComplexityAnalyzer:
    """Measures a document that need not be valid, and each of its selections only once.

    ``variables`` are the request's. Without them, ``depends_on_variables`` tells whether the cost
    depends on them. ``meta_fields`` collects the names of ``__typename``, ``__schema`` and
    ``__type`` that are selected. A fragment that is undefined or spreads itself counts nothing,
    because validation rejects it.
    """

    schema: GraphQLSchema
    document: DocumentNode
    variables: Mapping[str, Any] = field(default_factory=dict)
    depends_on_variables: bool = False
    meta_fields: set[str] = field(init=False, default_factory=set)
    _fragments: dict[str, FragmentDefinitionNode] = field(init=False)
    _measured_fragments: dict[str, Complexity] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self._fragments = {
            node.name.value: node
            for node in self.document.definitions
            if isinstance(node, FragmentDefinitionNode)
        }

    def measure_document(self) -> tuple[Complexity, dict[int, Complexity]]:
        """Measure all that validation will visit. Also return each operation by its index.

        Aliases and directives of all operations are added up. Unused fragments count too.
        """
        total, operations = Complexity(), {}
        for index, node in enumerate(self.document.definitions):
            if isinstance(node, OperationDefinitionNode):
                operation = self.measure_operation(node)
                operations[index] = operation
                total.add(operation)
        for name in self._fragments:
            fragment = self._measure_fragment(name)
            total.depth = max(total.depth, fragment.depth)
            total.aliases = max(total.aliases, fragment.aliases)
            total.directives = max(total.directives, fragment.directives)
        return total, operations

    def measure_operation(self, node: OperationDefinitionNode) -> Complexity:
        root_type = self.schema.get_root_type(node.operation)
        operation = self._measure_selections(node.selection_set, root_type)
        operation.directives += len(node.directives or ())
        return operation

    def _measure_fragment(self, name: str) -> Complexity:
        fragment = self._measured_fragments.get(name)
        if fragment is None:
            # Stored first, so that a fragment that spreads itself does not recurse without end.
            self._measured_fragments[name] = fragment = Complexity()
            node = self._fragments.get(name)
            if node is not None:
                type_ = self.schema.get_type(node.type_condition.name.value)
                fragment = self._measure_selections(node.selection_set, type_)
                fragment.directives += len(node.directives or ())
                self._measured_fragments[name] = fragment
        return fragment

    def _measure_selections(
        self, node: SelectionSetNode, parent_type: GraphQLNamedType | None
    ) -> Complexity:
        total = Complexity()
        response_names: set[str] = set()
        for selection in node.selections:
            total.directives += len(selection.directives or ())
            if isinstance(selection, FieldNode):
                self._add_field(total, selection, parent_type)
                # A repeated field counts as an alias: validation compares the two selections.
                response_name = (selection.alias or selection.name).value
                total.aliases += selection.alias is not None or response_name in response_names
                response_names.add(response_name)
            elif isinstance(selection, FragmentSpreadNode):
                total.add(self._measure_fragment(selection.name.value))
            else:
                inline = cast("InlineFragmentNode", selection)
                condition = inline.type_condition
                type_ = self.schema.get_type(condition.name.value) if condition else parent_type
                total.add(self._measure_selections(inline.selection_set, type_))
        return total

    def _add_field(
        self, total: Complexity, node: FieldNode, parent_type: GraphQLNamedType | None
    ) -> None:
        name = node.name.value
        if name.startswith("__"):
            self.meta_fields.add(name)
        definition = _field_definition(self.schema, parent_type, name)
        if definition is not None and parent_type is not None and not name.startswith("__"):
            coordinate = f"{parent_type.name}.{name}"
            if is_restricted(coordinate):
                total.restricted_fields.add(coordinate)
        if parent_type is not None and parent_type is self.schema.mutation_type:
            total.fixed_cost += MUTATION_COST
        if node.selection_set is None:
            total.depth = max(total.depth, 1)
            total.fixed_cost += 1
            return
        inner = self._measure_selections(
            node.selection_set, get_named_type(definition.type) if definition is not None else None
        )
        entry_cost = inner.entry_cost + (LIVE_COST if self._is_live(node) else 0)
        cost = 1 + inner.fixed_cost + self._page_size(node, definition) * entry_cost
        total.depth = max(total.depth, inner.depth + 1)
        total.aliases += inner.aliases
        total.directives += inner.directives
        total.restricted_fields |= inner.restricted_fields
        if definition is not None and _is_list(definition.type):
            total.entry_cost += cost
        else:
            total.fixed_cost += cost

    def _page_size(self, node: FieldNode, definition: GraphQLField | None) -> int:
        """Return the number of entries to assume for each list directly under this field."""
        if definition is None or not (_PAGING_ARGUMENTS & definition.args.keys()):
            return ASSUMED_LIST_SIZE
        values = (
            self._integer(argument.value)
            for argument in node.arguments or ()
            if argument.name.value in _PAGING_ARGUMENTS
        )
        sizes = [value for value in values if value is not None] or [
            argument.default_value
            for name, argument in definition.args.items()
            if name in _PAGING_ARGUMENTS and isinstance(argument.default_value, int)
        ]
        return min(max(sizes, default=DEFAULT_PAGE), MAX_PAGE)

    def _is_live(self, node: FieldNode) -> bool:
        for argument in node.arguments or ():
            if argument.name.value == _LIVE_ARGUMENT:
                if isinstance(argument.value, VariableNode):
                    self.depends_on_variables = True
                    return self.variables.get(argument.value.name.value) is True
                return isinstance(argument.value, BooleanValueNode) and argument.value.value
        return False

    def _integer(self, node: ValueNode) -> int | None:
        value: object = None
        if isinstance(node, IntValueNode):
            # int() raises ValueError for several thousand digits.
            value = int(node.value) if len(node.value) < len(str(2**31)) else MAX_PAGE
        elif isinstance(node, VariableNode):
            self.depends_on_variables = True
            value = self.variables.get(node.name.value)
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        return max(value, 0) if isinstance(value, int) and not isinstance(value, bool) else None


def with_defaults(
    operation: OperationDefinitionNode, variables: Mapping[str, Any] | None
) -> dict[str, Any]:
    """Add the operation's integer and Boolean defaults to the request's variables."""
    values: dict[str, Any] = {}
    for definition in operation.variable_definitions or ():
        default = definition.default_value
        if isinstance(default, IntValueNode):
            values[definition.variable.name.value] = int(default.value[:10])
        elif isinstance(default, BooleanValueNode):
            values[definition.variable.name.value] = default.value
    return {**values, **(variables or {})}


def _field_definition(
    schema: GraphQLSchema, parent_type: GraphQLNamedType | None, name: str
) -> GraphQLField | None:
    if parent_type is schema.query_type and name in _INTROSPECTION_FIELDS:
        return _INTROSPECTION_FIELDS[name]
    if isinstance(parent_type, GraphQLObjectType | GraphQLInterfaceType):
        fields: dict[str, GraphQLField] = parent_type.fields
        return fields.get(name)
    return None


def _is_list(type_: GraphQLOutputType) -> bool:
    inner = type_.of_type if isinstance(type_, GraphQLNonNull) else type_
    return isinstance(inner, GraphQLList)
