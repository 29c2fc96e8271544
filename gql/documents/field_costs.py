"""What the fields of the schema cost, and how many entries their lists may have.

A point pays for one value of the response. A field that reads from Postgres or Temporal costs more,
so that a document's cost is an upper bound for its work: a value counts 1, a statement STATEMENT, a
call to Temporal TEMPORAL_CALL, even if sources are unavailable. A statement that serves
a whole list is paid for by each of its entries, because a list may have one entry.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from graphql import GraphQLInterfaceType, GraphQLList, GraphQLNonNull, GraphQLObjectType
from strawberry.schema.schema_converter import GraphQLCoreConverter

from gql.reading.paging import DEFAULT_PAGE, MAX_PAGE
from orchestration.domain.commands import CommandName
from orchestration.domain.states import OrderState
from orchestration.domain.validation import MAX_ITEMS, MAX_SHIPPING_ATTEMPTS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from graphql import GraphQLField, GraphQLOutputType, GraphQLSchema

VALUE: Final = 1
STATEMENT: Final = 10
COUNT: Final = 100
"""A statement that counts rows. It may read all of them."""
TEMPORAL_CALL: Final = 100

# A status query that fails is followed by a description of the workflow and of its child, which
# tells whether Temporal or only the worker is missing.
_DESCRIPTION: Final = 2 * TEMPORAL_CALL
_STATUS: Final = TEMPORAL_CALL + _DESCRIPTION
_VISIBILITY_CHECK: Final = STATEMENT + TEMPORAL_CALL
_ORDER: Final = _VISIBILITY_CHECK + STATEMENT + _STATUS + TEMPORAL_CALL
_EVENTS_AHEAD_OF_RECORD: Final = 2 * _STATUS
"""Events that only the workflow has are read once: those after the row, and all of them."""
_SINGLE_ORDER: Final = _ORDER + _EVENTS_AHEAD_OF_RECORD
"""An order that is not part of a page. In a page, only `workflow` causes calls to Temporal."""
LIVE_ENTRY: Final = TEMPORAL_CALL + _EVENTS_AHEAD_OF_RECORD
"""Additional cost of an entry of a page with ``live: true``, whose workflow is queried."""
WAIT_FOR_END: Final = _ORDER + 3 * (STATEMENT + TEMPORAL_CALL)
"""Additional cost of `order` with `waitForEnd`: up to three lookups of its run, then a second read.
The watch of the order is shared by all waits and streams of the process, which limits its queries.
"""
_SEARCH: Final = 2 * TEMPORAL_CALL
_SIGNAL: Final = 2 * TEMPORAL_CALL + 2 * TEMPORAL_CALL
"""The signal, the description of a closed workflow, and a status query before and after it."""
_COMMAND: Final = (
    _VISIBILITY_CHECK + 2 * STATEMENT + _STATUS + _SIGNAL + 2 * STATEMENT + _STATUS + _ORDER
)

WEIGHTS: Final[Mapping[str, int]] = {
    "Query.order": VALUE + _SINGLE_ORDER,
    "Query.orders": VALUE + STATEMENT,
    "Query.events": VALUE + STATEMENT,
    "Query.customer": VALUE + STATEMENT,
    "Query.customers": VALUE + STATEMENT,
    "Query.workflows": VALUE + _SEARCH,
    "Query.command": VALUE + _VISIBILITY_CHECK + 2 * STATEMENT + _STATUS,
    "Mutation.startOrder": VALUE + 4 * STATEMENT + 2 * TEMPORAL_CALL + _SINGLE_ORDER,
    "Mutation.approveOrder": VALUE + _COMMAND,
    "Mutation.rejectOrder": VALUE + _COMMAND,
    "Mutation.cancelOrder": VALUE + _COMMAND,
    "Mutation.updateAddress": VALUE + _COMMAND,
    "Mutation.cancelPayment": VALUE + _COMMAND,
    "Mutation.confirmDelivery": VALUE + _COMMAND,
    "Mutation.createCustomer": VALUE + 3 * STATEMENT,
    "Mutation.updateCustomer": VALUE + STATEMENT,
    "Mutation.deleteCustomer": VALUE + STATEMENT,
    # Of one event, with the order that it belongs to.
    "Subscription.orderEvents": VALUE + _VISIBILITY_CHECK + _SINGLE_ORDER,
    "Subscription.orderProgress": VALUE + _VISIBILITY_CHECK + _SINGLE_ORDER,
    "Subscription.orderFeed": VALUE + STATEMENT,
    "CommandApplied.order": VALUE + _SINGLE_ORDER,
    "CommandPending.order": VALUE + _SINGLE_ORDER,
    "CommandRefused.order": VALUE + _SINGLE_ORDER,
    "Customer.orders": VALUE + STATEMENT,
    "CustomerConnection.totalCount": VALUE + COUNT,
    "EventConnection.totalCount": VALUE + COUNT,
    "Order.availableCommands": VALUE,
    "Order.customer": VALUE + STATEMENT,
    "Order.payment": VALUE + STATEMENT,
    "Order.shipments": VALUE + STATEMENT,
    "Order.events": VALUE + STATEMENT,
    "Order.workflow": VALUE + _DESCRIPTION,
    "OrderConnection.totalCount": VALUE + COUNT,
    "OrderConnection.stateCounts": VALUE + COUNT,
    "OrderEvent.order": VALUE + STATEMENT,
    "OrderWorkflow.step": VALUE + _STATUS,
    "WorkflowPage.totalCount": VALUE + TEMPORAL_CALL,
    "WorkflowSummary.order": VALUE + STATEMENT,
}
"""By ``Type.field``. Every other field costs VALUE."""

LIST_SIZES: Final[Mapping[str, int]] = {
    "FieldError.path": 4,
    "InvalidInput.fields": 100,
    "Order.availableCommands": len(CommandName),
    "Order.items": MAX_ITEMS,
    "Order.shipments": MAX_SHIPPING_ATTEMPTS,
    "OrderConflict.differs": 20,
    "OrderConnection.stateCounts": len(OrderState),
    "OrderWorkflow.pendingActivities": 10,
}
"""By ``Type.field``: the most entries that a list may have. Pages are sized by their arguments."""

INTROSPECTION_LIST_SIZE: Final = 5
"""An estimate, also used for lists of types that are not in the schema."""

_PAGING_ARGUMENTS: Final = ("first", "last")
SIZED_FIELDS: Final = frozenset({"nodes", "edges", "unanswered"})
"""The lists of a page whose entries its arguments limit."""


class PageSize(NamedTuple):
    """How many entries a page may have. ``arguments`` are those of the field that limit it."""

    arguments: tuple[str, ...]
    default: int
    maximum: int = MAX_PAGE


def page_size_of(definition: GraphQLField) -> PageSize | None:
    """Return the page size of a field, or None if it returns no page."""
    arguments = tuple(name for name in _PAGING_ARGUMENTS if name in definition.args)
    if not arguments:
        return None
    default: Any = definition.args[arguments[0]].default_value
    return PageSize(arguments, default if isinstance(default, int) else DEFAULT_PAGE)


def is_list(type_: GraphQLOutputType) -> bool:
    return isinstance(type_.of_type if isinstance(type_, GraphQLNonNull) else type_, GraphQLList)


def check_field_costs(schema: GraphQLSchema) -> None:
    """Raise LookupError if a field that may read has no weight, or a list no size.

    Also raises it for an entry without a field. A new field must not cost less than it causes.
    """
    fields = {
        f"{type_.name}.{name}": field
        for type_ in schema.type_map.values()
        if isinstance(type_, GraphQLObjectType | GraphQLInterfaceType)
        and not type_.name.startswith("__")
        for name, field in type_.fields.items()
    }
    missing = [name for name, field in fields.items() if _may_read(field) and name not in WEIGHTS]
    missing += [
        name
        for name, field in fields.items()
        if is_list(field.type)
        and name not in LIST_SIZES
        and name.rpartition(".")[2] not in SIZED_FIELDS
    ]
    if missing:
        raise LookupError(
            f"Add {', '.join(missing)} to gql/documents/field_costs.py: to WEIGHTS if it reads from"
            " Postgres or Temporal, and to LIST_SIZES if it is a list."
        )
    unknown = sorted((WEIGHTS.keys() | LIST_SIZES.keys()) - fields.keys())
    if unknown:
        raise LookupError(f"gql/documents/field_costs.py has no such field: {', '.join(unknown)}")


def _may_read(definition: GraphQLField) -> bool:
    field = definition.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)
    return field is not None and (field.is_async or field.is_subscription)
