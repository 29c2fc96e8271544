import type { Stack } from "./stack";

let count = 0;
const stamp = Date.now().toString(36);
/** Unique across test runs, which share the servers. */
export const uniqueId = (kind: string) => `${kind}-${stamp}-${(count += 1)}`;

interface Customer {
  id: string;
  name: string;
}

export async function newCustomer(stack: Stack, name: string): Promise<Customer> {
  const id = uniqueId("customer");
  await stack.execute("mutation ($input: CreateCustomerInput!) { createCustomer(input: $input) { __typename } }", {
    input: { id, name, email: `${id}@example.org` },
  });
  return { id, name };
}

/** Start an order through the API, with the given input fields replaced. Returns its ID. */
export async function newOrder(stack: Stack, customer: Customer, overrides: object = {}): Promise<string> {
  const id = uniqueId("order");
  const input = {
    id,
    customerId: customer.id,
    items: [{ sku: "TEAPOT", name: "Teapot", quantity: 2, unitPrice: "24.90" }],
    currency: "USD",
    shippingAddress: { street: "1 Main St", city: "Springfield", region: "IL", postalCode: "62701", country: "US" },
    ...overrides,
  };
  const { startOrder } = await stack.execute(
    "mutation ($input: StartOrderInput!) { startOrder(input: $input) { __typename ... on UserError { message } } }",
    { input },
  );
  if ((startOrder as { __typename: string }).__typename !== "OrderStarted") throw new Error(JSON.stringify(startOrder));
  return id;
}
