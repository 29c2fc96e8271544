import type { Stack } from "./stack";

let made = 0;
const stamp = Date.now().toString(36);
/** A name that nobody has had: these servers are other tests' too. */
export const fresh = (kind: string) => `${kind}-${stamp}-${(made += 1)}`;

interface Customer {
  id: string;
  name: string;
}

export async function newCustomer(stack: Stack, name: string): Promise<Customer> {
  const id = fresh("customer");
  await stack.ask("mutation ($input: CreateCustomerInput!) { createCustomer(input: $input) { __typename } }", {
    input: { id, name, email: `${id}@example.org` },
  });
  return { id, name };
}

/** Start an order by the API; what differs from the usual is given. */
export async function newOrder(stack: Stack, customer: Customer, differs: object = {}): Promise<string> {
  const id = fresh("order");
  const input = {
    id,
    customerId: customer.id,
    items: [{ sku: "TEAPOT", name: "Teapot", quantity: 2, unitPrice: "24.90" }],
    shippingAddress: { street: "1 Main St", city: "Springfield", region: "IL", postalCode: "62701", country: "US" },
    ...differs,
  };
  const { startOrder } = await stack.ask(
    "mutation ($input: StartOrderInput!) { startOrder(input: $input) { __typename ... on UserError { message } } }",
    { input },
  );
  if ((startOrder as { __typename: string }).__typename !== "OrderStarted") throw new Error(JSON.stringify(startOrder));
  return id;
}
