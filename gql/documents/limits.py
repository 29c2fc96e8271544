"""How much a document asks for, measured in one pass before anything that is dear looks at it.

The cost is an upper bound of the values that an answer can have: every field counts once, and once
for each entry of the page, or list, that it is in. Whoever knows the query can count it by hand.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from graphql import (
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

from gql.errors import ErrorCode, RequestError
from gql.reading.paging import DEFAULT_PAGE, MAX_PAGE

if TYPE_CHECKING:
    from graphql import (
        GraphQLField,
        GraphQLNamedType,
        GraphQLOutputType,
        SelectionSetNode,
        ValueNode,
    )

_SCHEMA_FIELDS: dict[str, GraphQLField] = {
    "__schema": SchemaMetaFieldDef,
    "__type": TypeMetaFieldDef,
}
_PAGING = frozenset({"first", "last"})

UNPAGED = 5
"""Entries that a list without ``first`` and ``last`` counts for: an order's lines, for one."""


@dataclass(slots=True)
class Measure:
    """What a selection adds up to, the fragments that it spreads included.

    ``entries`` is the part of the cost that counts once for each entry of a page: what is under the
    lists of a selection. It is kept apart so that a fragment needs no second look on another page.
    """

    depth: int = 0
    aliases: int = 0
    directives: int = 0
    once: int = 0
    entries: int = 0

    @property
    def cost(self) -> int:
        """The whole cost, where no page says how many entries there are."""
        return self.once + UNPAGED * self.entries

    def add(self, other: Measure) -> None:
        """Put another one beside this one."""
        self.depth = max(self.depth, other.depth)
        self.aliases += other.aliases
        self.directives += other.directives
        self.once += other.once
        self.entries += other.entries


@dataclass(frozen=True)
class QueryLimits:
    """How much is too much."""

    depth: int
    aliases: int
    directives: int
    cost: int

    def check(self, measure: Measure) -> None:
        """Raise QUERY_LIMIT_EXCEEDED for the first that is exceeded, but for the cost."""
        check_limit("depth", measure.depth, self.depth)
        check_limit("aliases", measure.aliases, self.aliases)
        check_limit("directives", measure.directives, self.directives)


def check_limit(name: str, found: int | None, maximum: int) -> None:
    """Raise QUERY_LIMIT_EXCEEDED where more was found, or so much that nobody counted it."""
    if found is None or found > maximum:
        raise limit_exceeded(name, found, maximum)


def limit_exceeded(name: str, found: int | None, maximum: int) -> RequestError:
    """Say which limit it was, by how much."""
    # Of fragments within fragments there may be more than anybody can read.
    told = found is not None and found < 10 * maximum
    how_much = f"{found}" if told else "far more"
    error = RequestError(
        ErrorCode.QUERY_LIMIT_EXCEEDED,
        f"The document exceeds the limit of {name}: {how_much}, where {maximum} is allowed.",
    )
    error.extensions = {**(error.extensions or {}), "limit": name, "maximum": maximum}
    return error


@dataclass
class Measuring:
    """One pass over a document: each selection is looked at once, however often it is spread.

    ``variables`` are those of the request, or of no request at all; ``varies`` then tells whether
    the cost depends on them. ``meta`` has the fields met that are GraphQL's own. Fragments that are
    not defined, or spread themselves, count nothing: validation refuses them.
    """

    schema: GraphQLSchema
    document: DocumentNode
    variables: Mapping[str, Any] = field(default_factory=dict)
    varies: bool = False
    meta: set[str] = field(init=False, default_factory=set)
    _fragments: dict[str, FragmentDefinitionNode] = field(init=False)
    _spread: dict[str, Measure] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        """Nothing is measured yet."""
        self._fragments = {
            node.name.value: node
            for node in self.document.definitions
            if isinstance(node, FragmentDefinitionNode)
        }

    def whole(self) -> tuple[Measure, dict[int, int]]:
        """Measure all that validation will look at; and give each operation's cost by its place.

        Aliases and directives of all operations are added up; fragments that none of them spreads
        are looked at too.
        """
        measure, costs = Measure(), {}
        for place, node in enumerate(self.document.definitions):
            if isinstance(node, OperationDefinitionNode):
                own = self.operation(node)
                costs[place] = own.cost
                measure.add(own)
        for name in self._fragments:
            own = self._fragment(name)
            measure.depth = max(measure.depth, own.depth)
            measure.aliases = max(measure.aliases, own.aliases)
            measure.directives = max(measure.directives, own.directives)
        return measure, costs

    def operation(self, node: OperationDefinitionNode) -> Measure:
        """Measure one operation."""
        own = self._selection(node.selection_set, self.schema.get_root_type(node.operation))
        own.directives += len(node.directives or ())
        return own

    def _fragment(self, name: str) -> Measure:
        known = self._spread.get(name)
        if known is None:
            node = self._fragments.get(name)
            # Until it is measured it counts nothing, also within itself.
            self._spread[name] = known = Measure()
            if node is not None:
                within = self.schema.get_type(node.type_condition.name.value)
                known = self._selection(node.selection_set, within)
                known.directives += len(node.directives or ())
                self._spread[name] = known
        return known

    def _selection(self, node: SelectionSetNode, within: GraphQLNamedType | None) -> Measure:
        total = Measure()
        answers: set[str] = set()
        for selection in node.selections:
            total.directives += len(selection.directives or ())
            if isinstance(selection, FieldNode):
                self._add_field(total, selection, within)
                # A field that is named twice is asked for twice, like one with an alias; only
                # that validation then has to compare the two.
                answer = (selection.alias or selection.name).value
                total.aliases += selection.alias is not None or answer in answers
                answers.add(answer)
            elif isinstance(selection, FragmentSpreadNode):
                total.add(self._fragment(selection.name.value))
            else:
                inline = cast("InlineFragmentNode", selection)
                named = inline.type_condition
                type_ = self.schema.get_type(named.name.value) if named else within
                total.add(self._selection(inline.selection_set, type_))
        return total

    def _add_field(self, total: Measure, node: FieldNode, within: GraphQLNamedType | None) -> None:
        name = node.name.value
        if name.startswith("__"):
            self.meta.add(name)
        known = _field_of(self.schema, within, name)
        if node.selection_set is None:
            total.depth = max(total.depth, 1)
            total.once += 1
            return
        inner = self._selection(
            node.selection_set, get_named_type(known.type) if known is not None else None
        )
        cost = 1 + inner.once + self._page(node, known) * inner.entries
        total.depth = max(total.depth, inner.depth + 1)
        total.aliases += inner.aliases
        total.directives += inner.directives
        if known is not None and _is_list(known.type):
            total.entries += cost
        else:
            total.once += cost

    def _page(self, node: FieldNode, known: GraphQLField | None) -> int:
        if known is None or not (_PAGING & known.args.keys()):
            return UNPAGED
        given = (
            self._number(argument.value)
            for argument in node.arguments or ()
            if argument.name.value in _PAGING
        )
        numbers = [number for number in given if number is not None] or [
            argument.default_value
            for name, argument in known.args.items()
            if name in _PAGING and isinstance(argument.default_value, int)
        ]
        return min(max(numbers, default=DEFAULT_PAGE), MAX_PAGE)

    def _number(self, node: ValueNode) -> int | None:
        value: object = None
        if isinstance(node, IntValueNode):
            # Python refuses to read a number of some thousand digits.
            value = int(node.value) if len(node.value) < len(str(2**31)) else MAX_PAGE
        elif isinstance(node, VariableNode):
            self.varies = True
            value = self.variables.get(node.name.value)
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        return max(value, 0) if isinstance(value, int) and not isinstance(value, bool) else None


def with_defaults(
    operation: OperationDefinitionNode, variables: Mapping[str, Any] | None
) -> dict[str, Any]:
    """Return the request's variables, and the numbers that the operation has for those left out."""
    values = {
        definition.variable.name.value: int(definition.default_value.value[:10])
        for definition in operation.variable_definitions or ()
        if isinstance(definition.default_value, IntValueNode)
    }
    return {**values, **(variables or {})}


def _field_of(
    schema: GraphQLSchema, within: GraphQLNamedType | None, name: str
) -> GraphQLField | None:
    if within is schema.query_type and name in _SCHEMA_FIELDS:
        return _SCHEMA_FIELDS[name]
    if isinstance(within, GraphQLObjectType | GraphQLInterfaceType):
        fields: dict[str, GraphQLField] = within.fields
        return fields.get(name)
    return None


def _is_list(type_: GraphQLOutputType) -> bool:
    inner = type_.of_type if isinstance(type_, GraphQLNonNull) else type_
    return isinstance(inner, GraphQLList)
