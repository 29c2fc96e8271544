import { newIdentifier } from "../ui/identifier";

interface Example {
  title: string;
  query: string;
  variables?: string;
}

const VERDICT = `__typename
    ... on CommandApplied { replayed order { state availableCommands } }
    ... on CommandPending { commandId }
    ... on CommandRefused { state }
    ... on InvalidInput { fields { path message } }
    ... on UserError { message }`;

/** One operation per tab, with new IDs per page load. Run in order, they take one order from creation to completion. */
export function examples(): Example[] {
  const customerId = newIdentifier("ada");
  const orderId = newIdentifier("tea");
  const json = (value: unknown) => JSON.stringify(value, null, 2);
  return [
    {
      title: "Create customer",
      query: `mutation CreateCustomer($input: CreateCustomerInput!) {
  createCustomer(input: $input) {
    __typename
    ... on CustomerSaved { customer { id name email } }
    ... on InvalidInput { fields { path message } }
    ... on UserError { message }
  }
}`,
      variables: json({ input: { id: customerId, name: "Ada Lovelace", email: `${customerId}@example.com` } }),
    },
    {
      title: "Start order",
      query: `mutation StartOrder($input: StartOrderInput!) {
  startOrder(input: $input) {
    __typename
    ... on OrderStarted { replayed order { id state total { amount currency } } }
    ... on InvalidInput { fields { path message } }
    ... on UserError { message }
  }
}`,
      variables: json({
        input: {
          id: orderId,
          customerId,
          items: [{ sku: "TEAPOT", name: "Teapot", quantity: 2, unitPrice: "24.95" }],
          currency: "USD",
          shippingAddress: { street: "12 St James's Square", city: "London", country: "GB" },
        },
      }),
    },
    {
      title: "Order events",
      query: `subscription OrderEvents($orderId: ID!) {
  orderEvents(orderId: $orderId, afterSequence: 0) {
    sequence type message state at
  }
}`,
      variables: json({ orderId }),
    },
    {
      title: "Approve",
      query: `mutation Approve($input: ApproveOrderInput!) {
  approveOrder(input: $input) {
    ${VERDICT}
  }
}`,
      variables: json({ input: { orderId, commandId: newIdentifier("approve"), note: "Looks good" } }),
    },
    {
      title: "Reject",
      query: `mutation Reject($input: RejectOrderInput!) {
  rejectOrder(input: $input) {
    ${VERDICT}
  }
}`,
      variables: json({ input: { orderId, commandId: newIdentifier("reject"), reason: "Looks like fraud" } }),
    },
    {
      title: "Order",
      query: `query Order($id: ID!) {
  order(id: $id) {
    id state sequence availableCommands
    customer { name }
    total { amount currency }
    payment { id status }
    events { nodes { sequence type message at } }
    workflow {
      status historyLength step uiUrl
      pendingActivities { type attempt lastFailure }
    }
  }
}`,
      variables: json({ id: orderId }),
    },
    {
      title: "Orders",
      query: `query Orders($filter: OrderFilter) {
  orders(first: 10, filter: $filter) {
    totalCount stateCounts { state count }
    nodes { id state createdAt total { amount currency } customer { name } }
    pageInfo { hasNextPage endCursor }
  }
}`,
      variables: json({ filter: { priorities: ["NORMAL"] } }),
    },
    {
      title: "Order feed",
      query: `subscription OrderFeed {
  orderFeed {
    orderId sequence type message feedCursor
  }
}`,
    },
    {
      title: "Workflows",
      query: `query Workflows($filter: WorkflowFilter) {
  workflows(filter: $filter, first: 10) {
    query nodes { workflowId status startedAt order { state } } pageInfo { endCursor }
  }
}`,
      variables: json({ filter: { states: ["AWAITING_APPROVAL"] } }),
    },
  ];
}
