// @vitest-environment happy-dom
import { cleanup, fireEvent, screen } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";

import { FakeApi } from "../testing/fake-api";
import { NewOrderPage } from "./new-order-page";

afterEach(cleanup);

const wrong = (...path: string[]) => ({ __typename: "FieldError", path, message: `${path.join(".")} is wrong` });
const described = (label: string) => {
  const ids = screen.getByLabelText(label).getAttribute("aria-describedby")?.split(" ") ?? [];
  return ids.map((id) => document.getElementById(id)?.textContent);
};

/** Send a form of two lines to an API that finds these fields wrong. */
function send(...fields: ReturnType<typeof wrong>[]): FakeApi {
  const invalid = { __typename: "InvalidInput", message: "The input is wrong.", fields };
  const api = new FakeApi({ StartOrder: () => ({ startOrder: invalid }) });
  const { container } = api.render(<NewOrderPage />);
  fireEvent.click(screen.getByRole("button", { name: "Add a line" }));
  const form = container.querySelector("form");
  if (!form) throw new Error("the page has no form");
  fireEvent.submit(form);
  return api;
}

test("what the API finds wrong stands at the field that it names, of the line that it names", async () => {
  send(wrong("items", "1", "sku"), wrong("shippingAddress", "city"), wrong("customerId"));
  await screen.findByText("items.1.sku is wrong");
  const [first, second] = screen.getAllByLabelText("SKU");
  expect(first?.getAttribute("aria-invalid")).toBe("false");
  expect(second?.getAttribute("aria-invalid")).toBe("true");
  expect(described("City")).toContain("shippingAddress.city is wrong");
  screen.getByText("Nothing is started: 3 fields have to be put right.");
});

test("the first field that is wrong has the focus", async () => {
  send(wrong("shippingAddress", "city"), wrong("currency"));
  await vi.waitFor(() => { expect(document.activeElement).toBe(screen.getByRole("combobox", { name: "Customer" })); });
});

test("what is wrong in the part that is folded unfolds it", async () => {
  send(wrong("policy", "shippingAttempts"));
  await screen.findByText("policy.shippingAttempts is wrong");
  expect(screen.getByText("Policy and ids").closest("details")?.open).toBe(true);
  expect(described("Attempts at shipping")).toContain("policy.shippingAttempts is wrong");
});

test("what has no field of its own is said at the button", async () => {
  send({ ...wrong(), message: "Too large." });
  expect((await screen.findByRole("alert")).textContent).toContain("Too large.");
});
