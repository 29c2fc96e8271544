import { expect, test } from "vitest";

import { isoDuration, readOrder } from "./order-input";

function form(fields: Record<string, string>): FormData {
  const data = new FormData();
  const defaults = {
    currency: "usd", priority: "HIGH",
    "items.0.sku": "TEAPOT", "items.0.name": "", "items.0.quantity": "2", "items.0.unitPrice": "24.90",
    "shippingAddress.street": "1 Main St", "shippingAddress.city": "Springfield", "shippingAddress.country": "us",
  };
  for (const [name, value] of Object.entries({ ...defaults, ...fields })) data.set(name, value);
  return data;
}

test("a form is converted to the input of startOrder", () => {
  expect(readOrder(form({}), 1, "web-1", "ada")).toEqual({
    id: "web-1", customerId: "ada", currency: "USD", priority: "HIGH",
    items: [{ sku: "TEAPOT", name: null, quantity: 2, unitPrice: "24.90" }],
    shippingAddress: { street: "1 Main St", city: "Springfield", region: null, postalCode: null, country: "US" },
  });
});

test("an order id entered by the user is used", () => {
  expect(readOrder(form({ id: " tea-1 " }), 1, "web-1", "ada").id).toBe("tea-1");
});

test("policy fields left at their defaults are not sent", () => {
  const data = form({
    "policy.reviewMode": "TIMER", "policy.reviewTimeout": "5", "policy.reviewTimeout.unit": "M",
    "policy.deadline.unit": "none", "policy.activityTimeout.unit": "", "policy.shippingAttempts": "4",
  });
  expect(readOrder(data, 1, "web-1", "ada").policy).toEqual({
    reviewMode: "TIMER", reviewTimeout: "PT5M", deadline: null, shippingAttempts: 4,
  });
});

test("a duration in days has no time part", () => {
  expect(isoDuration("2", "D")).toBe("P2D");
  expect(isoDuration("0.5", "S")).toBe("PT0.5S");
});
