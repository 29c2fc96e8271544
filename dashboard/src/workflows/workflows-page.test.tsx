// @vitest-environment happy-dom
import { cleanup, fireEvent, screen } from "@testing-library/react";
import { afterEach, expect, test } from "vitest";

import { FakeApi } from "../testing/fake-api";
import { WorkflowsPage } from "./workflows-page";

afterEach(cleanup);

const RUNNING = {
  __typename: "WorkflowSummary", id: "order-1/run-1", workflowId: "order-1", status: "RUNNING", customerName: "Ada Lovelace",
  orderTotal: "49.80", priority: "HIGH", startedAt: "2026-03-01T12:00:00Z", closedAt: null,
};

const workflows = (nodes: object[]) => ({
  workflows: {
    __typename: "WorkflowPage", nodes, totalCount: nodes.length, query: "WorkflowType='OrderWorkflow'",
    pageInfo: { __typename: "PageInfo", hasNextPage: true, endCursor: "next" },
  },
});

test("workflows are listed with their status and number, and searched by status and page", async () => {
  const api = new FakeApi({ Workflows: () => workflows([RUNNING]) });
  api.render(<WorkflowsPage />, "/workflows");

  const order = await screen.findByRole("link", { name: "order-1" });
  expect(order.getAttribute("href")).toBe("/orders/order-1");
  expect(screen.getByRole("row", { name: /order-1 Running Ada Lovelace High 49.80/ })).toBeDefined();
  expect(screen.getByRole("status").textContent).toBe("1 workflow");
  expect(screen.getByText("WorkflowType='OrderWorkflow'")).toBeDefined();

  fireEvent.click(screen.getByRole("button", { name: "Failed" }));
  await expect.poll(() => api.sent.at(-1)?.variables).toEqual({ filter: { statuses: ["FAILED"] }, first: 25, after: null });
  fireEvent.click(screen.getByRole("button", { name: "Next" }));
  await expect.poll(() => api.sent.at(-1)?.variables).toEqual({ filter: { statuses: ["FAILED"] }, first: 25, after: "next" });
});
