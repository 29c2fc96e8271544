// Apollo Client with its default cache: no `keyFields`, only the possible types of unions and interfaces.
import assert from "node:assert/strict";
import { after, test } from "node:test";

import { ApolloClient, ApolloLink, gql, HttpLink, InMemoryCache } from "@apollo/client";
import { GraphQLWsLink } from "@apollo/client/link/subscriptions";
import { relayStylePagination } from "@apollo/client/utilities";
import { createClient } from "graphql-ws";
import { tap } from "rxjs";
import WebSocket from "ws";

import { apiIsBack, killApi, newOrder, possibleTypes, startOrder, startOrderInReview, until, url, webSocketUrl } from "./api.js";

let connections = 0;
const socket = createClient({
  url: webSocketUrl,
  webSocketImpl: WebSocket, // browsers have their own
  shouldRetry: () => true, // by default, graphql-ws gives up if the server does not accept the connection
  retryAttempts: Infinity,
  retryWait: () => new Promise((resolve) => setTimeout(resolve, 200)),
  on: { connected: () => { connections += 1; } },
});
after(() => socket.dispose());

// After a reconnection, graphql-ws sends the same variables object again. So each event updates it.
const resume = new ApolloLink((operation, forward) => {
  operation.variables = { ...operation.variables };
  return forward(operation).pipe(
    tap(({ data }) => {
      if (data?.orderEvents) operation.variables.afterSequence = data.orderEvents.sequence;
    }),
  );
});

function newClient(typePolicies = {}) {
  return new ApolloClient({
    cache: new InMemoryCache({ possibleTypes, typePolicies }),
    link: ApolloLink.split(
      ({ operationType }) => operationType === "subscription",
      ApolloLink.from([resume, new GraphQLWsLink(socket)]),
      new HttpLink({ uri: url }),
    ),
  });
}

const ORDERS = gql`
  query Orders($filter: OrderFilter, $first: Int, $after: String) {
    orders(filter: $filter, first: $first, after: $after) {
      edges { cursor node { id state sequence } }
      pageInfo { hasNextPage endCursor }
    }
  }
`;

// One fragment serves the results of all commands.
const COMMAND_OUTCOME = gql`
  fragment CommandOutcome on OrderCommandResult {
    ... on CommandResult { orderId commandId command }
    ... on CommandApplied { replayed order { id state sequence } }
    ... on CommandRefused { reason state }
    ... on UserError { code message }
  }
`;
const CANCEL_ORDER = gql`
  mutation CancelOrder($input: CancelOrderInput!) { cancelOrder(input: $input) { ...CommandOutcome } }
  ${COMMAND_OUTCOME}
`;

test("the pending activities of two orders stay apart", async () => {
  const client = newClient();
  const query = gql`
    query Activities($id: ID!) {
      order(id: $id) { id workflow { id pendingActivities { id workflowId type attempt } } }
    }
  `;
  const read = async (id) => {
    const { data } = await client.query({ query, variables: { id }, fetchPolicy: "network-only" });
    return data.order.workflow?.pendingActivities ?? [];
  };
  // The simulated payment gateway never answers the first charge of such a payment.
  const hanging = (id) => ({ id, paymentId: `hang-decline-${id}`, policy: { reviewMode: "NONE", activityTimeout: "PT60S" } });
  const first = await startOrder(hanging(newOrder().id));
  const second = await startOrder(hanging(newOrder().id));
  await until(async () => (await read(first)).some(({ type }) => type === "charge_payment"));
  await until(async () => (await read(second)).some(({ type }) => type === "charge_payment"));
  for (const id of [first, second]) {
    const cached = client.readQuery({ query, variables: { id } });
    const workflows = cached.order.workflow.pendingActivities.map(({ workflowId }) => workflowId);
    assert.deepEqual([...new Set(workflows)], [id]);
  }
});

test("a list and a single order share one object, which a mutation updates", async () => {
  const client = newClient();
  const id = await startOrderInReview();
  const variables = { filter: { ids: [id] } };
  await client.query({ query: ORDERS, variables });
  const { data } = await client.mutate({ mutation: CANCEL_ORDER, variables: { input: { orderId: id } } });
  assert.equal(data.cancelOrder.__typename, "CommandApplied");
  const { state, sequence } = data.cancelOrder.order;
  const { orders } = client.readQuery({ query: ORDERS, variables });
  assert.deepEqual(orders.edges.map(({ node }) => node), [{ __typename: "Order", id, state, sequence }]);
  const order = client.readFragment({ id: `Order:${id}`, fragment: gql`fragment State on Order { state }` });
  assert.equal(order.state, state);
});

test("relayStylePagination merges the pages of a list", async () => {
  const client = newClient({ Query: { fields: { orders: relayStylePagination(["filter", "sort"]) } } });
  const ids = [await startOrder(), await startOrder(), await startOrder()];
  const filter = { ids };
  const list = client.watchQuery({ query: ORDERS, variables: { filter, first: 2 } });
  const shown = list.subscribe({});
  await until(async () => {
    const { data } = await list.refetch();
    return data.orders.pageInfo.hasNextPage;
  });
  const { pageInfo } = list.getCurrentResult().data.orders;
  await list.fetchMore({ variables: { after: pageInfo.endCursor } });
  await until(() => list.getCurrentResult().data.orders.edges.length > 2);
  const { edges, pageInfo: last } = list.getCurrentResult().data.orders;
  assert.deepEqual(edges.map(({ node }) => node.id), ids.toReversed()); // newest first
  assert.equal(last.hasNextPage, false);
  shown.unsubscribe();
});

test("a failure is data with a code, and a refused command says why", async () => {
  const client = newClient();
  const cancel = async (orderId) => {
    const { data } = await client.mutate({ mutation: CANCEL_ORDER, variables: { input: { orderId } } });
    return data.cancelOrder;
  };
  const unknown = await cancel("order-that-nobody-started");
  assert.equal(unknown.code, "ORDER_NOT_FOUND");
  const id = await startOrderInReview();
  assert.equal((await cancel(id)).__typename, "CommandApplied");
  await until(async () => {
    const refused = await cancel(id);
    assert.equal(refused.code, "COMMAND_REFUSED");
    assert.equal(refused.command, "CANCEL"); // of the interface CommandResult
    assert.equal(refused.orderId, id);
    return refused.reason === "ORDER_ENDED";
  });
});

test("a subscription resumes after the API was killed, without losing or repeating an event", async () => {
  const client = newClient();
  // The review ends by itself, so events happen while the API is down.
  const orderId = await startOrder({ policy: { reviewMode: "TIMER", reviewTimeout: "PT1S" } });
  const query = gql`
    subscription Events($orderId: ID!, $afterSequence: Int! = 0) {
      orderEvents(orderId: $orderId, afterSequence: $afterSequence) { id sequence type state }
    }
  `;
  const before = connections;
  const events = [];
  await new Promise((resolve, reject) => {
    client.subscribe({ query, variables: { orderId } }).subscribe({
      next: ({ data, error }) => {
        if (error) return reject(error);
        events.push(data.orderEvents);
        if (events.length === 1 || events.length === 4) killApi();
      },
      complete: resolve,
      error: reject,
    });
  });
  assert.deepEqual(events.map(({ sequence }) => sequence), events.map((_, index) => index + 1));
  assert.equal(events.at(-1).type, "ORDER_COMPLETED");
  assert.ok(connections - before >= 2, "the client reconnected");
  await until(apiIsBack);
});
