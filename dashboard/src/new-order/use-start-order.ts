import { useState } from "react";
import { useClient, type Client } from "urql";

import { readCustomer } from "../customers/customer-fields";
import { CREATE_CUSTOMER } from "../customers/operations";
import { customerErrors } from "../customers/field-errors";
import type { FieldErrors } from "../ui/field";
import { newIdentifier } from "../ui/identifier";
import { errorsByField } from "../ui/invalid-fields";
import { errorMessage } from "../ui/notice";
import { START_ORDER } from "./operations";
import { readOrder } from "./order-input";

/** Passed in place of a customer ID if the form describes a new customer. */
export const NEW_CUSTOMER = Symbol("new customer");

interface Outcome {
  /** Set if the order was started. */
  orderId?: string;
  /** Set if a customer was created, even if the order was then refused. */
  customerId?: string;
  errors?: FieldErrors;
  failure?: string;
}

const NO_ERRORS: FieldErrors = {};
const SAFE_TO_RETRY = "It is safe to retry: nothing is created twice.";

/** Starts the order of a form. Every attempt uses the same IDs, so a retry after a lost response creates nothing twice. */
export function useStartOrder() {
  const client = useClient();
  const [ids] = useState(() => ({ order: newIdentifier("order"), customer: newIdentifier("customer") }));
  const [sending, setSending] = useState(false);
  const [outcome, setOutcome] = useState<Outcome>({});

  const start = async (form: FormData, lines: number, customer: string | typeof NEW_CUSTOMER): Promise<Outcome> => {
    setSending(true);
    const result = await startWithCustomer(client, form, lines, customer, ids);
    setOutcome(result);
    setSending(false);
    return result;
  };
  return { errors: outcome.errors ?? NO_ERRORS, failure: outcome.failure, sending, start };
}

async function startWithCustomer(
  client: Client,
  form: FormData,
  lines: number,
  customer: string | typeof NEW_CUSTOMER,
  ids: { order: string; customer: string },
): Promise<Outcome> {
  if (customer !== NEW_CUSTOMER) return startOrder(client, form, lines, customer, ids.order);
  const created = await createCustomer(client, form, ids.customer);
  if (created.customerId === undefined) return created;
  return { ...created, ...(await startOrder(client, form, lines, created.customerId, ids.order)) };
}

async function createCustomer(client: Client, form: FormData, id: string): Promise<Outcome> {
  const { data, error } = await client.mutation(CREATE_CUSTOMER, { input: { id, ...readCustomer(form, "customer.") } });
  const result = data?.createCustomer;
  if (!result) return { failure: `${error ? errorMessage(error) : "The API did not respond."} ${SAFE_TO_RETRY}` };
  if (result.__typename === "CustomerSaved") return { customerId: result.customer.id };
  const { "": general, ...fields } = customerErrors(result);
  const errors = Object.fromEntries(Object.entries(fields).map(([name, message]) => [`customer.${name}`, message]));
  return { errors, ...(general !== undefined && { failure: general }) };
}

async function startOrder(client: Client, form: FormData, lines: number, customerId: string, id: string): Promise<Outcome> {
  const { data, error } = await client.mutation(START_ORDER, { input: readOrder(form, lines, id, customerId) });
  const result = data?.startOrder;
  if (!result) return { failure: `${error ? errorMessage(error) : "The API did not respond."} ${SAFE_TO_RETRY}` };
  switch (result.__typename) {
    case "OrderStarted":
      return { orderId: result.order.id };
    case "InvalidInput": {
      const found = errorsByField(result.fields);
      const errors = customerId === "" ? { ...found, customerId: "Select a customer or create a new one." } : found;
      return { errors, failure: summarize(errors) };
    }
    case "CustomerNotFound":
      return { errors: { customerId: result.message }, failure: result.message };
    case "PaymentConflict":
      return { errors: { paymentId: result.message }, failure: result.message };
    case "OrderConflict":
      return { errors: { id: result.message }, failure: `${result.message} Fields that differ: ${result.differs.join(", ")}.` };
  }
}

/** Message next to the submit button: the number of invalid fields, and errors that belong to no field. */
function summarize(errors: FieldErrors): string {
  const count = Object.keys(errors).filter((path) => path !== "").length;
  const correct = count === 0 ? "" : `Correct ${count === 1 ? "1 field" : `${count} fields`}.`;
  return `The order was not started. ${errors[""] ?? ""} ${correct}`.trim();
}
