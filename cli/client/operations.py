"""GraphQL operations that the commands send."""

from __future__ import annotations

from typing import Final

_MONEY = "{ amount currency }"
_ADDRESS = "{ street city region postalCode country }"
_SUMMARY = f"""
    id state sequence availableCommands priority createdAt updatedAt endedAt reviewDeadline
    total {_MONEY} failure {{ code message }}
"""
_DETAILS = f"""{_SUMMARY}
    deadline
    customer {{ id name email phone }}
    items {{ id sku name quantity unitPrice {_MONEY} }}
    shippingAddress {_ADDRESS}
    payment {{ id status amount {_MONEY} createdAt updatedAt }}
    shipments {{
      id attempt packageId trackingNumber startedAt packagePreparedAt dispatchedAt failedAt
      failureReason recallRefusedAt
    }}
    policy {{
      reviewMode reviewTimeout deadline activityTimeout activityTotalTimeout activityAttempts
      activityRetryDelay activityRetryBackoff activityMaxRetryDelay shippingAttempts
      shippingRetryDelay shippingRetryBackoff deliveryTimeout
    }}
    workflow {{
      id workflowId runId status taskQueue startedAt closedAt historyLength step lastError uiUrl
      pendingActivities {{
        id workflowId type attempt maximumAttempts lastFailure nextAttemptAt
      }}
    }}
"""
_EVENT = f"""
    orderId sequence at type fromState state message commandId actor {{ id kind name }}
    detail {{
      __typename
      ... on ReceiptDetail {{ total {_MONEY} }}
      ... on ReviewDetail {{ mode deadline }}
      ... on ApprovalDetail {{ automatic mode note }}
      ... on AddressChangeDetail {{ oldAddress {_ADDRESS} newAddress {_ADDRESS} }}
      ... on PaymentDetail {{
        paymentId status previousStatus amount {_MONEY} reason recordedStatus
      }}
      ... on ShipmentDetail {{ attempt packageId trackingNumber reason }}
      ... on DeliveryDetail {{ trackingNumber }}
      ... on FailureDetail {{ code message }}
    }}
"""
_CUSTOMER = "id name email phone createdAt updatedAt"
_USER_ERRORS = """
    ... on InvalidInput { fields { code path message } }
    ... on UserError { code message }
"""
_COMMAND_RESULT = f"""
    __typename
    ... on CommandResult {{ orderId commandId command }}
    ... on CommandApplied {{ replayed order {{ {_SUMMARY} }} }}
    ... on CommandPending {{ order {{ {_SUMMARY} }} }}
    ... on CommandRefused {{ reason state order {{ {_SUMMARY} }} }}
    ... on OrderNotFound {{ orderId }}
    {_USER_ERRORS}
"""

START: Final = f"""
mutation StartOrder($input: StartOrderInput!) {{
  startOrder(input: $input) {{
    __typename
    ... on OrderStarted {{ replayed order {{ {_SUMMARY} }} }}
    ... on CustomerNotFound {{ customerId }}
    ... on OrderConflict {{ orderId differs }}
    ... on PaymentConflict {{ paymentId }}
    {_USER_ERRORS}
  }}
}}
"""
IMPORT: Final = f"""
mutation ImportOrder($input: StartOrderInput!) {{
  startOrder(input: $input) {{
    __typename ... on OrderStarted {{ replayed }} {_USER_ERRORS}
  }}
}}
"""


def _command(name: str, field: str) -> str:
    return f"""
mutation {name}($input: {name}Input!) {{ {field}(input: $input) {{ {_COMMAND_RESULT} }} }}
"""


APPROVE: Final = _command("ApproveOrder", "approveOrder")
REJECT: Final = _command("RejectOrder", "rejectOrder")
CANCEL: Final = _command("CancelOrder", "cancelOrder")
UPDATE_ADDRESS: Final = _command("UpdateAddress", "updateAddress")
CANCEL_PAYMENT: Final = _command("CancelPayment", "cancelPayment")
CONFIRM_DELIVERY: Final = _command("ConfirmDelivery", "confirmDelivery")
COMMAND: Final = f"""
query Command($orderId: ID!, $commandId: ID!) {{
  command(orderId: $orderId, commandId: $commandId) {{ {_COMMAND_RESULT} }}
}}
"""

ORDER: Final = f"query Order($id: ID!) {{ order(id: $id) {{ {_SUMMARY} }} }}"
ORDER_DETAILS: Final = f"query OrderDetails($id: ID!) {{ order(id: $id) {{ {_DETAILS} }} }}"
FINAL_STATE: Final = f"""
query FinalState($id: ID!) {{ order(id: $id) {{ {_SUMMARY} workflow {{ status }} }} }}
"""
ORDERS: Final = f"""
query Orders(
  $filter: OrderFilter, $sort: OrderSort, $first: Int, $after: String, $live: Boolean!
) {{
  orders(filter: $filter, sort: $sort, first: $first, after: $after, live: $live) {{
    nodes {{ {_SUMMARY} customer {{ id name }} }}
    unanswered
    pageInfo {{ hasNextPage endCursor }}
  }}
}}
"""
ORDER_COUNT: Final = """
query OrderCount($filter: OrderFilter) { orders(filter: $filter, first: 1) { totalCount } }
"""
WORKFLOWS: Final = """
query Workflows($filter: WorkflowFilter, $first: Int, $after: String) {
  workflows(filter: $filter, first: $first, after: $after) {
    nodes {
      workflowId runId status customerId customerName orderTotal priority startedAt closedAt
    }
    pageInfo { hasNextPage endCursor }
  }
}
"""
WORKFLOW_COUNT: Final = """
query WorkflowCount($filter: WorkflowFilter) {
  workflows(filter: $filter, first: 1) { totalCount query }
}
"""
EVENTS: Final = f"""
query Events($id: ID!, $first: Int!, $after: String) {{
  order(id: $id) {{
    events(first: $first, after: $after) {{
      nodes {{ {_EVENT} }}
      pageInfo {{ hasNextPage endCursor }}
    }}
  }}
}}
"""
EVENT_SEARCH: Final = f"""
query EventSearch($filter: EventFilter, $first: Int, $after: String) {{
  events(filter: $filter, first: $first, after: $after) {{
    nodes {{ {_EVENT} }}
    pageInfo {{ hasNextPage endCursor }}
  }}
}}
"""
EVENT_COUNT: Final = """
query EventCount($filter: EventFilter) { events(filter: $filter, first: 1) { totalCount } }
"""
WATCH: Final = f"""
subscription Watch($orderId: ID!, $afterSequence: Int!) {{
  orderEvents(orderId: $orderId, afterSequence: $afterSequence) {{ {_EVENT} }}
}}
"""

CREATE_CUSTOMER: Final = f"""
mutation CreateCustomer($input: CreateCustomerInput!) {{
  createCustomer(input: $input) {{
    __typename
    ... on CustomerSaved {{ customer {{ {_CUSTOMER} }} }}
    ... on EmailTaken {{ email }}
    ... on CustomerConflict {{ customerId }}
    {_USER_ERRORS}
  }}
}}
"""
UPDATE_CUSTOMER: Final = f"""
mutation UpdateCustomer($input: UpdateCustomerInput!) {{
  updateCustomer(input: $input) {{
    __typename
    ... on CustomerSaved {{ customer {{ {_CUSTOMER} }} }}
    ... on EmailTaken {{ email }}
    ... on CustomerNotFound {{ customerId }}
    {_USER_ERRORS}
  }}
}}
"""
DELETE_CUSTOMER: Final = """
mutation DeleteCustomer($input: DeleteCustomerInput!) {
  deleteCustomer(input: $input) {
    __typename
    ... on CustomerDeleted { customerId }
    ... on CustomerNotFound { customerId }
    ... on CustomerHasOrders { customerId }
    ... on UserError { code message }
  }
}
"""
CUSTOMER: Final = f"query Customer($id: ID!) {{ customer(id: $id) {{ {_CUSTOMER} }} }}"
CUSTOMERS: Final = f"""
query Customers($search: String, $first: Int, $after: String) {{
  customers(search: $search, first: $first, after: $after) {{
    nodes {{ {_CUSTOMER} }}
    pageInfo {{ hasNextPage endCursor }}
  }}
}}
"""
CUSTOMER_COUNT: Final = """
query CustomerCount($search: String) { customers(search: $search, first: 1) { totalCount } }
"""
