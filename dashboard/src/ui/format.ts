import type { OrderCommand, OrderState } from "../generated/graphql";

/** Text for an enum value: "Awaiting approval" for AWAITING_APPROVAL. */
export function enumLabel(name: string): string {
  const words = name.toLowerCase().replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** All states, in the sequence of a normal order, then the other final states. */
export const STATES: readonly OrderState[] = [
  "PLACED", "RECEIVED", "VALIDATED", "AWAITING_APPROVAL", "APPROVED", "PAID", "SHIPPING", "PACKAGE_PREPARED",
  "CARRIER_DISPATCHED", "SHIPPED", "DELIVERED", "COMPLETED", "CANCELLED", "APPROVAL_TIMEOUT", "FAILED",
];

const FINAL_STATES: ReadonlySet<OrderState> = new Set<OrderState>(["COMPLETED", "CANCELLED", "APPROVAL_TIMEOUT", "FAILED"]);

export const isFinal = (state: OrderState): boolean => FINAL_STATES.has(state);

export const COMMAND_LABELS: Record<OrderCommand, string> = {
  APPROVE: "Approve",
  REJECT: "Reject",
  UPDATE_ADDRESS: "Change address",
  CONFIRM_DELIVERY: "Confirm delivery",
  CANCEL: "Cancel order",
  CANCEL_PAYMENT: "Cancel payment",
};

/** An exact amount in the format of the user's locale. */
export function formatMoney(money: { amount: string; currency: string }): string {
  const format = new Intl.NumberFormat(undefined, { style: "currency", currency: money.currency });
  return format.format(money.amount as `${number}`); // formatted from the string, since a float would lose digits
}

const DATE_TIME = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
const TIME = new Intl.DateTimeFormat(undefined, { timeStyle: "medium" });

export const formatDateTime = (instant: string): string => DATE_TIME.format(new Date(instant));
export const formatTime = (instant: string): string => TIME.format(new Date(instant));

/** The two largest units of the remaining time: "1 h 5 min", "4 min 12 s", "9 s". */
export function formatTimeLeft(milliseconds: number): string {
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

const ISO_DURATION = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:([\d.]+)S)?)?$/;

/** An ISO 8601 duration as text: "5 min" for "PT5M". Returned unchanged if it cannot be parsed. */
export function formatDuration(duration: string): string {
  const match = ISO_DURATION.exec(duration);
  if (!match) return duration;
  const units = ["d", "h", "min", "s"];
  const parts = units.flatMap((unit, index) => {
    const count = match[index + 1];
    return count === undefined || Number(count) === 0 ? [] : [`${count} ${unit}`];
  });
  return parts.length > 0 ? parts.join(" ") : "0 s";
}
