"""The GraphQL that these tests send."""

from __future__ import annotations

CREATE_CUSTOMER = """
mutation CreateCustomer($input: CreateCustomerInput!) {
  createCustomer(input: $input) {
    __typename
    ... on CustomerSaved { customer { id name email phone createdAt updatedAt } }
    ... on InvalidInput { fields { code path message } }
    ... on EmailTaken { email }
    ... on CustomerConflict { customerId }
    ... on UserError { message }
  }
}
"""

UPDATE_CUSTOMER = """
mutation UpdateCustomer($input: UpdateCustomerInput!) {
  updateCustomer(input: $input) {
    __typename
    ... on CustomerSaved { customer { id name email phone createdAt updatedAt } }
    ... on InvalidInput { fields { code path message } }
    ... on EmailTaken { email }
    ... on CustomerNotFound { customerId }
    ... on UserError { message }
  }
}
"""

DELETE_CUSTOMER = """
mutation DeleteCustomer($input: DeleteCustomerInput!) {
  deleteCustomer(input: $input) {
    __typename
    ... on CustomerDeleted { customerId }
    ... on CustomerNotFound { customerId }
    ... on CustomerHasOrders { customerId }
    ... on UserError { message }
  }
}
"""

CUSTOMERS = """
query Customers($search: String, $first: Int, $after: String) {
  customers(search: $search, first: $first, after: $after) {
    totalCount
    nodes { id name }
    edges { cursor node { id } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}
"""

START_ORDER = """
mutation StartOrder($input: StartOrderInput!) {
  startOrder(input: $input) {
    __typename
    ... on OrderStarted {
      replayed
      order {
        id state sequence availableCommands priority
        total { amount currency }
        payment { id status }
        policy {
          reviewMode reviewTimeout deadline activityTimeout activityTotalTimeout activityAttempts
          activityRetryDelay activityRetryBackoff activityMaxRetryDelay
          shippingAttempts shippingRetryDelay shippingRetryBackoff deliveryTimeout
        }
      }
    }
    ... on InvalidInput { fields { code path message } }
    ... on CustomerNotFound { customerId }
    ... on OrderConflict { orderId differs }
    ... on PaymentConflict { paymentId }
    ... on UserError { message }
  }
}
"""

ORDER = """
query Order($id: ID!) {
  order(id: $id) {
    id state sequence availableCommands priority createdAt updatedAt endedAt
    reviewDeadline deadline
    failure { code message }
    customer { id name orders(first: 1) { nodes { id } } }
    items { sku name quantity unitPrice { amount currency } }
    total { amount currency }
    shippingAddress { street city region postalCode country }
    payment { id status amount { amount } }
    events {
      nodes { id sequence type fromState state commandId payload at order { id } }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
    workflow {
      workflowId runId status taskQueue startedAt closedAt historyLength step lastError uiUrl
      pendingActivities { id workflowId type attempt maximumAttempts lastFailure nextAttemptAt }
    }
  }
}
"""

STATE = "query State($id: ID!) { order(id: $id) { state sequence availableCommands } }"

ORDERS = """
query Orders(
  $filter: OrderFilter, $sort: OrderSort, $first: Int, $after: String, $last: Int, $before: String
) {
  orders(filter: $filter, sort: $sort, first: $first, after: $after, last: $last, before: $before) {
    totalCount
    nodes { id }
    edges { cursor node { id } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}
"""

WORKFLOWS = """
query Workflows($filter: WorkflowFilter, $first: Int, $after: String) {
  workflows(filter: $filter, first: $first, after: $after) {
    query
    totalCount
    nodes {
      workflowId runId status customerId customerName orderTotal priority startedAt closedAt
      order { id state }
    }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}
"""

_COMMAND_RESULT = """
    __typename
    ... on CommandApplied { orderId commandId command replayed order { id state } }
    ... on CommandPending { orderId commandId command order { id state } }
    ... on CommandRefused { orderId commandId command code reason state order { id state } }
    ... on CommandConflict { orderId commandId }
    ... on OrderNotFound { orderId }
    ... on InvalidInput { fields { code path message } }
    ... on UserError { message }
"""

APPROVE = f"""
mutation Approve($input: ApproveOrderInput!) {{ approveOrder(input: $input) {{{_COMMAND_RESULT}}} }}
"""

CANCEL = f"""
mutation Cancel($input: CancelOrderInput!) {{ cancelOrder(input: $input) {{{_COMMAND_RESULT}}} }}
"""

CANCEL_PAYMENT = f"""
mutation CancelPayment($input: CancelPaymentInput!) {{
  cancelPayment(input: $input) {{{_COMMAND_RESULT}}}
}}
"""

CONFIRM_DELIVERY = f"""
mutation ConfirmDelivery($input: ConfirmDeliveryInput!) {{
  confirmDelivery(input: $input) {{{_COMMAND_RESULT}}}
}}
"""

UPDATE_ADDRESS = f"""
mutation UpdateAddress($input: UpdateAddressInput!) {{
  updateAddress(input: $input) {{{_COMMAND_RESULT}}}
}}
"""

COMMAND = f"""
query Command($orderId: ID!, $commandId: ID!) {{
  command(orderId: $orderId, commandId: $commandId) {{{_COMMAND_RESULT}}}
}}
"""

ORDER_EVENTS = """
subscription OrderEvents($orderId: ID!, $afterSequence: Int! = 0) {
  orderEvents(orderId: $orderId, afterSequence: $afterSequence) {
    sequence type state orderId order { id }
  }
}
"""

ORDER_PROGRESS = """
subscription OrderProgress($orderId: ID!) {
  orderProgress(orderId: $orderId) {
    id state sequence availableCommands
    payment { status }
    workflow { status step pendingActivities { type attempt lastFailure } }
  }
}
"""

ORDER_FEED = """
subscription OrderFeed($filter: OrderFilter, $after: String) {
  orderFeed(filter: $filter, after: $after) {
    orderId sequence type fromState state feedCursor order { id state }
  }
}
"""
