// @vitest-environment happy-dom
import { cleanup, fireEvent, screen } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";

import { FakeApi } from "../testing/fake-api";
import { NewOrderPage } from "./new-order-page";

afterEach(cleanup);

const fieldError = (...path: string[]) => ({ __typename: "FieldError", path, message: `${path.join(".")} is invalid` });
const descriptions = (label: string) => {
  const ids = screen.getByLabelText(label).getAttribute("aria-describedby")?.split(" ") ?? [];
  return ids.map((id) => document.getElementById(id)?.textContent);
};

/** Submit a form with two items to an API that reports these field errors. */
function submit(...fields: ReturnType<typeof fieldError>[]): FakeApi {
  const invalid = { __typename: "InvalidInput", message: "The input is invalid.", fields };
  const api = new FakeApi({ StartOrder: () => ({ startOrder: invalid }) });
  const { container } = api.render(<NewOrderPage />);
  fireEvent.click(screen.getByRole("button", { name: "Add item" }));
  const form = container.querySelector("form");
  if (!form) throw new Error("The page has no form.");
  fireEvent.submit(form);
  return api;
}

test("each validation error is shown at its own field and item", async () => {
  submit(fieldError("items", "1", "sku"), fieldError("shippingAddress", "city"), fieldError("customerId"));
  await screen.findByText("items.1.sku is invalid");
  const [first, second] = screen.getAllByLabelText("SKU");
  expect(first?.getAttribute("aria-invalid")).toBe("false");
  expect(second?.getAttribute("aria-invalid")).toBe("true");
  expect(descriptions("City")).toContain("shippingAddress.city is invalid");
  screen.getByText("The order was not started. Correct 3 fields.");
});

test("the first invalid field receives the focus", async () => {
  submit(fieldError("shippingAddress", "city"), fieldError("currency"));
  const customer = screen.getByRole("combobox", { name: "Customer" });
  await vi.waitFor(() => { expect(document.activeElement).toBe(customer); });
});

test("an error in the collapsed section expands it", async () => {
  submit(fieldError("policy", "shippingAttempts"));
  await screen.findByText("policy.shippingAttempts is invalid");
  expect(screen.getByText("Policy and IDs").closest("details")?.open).toBe(true);
  expect(descriptions("Shipping attempts")).toContain("policy.shippingAttempts is invalid");
});

test("an error without a field is shown next to the button", async () => {
  submit({ ...fieldError(), message: "Too large." });
  expect((await screen.findByRole("alert")).textContent).toContain("Too large.");
});
