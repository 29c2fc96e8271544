import { graphql } from "../generated";

export const ORDER_FACTS = graphql(`
  fragment OrderFacts on Order {
    id
    state
    sequence
    availableCommands
    priority
    createdAt
    updatedAt
    endedAt
    reviewDeadline
    deadline
    total { amount currency }
    customer { id name email phone }
    items { id sku name quantity unitPrice { amount currency } }
    shippingAddress { street city region postalCode country }
    payment { id status amount { amount currency } updatedAt }
    failure { code message }
    policy {
      reviewMode reviewTimeout deadline deliveryTimeout
      activityTimeout activityTotalTimeout activityAttempts
      activityRetryDelay activityRetryBackoff activityMaxRetryDelay
      shippingAttempts shippingRetryDelay shippingRetryBackoff
    }
    workflow {
      id workflowId runId status taskQueue startedAt closedAt historyLength step lastError uiUrl
      pendingActivities { id workflowId type attempt maximumAttempts lastFailure nextAttemptAt }
    }
  }
`);

export const EVENT_LINE = graphql(`
  fragment EventLine on OrderEvent {
    id orderId sequence type message commandId fromState state at
    actor { id kind name }
    detail {
      ... on ReceiptDetail { total { amount currency } }
      ... on ReviewDetail { mode deadline }
      ... on ApprovalDetail { mode note }
      ... on AddressChangeDetail {
        oldAddress { street city region postalCode country }
        newAddress { street city region postalCode country }
      }
      ... on PaymentDetail { paymentId amount { amount currency } reason recordedStatus }
      ... on ShipmentDetail { attempt packageId trackingNumber reason }
      ... on DeliveryDetail { trackingNumber }
      ... on FailureDetail { code message }
    }
  }
`);

export const ORDER = graphql(`
  query Order($id: ID!) {
    order(id: $id) {
      ...OrderFacts
      events(first: 100) { nodes { ...EventLine } }
    }
  }
`);

export const ORDER_EVENTS = graphql(`
  subscription OrderEvents($orderId: ID!, $afterSequence: Int!) {
    orderEvents(orderId: $orderId, afterSequence: $afterSequence) { ...EventLine }
  }
`);

export const ORDER_PROGRESS = graphql(`
  subscription OrderProgress($orderId: ID!) {
    orderProgress(orderId: $orderId) { ...OrderFacts }
  }
`);
