// @vitest-environment happy-dom
import { act, cleanup, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { orderFixture } from "../testing/fixtures";
import { CurrentStepCard } from "./current-step-card";

beforeEach(() => { vi.useFakeTimers({ now: new Date("2026-01-01T12:00:00Z") }); });
afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

const IN_REVIEW = { reviewDeadline: "2026-01-01T12:01:02Z" };
const pass = (milliseconds: number) => { act(() => { vi.advanceTimersByTime(milliseconds); }); };
const timeLeft = () => screen.queryByRole("timer")?.textContent;

test("the time left for a review counts down every second and stops at zero", () => {
  render(<CurrentStepCard order={orderFixture(IN_REVIEW)} />);
  expect(timeLeft()).toBe("in 1 min 2 s");
  pass(3_000);
  expect(timeLeft()).toBe("in 59 s");
  pass(58_000);
  expect(timeLeft()).toBe("in 1 s");
  pass(5_000);
  expect(timeLeft()).toBe("now");
});

test("no time is counted down for a review without a limit or one that has ended", () => {
  const { rerender } = render(<CurrentStepCard order={orderFixture()} />);
  expect(timeLeft()).toBeUndefined();
  rerender(<CurrentStepCard order={orderFixture({ ...IN_REVIEW, state: "APPROVED" })} />);
  expect(timeLeft()).toBeUndefined();
});

test("the timer stops when the card is removed", () => {
  render(<CurrentStepCard order={orderFixture(IN_REVIEW)} />).unmount();
  expect(vi.getTimerCount()).toBe(0);
});
