import { OperationTypeNode, parse } from "graphql";
import { expect, test, vi } from "vitest";

import { withCurrentDocument } from "./current-document";

const stale = parse("mutation Before { a }");
const sent = (query: string, operationName: string | null) => {
  const fetcher = vi.fn();
  void withCurrentDocument(fetcher)({ query, operationName }, { documentAST: stale });
  return fetcher.mock.calls[0] as [{ operationName: string | null }, { documentAST: ReturnType<typeof parse> }];
};

test("an operation name that is not in the document is replaced by its first one", () => {
  const [parameters, options] = sent("subscription Now { a }", "Before");
  expect(parameters.operationName).toBe("Now");
  expect(options.documentAST.definitions[0]).toMatchObject({ operation: OperationTypeNode.SUBSCRIPTION });
});

test("the selected operation of several is kept", () => {
  expect(sent("query A { a } query B { b }", "B")[0].operationName).toBe("B");
});

test("a document with a syntax error is sent unchanged", () => {
  expect(sent("{", "Before")[0].operationName).toBe("Before");
});
