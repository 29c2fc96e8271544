"""The scopes that allow each field of the schema. A field without an entry does not exist.

Root fields, and fields that lead from one kind of object to another, have scopes. All others are
``_SHOWN``: everybody who may select the field that leads to their object may select them too.

``orders:own`` may only allow a field whose data comes from ``Context.reads`` or
``Context.order_reader``, because these are limited to one customer. Temporal's visibility store and
the descriptions of workflows are not: they name workers, hosts and internal errors.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gql.access.principal import Scope
from gql.errors import ErrorCode, RequestError, RequestRejected

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_SHOWN: Final[frozenset[Scope]] = frozenset()
_OWN = frozenset({Scope.ORDERS_OWN})
_READ_ANY = frozenset({Scope.ORDERS_READ})
_READ = _READ_ANY | _OWN
_START = frozenset({Scope.ORDERS_START})
_REVIEW = frozenset({Scope.ORDERS_REVIEW})
_START_OR_OWN = _START | _OWN
_CHANGE = _START | _REVIEW | _OWN
_REVERSE = frozenset({Scope.PAYMENTS_REVERSE})
_READ_OR_START = _READ | _START
_ANY_COMMAND = _READ | _START | _REVIEW | _REVERSE
_READ_CUSTOMERS = frozenset({Scope.CUSTOMERS_READ})
_READ_CUSTOMER = _READ_CUSTOMERS | _OWN
_WRITE_CUSTOMERS = frozenset({Scope.CUSTOMERS_WRITE})
_OPERATIONS = frozenset({Scope.OPERATIONS_READ})

_TABLE: Final[Mapping[str, Mapping[frozenset[Scope], str]]] = {
    "Query": {
        _READ: "order orders events",
        _ANY_COMMAND: "command",
        _READ_CUSTOMER: "customer",
        _READ_CUSTOMERS: "customers",
        _OPERATIONS: "workflows",
    },
    "Mutation": {
        _START_OR_OWN: "startOrder",
        _REVIEW: "approveOrder rejectOrder",
        _CHANGE: "cancelOrder updateAddress confirmDelivery",
        _REVERSE: "cancelPayment",
        _WRITE_CUSTOMERS: "createCustomer updateCustomer deleteCustomer",
    },
    "Subscription": {_READ: "orderEvents orderProgress orderFeed"},
    "Actor": {_SHOWN: "id kind name"},
    "Address": {_SHOWN: "street city region postalCode country"},
    "AddressChangeDetail": {_SHOWN: "oldAddress newAddress"},
    "ApprovalDetail": {_SHOWN: "automatic mode note"},
    "CommandApplied": {_SHOWN: "orderId commandId command replayed", _READ: "order"},
    "CommandConflict": {_SHOWN: "code message orderId commandId command"},
    "CommandPending": {_SHOWN: "orderId commandId command", _READ: "order"},
    "CommandRefused": {
        _SHOWN: "code message orderId commandId command reason state",
        _READ: "order",
    },
    "CommandResult": {_SHOWN: "orderId commandId command"},
    "Customer": {_SHOWN: "id name email phone createdAt updatedAt", _READ: "orders"},
    "CustomerConflict": {_SHOWN: "code message customerId"},
    "CustomerConnection": {_SHOWN: "nodes pageInfo edges totalCount"},
    "CustomerDeleted": {_SHOWN: "customerId"},
    "CustomerEdge": {_SHOWN: "node cursor"},
    "CustomerHasOrders": {_SHOWN: "code message customerId"},
    "CustomerNotFound": {_SHOWN: "code message customerId"},
    "CustomerSaved": {_SHOWN: "customer"},
    "DeliveryDetail": {_SHOWN: "trackingNumber"},
    "EmailTaken": {_SHOWN: "code message email"},
    "EventConnection": {_SHOWN: "nodes pageInfo edges totalCount"},
    "FailureDetail": {_SHOWN: "code message"},
    "FieldError": {_SHOWN: "code path message"},
    "InvalidInput": {_SHOWN: "code message fields"},
    "Money": {_SHOWN: "amount currency"},
    "Order": {
        _SHOWN: "id state sequence availableCommands items total priority shippingAddress policy"
        " failure reviewDeadline deadline endedAt createdAt updatedAt customerName payment"
        " shipments events",
        _READ_CUSTOMER: "customer",
        _OPERATIONS: "workflow",
    },
    "OrderConflict": {_SHOWN: "code message orderId differs"},
    "OrderConnection": {
        _SHOWN: "nodes unanswered feedCursor pageInfo edges totalCount stateCounts"
    },
    "OrderEdge": {_SHOWN: "node cursor"},
    "OrderEvent": {
        _SHOWN: "id orderId sequence type message commandId fromState state payload at feedCursor"
        " order detail",
        _READ_ANY: "actor",
    },
    "OrderEventConnection": {_SHOWN: "nodes pageInfo edges totalCount"},
    "OrderEventEdge": {_SHOWN: "node cursor"},
    "OrderFailure": {_SHOWN: "code message"},
    "OrderItem": {_SHOWN: "id sku name quantity unitPrice"},
    "OrderNotFound": {_SHOWN: "code message orderId"},
    "OrderPolicy": {
        _SHOWN: "reviewMode reviewTimeout deadline activityTimeout activityAttempts"
        " activityTotalTimeout activityRetryDelay activityRetryBackoff activityMaxRetryDelay"
        " shippingAttempts shippingRetryDelay shippingRetryBackoff deliveryTimeout"
    },
    "OrderStarted": {_READ_OR_START: "order", _SHOWN: "replayed"},
    "OrderStateCount": {_SHOWN: "state count"},
    "OrderWorkflow": {
        _SHOWN: "id workflowId runId status taskQueue startedAt closedAt historyLength lastError"
        " pendingActivities uiUrl step"
    },
    "PageInfo": {_SHOWN: "hasNextPage hasPreviousPage startCursor endCursor"},
    "Payment": {_SHOWN: "id status amount createdAt updatedAt"},
    "PaymentConflict": {_SHOWN: "code message paymentId"},
    "PaymentDetail": {_SHOWN: "paymentId status previousStatus amount reason recordedStatus"},
    "PendingActivity": {
        _SHOWN: "id workflowId maximumAttempts type attempt lastFailure nextAttemptAt"
    },
    "ReceiptDetail": {_SHOWN: "total"},
    "ReviewDetail": {_SHOWN: "mode deadline"},
    "Shipment": {
        _SHOWN: "id attempt packageId trackingNumber startedAt packagePreparedAt dispatchedAt"
        " failedAt failureReason recallRefusedAt"
    },
    "ShipmentDetail": {_SHOWN: "attempt packageId trackingNumber reason"},
    "UserError": {_SHOWN: "code message"},
    "WorkflowPage": {_SHOWN: "nodes pageInfo query totalCount"},
    "WorkflowSummary": {
        _SHOWN: "id workflowId runId status customerId customerName orderTotal priority startedAt"
        " closedAt",
        _READ_ANY: "order",
    },
}

FIELD_SCOPES: Final[Mapping[str, frozenset[Scope]]] = {
    f"{type_name}.{field}": scopes
    for type_name, entries in _TABLE.items()
    for scopes, fields in entries.items()
    for field in fields.split()
}
"""By ``Type.field``: one of these scopes is enough. An empty set needs none of its own."""


def is_restricted(field: str) -> bool:
    """Return whether a field, as ``Type.field``, needs a scope of its own.

    Introspection has a setting of its own.
    """
    return FIELD_SCOPES.get(field) != _SHOWN and not field.startswith("__")


def check_scopes(restricted: Iterable[str], scopes: frozenset[Scope]) -> None:
    """Raise RequestRejected, with each restricted field that none of the scopes allows."""
    missing = [field for field in restricted if FIELD_SCOPES.get(field, _SHOWN).isdisjoint(scopes)]
    if missing:
        raise RequestRejected([
            forbidden(field, sorted(FIELD_SCOPES.get(field, _SHOWN))) for field in sorted(missing)
        ])


def forbidden(field: str, scopes: list[Scope]) -> RequestError:
    """Make the error for a field whose use needs one of these scopes."""
    error = RequestError(
        ErrorCode.FORBIDDEN, f"The field {field} requires the scope {' or '.join(scopes)}."
    )
    error.extensions = {**(error.extensions or {}), "field": field, "scopes": scopes}
    return error
