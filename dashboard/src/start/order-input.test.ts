import { expect, test } from "vitest";

import { durationOf, orderFrom } from "./order-input";

function form(fields: Record<string, string>): FormData {
  const given = new FormData();
  const basis = {
    currency: "usd", priority: "HIGH",
    "items.0.sku": "TEAPOT", "items.0.name": "", "items.0.quantity": "2", "items.0.unitPrice": "24.90",
    "shippingAddress.street": "1 Main St", "shippingAddress.city": "Springfield", "shippingAddress.country": "us",
  };
  for (const [name, value] of Object.entries({ ...basis, ...fields })) given.set(name, value);
  return given;
}

test("a form becomes the order it says", () => {
  expect(orderFrom(form({}), 1, "web-1", "ada")).toEqual({
    id: "web-1", customerId: "ada", currency: "USD", priority: "HIGH",
    items: [{ sku: "TEAPOT", name: null, quantity: 2, unitPrice: "24.90" }],
    shippingAddress: { street: "1 Main St", city: "Springfield", region: null, postalCode: null, country: "US" },
  });
});

test("an id of somebody's own is kept", () => {
  expect(orderFrom(form({ id: " tea-1 " }), 1, "web-1", "ada").id).toBe("tea-1");
});

test("of the policy only what was chosen is sent: the rest is for the settings", () => {
  const given = form({
    "policy.reviewMode": "TIMER", "policy.reviewTimeout": "5", "policy.reviewTimeout.unit": "M",
    "policy.deadline.unit": "none", "policy.activityTimeout.unit": "", "policy.shippingAttempts": "4",
  });
  expect(orderFrom(given, 1, "web-1", "ada").policy).toEqual({
    reviewMode: "TIMER", reviewTimeout: "PT5M", deadline: null, shippingAttempts: 4,
  });
});

test("days stand before the T", () => {
  expect(durationOf("2", "D")).toBe("P2D");
  expect(durationOf("0.5", "S")).toBe("PT0.5S");
});
