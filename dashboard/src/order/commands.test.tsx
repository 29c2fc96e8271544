// @vitest-environment happy-dom
import { cleanup, fireEvent, screen, within } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";

import type { OrderCommand } from "../generated/graphql";
import { orderFixture } from "../testing/fixtures";
import { FakeApi } from "../testing/fake-api";
import { Commands } from "./commands";

afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

const REPLY = { orderId: "tea-1", commandId: "web-1", command: "APPROVE", order: null };

const buttons = () => screen.queryAllByRole("button").map((button) => button.textContent);

function send(name: string): void {
  fireEvent.click(screen.getByRole("button", { name }));
  fireEvent.click(within(screen.getByRole("dialog")).getByRole("button", { name }));
}

test.each<[OrderCommand[], string[]]>([
  [["APPROVE", "CANCEL", "CANCEL_PAYMENT", "REJECT", "UPDATE_ADDRESS"], ["Approve", "Reject", "Change address", "Cancel order", "Cancel payment"]],
  [["CONFIRM_DELIVERY"], ["Confirm delivery"]],
  [[], []],
])("there is a button for each available command and no other: %j", (availableCommands, names) => {
  new FakeApi({}).render(<Commands order={orderFixture({ availableCommands })} />);
  expect(buttons()).toEqual(names);
  expect(screen.queryByText("No commands are available to you in this state.") !== null).toBe(names.length === 0);
});

test.each([
  ["applied", "status", "Approve: done.", { __typename: "CommandApplied", ...REPLY, replayed: false }],
  ["refused", "alert", "Approve: refused in state Cancelled. Too late.", { __typename: "CommandRefused", ...REPLY, state: "CANCELLED", message: "Too late." }],
  ["in conflict", "alert", "Approve: The id is another command's.", { __typename: "CommandConflict", ...REPLY, message: "The id is another command's." }],
  ["for an unknown order", "alert", "Approve: No such order.", { __typename: "OrderNotFound", ...REPLY, message: "No such order." }],
])("the verdict on a command that is %s is shown, and its dialog closes", async (_case, role, text, verdict) => {
  new FakeApi({ ApproveOrder: () => ({ verdict }) }).render(<Commands order={orderFixture()} />);
  send("Approve");
  expect((await screen.findByRole(role)).textContent).toBe(text);
  expect(screen.queryByRole("dialog")).toBeNull();
});

test("a pending command is polled until a worker has processed it", async () => {
  vi.useFakeTimers({ shouldAdvanceTime: true });
  const pending = { __typename: "CommandPending", ...REPLY };
  let verdict: object = pending;
  const api = new FakeApi({ ApproveOrder: () => ({ verdict: pending }), Command: () => ({ command: verdict }) });
  api.render(<Commands order={orderFixture()} />);
  send("Approve");
  expect((await screen.findByRole("status")).textContent).toContain("Approve: pending.");
  const polls = () => api.sent.filter(({ operation }) => operation === "Command");
  await vi.waitFor(() => { expect(polls().length).toBeGreaterThan(1); }, { timeout: 10_000 });
  expect(polls()[0]?.variables).toEqual({ orderId: "tea-1", commandId: "web-1" });

  verdict = { __typename: "CommandApplied", ...REPLY, replayed: true };
  await vi.advanceTimersByTimeAsync(10_000);
  // The verdict belongs to the request of this page, so "replayed" is not shown.
  await screen.findByText("Approve: done.");
  const count = polls().length;
  await vi.advanceTimersByTimeAsync(10_000);
  expect(polls().length).toBe(count);
});

test("a retry after a lost response keeps the command id", async () => {
  const api = new FakeApi({ ApproveOrder: () => ({ verdict: null }) });
  api.render(<Commands order={orderFixture()} />);
  send("Approve");
  fireEvent.click(await within(screen.getByRole("dialog")).findByRole("button", { name: "Approve" }));
  await vi.waitFor(() => { expect(api.sent.length).toBe(2); });
  const ids = api.sent.map(({ variables }) => (variables["input"] as { commandId: string }).commandId);
  expect(ids[0]).toMatch(/^web-/);
  expect(ids[1]).toBe(ids[0]);
});

test("a rejection is sent with the reason that its dialog requires", async () => {
  const api = new FakeApi({ RejectOrder: () => ({ verdict: { __typename: "CommandApplied", ...REPLY, command: "REJECT", replayed: false } }) });
  api.render(<Commands order={orderFixture({ availableCommands: ["APPROVE", "REJECT"] })} />);
  fireEvent.click(screen.getByRole("button", { name: "Reject" }));
  const dialog = within(screen.getByRole("dialog"));
  const reason = dialog.getByLabelText<HTMLInputElement>("Reason");
  expect(reason.required).toBe(true);
  fireEvent.change(reason, { target: { value: "Looks like fraud" } });
  fireEvent.click(dialog.getByRole("button", { name: "Reject" }));
  await screen.findByText("Reject: done.");
  expect(api.sent[0]?.variables["input"]).toMatchObject({ orderId: "tea-1", reason: "Looks like fraud" });
});

test("an invalid address keeps the dialog open, shows each error at its field and focuses the first", async () => {
  const fields = [
    { __typename: "FieldError", path: ["address", "city"], message: "must not be blank" },
    { __typename: "FieldError", path: ["address", "country"], message: "must be two letters" },
  ];
  const api = new FakeApi({ UpdateAddress: () => ({ verdict: { __typename: "InvalidInput", message: "The input is wrong.", fields } }) });
  api.render(<Commands order={orderFixture({ availableCommands: ["UPDATE_ADDRESS"] })} />);
  send("Change address");
  await screen.findByText("must not be blank");
  const city = screen.getByLabelText("City");
  expect(city.getAttribute("aria-invalid")).toBe("true");
  expect(document.activeElement).toBe(city);
  for (const [label, message] of [["City", "must not be blank"], ["Country", "must be two letters"]] as const) {
    const descriptions = screen.getByLabelText(label).getAttribute("aria-describedby")?.split(" ") ?? [];
    expect(descriptions.map((id) => document.getElementById(id)?.textContent)).toContain(message);
  }
  expect(screen.getByLabelText("Street").getAttribute("aria-invalid")).toBe("false");
});
