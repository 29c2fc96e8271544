// The API under test, and orders to read from it. test_clients.py starts the API and sets the environment.
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

import { buildSchema, isAbstractType } from "graphql";

export const url = process.env.ORDERS_URL;
export const webSocketUrl = url.replace("http", "ws");

export const schema = buildSchema(readFileSync(new URL("../../schema.graphql", import.meta.url), "utf8"));

/** The types of each union and interface. GraphQL Code Generator writes them with its plugin fragment-matcher. */
export const possibleTypes = Object.fromEntries(
  Object.values(schema.getTypeMap())
    .filter((type) => isAbstractType(type) && !type.name.startsWith("__"))
    .map((type) => [type.name, schema.getPossibleTypes(type).map(({ name }) => name)]),
);

const pidOfApi = () => Number(readFileSync(process.env.API_PID_FILE, "utf8"));
let killed;

/** Kill the API. It is started again at once, as by a service manager. */
export function killApi() {
  killed = pidOfApi();
  process.kill(killed, "SIGKILL");
}

/** Return whether the API was started again and is ready. */
export async function apiIsBack() {
  if (pidOfApi() === killed) return false;
  return fetch(new URL("/health/ready", url)).then(({ ok }) => ok, () => false);
}

/** The input of `startOrder`. The customer is found by the email address, or created. */
export function newOrder(values = {}) {
  return {
    id: `order-${randomUUID()}`,
    customer: { name: "Ada Lovelace", email: "ada@shop.example.com" },
    items: [{ sku: "TEAPOT", quantity: 2, unitPrice: "24.90" }],
    currency: "USD",
    shippingAddress: { street: "1 Main St", city: "Springfield", country: "US" },
    ...values,
  };
}

/** Start an order without a client library, and return its ID. */
export async function startOrder(values) {
  const input = newOrder(values);
  const { startOrder: started } = await execute(
    "mutation ($input: StartOrderInput!) { startOrder(input: $input) { __typename ... on UserError { message } } }",
    { input },
  );
  if (started.__typename !== "OrderStarted") throw new Error(started.message);
  return input.id;
}

/** Start an order and wait until it is in review. */
export async function startOrderInReview(values) {
  const id = await startOrder(values);
  const query = "query ($id: ID!) { order(id: $id) { state } }";
  await until(async () => (await execute(query, { id })).order?.state === "AWAITING_APPROVAL");
  return id;
}

async function execute(query, variables) {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = await response.json();
  if (errors) throw new Error(JSON.stringify(errors));
  return data;
}

/** Evaluate a condition until it is true. The time limit of the run ends a condition that never is. */
export async function until(condition) {
  while (!(await condition())) await sleep(50);
}
