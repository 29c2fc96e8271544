import type { OrderPolicyInput, Priority, ReviewMode, StartOrderInput } from "../generated/graphql";
import { addressFrom } from "../ui/address-fields";

/** The lengths of time that a policy has; those that may be without limit. */
export const DURATIONS = [
  { name: "reviewTimeout", label: "Review lasts", none: "No limit" },
  { name: "deadline", label: "To be with the carrier within", none: "No limit" },
  { name: "deliveryTimeout", label: "Wait for the delivery to be confirmed", none: "Do not wait" },
  { name: "activityTimeout", label: "One attempt at a step may take", none: null },
  { name: "activityRetryDelay", label: "Between a step's first two attempts", none: null },
  { name: "shippingRetryDelay", label: "Between the first two shipping attempts", none: null },
] as const;

export const NUMBERS = [
  { name: "activityAttempts", label: "Attempts at a step", step: "1" },
  { name: "shippingAttempts", label: "Attempts at shipping", step: "1" },
  { name: "activityRetryBackoff", label: "A step's delay grows by", step: "0.1" },
  { name: "shippingRetryBackoff", label: "Shipping's delay grows by", step: "0.1" },
] as const;

/** What a select of a duration says where it names none: the setting, no limit, or the number beside it. */
export const SETTING = "";
export const NONE = "none";
export const UNITS = { S: "seconds", M: "minutes", H: "hours", D: "days" } as const;

const textIn = (given: FormData, name: string): string => {
  const value = given.get(name);
  return typeof value === "string" ? value.trim() : "";
};

/** Seconds, minutes, hours or days as ISO 8601 writes them. */
export function durationOf(count: string, unit: string): string {
  return unit === "D" ? `P${count}D` : `PT${count}${unit}`;
}

/** The policy that the form says; what it leaves to the settings is left out. */
function policyFrom(given: FormData): OrderPolicyInput | null {
  const policy: OrderPolicyInput = {};
  const mode = textIn(given, "policy.reviewMode");
  if (mode !== SETTING) policy.reviewMode = mode as ReviewMode;
  for (const { name } of DURATIONS) {
    const choice = textIn(given, `policy.${name}.unit`);
    const count = textIn(given, `policy.${name}`);
    if (choice === NONE) policy[name] = null;
    else if (choice !== SETTING) policy[name] = durationOf(count, choice);
  }
  for (const { name } of NUMBERS) {
    const number = textIn(given, `policy.${name}`);
    if (number !== "") policy[name] = Number(number);
  }
  return Object.keys(policy).length > 0 ? policy : null;
}

/** The order that the form says. Its lines are numbered from 0 in the order in which they stand. */
export function orderFrom(given: FormData, lines: number, id: string, customerId: string): StartOrderInput {
  const policy = policyFrom(given);
  return {
    id: textIn(given, "id") || id,
    customerId,
    currency: textIn(given, "currency").toUpperCase(),
    priority: textIn(given, "priority") as Priority,
    items: Array.from({ length: lines }, (_, index) => ({
      sku: textIn(given, `items.${index}.sku`),
      name: textIn(given, `items.${index}.name`) || null,
      quantity: Number(textIn(given, `items.${index}.quantity`)),
      unitPrice: textIn(given, `items.${index}.unitPrice`),
    })),
    shippingAddress: addressFrom(given, "shippingAddress"),
    ...(textIn(given, "paymentId") && { paymentId: textIn(given, "paymentId") }),
    ...(policy && { policy }),
  };
}
