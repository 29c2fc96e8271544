// @vitest-environment happy-dom
import { cleanup, render, screen } from "@testing-library/react";
import { CombinedError } from "urql";
import { afterEach, expect, test } from "vitest";

import { MissingScopes, missingScopes } from "./missing-scopes";

afterEach(cleanup);

const refused = (field: string, scopes: string[]) => ({ message: "", extensions: { code: "FORBIDDEN", field, scopes } });

test("only missing scopes replace a page, and no other error", () => {
  expect(missingScopes(undefined)).toEqual([]);
  expect(missingScopes(new CombinedError({ networkError: new Error("down") }))).toEqual([]);
  expect(missingScopes(new CombinedError({ graphQLErrors: [{ message: "", extensions: { code: "BAD_USER_INPUT" } }] }))).toEqual([]);
});

test("every missing scope is named with its field, without the one of customers", () => {
  const error = new CombinedError({ graphQLErrors: [refused("Query.orders", ["orders:own", "orders:read"]), refused("Order.workflow", ["operations:read"])] });
  render(<MissingScopes missing={missingScopes(error)} />);
  const lines = screen.getAllByRole("listitem").map(({ textContent }) => textContent);
  expect(lines).toEqual(["orders:read for Query.orders", "operations:read for Order.workflow"]);
});
