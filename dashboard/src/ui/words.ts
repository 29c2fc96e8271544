import type { OrderCommand, OrderState } from "../generated/graphql";

/** AWAITING_APPROVAL as people write it. */
export function inWords(name: string): string {
  const words = name.toLowerCase().replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** All states, in the order of an order's life. */
export const STATES: readonly OrderState[] = [
  "PLACED", "RECEIVED", "VALIDATED", "AWAITING_APPROVAL", "APPROVED", "PAID", "SHIPPING", "PACKAGE_PREPARED",
  "CARRIER_DISPATCHED", "SHIPPED", "DELIVERED", "COMPLETED", "CANCELLED", "APPROVAL_TIMEOUT", "FAILED",
];

const ENDS: ReadonlySet<OrderState> = new Set<OrderState>(["COMPLETED", "CANCELLED", "APPROVAL_TIMEOUT", "FAILED"]);

export const isEnd = (state: OrderState): boolean => ENDS.has(state);

export const COMMAND_NAMES: Record<OrderCommand, string> = {
  APPROVE: "Approve",
  UPDATE_ADDRESS: "Change address",
  CONFIRM_DELIVERY: "Confirm delivery",
  CANCEL: "Cancel order",
  CANCEL_PAYMENT: "Cancel payment",
};

/** An exact amount, as the reader's language writes it. */
export function inMoney(money: { amount: string; currency: string }): string {
  const format = new Intl.NumberFormat(undefined, { style: "currency", currency: money.currency });
  return format.format(money.amount as `${number}`); // as text: a float would not be exact
}

const MOMENT = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
const CLOCK = new Intl.DateTimeFormat(undefined, { timeStyle: "medium" });

export const inMoment = (instant: string): string => MOMENT.format(new Date(instant));
export const inClock = (instant: string): string => CLOCK.format(new Date(instant));

/** How much is left, in the two largest units: 1 h 5 min, 4 min 12 s, 9 s. */
export function inTimeLeft(milliseconds: number): string {
  const seconds = Math.max(0, Math.ceil(milliseconds / 1000));
  const units: [number, string][] = [
    [Math.floor(seconds / 86400), "d"],
    [Math.floor(seconds / 3600) % 24, "h"],
    [Math.floor(seconds / 60) % 60, "min"],
    [seconds % 60, "s"],
  ];
  const first = units.findIndex(([count]) => count > 0);
  if (first === -1) return "0 s";
  return units.slice(first, first + 2).map(([count, unit]) => `${count} ${unit}`).join(" ");
}

const ISO = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:([\d.]+)S)?)?$/;

/** "PT5M" as people write it; what is not understood is left as it is. */
export function inDuration(duration: string): string {
  const match = ISO.exec(duration);
  if (!match) return duration;
  const units = ["d", "h", "min", "s"];
  const parts = units.flatMap((unit, index) => {
    const count = match[index + 1];
    return count === undefined || Number(count) === 0 ? [] : [`${count} ${unit}`];
  });
  return parts.length > 0 ? parts.join(" ") : "0 s";
}
