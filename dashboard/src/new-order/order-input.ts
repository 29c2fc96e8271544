import type { OrderPolicyInput, Priority, ReviewMode, StartOrderInput } from "../generated/graphql";
import { readAddress } from "../ui/address-fields";

/** Durations of a policy. `none` labels the choice of null, if the field may be null. */
export const DURATIONS = [
  { name: "reviewTimeout", label: "Review timeout", none: "No limit" },
  { name: "deadline", label: "Deadline for handing over to the carrier", none: "No limit" },
  { name: "deliveryTimeout", label: "Wait for delivery confirmation", none: "Do not wait" },
  { name: "activityTimeout", label: "Activity timeout per attempt", none: null },
  { name: "activityTotalTimeout", label: "Activity timeout of all attempts", none: "No limit" },
  { name: "activityRetryDelay", label: "Activity retry delay", none: null },
  { name: "activityMaxRetryDelay", label: "Longest activity retry delay", none: "5 minutes, or the first delay" },
  { name: "shippingRetryDelay", label: "Shipping retry delay", none: null },
] as const;

export const NUMBERS = [
  { name: "activityAttempts", label: "Activity attempts", step: "1" },
  { name: "shippingAttempts", label: "Shipping attempts", step: "1" },
  { name: "activityRetryBackoff", label: "Activity retry backoff factor", step: "0.1" },
  { name: "shippingRetryBackoff", label: "Shipping retry backoff factor", step: "0.1" },
] as const;

/** Values of a duration's select beside the units: the server's default, and null. */
export const DEFAULT = "";
export const NONE = "none";
export const UNITS = { S: "seconds", M: "minutes", H: "hours", D: "days" } as const;

const readText = (form: FormData, name: string): string => {
  const value = form.get(name);
  return typeof value === "string" ? value.trim() : "";
};

/** An ISO 8601 duration. */
export function isoDuration(count: string, unit: string): string {
  return unit === "D" ? `P${count}D` : `PT${count}${unit}`;
}

/** Fields left at the server's default are omitted; null if all of them are. */
function readPolicy(form: FormData): OrderPolicyInput | null {
  const policy: OrderPolicyInput = {};
  const mode = readText(form, "policy.reviewMode");
  if (mode !== DEFAULT) policy.reviewMode = mode as ReviewMode;
  for (const { name } of DURATIONS) {
    const choice = readText(form, `policy.${name}.unit`);
    const count = readText(form, `policy.${name}`);
    if (choice === NONE) policy[name] = null;
    else if (choice !== DEFAULT) policy[name] = isoDuration(count, choice);
  }
  for (const { name } of NUMBERS) {
    const number = readText(form, `policy.${name}`);
    if (number !== "") policy[name] = Number(number);
  }
  return Object.keys(policy).length > 0 ? policy : null;
}

/** `id` is used if the form has no order ID. */
export function readOrder(form: FormData, lines: number, id: string, customerId: string): StartOrderInput {
  const policy = readPolicy(form);
  return {
    id: readText(form, "id") || id,
    customerId,
    currency: readText(form, "currency").toUpperCase(),
    priority: readText(form, "priority") as Priority,
    items: Array.from({ length: lines }, (_, index) => ({
      sku: readText(form, `items.${index}.sku`),
      name: readText(form, `items.${index}.name`) || null,
      quantity: Number(readText(form, `items.${index}.quantity`)),
      unitPrice: readText(form, `items.${index}.unitPrice`),
    })),
    shippingAddress: readAddress(form, "shippingAddress"),
    ...(readText(form, "paymentId") && { paymentId: readText(form, "paymentId") }),
    ...(policy && { policy }),
  };
}
