"""The complexity of a document, measured in one pass before validation or anything else expensive.

A field costs its weight, and each entry of a list one point more, multiplied by the number of
entries of every list that contains it. ``field_costs`` has the weights. A client can calculate it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, cast

from graphql import (
    BooleanValueNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    NullValueNode,
    OperationDefinitionNode,
    SchemaMetaFieldDef,
    StringValueNode,
    TypeMetaFieldDef,
    VariableNode,
    get_named_type,
    is_abstract_type,
)

from gql.access.field_scopes import is_restricted
from gql.documents.field_costs import (
    INTROSPECTION_LIST_SIZE,
    LIST_SIZES,
    LIVE_ENTRY,
    SIZED_FIELDS,
    VALUE,
    WAIT_FOR_END,
    WEIGHTS,
    is_list,
    page_size_of,
)

if TYPE_CHECKING:
    from graphql import (
        GraphQLField,
        GraphQLNamedType,
        SelectionNode,
        SelectionSetNode,
        ValueNode,
    )

_INTROSPECTION_FIELDS: dict[str, GraphQLField] = {
    "__schema": SchemaMetaFieldDef,
    "__type": TypeMetaFieldDef,
}

_LIVE_ARGUMENT = "live"
_WAIT_ARGUMENT = "waitForEnd"


@dataclass(slots=True)
class Complexity:
    """The complexity of a selection, including the fragments that it spreads.

    ``fixed_cost`` counts once. ``entry_cost`` is the cost of one entry of a page's lists, and
    counts once per entry. Only the enclosing page knows how many entries there are. Because
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
        return self.fixed_cost + INTROSPECTION_LIST_SIZE * self.entry_cost

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
        # An object has one type, so of the fragments on different types only one costs anything.
        members: dict[str, Complexity] = {}
        for selection in node.selections:
            total.directives += len(selection.directives or ())
            if isinstance(selection, FieldNode):
                self._add_field(total, selection, parent_type)
                # A repeated field counts as an alias: validation compares the two selections.
                response_name = (selection.alias or selection.name).value
                total.aliases += selection.alias is not None or response_name in response_names
                response_names.add(response_name)
                continue
            inner, type_ = self._measure_spread(selection, parent_type)
            is_member = is_abstract_type(parent_type) and isinstance(type_, GraphQLObjectType)
            if is_member:
                members.setdefault(cast("GraphQLObjectType", type_).name, Complexity()).add(inner)
                inner = replace(inner, fixed_cost=0, entry_cost=0)
            total.add(inner)
        total.fixed_cost += max((member.fixed_cost for member in members.values()), default=0)
        total.entry_cost += max((member.entry_cost for member in members.values()), default=0)
        return total

    def _measure_spread(
        self, selection: SelectionNode, parent_type: GraphQLNamedType | None
    ) -> tuple[Complexity, GraphQLNamedType | None]:
        """Measure a fragment, and return the type that it is on."""
        if isinstance(selection, FragmentSpreadNode):
            name = selection.name.value
            fragment = self._fragments.get(name)
            if fragment is None:
                return self._measure_fragment(name), None
            on_type = self.schema.get_type(fragment.type_condition.name.value)
            return self._measure_fragment(name), on_type
        inline = cast("InlineFragmentNode", selection)
        condition = inline.type_condition
        type_ = self.schema.get_type(condition.name.value) if condition else parent_type
        return self._measure_selections(inline.selection_set, type_), type_

    def _add_field(
        self, total: Complexity, node: FieldNode, parent_type: GraphQLNamedType | None
    ) -> None:
        name = node.name.value
        if name.startswith("__"):
            self.meta_fields.add(name)
        definition = _field_definition(self.schema, parent_type, name)
        coordinate = f"{parent_type.name}.{name}" if parent_type is not None else name
        if definition is not None and not name.startswith("__") and is_restricted(coordinate):
            total.restricted_fields.add(coordinate)
        inner = Complexity()
        if node.selection_set is not None:
            type_ = get_named_type(definition.type) if definition is not None else None
            inner = self._measure_selections(node.selection_set, type_)
        entry_cost = inner.entry_cost + (LIVE_ENTRY if self._is_given(node, _LIVE_ARGUMENT) else 0)
        cost = inner.fixed_cost + self._page_size(node, definition) * entry_cost
        total.depth = max(total.depth, inner.depth + 1)
        total.aliases += inner.aliases
        total.directives += inner.directives
        total.restricted_fields |= inner.restricted_fields
        total.fixed_cost += WEIGHTS.get(coordinate, VALUE)
        total.fixed_cost += WAIT_FOR_END if self._is_given(node, _WAIT_ARGUMENT) else 0
        if definition is None or not is_list(definition.type):
            total.fixed_cost += cost
        elif coordinate in LIST_SIZES:
            total.fixed_cost += LIST_SIZES[coordinate] * (VALUE + cost)
        elif name in SIZED_FIELDS:
            total.entry_cost += VALUE + cost
        else:
            total.fixed_cost += INTROSPECTION_LIST_SIZE * (VALUE + cost)

    def _page_size(self, node: FieldNode, definition: GraphQLField | None) -> int:
        """Return the number of entries to assume for each list of a page, which is this field."""
        page_size = page_size_of(definition) if definition is not None else None
        if page_size is None:
            return INTROSPECTION_LIST_SIZE
        values = (
            self._integer(argument.value)
            for argument in node.arguments or ()
            if argument.name.value in page_size.arguments
        )
        sizes = [value for value in values if value is not None]
        return min(max(sizes, default=page_size.default), page_size.maximum)

    def _is_given(self, node: FieldNode, name: str) -> bool:
        """Return whether the argument is sent, and is neither null nor false."""
        for argument in node.arguments or ():
            if argument.name.value == name:
                value = argument.value
                if isinstance(value, VariableNode):
                    self.depends_on_variables = True
                    sent = self.variables.get(value.name.value)
                    return sent is not None and sent is not False
                if isinstance(value, BooleanValueNode):
                    return value.value
                return not isinstance(value, NullValueNode)
        return False

    def _integer(self, node: ValueNode) -> int | None:
        value: object = None
        if isinstance(node, IntValueNode):
            # int() raises ValueError for several thousand digits.
            value = int(node.value) if len(node.value) < len(str(2**31)) else 2**31
        elif isinstance(node, VariableNode):
            self.depends_on_variables = True
            value = self.variables.get(node.name.value)
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        return max(value, 0) if isinstance(value, int) and not isinstance(value, bool) else None


def with_defaults(
    operation: OperationDefinitionNode, variables: Mapping[str, Any] | None
) -> dict[str, Any]:
    """Add the operation's integer, Boolean and string defaults to the request's variables."""
    values: dict[str, Any] = {}
    for definition in operation.variable_definitions or ():
        default = definition.default_value
        if isinstance(default, IntValueNode):
            values[definition.variable.name.value] = int(default.value[:10])
        elif isinstance(default, BooleanValueNode | StringValueNode):
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
