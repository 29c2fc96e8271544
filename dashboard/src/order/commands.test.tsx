// @vitest-environment happy-dom
import { cleanup, fireEvent, screen, within } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";

import type { OrderCommand } from "../generated/graphql";
import { anOrder } from "../testing/an-order";
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
  [["APPROVE", "CANCEL", "CANCEL_PAYMENT", "UPDATE_ADDRESS"], ["Approve", "Change address", "Cancel order", "Cancel payment"]],
  [["CONFIRM_DELIVERY"], ["Confirm delivery"]],
  [[], []],
])("of the commands there are buttons for exactly those that the order takes: %j", (availableCommands, names) => {
  new FakeApi({}).render(<Commands order={anOrder({ availableCommands })} />);
  expect(buttons()).toEqual(names);
  expect(screen.queryByText("The order takes no command now.") !== null).toBe(names.length === 0);
});

test.each([
  ["done", "status", "Approve: done.", { __typename: "CommandApplied", ...REPLY, replayed: false }],
  ["refused", "alert", "Approve: refused while Cancelled. Too late.", { __typename: "CommandRefused", ...REPLY, state: "CANCELLED", message: "Too late." }],
  ["in conflict", "alert", "Approve: The id is another command's.", { __typename: "CommandConflict", ...REPLY, message: "The id is another command's." }],
  ["for nobody", "alert", "Approve: No such order.", { __typename: "OrderNotFound", ...REPLY, message: "No such order." }],
])("a command that is %s says so, and its dialog is gone", async (_what, role, words, verdict) => {
  new FakeApi({ ApproveOrder: () => ({ verdict }) }).render(<Commands order={anOrder()} />);
  send("Approve");
  expect((await screen.findByRole(role)).textContent).toBe(words);
  expect(screen.queryByRole("dialog")).toBeNull();
});

test("a pending command is asked for until there is a verdict", async () => {
  vi.useFakeTimers({ shouldAdvanceTime: true });
  const pending = { __typename: "CommandPending", ...REPLY };
  let verdict: object = pending;
  const api = new FakeApi({ ApproveOrder: () => ({ verdict: pending }), Command: () => ({ command: verdict }) });
  api.render(<Commands order={anOrder()} />);
  send("Approve");
  expect((await screen.findByRole("status")).textContent).toContain("Approve: pending.");
  const asked = () => api.sent.filter(({ operation }) => operation === "Command");
  await vi.waitFor(() => { expect(asked().length).toBeGreaterThan(1); }, { timeout: 10_000 });
  expect(asked()[0]?.variables).toEqual({ orderId: "tea-1", commandId: "web-1" });

  verdict = { __typename: "CommandApplied", ...REPLY, replayed: true };
  await vi.advanceTimersByTimeAsync(10_000);
  // The verdict is that of this page's own sending: that it is told once more is nobody's news.
  await screen.findByText("Approve: done.");
  const known = asked().length;
  await vi.advanceTimersByTimeAsync(10_000);
  expect(asked().length).toBe(known);
});

test("sent again after an answer that was lost, a command has the same id", async () => {
  const api = new FakeApi({ ApproveOrder: () => ({ verdict: null }) });
  api.render(<Commands order={anOrder()} />);
  send("Approve");
  fireEvent.click(await within(screen.getByRole("dialog")).findByRole("button", { name: "Approve" }));
  await vi.waitFor(() => { expect(api.sent.length).toBe(2); });
  const ids = api.sent.map(({ variables }) => (variables["input"] as { commandId: string }).commandId);
  expect(ids[0]).toMatch(/^web-/);
  expect(ids[1]).toBe(ids[0]);
});

test("what is wrong with an address stands at its field, which has the focus, and the dialog stays", async () => {
  const fields = [
    { __typename: "FieldError", path: ["address", "city"], message: "must not be blank" },
    { __typename: "FieldError", path: ["address", "country"], message: "must be two letters" },
  ];
  const api = new FakeApi({ UpdateAddress: () => ({ verdict: { __typename: "InvalidInput", message: "The input is wrong.", fields } }) });
  api.render(<Commands order={anOrder({ availableCommands: ["UPDATE_ADDRESS"] })} />);
  send("Change address");
  await screen.findByText("must not be blank");
  const city = screen.getByLabelText("City");
  expect(city.getAttribute("aria-invalid")).toBe("true");
  expect(document.activeElement).toBe(city);
  for (const [label, message] of [["City", "must not be blank"], ["Country", "must be two letters"]] as const) {
    const described = screen.getByLabelText(label).getAttribute("aria-describedby")?.split(" ") ?? [];
    expect(described.map((id) => document.getElementById(id)?.textContent)).toContain(message);
  }
  expect(screen.getByLabelText("Street").getAttribute("aria-invalid")).toBe("false");
});
