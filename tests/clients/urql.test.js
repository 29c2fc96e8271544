// urql with Graphcache, and subscriptions over server-sent events.
import assert from "node:assert/strict";
import { after, test } from "node:test";

import { Client, fetchExchange, gql, subscriptionExchange } from "@urql/core";
import { cacheExchange } from "@urql/exchange-graphcache";
import { getIntrospectionQuery, graphqlSync, isObjectType } from "graphql";
import { createClient } from "graphql-sse";

import { possibleTypes, schema, startOrder, startOrderInReview, until, url } from "./api.js";

const events = createClient({ url, retryAttempts: 0 });
after(() => events.dispose());

// Types without an `id` belong to the object that holds them. Graphcache wants to be told.
const keys = Object.fromEntries(
  Object.values(schema.getTypeMap())
    .filter((type) => isObjectType(type) && !type.name.startsWith("__") && !type.getFields().id)
    .map((type) => [type.name, () => null]),
);
const introspection = graphqlSync({ schema, source: getIntrospectionQuery() }).data;
const warnings = [];

function newClient(options) {
  warnings.length = 0;
  return new Client({
    url,
    preferGetMethod: false,
    exchanges: [
      cacheExchange({ schema: introspection, possibleTypes, logger: (_, message) => warnings.push(message), ...options }),
      fetchExchange,
      subscriptionExchange({
        forwardSubscription: ({ query, variables }) => ({
          subscribe: (sink) => ({ unsubscribe: events.subscribe({ query, variables }, sink) }),
        }),
      }),
    ],
  });
}

const ORDER = gql`
  query Order($id: ID!) {
    order(id: $id) {
      id state sequence customerName availableCommands
      items { id sku quantity unitPrice { amount currency } }
      total { amount currency }
      shippingAddress { street city country }
      policy { reviewMode }
      customer { id name email }
      payment { id status amount { amount currency } }
      shipments { id attempt trackingNumber }
      failure { code message }
      events { nodes { id type detail { __typename ... on ReceiptDetail { total { amount } } } } pageInfo { endCursor } }
    }
  }
`;
const REJECT_ORDER = gql`
  mutation Reject($input: RejectOrderInput!) {
    rejectOrder(input: $input) {
      __typename
      ... on CommandApplied { orderId order { id state sequence } }
      ... on UserError { code message }
    }
  }
`;

test("a mutation updates the order of an earlier query, and nothing is warned of", async () => {
  const client = newClient({ keys });
  const id = await startOrderInReview();
  const shown = await client.query(ORDER, { id }).toPromise();
  assert.equal(shown.error, undefined);
  assert.equal(shown.data.order.items[0].unitPrice.amount, "24.90");
  const { data } = await client.mutation(REJECT_ORDER, { input: { orderId: id, reason: "out of stock" } }).toPromise();
  assert.equal(data.rejectOrder.__typename, "CommandApplied");
  const cached = await client.query(ORDER, { id }, { requestPolicy: "cache-only" }).toPromise();
  assert.equal(cached.data.order.state, data.rejectOrder.order.state);
  assert.deepEqual(warnings, []);
});

test("without keys, Graphcache warns of value types only", async () => {
  const client = newClient({});
  const id = await startOrderInReview();
  await client.query(ORDER, { id }).toPromise();
  const types = warnings.map((message) => /create a custom `keys` config for `(\w+)`/.exec(message)?.[1] ?? message);
  assert.deepEqual([...new Set(types)].sort(), ["Address", "Money", "OrderPolicy", "ReceiptDetail", "ReviewDetail"]);
});

test("an order is followed over server-sent events until it ends", async () => {
  const client = newClient({ keys });
  const id = await startOrder({ policy: { reviewMode: "NONE" } });
  const query = gql`
    subscription Events($id: ID!) { orderEvents(orderId: $id) { id sequence type order { id state } } }
  `;
  const seen = [];
  let ended = false;
  client.subscription(query, { id }).subscribe(({ data, error, hasNext }) => {
    assert.equal(error, undefined);
    if (hasNext) seen.push(data.orderEvents);
    else ended = true; // the stream has completed: urql repeats its last result
  });
  await until(() => ended);
  assert.deepEqual(seen.map(({ sequence }) => sequence), seen.map((_, index) => index + 1));
  assert.equal(seen.at(-1).type, "ORDER_COMPLETED");
  assert.deepEqual(warnings, []);
});
