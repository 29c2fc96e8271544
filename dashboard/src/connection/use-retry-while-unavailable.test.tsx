// @vitest-environment happy-dom
import { act, cleanup, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Client, Provider, fetchExchange, useQuery } from "urql";

import { useRetryWhileUnavailable } from "./use-retry-while-unavailable";

beforeEach(() => { vi.useFakeTimers(); });
afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

function Page() {
  const [{ data, error }, execute] = useQuery<{ answer: string }>({ query: "{ answer }" });
  useRetryWhileUnavailable(error, () => { execute({ requestPolicy: "network-only" }); });
  return <p>{error?.message ?? data?.answer}</p>;
}

const answer = () => Response.json({ data: { answer: "here" } });

const failure = (status: number, ...codes: string[]) => () =>
  Response.json({ errors: codes.map((code) => ({ message: "Not now.", extensions: { code } })) }, { status });

/** Render a page whose API gives these answers in turn, then succeeds. */
async function open(...answers: (() => Response)[]) {
  const fetch = vi.fn(() => Promise.resolve((answers.shift() ?? answer)()));
  const client = new Client({ url: "http://orders.example/graphql", preferGetMethod: false, fetch, exchanges: [fetchExchange] });
  render(<Provider value={client}><Page /></Provider>);
  await pass(0);
  return fetch;
}

const pass = (milliseconds: number) => act(() => vi.advanceTimersByTimeAsync(milliseconds));

test.each([
  [429, "TOO_MANY_REQUESTS"],
  [503, "SERVICE_UNAVAILABLE"],
  [504, "REQUEST_TIMEOUT"],
])("a request answered with %i %s is retried until it succeeds", async (status, code) => {
  await open(failure(status, code), failure(status, code));
  screen.getByText(/Not now/);
  await pass(2_000);
  screen.getByText(/Not now/);
  await pass(2_000);
  screen.getByText("here");
});

test("a request answered by a proxy error page is retried", async () => {
  await open(() => new Response("<html>", { status: 502, statusText: "Bad Gateway" }));
  await pass(2_000);
  screen.getByText("here");
});

test.each([["BAD_USER_INPUT"], ["SERVICE_UNAVAILABLE", "BAD_USER_INPUT"]])("a request that would fail again is not retried: %s %s", async (...codes) => {
  const fetch = await open(failure(422, ...codes));
  await pass(10_000);
  expect(fetch).toHaveBeenCalledTimes(1);
});
