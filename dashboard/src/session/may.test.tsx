// @vitest-environment happy-dom
import { cleanup, screen } from "@testing-library/react";
import { afterEach, expect, test } from "vitest";

import { CustomersPage } from "../customers/customers-page";
import { NewOrderPage } from "../new-order/new-order-page";
import { FakeApi } from "../testing/fake-api";
import { restoreSession } from "./session";

const SIGN_IN = { issuer: "https://login.example", client_id: "dashboard", scopes: "openid", audience: "orders" };

afterEach(() => {
  cleanup();
  sessionStorage.clear();
});

async function signedIn(scope: string): Promise<FakeApi> {
  document.head.innerHTML = `<meta name="access" content='${JSON.stringify({ isOpen: false, signIn: SIGN_IN })}' />`;
  const user = { access_token: "t", token_type: "Bearer", scope, profile: { sub: "u" } };
  sessionStorage.setItem("oidc.user:https://login.example:dashboard", JSON.stringify(user));
  await restoreSession();
  const nodes = [{ __typename: "Customer", id: "c", name: "Ada", email: "a@example.org", phone: null, createdAt: "2026-01-01T00:00:00Z" }];
  const pageInfo = { __typename: "PageInfo", hasNextPage: false, hasPreviousPage: false, startCursor: null, endCursor: null };
  return new FakeApi({ Customers: () => ({ customers: { __typename: "CustomerConnection", totalCount: 1, nodes, pageInfo } }) });
}

test.each([
  ["customers:read", []],
  ["customers:read customers:write", ["New customer", "Edit Ada", "Delete Ada"]],
])("with %s the page of customers shows the buttons %j", async (scope, buttons) => {
  (await signedIn(scope)).render(<CustomersPage />);
  await screen.findByText("Ada", { exact: false, selector: "td" });
  const shown = screen.getAllByRole<HTMLButtonElement>("button").filter(({ disabled }) => !disabled).map(({ textContent }) => textContent);
  expect(shown).toEqual(buttons);
});

test.each([
  ["orders:read", ["orders:start", "customers:read"]],
  ["orders:start customers:read", undefined],
])("with %s a new order lacks %j", async (scope, missing) => {
  (await signedIn(scope)).render(<NewOrderPage />);
  if (missing) expect(screen.getAllByRole("listitem").map(({ textContent }) => textContent)).toEqual(missing);
  else {
    screen.getByRole("button", { name: "Start order" });
    expect(screen.queryByLabelText("New customer")).toBeNull();
  }
});
