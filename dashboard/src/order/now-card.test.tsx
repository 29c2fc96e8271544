// @vitest-environment happy-dom
import { act, cleanup, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { anOrder } from "../testing/an-order";
import { NowCard } from "./now-card";

beforeEach(() => { vi.useFakeTimers({ now: new Date("2026-01-01T12:00:00Z") }); });
afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

const IN_REVIEW = { reviewDeadline: "2026-01-01T12:01:02Z" };
const pass = (milliseconds: number) => { act(() => { vi.advanceTimersByTime(milliseconds); }); };
const left = () => screen.queryByRole("timer")?.textContent;

test("a review counts down by the second to its end, and no further", () => {
  render(<NowCard order={anOrder(IN_REVIEW)} />);
  expect(left()).toBe("in 1 min 2 s");
  pass(3_000);
  expect(left()).toBe("in 59 s");
  pass(58_000);
  expect(left()).toBe("in 1 s");
  pass(5_000);
  expect(left()).toBe("now");
});

test("a review without limit counts nothing down, nor does one that is over", () => {
  const { rerender } = render(<NowCard order={anOrder()} />);
  expect(left()).toBeUndefined();
  rerender(<NowCard order={anOrder({ ...IN_REVIEW, state: "APPROVED" })} />);
  expect(left()).toBeUndefined();
});

test("a clock that nobody looks at any more is stopped", () => {
  render(<NowCard order={anOrder(IN_REVIEW)} />).unmount();
  expect(vi.getTimerCount()).toBe(0);
});
