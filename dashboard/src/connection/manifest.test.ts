import { Kind, type DocumentNode } from "graphql";
import { expect, test, vi } from "vitest";

import { manifest, operations } from "../../manifest.ts";
import { client } from "./client";

const { sent } = vi.hoisted(() => ({ sent: [] as string[] }));

vi.mock("./socket", () => ({
  socket: {
    subscribe: ({ query }: { query: string }) => {
      sent.push(query);
      return () => undefined;
    },
  },
}));
vi.stubGlobal("fetch", (_url: string, { body }: { body: string }) => {
  sent.push((JSON.parse(body) as { query: string }).query);
  return Promise.resolve(Response.json({ data: null }));
});

async function send(document: DocumentNode): Promise<void> {
  const [operation] = document.definitions.filter((one) => one.kind === Kind.OPERATION_DEFINITION);
  const before = sent.length;
  client[operation?.operation ?? "query"](document, {}).subscribe(() => undefined);
  await vi.waitFor(() => { expect(sent.length).toBeGreaterThan(before); });
}

test("the manifest holds exactly the documents that the client sends", async () => {
  for (const document of operations) await send(document);
  expect(new Set(Object.values(manifest()))).toEqual(new Set(sent));
  expect(operations.length).toBeGreaterThan(0);
});
