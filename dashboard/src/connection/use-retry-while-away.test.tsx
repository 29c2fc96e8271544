// @vitest-environment happy-dom
import { act, cleanup, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Client, Provider, fetchExchange, useQuery } from "urql";

import { useRetryWhileAway } from "./use-retry-while-away";

beforeEach(() => { vi.useFakeTimers(); });
afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

function Page() {
  const [{ data, error }, execute] = useQuery<{ answer: string }>({ query: "{ answer }" });
  useRetryWhileAway(error, () => { execute({ requestPolicy: "network-only" }); });
  return <p>{error?.message ?? data?.answer}</p>;
}

const answer = () => Response.json({ data: { answer: "here" } });

const refusal = (status: number, ...codes: string[]) => () =>
  Response.json({ errors: codes.map((code) => ({ message: "Not now.", extensions: { code } })) }, { status });

/** Open a page whose API answers like this, one request after the other. */
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
])("what is answered with %i %s is asked again until it is there", async (status, code) => {
  await open(refusal(status, code), refusal(status, code));
  screen.getByText(/Not now/);
  await pass(2_000);
  screen.getByText(/Not now/);
  await pass(2_000);
  screen.getByText("here");
});

test("an API that does not answer as one is asked again", async () => {
  await open(() => new Response("<html>", { status: 502, statusText: "Bad Gateway" }));
  await pass(2_000);
  screen.getByText("here");
});

test.each([["BAD_USER_INPUT"], ["SERVICE_UNAVAILABLE", "BAD_USER_INPUT"]])("what would be answered the same is not asked again: %s %s", async (...codes) => {
  const fetch = await open(refusal(422, ...codes));
  await pass(10_000);
  expect(fetch).toHaveBeenCalledTimes(1);
});
