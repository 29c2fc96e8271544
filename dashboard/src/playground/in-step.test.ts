import { OperationTypeNode, parse } from "graphql";
import { expect, test, vi } from "vitest";

import { inStep } from "./in-step";

const stale = parse("mutation Before { a }");
const sent = (query: string, operationName: string | null) => {
  const fetcher = vi.fn();
  void inStep(fetcher)({ query, operationName }, { documentAST: stale });
  return fetcher.mock.calls[0] as [{ operationName: string | null }, { documentAST: ReturnType<typeof parse> }];
};

test("a name that the document does not have gives way to the one that it has", () => {
  const [parameters, options] = sent("subscription Now { a }", "Before");
  expect(parameters.operationName).toBe("Now");
  expect(options.documentAST.definitions[0]).toMatchObject({ operation: OperationTypeNode.SUBSCRIPTION });
});

test("of several operations the one that was chosen is sent", () => {
  expect(sent("query A { a } query B { b }", "B")[0].operationName).toBe("B");
});

test("a document that is no GraphQL is for the API to refuse", () => {
  expect(sent("{", "Before")[0].operationName).toBe("Before");
});
