"""schema.graphql is up to date, and everything in it has a description."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import pytest
from graphql import (
    EnumTypeDefinitionNode,
    EnumValueDefinitionNode,
    FieldDefinitionNode,
    GraphQLInputObjectType,
    GraphQLObjectType,
    GraphQLUnionType,
    InputObjectTypeDefinitionNode,
    InputValueDefinitionNode,
    InterfaceTypeDefinitionNode,
    Node,
    ObjectTypeDefinitionNode,
    TypeDefinitionNode,
    get_named_type,
    get_nullable_type,
    is_list_type,
    is_required_input_field,
    is_scalar_type,
    parse,
    print_ast,
)

from gql.schema import schema
from orchestration.domain.validation import MAX_QUANTITY, NOTE_LENGTH

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Types: TypeAlias = dict[str, TypeDefinitionNode]
Member: TypeAlias = FieldDefinitionNode | InputValueDefinitionNode

HERE = Path(__file__).parent
EXPORTED = HERE.parents[2] / "schema.graphql"
_WITH_MEMBERS = (
    ObjectTypeDefinitionNode,
    InterfaceTypeDefinitionNode,
    InputObjectTypeDefinitionNode,
)


def types_in(text: str) -> Types:
    return {
        node.name.value: node
        for node in parse(text).definitions
        if isinstance(node, TypeDefinitionNode)
    }


BUILT = types_in(schema.as_str())


def members(node: TypeDefinitionNode) -> Sequence[Member]:
    return node.fields or () if isinstance(node, _WITH_MEMBERS) else ()


def arguments(member: Member) -> Sequence[InputValueDefinitionNode]:
    return (member.arguments or ()) if isinstance(member, FieldDefinitionNode) else ()


def described(node: TypeDefinitionNode) -> Iterator[tuple[str, str]]:
    name = node.name.value
    yield name, description_of(node)
    for value in (node.values or ()) if isinstance(node, EnumTypeDefinitionNode) else ():
        yield f"{name}.{value.name.value}", description_of(value)
    for member in members(node):
        yield f"{name}.{member.name.value}", description_of(member)
        for argument in arguments(member):
            path = f"{name}.{member.name.value}({argument.name.value})"
            yield path, description_of(argument)


def description_of(node: TypeDefinitionNode | Member | EnumValueDefinitionNode) -> str:
    return node.description.value if node.description else ""


def unexplained_deprecations(text: str) -> Iterator[str]:
    """Yield the names of deprecated elements without a reason."""
    for node in _everything(parse(text)):
        for directive in getattr(node, "directives", None) or ():
            if directive.name.value == "deprecated":
                reasons = [print_ast(argument.value) for argument in directive.arguments or ()]
                if not any(reason.strip('" ') for reason in reasons):
                    yield node.name.value  # type: ignore[attr-defined]


def _everything(node: Node) -> Iterator[Node]:
    yield node
    for key in node.keys:
        inner = getattr(node, key, None)
        for one in inner if isinstance(inner, tuple | list) else (inner,):
            if isinstance(one, Node):
                yield from _everything(one)


def test_schema_graphql_is_the_exported_schema() -> None:
    exported = EXPORTED.read_text(encoding="utf-8")
    assert exported == f"{schema.as_str()}\n", "run `make schema`"


def test_every_type_field_and_argument_has_a_description() -> None:
    bare = [name for node in BUILT.values() for name, text in described(node) if not text]
    assert bare == [], "give each of these a description"


@pytest.mark.parametrize(
    ("path", "limit"),
    [
        ("ApproveOrderInput.note", f"Not blank, up to {NOTE_LENGTH} characters"),
        ("CancelOrderInput.reason", f"Not blank, up to {NOTE_LENGTH} characters"),
        ("CancelPaymentInput.reason", f"Not blank, up to {NOTE_LENGTH} characters"),
        ("ApproveOrderInput.commandId", "as `StartOrderInput.id`"),
        ("CreateCustomerInput.id", "as `StartOrderInput.id`"),
        ("AddressInput.region", "Up to 100 characters"),
        ("CreateCustomerInput.email", "Up to 254 characters"),
        ("CreateCustomerInput.phone", "Not blank, up to 40 characters"),
        ("OrderItemInput.name", "Up to 200 characters"),
        ("OrderItemInput.quantity", f"from 1 to {MAX_QUANTITY}"),
        ("OrderPolicyInput.reviewTimeout", "From 1 millisecond to 366 days"),
        ("OrderPolicyInput.deadline", "From 1 millisecond to 366 days"),
        ("OrderPolicyInput.activityTimeout", "From 1 millisecond to 60 seconds"),
        ("OrderPolicyInput.activityTotalTimeout", "From 1 millisecond to 366 days"),
        ("OrderPolicyInput.activityAttempts", "From 1 to 100"),
        ("OrderPolicyInput.activityRetryDelay", "From 1 millisecond to 1 hour"),
        ("OrderPolicyInput.activityRetryBackoff", "From 1 to 10"),
        ("OrderPolicyInput.activityMaxRetryDelay", "From 1 millisecond to 1 hour"),
        ("OrderPolicyInput.shippingAttempts", "From 1 to 20"),
        ("OrderPolicyInput.shippingRetryDelay", "From 1 millisecond to 1 hour"),
        ("OrderPolicyInput.shippingRetryBackoff", "From 1 to 10"),
        ("OrderPolicyInput.deliveryTimeout", "From 1 millisecond to 366 days"),
        ("Subscription.orderEvents(afterSequence)", "Up to 1000000000"),
    ],
)
def test_a_limit_that_is_enforced_is_described(path: str, limit: str) -> None:
    descriptions = {name: text for node in BUILT.values() for name, text in described(node)}
    assert limit in descriptions[path]


@pytest.mark.parametrize("path", ["StartOrderInput.currency", "AddressInput.country"])
def test_a_client_that_forgets_the_currency_or_the_country_is_refused(path: str) -> None:
    """A default would charge in a currency, or ship to a country, that nobody chose."""
    type_name, name = path.split(".")
    type_ = schema.graphql_schema.type_map[type_name]
    assert isinstance(type_, GraphQLInputObjectType)
    assert is_required_input_field(type_.fields[name])


VALUE_TYPES = {"FieldError", "OrderStateCount"}


def test_every_type_of_a_list_has_an_id_unless_it_is_a_value() -> None:
    """Caches of clients merge objects by type and ID. Edges are values of their page."""
    listed = {
        get_named_type(field.type)
        for type_ in schema.graphql_schema.type_map.values()
        if isinstance(type_, GraphQLObjectType) and not type_.name.startswith("__")
        for field in type_.fields.values()
        if is_list_type(get_nullable_type(field.type))
    }
    without_id = {
        type_.name
        for type_ in listed
        if isinstance(type_, GraphQLObjectType)
        and "id" not in type_.fields
        and not type_.name.endswith("Edge")
    }
    assert without_id == VALUE_TYPES, (
        "give each new type an id, or add it to VALUE_TYPES if clients need not cache it"
    )


def test_fields_of_the_members_of_a_union_can_be_selected_together() -> None:
    """A field that two members have with different types needs an alias in every client."""
    different: dict[tuple[str, str], set[str]] = {}
    for union in schema.graphql_schema.type_map.values():
        if isinstance(union, GraphQLUnionType):
            types: dict[str, set[str]] = {}
            for member in union.types:
                for name, field in member.fields.items():
                    types.setdefault(name, set()).add(str(field.type))
            different |= {(union.name, name): t for name, t in types.items() if len(t) > 1}
    assert different == {}


def test_every_scalar_of_this_api_names_its_specification() -> None:
    scalars = [t for t in schema.graphql_schema.type_map.values() if is_scalar_type(t)]
    unspecified = {s.name for s in scalars if not s.specified_by_url}
    assert unspecified <= {"Boolean", "Float", "ID", "Int", "String"}


def test_every_deprecation_has_a_reason() -> None:
    assert list(unexplained_deprecations(schema.as_str())) == []


def test_a_deprecation_without_a_reason_is_found() -> None:
    text = """type Query { a: Int @deprecated b: Int @deprecated(reason: " ")
    c(d: Int @deprecated(reason: "Use e.")): Int } enum E { F @deprecated }"""
    assert list(unexplained_deprecations(text)) == ["a", "b", "F"]
