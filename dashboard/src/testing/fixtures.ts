import type { EventLineFragment } from "../generated/graphql";
import type { OrderOnPage } from "../order/use-live-order";

const MONEY = { __typename: "Money", amount: "49.80", currency: "USD" };

/** An order that awaits approval, with the given fields replaced. */
export function orderFixture(overrides: Partial<OrderOnPage> = {}): OrderOnPage {
  const order = {
    __typename: "Order",
    id: "tea-1",
    state: "AWAITING_APPROVAL",
    sequence: 3,
    availableCommands: ["APPROVE", "CANCEL"],
    priority: "NORMAL",
    createdAt: "2026-01-01T12:00:00Z",
    updatedAt: "2026-01-01T12:00:00Z",
    endedAt: null,
    reviewDeadline: null,
    deadline: null,
    total: MONEY,
    customer: null,
    items: [{ __typename: "OrderItem", id: "tea-1/1", sku: "TEAPOT", name: null, quantity: 2, unitPrice: MONEY }],
    shippingAddress: { __typename: "Address", street: "1 Main St", city: "Springfield", region: null, postalCode: null, country: "US" },
    payment: null,
    failure: null,
    policy: {
      __typename: "OrderPolicy",
      reviewMode: "MANUAL", reviewTimeout: null, deadline: null, deliveryTimeout: null,
      activityTimeout: "PT10S", activityTotalTimeout: null, activityAttempts: null,
      activityRetryDelay: "PT1S", activityRetryBackoff: 2, activityMaxRetryDelay: null,
      shippingAttempts: 3, shippingRetryDelay: "PT2S", shippingRetryBackoff: 1,
    },
    workflow: null,
    events: { __typename: "OrderEventConnection", nodes: [] },
  } as const;
  return { ...order, ...overrides } as OrderOnPage;
}

export function eventFixture(sequence: number, overrides: Partial<EventLineFragment> = {}): EventLineFragment {
  const event = {
    __typename: "OrderEvent",
    id: `tea-1/${sequence}`,
    orderId: "tea-1",
    sequence,
    type: "ORDER_RECEIVED",
    message: `Event ${sequence}.`,
    commandId: null,
    actor: null,
    fromState: null,
    state: "RECEIVED",
    detail: null,
    at: "2026-01-01T12:00:00Z",
  } as const;
  return { ...event, ...overrides };
}
