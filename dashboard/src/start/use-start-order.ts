import { useState } from "react";
import { useClient, type Client } from "urql";

import { customerFrom } from "../customers/customer-fields";
import { CREATE_CUSTOMER } from "../customers/operations";
import { problemsOf } from "../customers/problems";
import type { FieldErrors } from "../ui/field";
import { newIdentifier } from "../ui/identifier";
import { byField } from "../ui/invalid-fields";
import { inWordsOf } from "../ui/notice";
import { START_ORDER } from "./operations";
import { orderFrom } from "./order-input";

/** In place of a customer's id: the form has the details of a new one. */
export const NEW_CUSTOMER = Symbol("a new customer");

interface Outcome {
  /** The order, once it is started. */
  orderId?: string;
  /** The customer who was created on the way, whatever became of the order. */
  customerId?: string;
  errors?: FieldErrors;
  failure?: string;
}

const NO_ERRORS: FieldErrors = {};
const SAFE_TO_REPEAT = "Sending it again is safe: it is done once.";

/** Starts what a form says. Its ids stay the same through every try, so that a lost answer doubles nothing. */
export function useStartOrder() {
  const client = useClient();
  const [ids] = useState(() => ({ order: newIdentifier("order"), customer: newIdentifier("customer") }));
  const [sending, setSending] = useState(false);
  const [outcome, setOutcome] = useState<Outcome>({});

  const start = async (given: FormData, lines: number, customer: string | typeof NEW_CUSTOMER): Promise<Outcome> => {
    setSending(true);
    const reached = await begin(client, given, lines, customer, ids);
    setOutcome(reached);
    setSending(false);
    return reached;
  };
  return { errors: outcome.errors ?? NO_ERRORS, failure: outcome.failure, sending, start };
}

async function begin(
  client: Client,
  given: FormData,
  lines: number,
  customer: string | typeof NEW_CUSTOMER,
  ids: { order: string; customer: string },
): Promise<Outcome> {
  if (customer !== NEW_CUSTOMER) return startFor(client, given, lines, customer, ids.order);
  const created = await createCustomer(client, given, ids.customer);
  if (created.customerId === undefined) return created;
  return { ...created, ...(await startFor(client, given, lines, created.customerId, ids.order)) };
}

async function createCustomer(client: Client, given: FormData, id: string): Promise<Outcome> {
  const { data, error } = await client.mutation(CREATE_CUSTOMER, { input: { id, ...customerFrom(given, "customer.") } });
  const result = data?.createCustomer;
  if (!result) return { failure: `${error ? inWordsOf(error) : "There is no answer."} ${SAFE_TO_REPEAT}` };
  if (result.__typename === "CustomerSaved") return { customerId: result.customer.id };
  const { "": general, ...fields } = problemsOf(result);
  const errors = Object.fromEntries(Object.entries(fields).map(([name, message]) => [`customer.${name}`, message]));
  return { errors, ...(general !== undefined && { failure: general }) };
}

async function startFor(client: Client, given: FormData, lines: number, customerId: string, id: string): Promise<Outcome> {
  const { data, error } = await client.mutation(START_ORDER, { input: orderFrom(given, lines, id, customerId) });
  const result = data?.startOrder;
  if (!result) return { failure: `${error ? inWordsOf(error) : "There is no answer."} ${SAFE_TO_REPEAT}` };
  switch (result.__typename) {
    case "OrderStarted":
      return { orderId: result.order.id };
    case "InvalidInput": {
      const found = byField(result.fields);
      const errors = customerId === "" ? { ...found, customerId: "Choose one, or create a new one." } : found;
      return { errors, failure: unplaced(errors) };
    }
    case "CustomerNotFound":
      return { errors: { customerId: result.message }, failure: result.message };
    case "PaymentConflict":
      return { errors: { paymentId: result.message }, failure: result.message };
    case "OrderConflict":
      return { errors: { id: result.message }, failure: `${result.message} Other than before: ${result.differs.join(", ")}.` };
  }
}

/** A sentence for the end of the form, where the button is: how many fields are wrong, and what has no field. */
function unplaced(errors: FieldErrors): string {
  const count = Object.keys(errors).length;
  return `Nothing is started: ${count === 1 ? "one field has" : `${count} fields have`} to be put right. ${errors[""] ?? ""}`.trim();
}
